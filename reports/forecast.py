"""Landing: where the month will end, with an interval meant to hold the truth four times in five.

    expected on day j   = recent rate × share of its kind of day
    remaining           = Σ expected over the days left
    landing             = actual so far + remaining

A *kind of day* is the weekday of a business day, or "day off". Its share is the mean count of such days in
the last 13 weeks, relative to a mean business day, pulled towards 1 by 4 imagined average days (days off:
towards 0 by one). The *recent rate* is Σ count ÷ Σ share over the past days, each weighted by half as much
per 30 days of age.

Spread: variance = φ·μ for the days' own noise, φ ≥ 1 being how much more than Poisson the counts scattered,
plus μ² times the relative variance of the rate. Then both are corrected by how the same forecast, with as
many days left, missed in up to 12 past months: the mean of those misses shifts the landing, their scatter
widens or narrows it. So a push that comes at every month's end is learnt, and bursts widen the interval. The
ends are the 10 % and 90 % quantiles of a gamma distribution of that mean and variance (Wilson & Hilferty
1931), rounded outward to the whole leads whose cells they fall into.

What it cannot do: with less than about half a year of history bursts are not yet known, and the interval of a
bursty company holds nearer 70 % than 80 %. With none, a push at the month's end comes as a surprise.

All is analytic: the same counts give the same landing. Counts are whole leads per local day; floats are used,
as an estimate has no exact value.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import ceil, floor, sqrt

from reports.periods import Period, month_of
from reports.shares import Share, share

IsBusinessDay = Callable[[date], bool]

MIN_BUSINESS_DAYS = 3
LEVEL = 80
"""Per cent of months that the interval is meant to hold."""
Z80 = 1.2815515594457831
"""The normal quantile at 90 %."""
SHAPE_DAYS = 91
MEMORY_DAYS = 182
HALF_LIFE_DAYS = 30
IMAGINED_DAYS = 4
CHECKED_MONTHS = 12
MIN_CHECK_DAYS = 42
"""A past forecast is looked at only if it had this many days to learn from."""
SHIFT_PRIOR = 4
"""The shift is pulled to 0 as by this many past months without a miss, unless the misses are too alike."""
SCATTER_PRIOR = 1
"""The scatter is pulled to 1 as by this many past months."""
FITTED = 6
"""Parameters of the fit: the rate and the shares of five weekdays."""
DAY_OFF = 7


@dataclass(frozen=True, slots=True)
class Landing:
    """The month's projected end in whole leads; [low, high] is the 80 % interval, ends included."""

    projected: int
    low: int
    high: int
    level: int
    method: str


@dataclass(frozen=True, slots=True)
class BackTest:
    """How landings did against what came, over every origin of every month; errors are forecast − truth.

    `interval_score` is the mean of (high − low) + 10 × whatever the truth lay outside (Gneiting & Raftery
    2007, for 80 %; less is better). The straight line is actual × days ÷ day with Poisson bounds.
    """

    coverage: Share
    mean_error: float
    mean_absolute_error: float
    interval_score: float
    straight_line_coverage: Share
    straight_line_mean_error: float
    straight_line_mean_absolute_error: float
    straight_line_interval_score: float


def landing(
    *, month: Period, counts: Sequence[int], history: Sequence[int], is_business_day: IsBusinessDay
) -> Landing | None:
    """Project the whole month from its first `len(counts)` days and the days before it.

    `history` holds the counts of consecutive days up to the day before `month.start`, oldest first; it may be
    empty, and half a year or more is best. None until 3 business days of the month were observed. The
    interval never lies below what has already come. `ValueError` for more counts than the month has days, or
    a negative one.
    """
    if len(counts) > len(month):
        raise ValueError("more counts than the month has days")
    series = _Series(month.start - timedelta(days=len(history)), [*history, *counts], is_business_day)
    return series.landing(month, len(counts))


