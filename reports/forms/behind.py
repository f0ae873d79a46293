"""What the page of the hand-offs behind a figure is asked for, beside the filters of every report."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.forms.explore import MOST_DAYS, YEARS
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
        return Period(min(first, last), max(first, last) + ONE_DAY)


class BehindForm(forms.Form):
    """The parts of the page's address; wrong ones are named."""

    figure = forms.ChoiceField(
        label=gettext_lazy("Figure"), required=False, choices=[(name, name) for name in FIGURES]
    )
    first = forms.DateField(
        label=gettext_lazy("First day"), required=False, input_formats=["%Y-%m-%d"], validators=YEARS
    )
    last = forms.DateField(
        label=gettext_lazy("Last day"), required=False, input_formats=["%Y-%m-%d"], validators=YEARS
    )

    def asked(self) -> Behind:
        """Return what was understood, with a sentence for each part that was not."""
        self.is_valid()
        given = self.cleaned_data
        complaints = [
            f"{self.fields[name].label}: {message}"
            for name, messages in self.errors.items()
            for message in messages
        ]
        first, last = given.get("first"), given.get("last")
        if first and last and abs((last - first).days) >= MOST_DAYS:
            first = max(first, last) - (MOST_DAYS - 1) * ONE_DAY
            last = first + (MOST_DAYS - 1) * ONE_DAY
            complaints.append(
                _("At most three years can be looked at in one go: these are the last of them.")
            )
        return Behind(given.get("figure") or DEFAULT, first, last, tuple(complaints))
