"""The address of the list of leads, read into what is asked for; parts that make no sense are named, not obeyed."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from agreements.models import Segment
from leads.forms import FIRST_YEAR, LAST_YEAR, PageForm
from leads.models import HandOff
from leads.readings.listing import (
    CLOSED,
    DISPUTED,
    NOBODY,
    NOT_HANDED_OVER,
    OPEN,
    ORDERS,
    REJECTED,
    TO_RECYCLE,
    Asked,
)

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
MOST_PAGES = 2_000
ANY = gettext_lazy("any")


class MonthField(forms.CharField):
    """A month as in 2026-11; gives its first day."""

    def clean(self, value: object) -> dt.date | None:
        text = super().clean(value)
        if not text:
            return None
        found = MONTH.fullmatch(text)
        if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
            raise ValidationError(_("“%(text)s” is not a month, written like 2026-11.") % {"text": text[:40]})
        return dt.date(int(found[1]), int(found[2]), 1)


class ListForm(PageForm):
    """The filters of the list of leads."""

    q = forms.CharField(
        label=gettext_lazy("Name, company or e-mail"),
        required=False,
        max_length=200,
        widget=forms.SearchInput,
    )
    stage = forms.ChoiceField(
        label=gettext_lazy("Where it is"),
        required=False,
        choices=[
            ("", ANY),
            (NOT_HANDED_OVER, gettext_lazy("not handed over yet")),
            (OPEN, gettext_lazy("with sales")),
            (CLOSED, pgettext_lazy("a hand-off", "closed")),
            (REJECTED, gettext_lazy("rejected, not answered yet")),
            (DISPUTED, gettext_lazy("rejected, and disputed")),
            (TO_RECYCLE, gettext_lazy("to be handed over again by now")),
        ],
    )
    clock = forms.ChoiceField(
        label=gettext_lazy("Clock"), required=False, choices=[("", ANY), *HandOff.State.choices]
    )
    owner = forms.ChoiceField(label=gettext_lazy("Owner"), required=False)
    segment = forms.ModelChoiceField(
        label=gettext_lazy("Segment"),
        required=False,
        queryset=Segment.objects.all(),
        to_field_name="slug",
        empty_label=ANY,
    )
    source = forms.CharField(label=gettext_lazy("Source"), required=False, max_length=100, strip=False)
    system = forms.CharField(
        label=gettext_lazy("System it came from"), required=False, max_length=64, strip=False
    )
    month = MonthField(
        label=gettext_lazy("Qualified in"), required=False, widget=forms.TextInput(attrs={"type": "month"})
    )
    sort = forms.ChoiceField(
        label=gettext_lazy("Sorted by"),
        required=False,
        choices=[
            ("", gettext_lazy("newest first")),
            ("oldest", gettext_lazy("oldest first")),
            ("due", gettext_lazy("due time")),
            ("name", gettext_lazy("name")),
        ],
    )
    page = forms.IntegerField(
        label=gettext_lazy("Page"),
        required=False,
        min_value=1,
        max_value=MOST_PAGES,
        widget=forms.HiddenInput,
    )

    def __init__(self, query: QueryDict, *, owners: list[tuple[str, str]], sources: list[str]) -> None:
        super().__init__(query)
        choices = [("", ANY), (NOBODY, gettext_lazy("nobody yet")), *owners]
        self.fields["owner"].choices = choices  # type: ignore[attr-defined]
        self.sources = sources
        self.fields["source"].widget.attrs["list"] = "sources"

    def said_order(self) -> str:
        """Say the order that was chosen; "" where none was."""
        chosen = self.cleaned_data.get("sort")
        return f"{self.fields['sort'].label}: {_shown(self, 'sort', chosen)}" if chosen else ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set; `address` is the list without it."""

    name: str
    value: str
    address: str


def read_asked(form: ListForm) -> tuple[Asked, list[Chip], list[str]]:
    """Return what the address asks for, its filters as chips, and a complaint for each part not understood."""
    form.is_valid()
    given = form.cleaned_data
    sort = given.get("sort") or "newest"
    asked = Asked(
        text=given.get("q") or "",
        source=given.get("source") or "",
        system=given.get("system") or "",
        segment=given.get("segment"),
        clock=given.get("clock") or "",
        owner=given.get("owner") or "",
        stage=given.get("stage") or "",
        month=given.get("month"),
        order=sort if sort in ORDERS else "newest",
        number=given.get("page") or 1,
    )
    chips = [
        Chip(str(form.fields[name].label), _shown(form, name, given[name]), _without(form.data, name))
        for name in ("q", "stage", "clock", "owner", "segment", "source", "system", "month")
        if given.get(name)
    ]
    complaints = [
        f"{form.fields[name].label}: {message}"
        for name, messages in form.errors.items()
        for message in messages
    ]
    return asked, chips, [text if len(text) <= 300 else f"{text[:300]}…" for text in complaints]


def _without(query: Any, name: str) -> str:
    rest = query.copy()
    for part in (name, "page"):
        rest.pop(part, None)
    return f"?{rest.urlencode()}"


def _shown(form: ListForm, name: str, value: Any) -> str:
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    return date_format(value, "YEAR_MONTH_FORMAT") if isinstance(value, dt.date) else str(value)
