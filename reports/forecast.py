"""Landing: where the month will end, with an interval meant to hold the truth four times in five.

    expected on day j   = level × share of its kind of day × factor of its part of the month
    remaining           = Σ expected over the days left
    landing             = actual so far + remaining

The days before are walked through once, oldest first; what is known on the eve of each day comes from earlier
days alone.

* A *kind of day* is the weekday of a business day, or "day off". Its share is what such days brought, relative to
  what the level let expect (half-life 60 days), pulled towards 1 by 4 imagined average days; days off towards 0 by 1.
  Imagined days are as old as the first day, so that they fade as more is known.
* A *part of the month* is told by the business days to its end: the last two, the three before, the five before, the
  rest. Its factor is what the part brought in up to 12 past months ÷ what it would have as an even part of them, pulled
  towards 1 by as much as its standard error makes it doubtful (James & Stein, positive part). So a push that comes
  at every month's end is learnt, and does not pass for a new level.
* The *level* is a mixture of five discounted means, with half-lives of 5 to 120 days (Harvey & Fernandes 1989). The
  weight of each follows from how well it foretold, three days ahead, what has come of late (Raftery, Kárný & Ettler
  2010): a company that doubles is followed within days, a steady one is averaged over months.

Spread: variance = φ·μ for the days' own noise, φ ≥ 1 being how much more than Poisson they scatter, plus that of each
level, which grows with the days ahead, and that between the levels. It is then scaled by how the same forecast, with
as many days left, missed in up to 12 past months: bursts widen the interval. The ends are the 10 % and 90 %
quantiles of a gamma distribution of that mean and variance (Wilson & Hilferty 1931), rounded outward to the whole
leads whose cells they fall into.

What it cannot do: with less than half a year of history bursts are not yet known, and a push at the month's end that
never came before comes as a surprise.

All is analytic: the same counts give the same landing. Counts are whole leads per local day; floats are used, as an
estimate has no exact value. `reports.back_test` says how well it does.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from math import ceil, exp, floor, log, sqrt
from operator import mul
from typing import NamedTuple

from reports.periods import Period, month_of

IsBusinessDay = Callable[[date], bool]

MIN_BUSINESS_DAYS = 3
LEVEL = 80
"""Per cent of months that the interval is meant to hold."""
Z80 = 1.2815515655446004
"""The normal quantile at 90 %."""
DAY_OFF = 7
ONE_DAY = timedelta(days=1)


def _decay(half_life_days: float) -> float:
    return float(0.5 ** (1 / half_life_days))


DECAYS = tuple(_decay(days) for days in (5, 10, 20, 45, 120))
"""One for each discounted mean that the level is a mixture of."""
SCORED_DAYS = 3
"""The means are weighted by how they foretold each three days."""
SCORED_FROM_DAY = 9
SCORES_DECAY = _decay(35) ** SCORED_DAYS
SHAPE_DECAY = _decay(60)
IMAGINED_DAYS = 4
PARTS_FROM_END = (2, 5, 10)
"""The parts of a month end with these business days left; the rest of it is the last part."""
CHECKED_MONTHS = 12
FACTOR_DOUBT = 2
"""A part's factor is 1 until it differs from 1 by √2 standard errors."""
NOISE_DECAY = _decay(60)
NOISE_PRIOR_DAYS = 10
NOISE_FROM_DAY = 14
MAX_NOISE = 16
"""One day counts as at most so many times the noise known before: a new level is not noise."""
DRIFT = 0.5
MIN_CHECK_DAYS = 42
"""A past forecast is looked at only if it had this many days to learn from."""
SCATTER_PRIOR = 2
"""The scatter is pulled to 1 as by this many past months."""
MAX_MISS = 3.0
"""A past miss counts as at most so many standard deviations."""


@dataclass(frozen=True, slots=True)
class Landing:
    """The month's projected end in whole leads, or units of money; [low, high] is the 80 % interval, ends included.

    `checked_months` past months have corrected the interval's width.
    """

    projected: int
    low: int
    high: int
    level: int
    checked_months: int

    def not_below(self, actual: int) -> "Landing":
        """The same once so much has come: what came today is in none of the days that were projected from."""
        low = max(self.low, actual)
        return replace(self, projected=max(self.projected, actual), low=low, high=max(self.high, low))


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
    series = Series(month.start - len(history) * ONE_DAY, [*history, *counts], is_business_day)
    return series.landing(month, len(counts))


