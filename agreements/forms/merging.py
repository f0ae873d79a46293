"""Two people edit one draft: what the other one wrote meanwhile, beside one's own words; neither's are lost."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from agreements.forms.drafts import DraftForm
from agreements.models import AgreementEvent, Version
from agreements.readings.labels import value_text
from agreements.services.draft_values import Value, as_json, as_stored, draft_values, is_nothing, is_personal
from agreements.services.edited_words import changes_of


@dataclass(frozen=True, slots=True)
class Theirs:
    """What somebody else wrote into a field. `is_taken`: you had not touched it, so theirs stands in the form."""

    label: str
    by: str
    at: dt.datetime
    text: str
    is_taken: bool


def merged(form: DraftForm, version: Version) -> tuple[QueryDict, dict[str, Theirs]]:
    """Return the posted fields brought up to `version` as it is now, and what others wrote, by key.

    A field that its poster had left alone takes what the others wrote; one that both changed keeps the poster's
    words, and saving again is then a decision. The number of edits is the new one.
    """
    data = QueryDict(mutable=True)
    data.update(form.data)
    data.setlist("edits", [str(version.edits)])
    now = draft_values(version)
    found: dict[str, Theirs] = {}
    for key, (event, base) in _changed_since(version, _seen(form)).items():
        theirs = now.get(key)
        if key not in form.fields or _is_same(form, key, theirs):
            continue
        is_taken = not is_personal(key) and as_json(_mine(form, key)) == base
        if is_taken:
            _fill(data, form, key, theirs)
        found[key] = Theirs(
            form.names.label(key),
            str(event.actor or ""),
            event.happened_at,
            value_text(key, theirs),
            is_taken,
        )
    return data, found


def _seen(form: DraftForm) -> int:
    return int(form.cleaned_data["edits"])


def _changed_since(version: Version, seen: int) -> dict[str, tuple[AgreementEvent, Any]]:
    """Return for each field that changed since: the last event that changed it, and what it said before the first."""
    events = version.events.filter(kind=AgreementEvent.Kind.EDITED)
    events = events.select_related("actor").prefetch_related("edited_words").order_by("pk")
    changed: dict[str, tuple[AgreementEvent, Any]] = {}
    for event in events:
        if event.data.get("edits", 0) > seen:
            for key, pair in changes_of(event).items():
                base = changed[key][1] if key in changed else (pair[0] if pair else None)
                changed[key] = (event, base)
    return changed


def _mine(form: DraftForm, key: str) -> Value:
    """What was posted: as a value where it is one, else as the words it is; None for nothing."""
    mine = as_stored(form.cleaned_data.get(key, form.data.get(key)))
    return None if is_nothing(mine) else mine


def _is_same(form: DraftForm, key: str, theirs: Value) -> bool:
    mine = _mine(form, key)
    return mine == theirs or (is_nothing(mine) and is_nothing(theirs))


def _fill(data: QueryDict, form: DraftForm, key: str, value: Value) -> None:
    """Put a value where the form looks for it."""
    field = form.fields[key]
    if isinstance(field.widget, forms.MultiWidget):
        for place, part in enumerate(field.widget.decompress(value) or []):
            several = part if isinstance(part, list) else ["" if part is None else str(part)]
            data.setlist(f"{key}_{place}", several)
    elif isinstance(field, forms.BooleanField):
        data[key] = "on" if value else ""
    else:
        shown = field.prepare_value(value)
        data[key] = "" if is_nothing(shown) else str(shown)
