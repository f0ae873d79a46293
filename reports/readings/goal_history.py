"""What became of the goals of past months: what was counted beside what was promised, for all leads and by segment.

Whole months, from the stored figures: of the agreement, or where it has none in these months, of what came under no
agreement (all hand-offs less those of every agreement). As many queries for one segment as for all.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from agreements.models import Agreement, Commitment
from reports.models import PeriodFigure
from reports.periods import Grain, Period, month_of
from reports.readings.goals import DayGoal, goals_by_day, segment_goals_by_day
from reports.readings.scope import build_scope
from reports.readings.selection import Selection, where_leads

Measure = Commitment.Measure
COUNTED = ("counted", "counted_accepted", "counted_rejected", "counted_value")


@dataclass(frozen=True, slots=True)
class PastMonth:
    """One month's leads, or their value, by the measure; `promised` is None where nothing was."""

    month: dt.date
    actual: Decimal
    promised: Fraction | None


History = dict[str, dict[dt.date, PastMonth]]


def goal_history(
    agreement: Agreement, months: Iterable[dt.date], measures: Mapping[str, str], now: dt.datetime
) -> History:
    """Return these months, all over by now, by key: a segment's id in text, "" all leads; with each key's measure."""
    wanted = sorted(set(months))
    if not wanted:
        return {key: {} for key in measures}
    actuals = _counted(agreement, wanted, measures)
    if Measure.QUALIFIED in measures.values():
        for place, n in _qualified(agreement, wanted).items():
            if measures.get(place[0]) == Measure.QUALIFIED:
                actuals[place] = n
    promised = _promised(agreement, wanted, now)
    return {
        key: {
            month: PastMonth(month, actuals.get((key, month), Decimal(0)), promised.get((key, month)))
            for month in wanted
        }
        for key in measures
    }


def _counted(
    agreement: Agreement, months: Sequence[dt.date], measures: Mapping[str, str]
) -> dict[tuple[str, dt.date], Decimal]:
    of_months = PeriodFigure.objects.filter(
        Q(dimension=PeriodFigure.Dimension.SEGMENT, key__in=[key for key in measures if key])
        | Q(dimension=PeriodFigure.Dimension.ALL),
        grain=Grain.MONTH.value,
        starts_on__in=months,
    )
    found = _sums(of_months.filter(agreement=agreement))
    if not found:
        found = _sums(of_months.filter(agreement=None))
        # Figures of an agreement hold those of all below it: the tops hold all.
        tops = of_months.filter(agreement__isnull=False, agreement__parent=None)
        for place, less in _sums(tops).items():
            found[place] = tuple(a - b for a, b in zip(found[place], less, strict=True))
    return {
        (key, month): _measured(sums, measures.get(key, Measure.HANDED_OFF))
        for (key, month), sums in found.items()
    }


def _sums(figures: QuerySet[PeriodFigure]) -> dict[tuple[str, dt.date], tuple[Decimal, ...]]:
    rows = figures.values_list("key", "starts_on").annotate(*(Sum(name) for name in COUNTED)).order_by()
    return {(key, month): tuple(Decimal(n) for n in sums) for key, month, *sums in rows}


def _measured(sums: tuple[Decimal, ...], measure: str) -> Decimal:
    counted, accepted, rejected, value = sums
    match measure:
        case Measure.ACCEPTED:
            return accepted
        case Measure.NET:
            return counted - rejected
        case Measure.VALUE:
            return value
    return counted


QUALIFIED = """
SELECT date_trunc('month', l.qualified_on)::date, coalesce(l.segment_id::text, ''), count(*)
FROM leads_lead l LEFT JOIN leads_handoff h ON h.lead_id = l.id AND h.number = 1
WHERE l.origin = 'marketing' AND l.qualified_on >= %(start)s AND l.qualified_on < %(end)s AND {condition}
GROUP BY 1, 2
"""


def _qualified(agreement: Agreement, months: Sequence[dt.date]) -> dict[tuple[str, dt.date], Decimal]:
    condition, parameters = where_leads(Selection(agreement=agreement))
    found: dict[tuple[str, dt.date], Decimal] = defaultdict(Decimal)
    with connection.cursor() as cursor:
        cursor.execute(
            QUALIFIED.format(condition=condition),
            {**parameters, "start": months[0], "end": month_of(months[-1]).end},
        )
        for month, segment, n in cursor.fetchall():
            found["", month] += n
            if segment:
                found[segment, month] += n
    return found


def _promised(
    agreement: Agreement, months: Sequence[dt.date], now: dt.datetime
) -> dict[tuple[str, dt.date], Fraction]:
    scope = build_scope(period=Period(months[0], month_of(months[-1]).end), now=now, agreement=agreement)
    days = {"": list(zip(scope.period, goals_by_day(scope), strict=True)), **segment_goals_by_day(scope)}
    return {(key, month): goal for key, of_key in days.items() for month, goal in _by_month(of_key).items()}


def _by_month(days: Iterable[tuple[dt.date, DayGoal]]) -> dict[dt.date, Fraction]:
    """Return the month's goal as it was agreed on each of its days; no month without any."""
    goals: dict[dt.date, Fraction] = {}
    for on, day in days:
        if day.goal is not None:
            month = on.replace(day=1)
            goals[month] = goals.get(month, Fraction(0)) + Fraction(day.goal) * day.weight
    return goals
