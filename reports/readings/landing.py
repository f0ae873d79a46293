"""Where the month will end: the forecast fed with the stored counts of the days before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import F, FloatField, Sum
from django.db.models.functions import Cast, Coalesce, NullIf

from agreements import words
from agreements.models import Commitment
from leads.models import Lead
from reports import forecast
from reports.models import PeriodFigure
from reports.periods import Grain, Period, month_of
from reports.readings.goals import business_days
from reports.readings.numbers import number
from reports.readings.scope import Scope
from reports.readings.waterfall import WaterfallReport, waterfall_report
from reports.value_forecast import DayValue, landing_in_value

NO_LEAD = DayValue(0, 0.0, 0.0)
HISTORY = dt.timedelta(days=560)
"""Half a year to learn from, before each of the twelve past months that check it."""

Measure = Commitment.Measure


@dataclass(frozen=True, slots=True)
class LandingReport:
    """What the page of a month's waterfall says of its end: what is needed each day, and where it will land.

    `landing` is None where `month_landing` knows none.
    """

    month: WaterfallReport
    landing: forecast.Landing | None

    def as_json(self) -> dict[str, Any]:
        """Return the report as the API gives it."""
        summary, landing = self.month.months[-1].waterfall.summary, self.landing
        return {
            "from": self.month.period.start.isoformat(),
            "to": self.month.period.end.isoformat(),
            "as_of": self.month.as_of.isoformat(),
            "measure": self.month.measure,
            "goal": number(summary.goal),
            "goal_to_date": number(summary.goal_to_date),
            "actual": number(summary.actual),
            "gap": number(summary.gap),
            "remaining_days": summary.remaining_days,
            "remaining_business_days": summary.remaining_business_days,
            "needed_per_remaining_day": number(summary.needed_per_remaining_day),
            "needed_per_remaining_business_day": number(summary.needed_per_remaining_business_day),
            "landing": landing
            and {
                "projected": landing.projected,
                "low": landing.low,
                "high": landing.high,
                "interval_percent": landing.level,
                "checked_months": landing.checked_months,
            },
        }


def landing_report(scope: Scope, *, measure: str | None = None) -> LandingReport:
    """Return where the scope's month stands and will end, by the agreed measure or another."""
    month = waterfall_report(scope, measure=measure)
    found = month_landing(scope, month.measure, business_days(scope)) if Lead.objects.exists() else None
    actual = words.whole(month.months[-1].waterfall.summary.actual)
    return LandingReport(month, found and found.not_below(actual))


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
    counts = {on: _measured(day, measure) for on, day in _days(scope).items()}
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
    values = {on: DayValue(day.n, day.value, day.squares) for on, day in _days(scope).items() if day.n}
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


@dataclass(frozen=True, slots=True)
class _Day:
    """What came on a day: leads, and what they are worth; those of one segment are worth alike."""

    n: int
    accepted: int
    rejected: int
    value: float
    squares: float


def _days(scope: Scope) -> dict[dt.date, _Day]:
    """Return the days before today on which something was handed off; read once, for leads and for their value."""
    if "landing_days" not in scope.read:
        scope.read["landing_days"] = _read_days(scope)
    days: dict[dt.date, _Day] = scope.read["landing_days"]
    return days


def _read_days(scope: Scope) -> dict[dt.date, _Day]:
    dimension, key = next(iter(scope.selection.filters().items()), ("segment", None))
    rows = PeriodFigure.objects.filter(
        agreement=scope.selection.agreement,
        dimension=dimension,
        grain=Grain.DAY.value,
        starts_on__gte=scope.period.start - HISTORY,
        starts_on__lt=scope.as_of_day,
    )
    if key is not None:
        rows = rows.filter(key=key)
    value = Cast("counted_value", FloatField())
    days = rows.values("starts_on").annotate(
        n=Sum("counted"),
        accepted=Sum("counted_accepted"),
        rejected=Sum("counted_rejected"),
        value=Sum(value),
        squares=Coalesce(Sum(value * value / NullIf(F("counted"), 0)), 0.0),
    )
    return {
        on: _Day(*numbers)
        for on, *numbers in days.order_by().values_list(
            "starts_on", "n", "accepted", "rejected", "value", "squares"
        )
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


def _measured(day: _Day, measure: str) -> int:
    match measure:
        case Measure.ACCEPTED:
            return day.accepted
        case Measure.NET:
            return day.n - day.rejected
    return day.n
