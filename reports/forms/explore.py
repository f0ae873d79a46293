"""What the explore page is asked for beside the filters of every report: a measure, dimensions, a span of days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.charts.explored_words import BY_NAMES, MEASURE_WORDS
from reports.forms.span import SpanForm, complaints_of, in_order
from reports.periods import ONE_DAY, Grain, Period, bucket_of, buckets
from reports.readings.explored import NOT_OF_LEADS, TIMES, By
from reports.readings.explored_measures import DEFAULT, MEASURES

USUAL_WEEKS = 12
MOST_BUCKETS = 106
"""As many bars beside each other as can be told apart: two years by week."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked and can be answered; `complaints` say in words what could not, and was left out."""

    measure: str = DEFAULT
    by: By = By.WEEK
    split: By | None = None
    first: dt.date | None = None
    last: dt.date | None = None
    complaints: tuple[str, ...] = ()

    def complaining(self, sentence: str, **instead: Any) -> Wanted:
        """Return what is shown instead, with the reason."""
        return replace(self, complaints=(*self.complaints, sentence), **instead)

    def days(self, today: dt.date) -> Period:
        """Return the span: twelve weeks to the end of this one, or as many before or after the one edge given."""
        length = USUAL_WEEKS * 7 * ONE_DAY
        if self.first is not None:
            return Period(self.first, self.last + ONE_DAY if self.last else self.first + length)
        end = self.last + ONE_DAY if self.last else bucket_of(today, Grain.WEEK).end
        return Period(end - length, end)

    def in_room(self, days: Period) -> Wanted:
        """Return it with time buckets that fit the span: coarser ones where there would be too many."""
        wanted = self
        for name in ("by", "split"):
            by: By | None = getattr(wanted, name)
            if by is None or by.grain is None or len(buckets(days.start, days.end, by.grain)) <= MOST_BUCKETS:
                continue
            coarser = next(
                one
                for one in TIMES
                if one.grain and len(buckets(days.start, days.end, one.grain)) <= MOST_BUCKETS
            )
            said = {"n": len(days), "by": BY_NAMES[by], "instead": BY_NAMES[coarser]}
            sentence = _(
                "So many bars could not be read: %(n)s days are shown by “%(instead)s”, not by “%(by)s”."
            )
            wanted = wanted.complaining(sentence % said, **{name: coarser})
        return wanted


class ExploreForm(SpanForm):
    """The parts of the page's address; wrong ones are named."""

    measure = forms.ChoiceField(
        label=gettext_lazy("Measure"),
        required=False,
        choices=[(key, said.name) for key, said in MEASURE_WORDS.items()],
    )
    by = forms.TypedChoiceField(
        label=gettext_lazy("By"),
        required=False,
        choices=[(by.value, name) for by, name in BY_NAMES.items()],
        coerce=By,
        empty_value=None,
    )
    split = forms.TypedChoiceField(
        label=gettext_lazy("And by"),
        required=False,
        choices=[("", gettext_lazy("nothing more")), *((by.value, name) for by, name in BY_NAMES.items())],
        coerce=By,
        empty_value=None,
    )

    def wanted(self) -> Wanted:
        """Return what can be answered of it, with a sentence for each part that cannot."""
        self.is_valid()
        understood = self.cleaned_data
        first, last, moved = in_order(understood.get("first"), understood.get("last"))
        found = Wanted(
            measure=understood.get("measure") or DEFAULT,
            by=understood.get("by") or By.WEEK,
            split=understood.get("split"),
            first=first,
            last=last,
            complaints=(*complaints_of(self), *moved),
        )
        return _possible(found)


def _possible(wanted: Wanted) -> Wanted:
    """Drop the dimensions that do not go together, or not with the measure."""
    if MEASURES[wanted.measure].of_leads:
        for name, instead in (("by", By.WEEK), ("split", None)):
            by: By | None = getattr(wanted, name)
            if by in NOT_OF_LEADS:
                assert by is not None
                said = {"measure": MEASURE_WORDS[wanted.measure].name, "by": BY_NAMES[by]}
                sentence = _(
                    "“%(measure)s” counts leads before they are handed off: they have no “%(by)s” yet."
                )
                wanted = wanted.complaining(sentence % said, **{name: instead})
    by, split = wanted.by, wanted.split
    if split is None:
        return wanted
    if split is by:
        return wanted.complaining(_("Both dimensions are the same: the second one is left out."), split=None)
    if by in TIMES and split in TIMES:
        said = {"by": BY_NAMES[by], "split": BY_NAMES[split]}
        sentence = _("Time can be cut only one way: by “%(by)s”, and not by “%(split)s” as well.")
        return wanted.complaining(sentence % said, split=None)
    return wanted
