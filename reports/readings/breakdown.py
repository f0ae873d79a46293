"""Where a month's leads, and its gap, come from: by source and by segment."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from django.db import connection
from django.db.models import QuerySet

from agreements.models import Commitment
from reports.models import PeriodFigure
from reports.periods import Grain
from reports.readings.figures import where_leads
from reports.readings.goals import segment_goals_by_day
from reports.readings.scope import Scope
from reports.waterfall import GroupGap, gap_by

Measure = Commitment.Measure
Dimension = PeriodFigure.Dimension

QUALIFIED_BY = """
SELECT {key}, count(*)
FROM leads_lead l LEFT JOIN leads_handoff h ON h.lead_id = l.id AND h.number = 1
WHERE l.origin = 'marketing' AND l.qualified_on >= %(start)s AND l.qualified_on < %(end)s
    AND l.qualified_at <= %(now)s AND {condition}
GROUP BY 1
"""
LEAD_KEYS = {Dimension.SOURCE: "l.source", Dimension.SEGMENT: "coalesce(l.segment_id::text, '')"}


def gap_by_source(scope: Scope, measure: str) -> list[GroupGap]:
    """Return each source's part of what came in the month; sources have no goals of their own."""
    return gap_by([(key, None, actual) for key, actual in _actuals(scope, Dimension.SOURCE, measure).items()])


def gap_by_segment(scope: Scope, measure: str) -> list[GroupGap]:
    """Return each segment's gap to its own goal to date, and its part of what came in the month."""
    actuals = _actuals(scope, Dimension.SEGMENT, measure)
    goals = {
        segment: sum(
            (
                Fraction(day.goal) * day.weight
                for on, day in days
                if on <= scope.as_of_day and day.goal is not None
            ),
            Fraction(0),
        )
        for segment, days in segment_goals_by_day(scope).items()
    }
    keys = sorted({*actuals, *goals})
    return gap_by([(key, goals.get(key), actuals.get(key, Decimal(0))) for key in keys])


def keys_by_dimension(scope: Scope, *dimensions: str) -> dict[str, list[str]]:
    """Return the sources, segments or owners that have figures in the months of the period, in one query."""
    keys: dict[str, list[str]] = {dimension: [] for dimension in dimensions}
    found = _figures(scope, *dimensions).values_list("dimension", "key").distinct()
    for dimension, key in sorted(found):
        keys[dimension].append(key)
    return keys


def _actuals(scope: Scope, dimension: Dimension, measure: str) -> dict[str, Decimal]:
    if measure == Measure.QUALIFIED:
        condition, parameters = where_leads(scope.selection)
        parameters |= {"start": scope.period.start, "end": scope.period.end, "now": scope.moment.at}
        with connection.cursor() as cursor:
            cursor.execute(QUALIFIED_BY.format(key=LEAD_KEYS[dimension], condition=condition), parameters)
            return {key: Decimal(n) for key, n in cursor.fetchall()}
    found = _figures(scope, dimension).values_list(
        "key", "counted", "counted_accepted", "counted_rejected", "counted_value"
    )
    return {key: actual for key, actual in _measured(found, measure) if actual}


def _measured(
    rows: Iterable[tuple[str, int, int, int, Decimal]], measure: str
) -> Iterable[tuple[str, Decimal]]:
    for key, counted, accepted, rejected, value in rows:
        match measure:
            case Measure.ACCEPTED:
                yield key, Decimal(accepted)
            case Measure.NET:
                yield key, Decimal(counted - rejected)
            case Measure.VALUE:
                yield key, value
            case _:
                yield key, Decimal(counted)


def _figures(scope: Scope, *dimensions: str) -> QuerySet[PeriodFigure]:
    return PeriodFigure.objects.filter(
        agreement=scope.selection.agreement,
        dimension__in=dimensions,
        grain=Grain.MONTH.value,
        starts_on__gte=scope.period.start,
        starts_on__lt=scope.period.end,
    )