class _Means(NamedTuple):
    """Discounted means, one for each of DECAYS: Σ count ÷ Σ exposure, each day weighted by its age."""

    arrived: list[float]
    exposure: list[float]
    squared: list[float]
    rates: list[float]

    def after(self, count: int, exposure: float) -> "_Means":
        arrived = [one * decay + count for one, decay in zip(self.arrived, DECAYS, strict=True)]
        exposures = [one * decay + exposure for one, decay in zip(self.exposure, DECAYS, strict=True)]
        squared = [one * decay * decay + exposure for one, decay in zip(self.squared, DECAYS, strict=True)]
        rates = [one / of if of else 0.0 for one, of in zip(arrived, exposures, strict=True)]
        return _Means(arrived, exposures, squared, rates)

    def variances(self) -> list[float]:
        """The rates' variances for φ = 1: half a lead is added, as having seen none does not make it certain."""
        return [
            (rate + 0.5 / exposure) * squared / exposure**2 if exposure else 0.0
            for rate, exposure, squared in zip(self.rates, self.exposure, self.squared, strict=True)
        ]


NOTHING = _Means([0.0] * len(DECAYS), [0.0] * len(DECAYS), [0.0] * len(DECAYS), [0.0] * len(DECAYS))


class _Known(NamedTuple):
    """What is known on the eve of a day."""

    shape: "_Shape"
    factors: tuple[float, ...]
    means: _Means
    weights: list[float]
    noise: float

    @property
    def rate(self) -> float:
        return float(sum(map(mul, self.weights, self.means.rates)))


class Series:
    """Consecutive daily counts, walked through once; landings are then made as of the end of any day."""

    def __init__(self, first_on: date, counts: Sequence[int], is_business_day: IsBusinessDay) -> None:
        if any(count < 0 for count in counts):
            raise ValueError("a count cannot be negative")
        self.first_on = first_on
        self.counts = list(counts)
        self._is_business_day = lru_cache(maxsize=None)(is_business_day)
        self._kinds = lru_cache(maxsize=None)(self._kinds_of)
        self._miss = lru_cache(maxsize=None)(self._missed)
        self._known = list(self._walk())

    def landing(self, month: Period, seen: int) -> Landing | None:
        """Return the landing of a month of which `seen` days are over, from what was known then."""
        start = (month.start - self.first_on).days
        origin = start + seen
        if not self.has_seen_enough(month, seen):
            return None
        so_far = sum(self.counts[start:origin])
        mean, variance = self.remaining(month, seen)
        misses = list(self._past_misses(month, len(month) - seen))
        low, high = gamma_interval(mean, variance * scatter(misses))
        return Landing(
            projected=so_far + round(mean),
            low=so_far + max(0, min(ceil(low - 0.5), round(mean))),
            high=so_far + max(floor(high + 0.5), round(mean)),
            level=LEVEL,
            checked_months=len(misses),
        )

    def has_seen_enough(self, month: Period, seen: int) -> bool:
        """Whether enough business days are among the first `seen` of the month."""
        business_days = sum(kind != DAY_OFF for kind, _part in self._kinds(month)[:seen])
        return business_days >= MIN_BUSINESS_DAYS

    def _kinds_of(self, month: Period) -> list[tuple[int, int]]:
        """The kind of each day of a whole month, and the part of the month that it lies in."""
        days, left = [], 0
        for on in reversed(list(month)):
            kind = on.weekday() if self._is_business_day(on) else DAY_OFF
            left += kind != DAY_OFF
            part = sum(left > end for end in PARTS_FROM_END)
            days.append((kind, part))
        return days[::-1]

    def _walk(self) -> Iterator[_Known]:
        """Yield what is known on the eve of the first day, of the second … and after the last."""
        shape, parts, noise = _Shape(), _Parts(), _Noise()
        means, scores = NOTHING, [0.0] * len(DECAYS)
        weights = _weights(scores)
        past: list[tuple[_Means, float]] = []
        kinds: list[tuple[int, int]] = []
        month = Period(self.first_on, self.first_on)
        for index, count in enumerate(self.counts):
            on = self.first_on + index * ONE_DAY
            if on >= month.end:
                month = month_of(on)
                kinds = self._kinds(month)
                parts.begin(is_whole=on == month.start, shares=shape.shares(), noise=noise.value)
            known = _Known(shape, parts.factors, means, weights, noise.value)
            yield known
            kind, part = kinds[on.day - 1]
            share, rate, factor = shape.share(kind), known.rate, parts.factors[part]
            exposure = share * factor
            past.append((means, exposure))
            parts.see(part, kind, count)
            shape = shape.after(kind, count, rate * factor)
            noise.see(index, count, rate * exposure)
            means = means.after(count, exposure)
            if index >= SCORED_FROM_DAY and index % SCORED_DAYS == 0:
                came = sum(self.counts[index + 1 - SCORED_DAYS : index + 1])
                then, ahead = past[-SCORED_DAYS][0], sum(one for _means, one in past[-SCORED_DAYS:])
                scores = _scored(scores, then, ahead, came, known.noise)
                weights = _weights(scores)
        if len(self.counts) and month.end == self.first_on + len(self.counts) * ONE_DAY:
            parts.begin(is_whole=True, shares=shape.shares(), noise=noise.value)
        yield _Known(shape, parts.factors, means, weights, noise.value)

    def remaining(self, month: Period, seen: int) -> tuple[float, float]:
        """Mean and variance of what the month's days after the first `seen` bring, as known on their eve."""
        known = self._known[(month.start - self.first_on).days + seen]
        ahead, shares = self._kinds(month)[seen:], known.shape.shares()
        exposure = sum(shares[kind] * known.factors[part] for kind, part in ahead)
        expected = known.rate * exposure
        variance = known.noise * expected
        for weight, rate, own, decay in zip(
            known.weights, known.means.rates, known.means.variances(), DECAYS, strict=True
        ):
            drift = 1 + DRIFT * len(ahead) * (1 - decay)
            variance += weight * (known.noise * own * drift * exposure**2 + (rate * exposure - expected) ** 2)
        return expected, variance

    def past_months(self, month: Period, left: int) -> Iterator[tuple[Period, int]]:
        """Yield the months before with the days of each that were over when `left` were to go."""
        for _month in range(CHECKED_MONTHS):
            month = month_of(month.start - ONE_DAY)
            seen = len(month) - left
            if (month.start - self.first_on).days + seen < MIN_CHECK_DAYS:
                return
            yield month, max(0, seen)

    def _past_misses(self, month: Period, left: int) -> Iterator[float]:
        """Truth − forecast in standard deviations, with `left` days to go, in the months before."""
        found = (self._miss(past, seen) for past, seen in self.past_months(month, left))
        return (miss for miss in found if miss is not None)

    def _missed(self, month: Period, seen: int) -> float | None:
        start = (month.start - self.first_on).days
        came = sum(self.counts[start + seen : start + len(month)])
        return missed_by(came, *self.remaining(month, seen))


