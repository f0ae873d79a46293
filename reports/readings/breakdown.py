"""Where a month's leads, and its gap, come from: by source and by segment."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from agreements.models import Campaign, Commitment
from reports.models import PeriodFigure
from reports.periods import Grain, Period
from reports.readings.goal_values import segment_goals_in
from reports.readings.goals import (
    DayGoal,
    business_days,
    campaign_goals_by_day,
    campaign_goals_of,
    versions_in,
)
from reports.readings.numbers import number, share_json
from reports.readings.scope import COUNTED, Scope, counted_by, segments_of
from reports.readings.selection import where_leads
from reports.readings.waterfall import WaterfallReport, waterfall_report
from reports.waterfall import GroupGap, Waterfall, build_waterfall, gap_by

Measure = Commitment.Measure
Dimension = PeriodFigure.Dimension

QUALIFIED_BY = """
SELECT {key}, count(*)
FROM leads_lead l LEFT JOIN leads_handoff h ON h.lead_id = l.id AND h.number = 1
WHERE l.origin = 'marketing' AND l.qualified_on >= %(start)s AND l.qualified_on < %(end)s
    AND l.qualified_at <= %(now)s AND {condition}
GROUP BY {key}
"""
LEAD_KEYS = {
    Dimension.SOURCE: "l.source",
    Dimension.CAMPAIGN: "l.campaign",
    Dimension.SEGMENT: "coalesce(l.segment_id::text, '')",
}


@dataclass(frozen=True, slots=True)
class GapReport:
    """Where the leads of a month, and its gap, come from. Segments are named by their slugs, "" for none."""

    month: WaterfallReport
    segments: tuple[GroupGap, ...]
    sources: tuple[GroupGap, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the report as the API gives it."""
        summary = self.month.months[-1].waterfall.summary
        return {
            "from": self.month.period.start.isoformat(),
            "to": self.month.period.end.isoformat(),
            "as_of": self.month.as_of.isoformat(),
            "measure": self.month.measure,
            "goal_to_date": number(summary.goal_to_date),
            "actual": number(summary.actual),
            "gap": number(summary.gap),
            "segments": [{"segment": group.key, **_group_json(group)} for group in self.segments],
            "sources": [{"source": group.key, **_group_json(group)} for group in self.sources],
        }


def _group_json(group: GroupGap) -> dict[str, Any]:
    return {
        "goal_to_date": number(group.goal),
        "actual": number(group.actual),
        "gap": number(group.gap),
        "share_of_actual": share_json(group.share_of_actual),
    }


def gap_report(scope: Scope, *, measure: str | None = None) -> GapReport:
    """Return what each segment and source is part of, in a scope of one whole month without a filter."""
    month = waterfall_report(scope, measure=measure)
    by_segment, by_source = (find(scope, month.measure) for find in (gap_by_segment, gap_by_source))
    slugs = {"": ""} | {key: one.slug for key, one in segments_of(scope).items()}
    named = tuple(replace(group, key=slugs[group.key]) for group in by_segment)
    return GapReport(month, named, tuple(by_source))


def gap_by_source(scope: Scope, measure: str) -> list[GroupGap]:
    """Return each source's part of what came in the month, and its gap where its own goal is signed; the most first."""
    actuals = actuals_by(scope, Dimension.SOURCE, measure)
    goals = source_goals_to_date(scope) if measure != Measure.VALUE else {}
    keys = {*actuals, *goals}
    found = gap_by([(key, goals.get(key), actuals.get(key, Decimal(0))) for key in keys])
    return sorted(found, key=lambda group: (-group.actual, group.key))


def source_goals_to_date(scope: Scope) -> dict[str, Fraction]:
    """Return how many leads were due by now of each source of which leads are promised in the scope's month."""
    promised = {
        one.name
        for version in versions_in(scope)
        for one in campaign_goals_of(scope, version)
        if one.of == Campaign.Of.SOURCE and one.covers(scope.period.start)
    }
    found = {}
    for name in promised:
        days = zip(scope.period, campaign_goals_by_day(scope, Campaign.Of.SOURCE, name), strict=True)
        due = [
            Fraction(day.goal) * day.weight
            for on, day in days
            if on <= scope.as_of_day and day.goal is not None
        ]
        if due:
            found[name] = sum(due, Fraction(0))
    return found


def gap_by_segment(scope: Scope, measure: str) -> list[GroupGap]:
    """Return each segment's gap to its own goal to date, and its part of what came in the month."""
    actuals = actuals_by(scope, Dimension.SEGMENT, measure)
    goals = {
        segment: sum(
            (
                Fraction(day.goal) * day.weight
                for on, day in days
                if on <= scope.as_of_day and day.goal is not None
            ),
            Fraction(0),
        )
        for segment, days in segment_goals_in(scope, measure).items()
    }
    keys = sorted({*actuals, *goals})
    return gap_by([(key, goals.get(key), actuals.get(key, Decimal(0))) for key in keys])


