"""What a report page is asked for: its query string, read into plain values."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.downloads import asked_format
from agreements.models import Commitment
from agreements.table_files import Format
from reports.forms.span import FIRST_YEAR, LAST_YEAR, complaints_of
from reports.periods import Grain, Span
from reports.readings.groups import Group

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
MOST_SHOWN = 40
MAY_LACK = ("segment", "source", "team", "campaign", "country")
"""What a lead or its hand-off may be without, which no filter by a name can say."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query string as understood. None: not asked for. `agreement` "" asks for all hand-offs.

    `complaints` say which parts were not understood and are left out.
    """

    month: dt.date | None
    agreement: str | None
    segment: str | None
    source: str | None
    owner: str | None
    team: str | None
    campaign: str | None
    country: str | None
    channel: str | None
    hour: str | None
    outcome: str | None
    without: str | None
    only_counted: bool
    measure: str | None
    with_before: bool
    day: dt.date | None
    page: int
    grain: Grain
    span: Span
    group: Group
    file: Format | None
    table: str
    complaints: tuple[str, ...]


class MonthField(forms.CharField):
    """A month as in 2026-11; gives its first day."""

    def clean(self, value: object) -> dt.date | None:
        text = super().clean(value)
        if not text:
            return None
        found = MONTH.fullmatch(text)
        if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
            raise forms.ValidationError(
                _("“%(text)s” is not a month from %(first)s to %(last)s, written like 2026-11.")
                % {"text": shortened(text), "first": f"{FIRST_YEAR}-01", "last": f"{LAST_YEAR}-12"}
            )
        return dt.date(int(found[1]), int(found[2]), 1)


class ReportForm(forms.Form):
    """The parts of a report's address. Unknown parts are ignored, wrong ones are named."""

    month = MonthField(label=gettext_lazy("Month"), required=False)
    agreement = forms.CharField(label=gettext_lazy("Agreement"), required=False)
    segment = forms.CharField(label=gettext_lazy("Segment"), required=False, max_length=200)
    source = forms.CharField(label=gettext_lazy("Source"), required=False, max_length=200, strip=False)
    owner = forms.CharField(label=gettext_lazy("Owner"), required=False, max_length=200, strip=False)
    team = forms.CharField(label=gettext_lazy("Team"), required=False, max_length=20)
    campaign = forms.CharField(label=gettext_lazy("Campaign"), required=False, max_length=200, strip=False)
    country = forms.CharField(label=gettext_lazy("Country"), required=False, max_length=64)
    channel = forms.CharField(label=gettext_lazy("Channel"), required=False, max_length=20)
    hour = forms.CharField(label=gettext_lazy("Hour"), required=False, max_length=20)
    outcome = forms.CharField(label=gettext_lazy("Outcome"), required=False, max_length=20)
    without = forms.ChoiceField(
        label=gettext_lazy("Without"), required=False, choices=[("", ""), *((one, one) for one in MAY_LACK)]
    )
    counted = forms.ChoiceField(
        label=gettext_lazy("Leads"), required=False, choices=[("", ""), ("yes", "yes")]
    )
    measure = forms.ChoiceField(
        label=gettext_lazy("Measure"), required=False, choices=[("", ""), *Commitment.Measure.choices]
    )
    before = forms.ChoiceField(
        label=gettext_lazy("Month before"), required=False, choices=[("", ""), ("yes", "yes")]
    )
    day = forms.DateField(label=gettext_lazy("Day"), required=False, input_formats=["%Y-%m-%d"])
    page = forms.IntegerField(label=gettext_lazy("Page"), required=False, min_value=1, max_value=1_000_000)
    by = forms.TypedChoiceField(
        label=gettext_lazy("By"),
        required=False,
        choices=[(grain.value, grain.value) for grain in Grain],
        coerce=Grain,
        empty_value=Grain.WEEK,
    )
    group = forms.TypedChoiceField(
        label=gettext_lazy("Side by side"),
        required=False,
        choices=[(group.value, group.value) for group in Group],
        coerce=Group,
        empty_value=Group.TEAM,
    )
    per = forms.TypedChoiceField(
        label=gettext_lazy("Measured over"),
        required=False,
        choices=[(span.value, span.value) for span in Span],
        coerce=Span,
        empty_value=Span.MONTH,
    )

    def asked(self) -> Asked:
        """Return what was understood, with a complaint for each part that was not."""
        self.is_valid()
        understood = self.cleaned_data

        def text(name: str) -> str | None:
            return understood.get(name) or None

        return Asked(
            month=understood.get("month"),
            agreement=understood.get("agreement", "\0") if "agreement" in self.data else None,
            segment=text("segment"),
            source=text("source"),
            owner=text("owner"),
            team=text("team"),
            campaign=text("campaign"),
            country=text("country"),
            channel=text("channel"),
            hour=text("hour"),
            outcome=text("outcome"),
            without=text("without"),
            only_counted=text("counted") is not None,
            measure=text("measure"),
            with_before=text("before") is not None,
            day=understood.get("day"),
            page=understood.get("page") or 1,
            grain=understood.get("by") or Grain.WEEK,
            span=understood.get("per") or Span.MONTH,
            group=understood.get("group") or Group.TEAM,
            file=asked_format(self.data),
            table=self.data.get("table", ""),
            complaints=complaints_of(self),
        )


def read_query(query: QueryDict) -> Asked:
    """Return what a query string asks for."""
    return ReportForm(query).asked()


def shortened(text: str) -> str:
    """Return a text of any length fit to be shown in a sentence."""
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
