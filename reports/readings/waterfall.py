"""The waterfall: the cumulative goal as agreed on each day against what was handed off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import accumulate
from typing import Any

from django.db import connection

from agreements.models import Commitment
from reports.periods import Grain, Period, buckets, month_of, months_between
from reports.readings.goal_values import goals_in
from reports.readings.goals import DayGoal, business_days, goal_promise, tolerance_of
from reports.readings.numbers import number, share_json
from reports.readings.scope import Scope, steady_figures_of
from reports.readings.selection import where_leads
from reports.waterfall import Waterfall, WaterfallSummary, build_waterfall, by_same_business_day

Measure = Commitment.Measure


@dataclass(frozen=True, slots=True)
class MonthWaterfall:
    """The waterfall of one month, or of the part of it that the period covers."""

    period: Period
    waterfall: Waterfall


@dataclass(frozen=True, slots=True)
class WaterfallReport:
    """One waterfall a month: cumulative figures start anew on each first day."""

    period: Period
    as_of: dt.datetime
    profile: str
    measure: str
    months: tuple[MonthWaterfall, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the report as the `report` command prints it; `summary` is the last month's."""
        summary = self.months[-1].waterfall.summary
        return {
            "from": self.period.start.isoformat(),
            "to": self.period.end.isoformat(),
            "goal": number(summary.goal),
            "profile": self.profile,
            "measure": self.measure,
            "as_of": self.as_of.isoformat(),
            "days": [
                {
                    "on": day.on.isoformat(),
                    "day": day.on.day,
                    "goal": number(day.goal),
                    "goal_cumulative": number(day.goal_cumulative),
                    "actual": number(day.actual),
                    "actual_cumulative": number(day.actual_cumulative),
                    "gap": number(day.gap),
                }
                for month in self.months
                for day in month.waterfall.days
            ],
            "summary": summary_json(summary),
        }


def summary_json(summary: WaterfallSummary) -> dict[str, Any]:
    """Return the read-outs as JSON has them."""
    return {
        "goal": number(summary.goal),
        "actual": number(summary.actual),
        "goal_to_date": number(summary.goal_to_date),
        "gap": number(summary.gap),
        "gap_days": number(summary.gap_days),
        "share_of_target": share_json(summary.share_of_target),
        "share_of_goal": share_json(summary.share_of_goal),
        "days": summary.days,
        "days_seen": summary.days_seen,
        "remaining_days": summary.remaining_days,
        "remaining_business_days": summary.remaining_business_days,
        "needed_per_remaining_day": number(summary.needed_per_remaining_day),
        "needed_per_remaining_business_day": number(summary.needed_per_remaining_business_day),
        "straight_line": number(summary.straight_line),
        "verdict": summary.verdict.value if summary.verdict else None,
        "is_muted": summary.is_muted,
    }


def waterfall_report(
    scope: Scope, *, goal: Decimal | None = None, measure: str | None = None
) -> WaterfallReport:
    """Return the waterfall of each month of the scope's period.

    `goal` replaces what was agreed; `measure` defaults to the agreed one, or else to what was handed off. A goal
    agreed in leads is drawn in expected revenue where that is the measure; one agreed in revenue stands against nothing
    else.
    """
    promise = goal_promise(scope)
    measure = measure or (promise.measure if promise else Measure.HANDED_OFF)
    goals = goals_in(scope, measure, constant=goal)
    actual = daily_actuals(scope, measure)
    by_day = dict(zip(scope.period, zip(goals, actual, strict=True), strict=True))
    months = []
    for month in months_between(scope.period.start, scope.period.end):
        part = month & scope.period
        if part is not None:
            months.append(
                MonthWaterfall(part, _of_month(scope, part, [by_day[day] for day in part], promise))
            )
    return WaterfallReport(
        period=scope.period,
        as_of=scope.moment.at,
        profile=promise.profile if promise and goal is None else Commitment.Profile.CALENDAR_DAYS.value,
        measure=str(measure),
        months=tuple(months),
    )


def _of_month(
    scope: Scope, part: Period, days: Sequence[tuple[DayGoal, Decimal]], promise: Commitment | None
) -> Waterfall:
    return build_waterfall(
        days=part,
        goal_by_day=[goal.goal for goal, _actual in days],
        weight_by_day=[goal.weight for goal, _actual in days],
        actual_by_day=[actual for _goal, actual in days],
        as_of_day=scope.as_of_day,
        is_business_day=business_days(scope),
        tolerance=tolerance_of(promise),
    )


@dataclass(frozen=True, slots=True)
class MonthBefore:
    """The month before: what it had `reached` by the same business day as each day of the month, and its `total`."""

    month: dt.date
    reached: tuple[Decimal, ...]
    total: Decimal


def month_before(scope: Scope, measure: str) -> MonthBefore | None:
    """Return the month before the scope's; None where nothing came in it."""
    month = month_of(scope.period.start - dt.timedelta(days=1))
    sums = list(accumulate(daily_actuals(replace(scope, period=month, read={}), measure)))
    if not sums[-1]:
        return None
    opens = business_days(scope)
    reached = by_same_business_day(
        sums, *([opens(day) for day in period] for period in (month, scope.period))
    )
    return MonthBefore(month.start, tuple(reached), sums[-1])


def daily_actuals(scope: Scope, measure: str) -> list[Decimal]:
    """Return what is counted on each day of the period, by this measure: leads, or their value."""
    if measure == Measure.QUALIFIED:
        return _qualified(scope)
    days = buckets(scope.period.start, scope.period.end, Grain.DAY)
    rows = steady_figures_of(scope, days)
    match measure:
        case Measure.HANDED_OFF:
            return [Decimal(row["counted"]) for row in rows]
        case Measure.ACCEPTED:
            return [Decimal(row["counted_accepted"]) for row in rows]
        case Measure.NET:
            return [Decimal(row["counted"] - row["counted_rejected"]) for row in rows]
        case Measure.VALUE:
            return [Decimal(row["counted_value"]) for row in rows]
    raise ValueError(f"no such measure: {measure}")


QUALIFIED = """
SELECT l.qualified_on, count(*)
FROM leads_lead l LEFT JOIN leads_handoff h ON h.lead_id = l.id AND h.number = 1
WHERE l.origin = 'marketing' AND l.qualified_on >= %(start)s AND l.qualified_on < %(end)s
    AND l.qualified_at <= %(now)s AND {condition}
GROUP BY l.qualified_on
"""


def _qualified(scope: Scope) -> list[Decimal]:
    condition, parameters = where_leads(scope.selection)
    with connection.cursor() as cursor:
        cursor.execute(
            QUALIFIED.format(condition=condition),
            {**parameters, "start": scope.period.start, "end": scope.period.end, "now": scope.moment.at},
        )
        counts = dict(cursor.fetchall())
    return [Decimal(counts.get(day, 0)) for day in scope.period]