def keys_by_dimension(scope: Scope, *dimensions: str) -> dict[str, list[str]]:
    """Return the sources, segments or owners that have figures in the months that the period touches, in one query."""
    keys: dict[str, list[str]] = {dimension: [] for dimension in dimensions}
    months = replace(scope, period=Period(scope.period.start.replace(day=1), scope.period.end))
    found = _figures(months, *dimensions).values_list("dimension", "key").distinct()
    for dimension, key in sorted(found):
        keys[dimension].append(key)
    return keys


def segment_waterfalls(scope: Scope, measure: str, *, tolerance: Fraction) -> list[tuple[str, Waterfall]]:
    """Return the month's waterfall of each segment that has a goal or got leads, the furthest behind first.

    Those without a goal of their own come last, most leads first. Leads without a segment have no line, and are left
    out.
    """
    actuals = actuals_by_day(scope, Dimension.SEGMENT, measure)
    goals = segment_goals_in(scope, measure)
    found = []
    for key in {*actuals, *goals} - {""}:
        days = (
            [goal for _on, goal in goals[key]]
            if key in goals
            else [DayGoal(None, Fraction(0))] * len(scope.period)
        )
        came = actuals.get(key, {})
        waterfall = build_waterfall(
            days=scope.period,
            goal_by_day=[day.goal for day in days],
            weight_by_day=[day.weight for day in days],
            actual_by_day=[came.get(on, Decimal(0)) for on in scope.period],
            as_of_day=scope.as_of_day,
            is_business_day=business_days(scope),
            tolerance=tolerance,
        )
        found.append((key, waterfall))
    return sorted(found, key=_furthest_behind)


def _furthest_behind(found: tuple[str, Waterfall]) -> tuple[bool, Fraction, str]:
    key, summary = found[0], found[1].summary
    return summary.gap is None, -summary.actual if summary.gap is None else summary.gap, key


def actuals_by_day(scope: Scope, dimension: Dimension, measure: str) -> dict[str, dict[dt.date, Decimal]]:
    """Return what each segment, source or campaign brought on each day on which it brought something."""
    found: dict[str, dict[dt.date, Decimal]] = defaultdict(dict)
    if measure == Measure.QUALIFIED:
        condition, parameters = where_leads(scope.selection)
        parameters |= {"start": scope.period.start, "end": scope.period.end, "now": scope.moment.at}
        with connection.cursor() as cursor:
            by_day = QUALIFIED_BY.format(key=f"{LEAD_KEYS[dimension]}, l.qualified_on", condition=condition)
            cursor.execute(by_day, parameters)
            for key, on, n in cursor.fetchall():
                found[key][on] = Decimal(n)
        return found
    rows = _figures(scope, dimension, grain=Grain.DAY).values_list("key", "starts_on", *COUNTED)
    for key, on, *columns in rows:
        found[key][on] = _measured(columns, measure)
    return found


def actuals_by(scope: Scope, dimension: Dimension, measure: str) -> dict[str, Decimal]:
    """Return what each segment, source or campaign brought in a whole month."""
    if measure == Measure.QUALIFIED:
        condition, parameters = where_leads(scope.selection)
        parameters |= {"start": scope.period.start, "end": scope.period.end, "now": scope.moment.at}
        with connection.cursor() as cursor:
            cursor.execute(QUALIFIED_BY.format(key=LEAD_KEYS[dimension], condition=condition), parameters)
            return {key: Decimal(n) for key, n in cursor.fetchall()}
    found = counted_by(scope, dimension).items()
    return {
        key: actual for key, row in found if (actual := _measured([row[name] for name in COUNTED], measure))
    }


def _measured(columns: Sequence[Any], measure: str) -> Decimal:
    """Return what is counted of a row's COUNTED columns."""
    counted, accepted, rejected, value = columns
    match measure:
        case Measure.ACCEPTED:
            return Decimal(accepted)
        case Measure.NET:
            return Decimal(counted - rejected)
        case Measure.VALUE:
            return Decimal(value)
    return Decimal(counted)


def _figures(scope: Scope, *dimensions: str, grain: Grain = Grain.MONTH) -> QuerySet[PeriodFigure]:
    return PeriodFigure.objects.filter(
        agreement=scope.selection.agreement,
        dimension__in=dimensions,
        grain=grain.value,
        starts_on__gte=scope.period.start,
        starts_on__lt=scope.period.end,
    )