class _Shape:
    """What each kind of day brings, relative to the level; younger days weigh more."""

    __slots__ = ("business_days", "came", "came_in_all", "expected", "expected_in_all", "weight")

    def __init__(self) -> None:
        self.came, self.expected = [0.0] * 8, [0.0] * 8
        self.came_in_all = self.expected_in_all = self.business_days = 0.0
        self.weight = 1.0

    def after(self, kind: int, count: int, level: float) -> "_Shape":
        new = _Shape()
        new.came, new.expected = self.came.copy(), self.expected.copy()
        came, expected = count * self.weight, (level or count) * self.weight
        new.came[kind] += came
        new.expected[kind] += expected
        is_business = kind != DAY_OFF
        new.came_in_all = self.came_in_all + came * is_business
        new.expected_in_all = self.expected_in_all + expected * is_business
        new.business_days = self.business_days + self.weight * is_business
        new.weight = self.weight / SHAPE_DECAY
        return new

    def shares(self) -> list[float]:
        return [self.share(kind) for kind in range(8)]

    def share(self, kind: int) -> float:
        """Return the kind's share; of a business day 1, of a day off 0, while nothing came on a business day."""
        if not self.came_in_all:
            return float(kind != DAY_OFF)
        came = self.came[kind] * self.expected_in_all / self.came_in_all
        level = self.expected_in_all / self.business_days
        if kind == DAY_OFF:
            return came / (self.expected[kind] + level)
        return (came + IMAGINED_DAYS * level) / (self.expected[kind] + IMAGINED_DAYS * level)


