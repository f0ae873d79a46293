"""Promises over the months that have no report of their own, and the values entered for custom measures."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.measured_periods import CORRECTED_FOR, later, period_end, period_of
from agreements.models import Agreement, CustomMeasure, MeasureValue, Party, Version
from agreements.readings.measure_words import measure_sentence, period_name, quantity
from agreements.rights import rights_of
from agreements.services.measure_values import VoidedBy, is_late, is_long_over, voided_by
from reports.charts import words
from reports.charts.description import Chart
from reports.charts.promise_months import promise_chart
from reports.forms.measures import ValueForm
from reports.readings.promise_months import anchor, promises_over_months

MOST_VALUES = 24


@dataclass(frozen=True, slots=True)
class ValueLine:
    """A value as it was entered."""

    value: MeasureValue
    period: str
    text: str
    may_void: bool = False


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
    enterable, directed = parties_entering(agreement, user), _directed(agreement, user)
    voiding = voided_by(agreement, [one for of_name in values.values() for one in of_name], now=now)
    sections, waiting = [], 0
    for one in measures_with_open_periods(agreement, today, values):
        measure = one.measure
        found = charts.pop(anchor(measure.name), None)
        may_enter = measure.party_id in enterable
        form = (typed or {}).get(measure.name)
        if form is None and may_enter and one.periods:
            form = ValueForm(measure=measure, open_periods=one.periods, late=one.late)
        waiting += one.is_waited_for
        sections.append(
            Section(
                key=anchor(measure.name),
                title=found[1].title if found else measure.name,
                sentence=measure_sentence(measure),
                party=measure.party.team.name,
                chart=found[1] if found else None,
                values=tuple(
                    _line(value, measure, may_void=_may_void(value, voiding[value.pk], may_enter, directed))
                    for value in values[measure.name][:MOST_VALUES]
                ),
                form=form,
                is_waited_for=one.is_waited_for,
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


def _directed(agreement: Agreement, user: Any) -> set[int]:
    parties = Party.objects.filter(agreement=agreement, team__in=rights_of(user).directed)
    return set(parties.values_list("pk", flat=True))


def _may_void(value: MeasureValue, by: VoidedBy, may_enter: bool, directed: set[int]) -> bool:
    """Whether the page offers to void a value: the address of it says the rest."""
    return (
        may_enter
        if by is VoidedBy.OWN_SIDE
        else by is VoidedBy.OTHER_SIDE and bool(directed - {value.party_id})
    )


@dataclass(frozen=True, slots=True)
class OpenMeasure:
    """A measure as last said, and its periods that are over and have no value, the newest first.

    `late` are those of them whose value would come too late to be judged by.
    """

    measure: CustomMeasure
    periods: tuple[dt.date, ...]
    late: frozenset[dt.date]

    @property
    def is_waited_for(self) -> bool:
        return not self.late.issuperset(self.periods)


def measures_with_open_periods(
    agreement: Agreement, today: dt.date, values: dict[str, list[MeasureValue]] | None = None
) -> list[OpenMeasure]:
    """Return each measure that was ever promised, with its open periods of the last CORRECTED_FOR months."""
    signed = Version.objects.signed().filter(agreement=agreement).exclude(in_force__isempty=True)
    found: dict[str, list[CustomMeasure]] = defaultdict(list)
    measures = CustomMeasure.objects.filter(version__in=signed)
    for measure in measures.select_related("party__team", "version__agreement").order_by(
        "version__starts_on", "pk"
    ):
        found[measure.name].append(measure)
    if values is None:
        values = defaultdict(list)
        for one in MeasureValue.objects.filter(agreement=agreement):
            values[one.name].append(one)
    lines = []
    for name, versions in found.items():
        has_value = {one.period_on for one in values[name] if one.voided_at is None}
        governed = {period: one for one in versions for period in _periods(one, today)}
        periods = tuple(sorted(governed.keys() - has_value, reverse=True))
        late = frozenset(
            period
            for period in periods
            if is_late(
                governed[period], period, today, [one for one in values[name] if one.period_on == period]
            )
        )
        lines.append(OpenMeasure(versions[-1], periods, late))
    return lines


def _periods(measure: CustomMeasure, today: dt.date) -> list[dt.date]:
    """Return the periods that are over, whose last day this measure's version governs."""
    this_month = today.replace(day=1)
    periods = {period_of(later(this_month, -n), measure.period) for n in range(1, CORRECTED_FOR + 1)}
    found = []
    for period_on in periods:
        ends_on = period_end(period_on, measure.period)
        is_open = ends_on <= today and not is_long_over(ends_on, today)
        if is_open and measure.version.governs(ends_on - dt.timedelta(days=1)):
            found.append(period_on)
    return found


def _line(value: MeasureValue, measure: CustomMeasure, *, may_void: bool) -> ValueLine:
    period, text = period_name(value.period_on, measure.period), quantity(value.value, measure.unit)
    return ValueLine(value, period, text, may_void and value.voided_at is None)


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
