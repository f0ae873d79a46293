"""What the page of the hand-offs behind a figure is asked for, beside the filters of every report."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy

from reports.forms.span import SpanForm, complaints_of, in_order
from reports.periods import ONE_DAY, Period, month_of
from reports.readings.behind import FIGURES

DEFAULT = "hand_offs"


@dataclass(frozen=True, slots=True)
class Behind:
    """Which figure, of which days; `complaints` say in words what was not understood, and was left out."""

    figure: str = DEFAULT
    first: dt.date | None = None
    last: dt.date | None = None
    complaints: tuple[str, ...] = ()

    def days(self, today: dt.date) -> Period:
        """Return the span: this month where no day is said, one day where only one is."""
        first, last = self.first or self.last, self.last or self.first
        if first is None or last is None:
            return month_of(today)
        return Period(first, last + ONE_DAY)


class BehindForm(SpanForm):
    """The parts of the page's address; wrong ones are named."""

    figure = forms.ChoiceField(
        label=gettext_lazy("Figure"), required=False, choices=[(name, name) for name in FIGURES]
    )

    def asked(self) -> Behind:
        """Return what was understood, with a sentence for each part that was not."""
        self.is_valid()
        given = self.cleaned_data
        first, last, moved = in_order(given.get("first"), given.get("last"))
        return Behind(given.get("figure") or DEFAULT, first, last, (*complaints_of(self), *moved))
