"""Where the month will end: the forecast fed with the stored counts of the days before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache

from django.db.models import F, FloatField, Sum
from django.db.models.functions import Cast

from agreements.models import Commitment
from reports import forecast
from reports.models import PeriodFigure
from reports.periods import Grain, Period, month_of
from reports.readings.scope import Scope
from reports.value_forecast import DayValue, landing_in_value

NO_LEAD = DayValue(0, 0.0, 0.0)
HISTORY = dt.timedelta(days=560)
"""Half a year to learn from, before each of the twelve past months that check it."""

Measure = Commitment.Measure


def month_landing(
    scope: Scope, measure: str, is_business_day: Callable[[dt.date], bool]
) -> forecast.Landing | None:
    """Return the landing of the scope's month as it stands after yesterday.

    None for a month that is over or has not begun, for a measure that is not stored, with more than one filter, for
    value with any but a segment, and before three business days were seen.
    """
    month, today = scope.period, scope.as_of_day
    filters = scope.selection.filters()
    if today not in month or scope.moment.is_past or len(filters) > 1 or measure == Measure.QUALIFIED:
        return None
    if measure == Measure.VALUE:
        return None if filters.keys() - {"segment"} else _value_landing(scope, is_business_day)
    counts = _counts(scope, measure, month.start - HISTORY, today)
    known = Period(min([*counts, month.start]), today)
    needed = Period(month_of(known.start).start, month.end)
    return _landing(
        month,
        known.start,
        tuple(counts.get(day, 0) for day in known),
        frozenset(day for day in needed if is_business_day(day)),
    )


def _value_landing(scope: Scope, is_business_day: Callable[[dt.date], bool]) -> forecast.Landing | None:
    month, today = scope.period, scope.as_of_day
    values = _values(scope, month.start - HISTORY, today)
    known = Period(min([*values, month.start]), today)
    needed = Period(month_of(known.start).start, month.end)
    return _landing_in_value(
        month,
        known.start,
        tuple(values.get(day, NO_LEAD) for day in known),
        frozenset(day for day in needed if is_business_day(day)),
    )


@lru_cache(maxsize=256)
def _landing_in_value(
    month: Period, first_on: dt.date, days: tuple[DayValue, ...], business_days: frozenset[dt.date]
) -> forecast.Landing | None:
    before = (month.start - first_on).days
    return landing_in_value(
        month=month,
        days=days[before:],
        history=days[:before],
        is_business_day=business_days.__contains__,
    )


def _values(scope: Scope, start: dt.date, end: dt.date) -> dict[dt.date, DayValue]:
    """Return what the leads of each day are worth: those of one segment alike, as what a lead of it is worth then."""
    rows = PeriodFigure.objects.filter(
        agreement=scope.selection.agreement,
        dimension=PeriodFigure.Dimension.SEGMENT,
        grain=Grain.DAY.value,
        starts_on__gte=start,
        starts_on__lt=end,
        counted__gt=0,
    )
    if scope.selection.segment is not None:
        rows = rows.filter(key=scope.selection.segment)
    value = Cast("counted_value", FloatField())
    days = rows.values("starts_on").annotate(
        n=Sum("counted"), value=Sum(value), squares=Sum(value * value / F("counted"))
    )
    return {
        on: DayValue(n, value, squares)
        for on, n, value, squares in days.order_by().values_list("starts_on", "n", "value", "squares")
    }


@lru_cache(maxsize=256)
def _landing(
    month: Period, first_on: dt.date, counts: tuple[int, ...], business_days: frozenset[dt.date]
) -> forecast.Landing | None:
    """Project from these counts; remembered, as open pages ask again and again for what has not changed."""
    before = (month.start - first_on).days
    return forecast.landing(
        month=month,
        counts=counts[before:],
        history=counts[:before],
        is_business_day=business_days.__contains__,
    )


def _counts(scope: Scope, measure: str, start: dt.date, end: dt.date) -> dict[dt.date, int]:
    dimension, key = next(iter(scope.selection.filters().items()), ("", ""))
    rows = PeriodFigure.objects.filter(
        agreement=scope.selection.agreement,
        dimension=dimension,
        key=key,
        grain=Grain.DAY.value,
        starts_on__gte=start,
        starts_on__lt=end,
    ).values_list("starts_on", "counted", "counted_accepted", "counted_rejected")
    match measure:
        case Measure.ACCEPTED:
            return {on: accepted for on, _counted, accepted, _rejected in rows}
        case Measure.NET:
            return {on: counted - rejected for on, counted, _accepted, rejected in rows}
    return {on: counted for on, counted, _accepted, _rejected in rows}
