"""What one version says otherwise than another, term by term: what a signer must see first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from agreements import words
from agreements.models import Clause, Version
from agreements.readings.labels import Names, length, value_text
from agreements.readings.obligation_words import obligation_values
from agreements.services.draft_values import (
    Value,
    changes_between,
    draft_values,
    is_nothing,
    is_personal,
    month_of_key,
)
from agreements.services.obligation_terms import read_obligations

ORDER = (
    "starts_on",
    "ends_on",
    "reach",
    "review_rhythm",
    "summary",
    "goal",
    "counting",
    "speed",
    "depth",
    "worked",
    "obligation",
    "clause",
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One term: as it is in force, as it would be, and by how much it changes where it is a number."""

    key: str
    label: str
    old: str
    new: str
    kind: str
    change: str = ""
    is_long: bool = False


def differences(old: Version | None, new: Version, names: Names) -> list[Difference]:
    """Return the terms that differ, in the order of the text; all terms where there is no old version.

    Contacts are no terms: they are neither signed nor compared. Goals of months before the new version's first stay.
    """
    read_obligations(*filter(None, (old, new)))
    before = {**draft_values(old), **obligation_values(old)} if old is not None else {}
    found = changes_between(before, {**draft_values(new), **obligation_values(new)})
    changed = {key: pair for key, pair in found.items() if not is_personal(key) and not _is_past(key, new)}
    return [
        _difference(key, was, will, names)
        for key, (was, will) in sorted(changed.items(), key=lambda item: _place(item[0]))
    ]


def _is_past(key: str, new: Version) -> bool:
    """Whether a goal is for a month before the new version begins: it stays as it was agreed then."""
    return key.startswith("goal-") and month_of_key(key) < new.starts_on.replace(day=1)


def _place(key: str) -> tuple[int, int, str]:
    kind = key.partition("-")[0]
    topic = Clause.Topic.values.index(key.split("-")[1]) if kind == "clause" else 0
    return ORDER.index(kind), topic, key


def _difference(key: str, old: Value, new: Value, names: Names) -> Difference:
    if is_nothing(old):
        kind = _("added")
    elif is_nothing(new):
        kind = _("removed")
    else:
        kind = _("changed")
    return Difference(
        key,
        names.label(key),
        value_text(key, old),
        value_text(key, new),
        kind,
        _change(old, new),
        is_long=key.startswith(("clause-", "obligation-")) or key == "summary",
    )


def _change(old: Value, new: Value) -> str:
    was, will = _number(old), _number(new)
    if not was or will is None:
        return ""
    change = (will - was) / was
    return _("%(number)s%%") % {"number": words.signed(change * 100, 1)}


def _number(value: Value) -> Fraction | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, dt.timedelta):
        return length(value)
    return Fraction(value) if isinstance(value, (Decimal, int)) else None