class _Parts:
    """What each part of a month brings, relative to its whole month."""

    def __init__(self) -> None:
        self.factors = (1.0,) * (len(PARTS_FROM_END) + 1)
        self.past: list[tuple[list[int], list[Counter[int]]]] = []
        self.came: list[int] = []
        self.days: list[Counter[int]] = []
        self._is_whole = False

    def begin(self, *, is_whole: bool, shares: Sequence[float], noise: float) -> None:
        """A month begins; the one before, if its first day was seen, is learnt from."""
        if self._is_whole and any(self.came):
            self.past.append((self.came, self.days))
            past = [
                (came, [sum(n * shares[kind] for kind, n in of_part.items()) for of_part in days])
                for came, days in self.past[-CHECKED_MONTHS:]
            ]
            self.factors = tuple(_factor(past, part, noise) for part in range(len(self.factors)))
        self.came = [0] * len(self.factors)
        self.days = [Counter() for _part in self.factors]
        self._is_whole = is_whole

    def see(self, part: int, kind: int, count: int) -> None:
        self.came[part] += count
        self.days[part][kind] += 1


def _factor(past: Sequence[tuple[list[int], list[float]]], part: int, noise: float) -> float:
    """The part's factor from each past month's counts and exposures by part."""
    past = [(came, exposure) for came, exposure in past if sum(exposure)]
    expected = [sum(came) / sum(exposure) * exposure[part] for came, exposure in past]
    n, all_expected = len(past), sum(expected)
    if n < 2 or not all_expected:
        return 1.0
    factor = sum(came[part] for came, _exposure in past) / all_expected
    if factor == 1:
        return 1.0
    misses = (came[part] - factor * of for (came, _exposure), of in zip(past, expected, strict=True))
    squares = sum(miss * miss for miss in misses) + 2 * noise * all_expected / n
    error = n * squares / (n + 1) / all_expected**2
    return 1 + max(0.0, 1 - FACTOR_DOUBT * error / (factor - 1) ** 2) * (factor - 1)


class _Noise:
    """How much more than Poisson the days scatter: the discounted mean of (count − expected)² ÷ expected, ≥ 1."""

    def __init__(self) -> None:
        self.squares, self.days = float(NOISE_PRIOR_DAYS), float(NOISE_PRIOR_DAYS)

    @property
    def value(self) -> float:
        return max(1.0, self.squares / self.days)

    def see(self, index: int, count: int, expected: float) -> None:
        if index >= NOISE_FROM_DAY and expected > 0:
            squared = min((count - expected) ** 2 / expected, MAX_NOISE * self.value)
            self.squares = self.squares * NOISE_DECAY + squared
            self.days = self.days * NOISE_DECAY + 1


def _scored(scores: Sequence[float], means: _Means, exposure: float, came: int, noise: float) -> list[float]:
    """Discount each mean's score, and add its log-likelihood of what came, as foretold before."""
    scored = []
    for score, rate, own in zip(scores, means.rates, means.variances(), strict=True):
        expected = rate * exposure
        variance = noise * (expected + 0.5 + exposure * exposure * own)
        likelihood = -0.5 * ((came - expected) ** 2 / variance + log(variance))
        scored.append(score * SCORES_DECAY + likelihood)
    return scored


def _weights(scores: Sequence[float]) -> list[float]:
    best = max(scores)
    raw = [exp(score - best) for score in scores]
    total = sum(raw)
    return [one / total for one in raw]


def missed_by(came: float, mean: float, variance: float) -> float | None:
    """Return truth − forecast in standard deviations, bounded; None where nothing could have come otherwise."""
    if variance <= 0:
        return None
    return max(-MAX_MISS, min(MAX_MISS, (came - mean) / sqrt(variance)))


def scatter(misses: Sequence[float]) -> float:
    """Return by how much past misses widen, or narrow, a variance."""
    return (SCATTER_PRIOR + sum(miss * miss for miss in misses)) / (SCATTER_PRIOR + len(misses))


def gamma_interval(mean: float, variance: float) -> tuple[float, float]:
    """The 10 % and 90 % quantiles, the mean between them; a mean of 0 gets a normal upper end."""
    if mean <= 0 or variance <= 0:
        return mean, mean + Z80 * sqrt(max(variance, 0.0))
    ninth = variance / (9 * mean * mean)
    low, high = (mean * max(0.0, 1 - ninth + z * sqrt(ninth)) ** 3 for z in (-Z80, Z80))
    return low, max(high, mean)