def back_test(
    daily_counts: Sequence[int],
    *,
    first_on: date,
    is_business_day: IsBusinessDay,
    from_day: int = 8,
    history_days: int = 180,
) -> BackTest | None:
    """Rolling origin: forecast every month from the end of each of its days `from_day` … n − 1, as known
    then.

    Only whole months that have `history_days` days before them count; None if there is no such month.
    """
    series = _Series(first_on, daily_counts, is_business_day)
    last = first_on + timedelta(days=len(daily_counts))
    month = month_of(first_on + timedelta(days=history_days))
    if (month.start - first_on).days < history_days:
        month = month_of(month.end)
    model: list[tuple[int, int, int, int]] = []
    line: list[tuple[int, int, int, int]] = []
    while month.end <= last:
        start = (month.start - first_on).days
        truth = sum(daily_counts[start : start + len(month)])
        for seen in range(from_day, len(month)):
            found = series.landing(month, seen)
            if found is not None:
                model.append((truth, found.projected, found.low, found.high))
                line.append(
                    (truth, *_straight_line(sum(daily_counts[start : start + seen]), seen, len(month)))
                )
        month = month_of(month.end)
    if not model:
        return None
    return BackTest(*_scores(model), *_scores(line))


class _Series:
    """Consecutive daily counts with their kinds of day; forecasts are made as of any day, and remembered."""

    def __init__(self, first_on: date, counts: Sequence[int], is_business_day: IsBusinessDay) -> None:
        if any(count < 0 for count in counts):
            raise ValueError("a count cannot be negative")
        self.first_on = first_on
        self.counts = list(counts)
        self.is_business_day = is_business_day
        self.kind = lru_cache(maxsize=None)(self._kind)
        self.remaining = lru_cache(maxsize=None)(self._remaining)

    def landing(self, month: Period, seen: int) -> Landing | None:
        start = (month.start - self.first_on).days
        origin, end = start + seen, start + len(month)
        if sum(self.kind(i) != DAY_OFF for i in range(start, origin)) < MIN_BUSINESS_DAYS:
            return None
        so_far = sum(self.counts[start:origin])
        mean, variance = self.remaining(origin, end)
        misses = self._past_misses(month, end - origin)
        shift, scatter = _correction(misses)
        corrected = max(mean + shift * sqrt(variance), 0.0)
        low, high = _gamma_interval(corrected, variance * scatter)
        return Landing(
            projected=so_far + round(corrected),
            low=so_far + max(0, min(ceil(low - 0.5), round(corrected))),
            high=so_far + max(floor(high + 0.5), round(corrected)),
            level=LEVEL,
            method=_method(len(misses)),
        )

    def _kind(self, index: int) -> int:
        on = self.first_on + timedelta(days=index)
        return on.weekday() if self.is_business_day(on) else DAY_OFF

    def _shares(self, origin: int) -> list[float]:
        """The share of each kind of day relative to a mean business day, from the 13 weeks before `origin`."""
        sums, days = [0.0] * 8, [0] * 8
        for index in range(max(0, origin - SHAPE_DAYS), origin):
            sums[self.kind(index)] += self.counts[index]
            days[self.kind(index)] += 1
        business_days = sum(days[:DAY_OFF])
        mean = sum(sums[:DAY_OFF]) / business_days if business_days else 0.0
        if not mean:
            return [1.0] * 7 + [0.0]
        shares = [(sums[k] / mean + IMAGINED_DAYS) / (days[k] + IMAGINED_DAYS) for k in range(7)]
        return [*shares, sums[DAY_OFF] / mean / (days[DAY_OFF] + 1)]

    def _remaining(self, origin: int, end: int) -> tuple[float, float]:
        """Mean and variance of what comes in [origin, end), as known at `origin`."""
        shares = self._shares(origin)
        arrived = exposure = squared = 0.0
        past = range(max(0, origin - MEMORY_DAYS), origin)
        for index in past:
            weight = 0.5 ** ((origin - 1 - index) / HALF_LIFE_DAYS)
            of_day = shares[self.kind(index)]
            arrived += weight * self.counts[index]
            exposure += weight * of_day
            squared += weight * weight * of_day
        rate = arrived / exposure if exposure else 0.0
        phi = self._overdispersion(origin, rate, shares)
        ahead = sum(shares[self.kind(index)] for index in range(origin, end))
        mean = rate * ahead
        # Half a lead is added to the rate's own count: having seen none yet does not make it certain.
        rate_variance = phi * (rate + 0.5 / exposure) * squared / exposure**2 if exposure else 0.0
        return mean, phi * mean + ahead * ahead * rate_variance

    def _overdispersion(self, origin: int, rate: float, shares: Sequence[float]) -> float:
        """Pearson's χ² of the last 13 weeks over its degrees of freedom, 1 (Poisson) at least."""
        squares, days = 0.0, 0
        for index in range(max(0, origin - SHAPE_DAYS), origin):
            expected = rate * shares[self.kind(index)]
            if expected > 0:
                squares += (self.counts[index] - expected) ** 2 / expected
                days += 1
        return max(1.0, squares / (days - FITTED)) if days > FITTED else 1.0

    def _past_misses(self, month: Period, left: int) -> list[float]:
        """Truth − forecast in standard deviations, with `left` days to go, in the months before."""
        misses: list[float] = []
        past = month
        while len(misses) < CHECKED_MONTHS:
            past = month_of(past.start - timedelta(days=1))
            end = (past.end - self.first_on).days
            origin = end - left
            if origin < MIN_CHECK_DAYS:
                break
            mean, variance = self.remaining(origin, end)
            if variance:
                misses.append((sum(self.counts[origin:end]) - mean) / sqrt(variance))
        return misses


