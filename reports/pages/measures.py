"""Promises over the months that have no report of their own, and the values entered for custom measures."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.measured_periods import later, period_end, period_of
from agreements.models import Agreement, CustomMeasure, MeasureValue, Party, Version
from agreements.readings.measure_words import measure_sentence, period_name, quantity
from agreements.rights import rights_of
from reports.charts import words
from reports.charts.description import Chart
from reports.charts.promise_months import promise_chart
from reports.closing import CORRECTED_FOR
from reports.forms.measures import ValueForm
from reports.readings.promise_months import anchor, promises_over_months

MOST_VALUES = 24


@dataclass(frozen=True, slots=True)
class ValueLine:
    """A value as it was entered."""

    value: MeasureValue
    period: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """One promise: its chart once it was judged, and of a custom measure the values and what may be entered."""

    key: str
    title: str
    sentence: str
    party: str
    chart: Chart | None
    values: tuple[ValueLine, ...] = ()
    form: ValueForm | None = None
    may_enter: bool = False
    is_waited_for: bool = False


@dataclass(frozen=True, slots=True)
class MeasuresPage:
    finding: str
    sections: tuple[Section, ...]


def measures_page(
    *, agreement: Agreement, user: Any, now: dt.datetime, typed: dict[str, ValueForm] | None = None
) -> MeasuresPage:
    """Read the page; `typed` are forms that were sent and refused, by the measure's name."""
    today = now.astimezone(agreement.zone).date()
    charts = {
        chart.key: (found, chart)
        for found in promises_over_months(agreement, today)
        for chart in [promise_chart(found, as_of=now, currency=agreement.currency)]
    }
    values: dict[str, list[MeasureValue]] = defaultdict(list)
    entered = MeasureValue.objects.filter(agreement=agreement).select_related("entered_by", "voided_by")
    for value in entered.order_by("-period_on", "-pk"):
        values[value.name].append(value)
    enterable = parties_entering(agreement, user)
    sections, waiting = [], 0
    for measure, open_periods in measures_with_open_periods(agreement, today, values):
        found = charts.pop(anchor(measure.name), None)
        may_enter = measure.party_id in enterable
        form = (typed or {}).get(measure.name)
        if form is None and may_enter and open_periods:
            form = ValueForm(measure=measure, open_periods=open_periods)
        waiting += bool(open_periods)
        sections.append(
            Section(
                key=anchor(measure.name),
                title=found[1].title if found else measure.name,
                sentence=measure_sentence(measure),
                party=measure.party.team.name,
                chart=found[1] if found else None,
                values=tuple(_line(one, measure) for one in values[measure.name][:MOST_VALUES]),
                form=form,
                may_enter=may_enter,
                is_waited_for=bool(open_periods),
            )
        )
    others = [
        Section(key, chart.title, "", found.last.party.team.name, chart)
        for key, (found, chart) in charts.items()
    ]
    return MeasuresPage(_finding(len(sections) + len(others), waiting), (*others, *sections))


def parties_entering(agreement: Agreement, user: Any) -> set[int]:
    """Return the parties for whose measures this person enters values; an administrator for all."""
    parties = Party.objects.filter(agreement=agreement)
    if not rights_of(user).is_administrator:
        parties = parties.writable_by(user)
    return set(parties.values_list("pk", flat=True))


def measures_with_open_periods(
    agreement: Agreement, today: dt.date, values: dict[str, list[MeasureValue]] | None = None
) -> list[tuple[CustomMeasure, list[dt.date]]]:
    """Return each measure that was ever promised, as last said, with the periods that are over and have no value.

    The newest period comes first; periods that ended more than CORRECTED_FOR months ago are waited for no more.
    """
    signed = Version.objects.signed().filter(agreement=agreement).exclude(in_force__isempty=True)
    found: dict[str, list[CustomMeasure]] = defaultdict(list)
    measures = CustomMeasure.objects.filter(version__in=signed).select_related("party__team", "version")
    for measure in measures.order_by("version__starts_on", "pk"):
        found[measure.name].append(measure)
    if values is None:
        values = defaultdict(list)
        for one in MeasureValue.objects.standing().filter(agreement=agreement):
            values[one.name].append(one)
    lines = []
    for name, versions in found.items():
        has_value = {one.period_on for one in values[name] if one.voided_at is None}
        governed = {period for one in versions for period in _periods(one, today)}
        lines.append((versions[-1], sorted(governed - has_value, reverse=True)))
    return lines


def _periods(measure: CustomMeasure, today: dt.date) -> list[dt.date]:
    """Return the periods that are over, whose last day this measure's version governs."""
    version, this_month = measure.version, today.replace(day=1)
    periods = {period_of(later(this_month, -n), measure.period) for n in range(1, CORRECTED_FOR + 1)}
    found = []
    for period_on in periods:
        last_day = period_end(period_on, measure.period) - dt.timedelta(days=1)
        until = version.governs_until
        if version.starts_on <= last_day < today and (until is None or last_day < until):
            found.append(period_on)
    return found


def _line(value: MeasureValue, measure: CustomMeasure) -> ValueLine:
    return ValueLine(value, period_name(value.period_on, measure.period), quantity(value.value, measure.unit))


def _finding(promises: int, waiting: int) -> str:
    if not promises:
        return _("Nothing is promised here that would be charted month by month.")
    said = {"n": words.amount(promises), "waiting": words.amount(waiting)}
    if not waiting:
        return (
            ngettext(
                "%(n)s promise over the months; every value is there.",
                "%(n)s promises over the months; every value is there.",
                promises,
            )
            % said
        )
    return (
        ngettext(
            "%(waiting)s measure waits for its value.", "%(waiting)s measures wait for their values.", waiting
        )
        % said
    )
