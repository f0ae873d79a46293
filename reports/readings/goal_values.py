"""Goals in expected revenue: Σ leads × value of a lead, a segment's leads at what a lead of it is worth.

A lead that is handed off is worth the value of its segment then, and nothing where it has no segment, or one without
a value. So that both sides of a waterfall speak of the same leads, a goal is valued alike: leads of it that no segment
with a value stands for are worth nothing either. Where the segments' own goals do not cover the month's, and the plan
behind it splits its leads over segments, the goal is split as the plan says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from agreements.funnel import goal_value
from agreements.models import Commitment, MonthGoal, Plan, Version
from reports.models import PeriodFigure
from reports.periods import month_of
from reports.readings.figures import Row, figures_by
from reports.readings.goals import (
    DayGoal,
    agreement_of,
    goals_by_day,
    segment_goals_by_day,
    version_on,
    versions_in,
)
from reports.readings.scope import Scope, counted_by, segments_of

Measure = Commitment.Measure
Kind = Commitment.Kind


def goals_in(scope: Scope, measure: str, *, constant: Decimal | None = None) -> list[DayGoal]:
    """Return the goal of each day in the unit of the measure; None where it has none in that unit.

    `constant` is a goal given by hand, which is in that unit already.
    """
    days = goals_by_day(scope, constant=constant)
    if constant is not None:
        return days
    if measure != Measure.VALUE:
        return [replace(day, goal=None) if day.is_value else day for day in days]
    if scope.selection.filters().keys() - {"segment"}:
        return [replace(day, goal=None) for day in days]
    segment = scope.selection.segment
    if segment is not None:
        return [_valued(day, _value_of(scope, segment)) for day in days]
    return [
        day
        if day.is_value or day.goal is None
        else replace(day, goal=_value_of_all(scope, on, Fraction(day.goal)))
        for on, day in zip(scope.period, days, strict=True)
    ]


def segment_goals_in(scope: Scope, measure: str) -> dict[str, list[tuple[dt.date, DayGoal]]]:
    """Return each segment's own goals in the unit of the measure; not those that have none in it on any day."""
    found = {}
    for segment, days in segment_goals_by_day(scope).items():
        if measure == Measure.VALUE:
            own = [(on, _valued(day, _value_of(scope, segment))) for on, day in days]
        else:
            own = [(on, replace(day, goal=None) if day.is_value else day) for on, day in days]
        if any(day.goal is not None for _on, day in own) or all(day.goal is None for _on, day in days):
            found[segment] = own
    return found


def has_goal_in_value(scope: Scope) -> bool:
    """Whether the month's goal, agreed in leads, can be said in expected revenue on some day."""
    return any(day.goal is not None for day in goals_in(scope, Measure.VALUE))


def leads_without_value(scope: Scope) -> int:
    """Return how many of the leads that count are of no segment with a value, by the figures of each segment."""
    rows = [
        (row["counted"], row["counted_value"])
        for key, row in _by_segment(scope).items()
        if scope.selection.segment in (None, key)
    ]
    return sum(counted for counted, value in rows if not value)


def _by_segment(scope: Scope) -> Mapping[str, Row]:
    is_month = scope.period == month_of(scope.period.start)
    if not is_month or scope.selection.filters().keys() - {"segment"}:
        return figures_by(PeriodFigure.Dimension.SEGMENT, scope.period, scope.selection, scope.moment)
    return counted_by(scope, PeriodFigure.Dimension.SEGMENT)


def _valued(day: DayGoal, value: Decimal | None) -> DayGoal:
    if day.is_value or day.goal is None:
        return day
    return replace(day, goal=None if value is None else Fraction(day.goal) * Fraction(value))


def _value_of_all(scope: Scope, on: dt.date, goal: Fraction) -> Fraction | None:
    """Return what a goal for all leads, in force on a day, is worth; None where no lead of it has a value."""
    version = version_on(versions_in(scope), on)
    assert version is not None
    agreement = agreement_of(scope)
    assert agreement is not None
    leads = _own_goals(version, month_of(on).start)
    plan = _plan(version, month_of(on).start)
    if agreement.segment_id is not None:
        leads = {str(agreement.segment_id): goal}
    elif plan is not None and plan.segments and sum(leads.values()) < goal:
        leads = _split(scope, plan, goal)
    values = {key: value for key in leads if (value := _value_of(scope, key)) is not None}
    if not values:
        return None
    return goal_value({key: n for key, n in leads.items() if key in values}, values)


def _own_goals(version: Version, month: dt.date) -> dict[str, Fraction]:
    """Return the leads that each segment's own goal promises in a month, by the segment's key."""
    return {
        str(promise.segment_id): Fraction(goal.goal)
        for promise in version.commitments.all()
        if promise.kind == Kind.MQL_GOAL and promise.segment_id and promise.measure != Measure.VALUE
        for goal in promise.month_goals.all()
        if goal.month_on == month
    }


def _plan(version: Version, month: dt.date) -> Plan | None:
    goals: list[MonthGoal] = [
        goal
        for promise in version.commitments.all()
        if promise.kind == Kind.MQL_GOAL and promise.segment_id is None
        for goal in promise.month_goals.all()
        if goal.month_on == month
    ]
    return goals[0].plan if goals else None


def _split(scope: Scope, plan: Plan, goal: Fraction) -> dict[str, Fraction]:
    """Split a goal over segments as its plan splits its leads."""
    keys = {segment.slug: key for key, segment in segments_of(scope).items()}
    leads = {slug: int(n) for slug, n in plan.derivation["segments"].items()}
    total = sum(leads.values())
    return {keys[slug]: goal * n / total for slug, n in leads.items() if slug in keys} if total else {}


def _value_of(scope: Scope, key: str) -> Decimal | None:
    segment = segments_of(scope).get(key)
    return segment.lead_value if segment is not None else None
