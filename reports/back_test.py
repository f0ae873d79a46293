"""How landings did: every month forecast from the end of each of its days, as known then, against what came.

Beside the landing stand two straight lines, which know the month so far alone: by calendar days (actual × days ÷
day, as one extrapolates by hand) and by business days. Their intervals are those of a Poisson count of the rest.

A forecast's *interval score* is high − low + 10 × whatever the truth lay outside (Gneiting & Raftery 2007, for 80 %;
less is better). All sums are of whole leads, or units of money, so scores of several companies add up exactly.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor, sqrt

from reports.forecast import LEVEL, Z80, IsBusinessDay, Landing, Series
from reports.periods import Period, month_of
from reports.value_forecast import DayValue, ValueSeries

FROM_DAY = 8
OUTSIDE = 200 // (100 - LEVEL)


Ends = tuple[int, int, int]
"""Projected, low, high."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Sums over `n` forecasts. Errors are forecast − truth."""

    n: int = 0
    held: int = 0
    error: int = 0
    absolute_error: int = 0
    width: int = 0
    interval_score: int = 0

    def __add__(self, other: "Scores") -> "Scores":
        return Scores(
            self.n + other.n,
            self.held + other.held,
            self.error + other.error,
            self.absolute_error + other.absolute_error,
            self.width + other.width,
            self.interval_score + other.interval_score,
        )

    def mean(self, name: str) -> float:
        """Return the mean of one of the sums; `ValueError` where nothing was forecast."""
        if not self.n:
            raise ValueError("there was nothing to forecast")
        return float(Fraction(getattr(self, name), self.n))


@dataclass(frozen=True, slots=True)
class BackTest:
    """The landing's scores beside the straight lines', and the landing's by the days that were left."""

    landing: Scores
    straight_line: Scores
    business_line: Scores
    by_days_left: dict[int, Scores]

    def __add__(self, other: "BackTest") -> "BackTest":
        lefts = self.by_days_left.keys() | other.by_days_left.keys()
        return BackTest(
            self.landing + other.landing,
            self.straight_line + other.straight_line,
            self.business_line + other.business_line,
            {
                left: self.by_days_left.get(left, Scores()) + other.by_days_left.get(left, Scores())
                for left in sorted(lefts)
            },
        )


def back_test(
    daily_counts: Sequence[int],
    *,
    first_on: date,
    is_business_day: IsBusinessDay,
    history_days: int,
    from_day: int = FROM_DAY,
) -> BackTest:
    """Rolling origin: forecast every month from the end of each of its days `from_day` … n − 1.

    Only whole months that have `history_days` days before them count.
    """
    series = Series(first_on, daily_counts, is_business_day)
    return _tested(
        series.landing,
        [DayValue(n, n, n) for n in daily_counts],
        first_on,
        is_business_day,
        history_days,
        from_day,
    )


def back_test_values(
    days: Sequence[DayValue],
    *,
    first_on: date,
    is_business_day: IsBusinessDay,
    history_days: int,
    from_day: int = FROM_DAY,
) -> BackTest:
    """The same for what the leads of each day are worth, in whole units of money."""
    series = ValueSeries(first_on, days, is_business_day)
    return _tested(series.landing, days, first_on, is_business_day, history_days, from_day)


def _tested(
    landing: Callable[[Period, int], Landing | None],
    days: Sequence[DayValue],
    first_on: date,
    is_business_day: IsBusinessDay,
    history_days: int,
    from_day: int,
) -> BackTest:
    scores: list[tuple[int, Scores, Scores, Scores]] = []
    for month in _whole_months(first_on, len(days), history_days):
        start = (month.start - first_on).days
        of_month = days[start : start + len(month)]
        truth = round(sum(day.value for day in of_month))
        business = [is_business_day(day) for day in month]
        for seen in range(from_day, len(month)):
            found = landing(month, seen)
            if found is None:
                continue
            left, so_far = len(month) - seen, round(sum(day.value for day in of_month[:seen]))
            squares = sum(day.squares for day in of_month[:seen])
            unit = squares / so_far if so_far else 1.0
            by_business_days = Fraction(sum(business[seen:]), sum(business[:seen]))
            scores.append(
                (
                    left,
                    _score((found.projected, found.low, found.high), truth),
                    _score(_line(so_far, Fraction(left, seen), unit), truth),
                    _score(_line(so_far, by_business_days, unit), truth),
                )
            )
    lefts = sorted({left for left, *_rest in scores})
    return BackTest(
        landing=total(ours for _left, ours, _line, _business_line in scores),
        straight_line=total(line for _left, _ours, line, _business_line in scores),
        business_line=total(business_line for _left, _ours, _line, business_line in scores),
        by_days_left={left: total(row[1] for row in scores if row[0] == left) for left in lefts},
    )


def total(scores: Iterable[Scores]) -> Scores:
    """Add scores up."""
    return sum(scores, Scores())


def _whole_months(first_on: date, days: int, history_days: int) -> Iterator[Period]:
    month = month_of(first_on)
    while (month.end - first_on).days <= days:
        if (month.start - first_on).days >= history_days:
            yield month
        month = month_of(month.end)


def _line(so_far: int, ahead: Fraction, unit: float) -> Ends:
    """Go on as so far, `ahead` being the days left ÷ the days seen.

    The rest scatters as leads of the values so far do that come by Poisson: its variance is the rest × `unit`, the
    mean square of a value ÷ its mean; 1 where leads are counted.
    """
    rest = float(so_far * ahead)
    half = Z80 * sqrt(rest * unit)
    return so_far + round(rest), so_far + max(0, floor(rest - half)), so_far + ceil(rest + half)


def _score(forecast: Ends, truth: int) -> Scores:
    projected, low, high = forecast
    outside = max(low - truth, truth - high, 0)
    return Scores(
        n=1,
        held=int(not outside),
        error=projected - truth,
        absolute_error=abs(projected - truth),
        width=high - low,
        interval_score=high - low + OUTSIDE * outside,
    )
