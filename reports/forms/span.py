"""A span of days in a page's address, and what of an address was not understood."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.periods import ONE_DAY

FIRST_YEAR, LAST_YEAR = 1990, 2100
MOST_DAYS = 3 * 366
YEARS = [MinValueValidator(dt.date(FIRST_YEAR, 1, 1)), MaxValueValidator(dt.date(LAST_YEAR, 12, 31))]


class SpanForm(forms.Form):
    """The first and the last day, both of them in the span; either may be left out."""

    first = forms.DateField(
        label=gettext_lazy("First day"), required=False, input_formats=["%Y-%m-%d"], validators=YEARS
    )
    last = forms.DateField(
        label=gettext_lazy("Last day"), required=False, input_formats=["%Y-%m-%d"], validators=YEARS
    )


def complaints_of(form: forms.Form) -> tuple[str, ...]:
    """Return a sentence for each part of a form that was not understood, with the name of its field."""
    return tuple(
        f"{form.fields[name].label}: {message}"
        for name, messages in form.errors.items()
        for message in messages
    )


def in_order(
    first: dt.date | None, last: dt.date | None
) -> tuple[dt.date | None, dt.date | None, tuple[str, ...]]:
    """Return both edges in their order, at most three years apart, and a sentence where others were asked for."""
    if first is None or last is None:
        return first, last, ()
    if last < first:
        first, last, _said = in_order(last, first)
        return (
            first,
            last,
            (_("The last day came before the first: they are taken the other way round."), *_said),
        )
    if (last - first).days >= MOST_DAYS:
        said = _("At most three years can be looked at in one go: these are the last of them.")
        return last - (MOST_DAYS - 1) * ONE_DAY, last, (said,)
    return first, last, ()