def _correction(misses: Sequence[float]) -> tuple[float, float]:
    """What past misses teach: a shift of the mean, in standard deviations, and a factor on the variance.

    The shift is a normal mean under a normal prior around 0 of variance s²/4, or wider if the misses say so
    (empirical Bayes); s² is their variance pulled towards 1. What stays uncertain of the shift is added to
    s².
    """
    m = len(misses)
    if not m:
        return 0.0, 1.0
    mean = sum(misses) / m
    squares = sum((miss - mean) ** 2 for miss in misses)
    scatter = (SCATTER_PRIOR + squares) / (SCATTER_PRIOR + m - 1)
    noise = scatter / m
    prior = max(mean * mean - noise, scatter / SHIFT_PRIOR)
    weight = prior / (prior + noise)
    return weight * mean, scatter + weight * noise


def _gamma_interval(mean: float, variance: float) -> tuple[float, float]:
    """The 10 % and 90 % quantiles, the mean between them; a mean of 0 gets a normal upper end."""
    if mean <= 0 or variance <= 0:
        return mean, mean + Z80 * sqrt(max(variance, 0.0))
    ninth = variance / (9 * mean * mean)
    low, high = (mean * max(0.0, 1 - ninth + z * sqrt(ninth)) ** 3 for z in (-Z80, Z80))
    return low, max(high, mean)


def _method(months: int) -> str:
    checked = (
        f"corrected by the misses of {months} past months" if months else "no past month to check it against"
    )
    return f"weekday pattern of the last 13 weeks × recent rate (half-life {HALF_LIFE_DAYS} days), {checked}"


def _straight_line(so_far: int, day: int, days: int) -> tuple[int, int, int]:
    rest = so_far * (days - day) / day
    half = Z80 * sqrt(rest)
    return so_far + round(rest), so_far + max(0, floor(rest - half)), so_far + ceil(rest + half)


def _scores(rows: Sequence[tuple[int, int, int, int]]) -> tuple[Share, float, float, float]:
    """Coverage, mean error, mean absolute error and mean interval score of (truth, projected, low, high)."""
    n = len(rows)
    outside = 2 / (1 - LEVEL / 100)
    return (
        share(sum(low <= truth <= high for truth, _, low, high in rows), n),
        sum(projected - truth for truth, projected, _, _ in rows) / n,
        sum(abs(projected - truth) for truth, projected, _, _ in rows) / n,
        sum(h - low + outside * max(low - t, t - h, 0) for t, _, low, h in rows) / n,
    )
