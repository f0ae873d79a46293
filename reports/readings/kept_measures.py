"""What became of custom measures: the value entered for a period against its target.

A period is judged with its last month, by the version that governs its last day; where none does, nobody owes a value.
A value counts from when it was entered until it was voided, if it came in time: within the month after its period.
Without one the promise is on the way until then, and missed after it. What fell due before all had signed is not owed,
and counts whenever it is entered. Excuses take out days: a period all of whose days are excused has nothing to measure,
so that a miss in it is excused; a value cannot be divided, so that fewer days change nothing.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from agreements.measured_periods import days_of, is_last_month, later, period_end, period_of
from agreements.models import Agreement, CustomMeasure, Evaluation, Excuse, MeasureValue, Version
from agreements.services.measure_terms import read_measures
from agreements.services.measure_values import due_of, is_late
from agreements.services.results import Finding
from reports.keeping import Judgement, Outcome, excused, judge
from reports.shares import Share, share

NOTHING = share(0, 0)
Days = Mapping[int, frozenset[dt.date]]


def all_excused_days(agreement: Agreement) -> Days:
    """Return the days that accepted excuses take out, by party."""
    found: dict[int, set[dt.date]] = defaultdict(set)
    for one in Excuse.objects.accepted().filter(agreement=agreement):
        found[one.party_id].update(one.days)
    return {party: frozenset(days) for party, days in found.items()}


@dataclass(frozen=True, slots=True)
class Values:
    """The values of an agreement's measures at an instant, by name and first day of the period."""

    entered: Mapping[tuple[str, dt.date], Sequence[MeasureValue]]
    at: dt.datetime
    zone: zoneinfo.ZoneInfo

    @property
    def today(self) -> dt.date:
        return self.at.astimezone(self.zone).date()

    def in_time(self, measure: CustomMeasure, period_on: dt.date) -> MeasureValue | None:
        """Return the value by which a measure is judged; None where none stands, or none that came in time."""
        of_period = self.entered.get((measure.name, period_on), ())
        for one in of_period:
            if one.voided_at is None or one.voided_at > self.at:
                others = [other for other in of_period if other is not one]
                entered_on = one.entered_at.astimezone(self.zone).date()
                return None if is_late(measure, period_on, entered_on, others) else one
        return None


def values_at(agreement: Agreement, at: dt.datetime) -> Values:
    """Return the values as they were entered and voided up to an instant."""
    found: dict[tuple[str, dt.date], list[MeasureValue]] = defaultdict(list)
    for one in MeasureValue.objects.filter(agreement=agreement, entered_at__lte=at):
        found[one.name, one.period_on].append(one)
    return Values(found, at, agreement.zone)


def measures_judged(version: Version, month_on: dt.date) -> list[CustomMeasure]:
    """Return the measures whose period ends with this month, if the version governs the month's last day."""
    if not version.governs(later(month_on, 1) - dt.timedelta(days=1)):
        return []
    read_measures(version)
    return [one for one in version.measures.all() if is_last_month(month_on, one.period)]


def judge_measure(measure: CustomMeasure, period_on: dt.date, values: Values) -> tuple[Share, Judgement]:
    """Judge one period of a measure by its value, as of the day of the values."""
    value, due_on = values.in_time(measure, period_on), due_of(measure, period_on)
    is_over = values.today >= period_end(period_on, measure.period)
    if value is None and due_on is not None and values.today >= due_on:
        return NOTHING, Judgement(Outcome.MISSED, Outcome.MISSED)
    measured = NOTHING if value is None else share(value.value, 1)
    return measured, judge(
        measured=measured,
        agreed=measure.target,
        at_most=measure.is_at_most,
        is_over=is_over,
        waiting=1 if value is None and due_on is not None else 0,
    )


def measure_findings(
    *, version: Version, month_on: dt.date, at: dt.datetime, excused_days: Days
) -> tuple[list[Finding], int]:
    """Return what became of each measure whose period ends with this month, and how many still wait for a value."""
    measures = measures_judged(version, month_on)
    if not measures:
        return [], 0
    values = values_at(version.agreement, at)
    findings, waiting = [], 0
    for measure in measures:
        period_on = period_of(month_on, measure.period)
        measured, judgement = judge_measure(measure, period_on, values)
        outcome = judgement.outcome
        if outcome is Outcome.ON_THE_WAY:
            waiting += 1
            continue
        if excused_days.get(measure.party_id, frozenset()).issuperset(days_of(period_on, measure.period)):
            outcome = excused(outcome, Outcome.NOTHING)
        findings.append(
            Finding(
                promise=Evaluation.Promise.CUSTOM,
                party=measure.party,
                outcome=Evaluation.Outcome(outcome.value).value,
                numerator=measured.numerator,
                denominator=measured.denominator,
                threshold=Fraction(measure.target),
                subject=measure.name,
            )
        )
    return findings, waiting
