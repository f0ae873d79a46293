"""What became of custom measures: the value entered for a period against its target.

A period is judged with its last month, by the version that governs its end. A value counts from when it was entered
until it was voided. Excuses take out days: a period all of whose days are excused has nothing to measure, so that a
miss in it is excused; a value cannot be divided, so that fewer days change nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from agreements.measured_periods import days_of, is_last_month, later, period_end, period_of
from agreements.models import Agreement, CustomMeasure, Evaluation, Excuse, MeasureValue, Version
from agreements.services.measure_terms import read_measures
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

    standing: Mapping[tuple[str, dt.date], MeasureValue]
    voided: frozenset[tuple[str, dt.date]]


def values_at(agreement: Agreement, at: dt.datetime) -> Values:
    """Return the values that stood at an instant, and for which periods there was one that did not stand."""
    standing, voided = dict[tuple[str, dt.date], MeasureValue](), set[tuple[str, dt.date]]()
    for one in MeasureValue.objects.filter(agreement=agreement, entered_at__lte=at):
        if one.voided_at is None or one.voided_at > at:
            standing[one.name, one.period_on] = one
        else:
            voided.add((one.name, one.period_on))
    return Values(standing, frozenset(voided - standing.keys()))


def judge_measure(
    measure: CustomMeasure, period_on: dt.date, values: Values, today: dt.date
) -> tuple[Share, Judgement]:
    """Judge one period of a measure by its value, as of a local day.

    Without one it is on the way while the period runs and for a month after; where the only one was voided, and after
    that month, nothing is measured.
    """
    key = (measure.name, period_on)
    value, ends_on = values.standing.get(key), period_end(period_on, measure.period)
    is_given_up = key in values.voided or today >= later(ends_on, 1)
    measured = NOTHING if value is None else share(value.value, 1)
    return measured, judge(
        measured=measured,
        agreed=measure.target,
        at_most=measure.is_at_most,
        is_over=today >= ends_on,
        waiting=0 if value is not None or is_given_up else 1,
    )


def measure_findings(
    *, version: Version, month_on: dt.date, at: dt.datetime, excused_days: Days
) -> tuple[list[Finding], int]:
    """Return what became of each measure whose period ends with this month, and how many still wait for a value."""
    read_measures(version)
    measures = [one for one in version.measures.all() if is_last_month(month_on, one.period)]
    if not measures:
        return [], 0
    agreement = version.agreement
    values, today = values_at(agreement, at), at.astimezone(agreement.zone).date()
    findings, waiting = [], 0
    for measure in measures:
        period_on = period_of(month_on, measure.period)
        measured, judgement = judge_measure(measure, period_on, values, today)
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
