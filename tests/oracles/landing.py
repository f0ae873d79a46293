"""The landing of a month worked out again from its description: decimals of 40 digits, every sum from the beginning.

What is known on the eve of each day is added up anew from all days before it, where the product carries sums on from
day to day as floats. The numbers of the method are repeated here. Imports nothing of the product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal, localcontext
from math import ceil, floor
from typing import NamedTuple

DAY = timedelta(days=1)
DIGITS = Context(prec=40)
ZERO, HALF, ONE = Decimal(0), Decimal("0.5"), Decimal(1)
HALF_LIVES = (5, 10, 20, 45, 120)
SCORE_HALF_LIFE = 35
SHAPE_HALF_LIFE = NOISE_HALF_LIFE = 60
QUANTILE = Decimal("1.2815515655446004")
"""Of the normal distribution at 90 %."""

Ends = tuple[int, int, int, int]
"""Projected, low, high, and how many past months corrected the width."""


class Eve(NamedTuple):
    """What is known on the eve of a day; the lists have an entry for each kind of day, part of the month, half-life."""

    shares: list[Decimal]
    factors: list[Decimal]
    rates: list[Decimal]
    variances: list[Decimal]
    weights: list[Decimal]
    noise: Decimal

    @property
    def rate(self) -> Decimal:
        return total(weight * rate for weight, rate in zip(self.weights, self.rates, strict=True))


@dataclass
class Place:
    """Kind of the day: 0 to 6 a weekday, 7 a day off; part of the month: 0 its end, 3 its beginning."""

    kind: int
    part: int


def total(values: Iterable[Decimal]) -> Decimal:
    return sum(values, ZERO)


def aged(days: int, half_life: int) -> Decimal:
    """What a day of this age still weighs."""
    return HALF ** (Decimal(days) / half_life)


def month_days(day: date) -> list[date]:
    """All days of the month that holds the day."""
    found = [day.replace(day=1)]
    while (found[-1] + DAY).month == day.month:
        found.append(found[-1] + DAY)
    return found


class Landings:
    """The landings that could be told of daily counts from `first_on` on, at the end of any of these days."""

    def __init__(
        self, first_on: date, counts: Sequence[int], is_business_day: Callable[[date], bool]
    ) -> None:
        self.first_on, self.counts, self.is_open = first_on, list(counts), is_business_day
        self.places: dict[date, Place] = {}
        self.eves: list[Eve] = []
        self.exposures: list[Decimal] = []
        self.levels: list[Decimal] = []
        with localcontext(DIGITS):
            self.aged = {
                life: [aged(age, life) for age in range(len(counts) + 1)]
                for life in {*HALF_LIVES, SCORE_HALF_LIFE, SHAPE_HALF_LIFE}
            }
            for index in range(len(self.counts) + 1):
                eve = self._eve(index)
                self.eves.append(eve)
                place = self._place(self._on(index))
                self.levels.append(eve.rate * eve.factors[place.part])
                self.exposures.append(eve.shares[place.kind] * eve.factors[place.part])

    def landing(self, day: date) -> Ends | None:
        """The landing of the day's month at the beginning of that day; None before three business days."""
        with localcontext(DIGITS):
            month = month_days(day)
            seen = day.day - 1
            if sum(self.is_open(one) for one in month[:seen]) < 3:
                return None
            left = len(month) - seen
            start = self._index(month[0])
            so_far = sum(self.counts[start : start + seen])
            mean, variance = self._remaining(month, seen)
            misses = self._misses(month[0], left)
            variance *= (2 + total(miss * miss for miss in misses)) / (2 + len(misses))
            low, high = interval(mean, variance)
            rest = round(mean)
            return (
                so_far + rest,
                so_far + max(0, min(ceil(low - HALF), rest)),
                so_far + max(floor(high + HALF), rest),
                len(misses),
            )

    def _on(self, index: int) -> date:
        return self.first_on + index * DAY

    def _index(self, day: date) -> int:
        return (day - self.first_on).days

    def _place(self, day: date) -> Place:
        if day not in self.places:
            month = month_days(day)
            for one in month:
                open_to_end = sum(self.is_open(other) for other in month if other >= one)
                part = 0 if open_to_end <= 2 else 1 if open_to_end <= 5 else 2 if open_to_end <= 10 else 3
                self.places[one] = Place(one.weekday() if self.is_open(one) else 7, part)
        return self.places[day]

    def _eve(self, index: int) -> Eve:
        shares, noise = self._shares(index), self._noise(index)
        weights, rates, variances = self._weights(index), [], []
        for life in HALF_LIVES:
            rate, variance = self._mean(index, life)
            rates.append(rate)
            variances.append(variance)
        return Eve(shares, self._factors(index, shares, noise), rates, variances, weights, noise)

    def _mean(self, index: int, life: int) -> tuple[Decimal, Decimal]:
        """The discounted mean of this half-life on an eve, and its variance were the days Poisson."""
        weights = self.aged[life]
        ages = [(weights[index - 1 - at], at) for at in range(index)]
        exposure = total(weight * self.exposures[at] for weight, at in ages)
        if not exposure:
            return ZERO, ZERO
        rate = total(weight * self.counts[at] for weight, at in ages) / exposure
        squared = total(weight * weight * self.exposures[at] for weight, at in ages)
        return rate, (rate + HALF / exposure) * squared / exposure**2

    def _shares(self, index: int) -> list[Decimal]:
        """What each kind of day brings beside what its level let expect, pulled towards 1, days off towards 0.

        The days imagined for that are as old as the first day.
        """
        came, expected, days = [ZERO] * 8, [ZERO] * 8, ZERO
        for at in range(index):
            weight, kind = self.aged[SHAPE_HALF_LIFE][index - at], self._place(self._on(at)).kind
            came[kind] += weight * self.counts[at]
            expected[kind] += weight * (self.levels[at] or self.counts[at])
            days += weight * (kind != 7)
        if not any(came[:7]):
            return [ONE] * 7 + [ZERO]
        scale, average = total(expected[:7]) / total(came[:7]), total(expected[:7]) / days
        imagined = average * self.aged[SHAPE_HALF_LIFE][index]
        shares = [(came[kind] * scale + 4 * imagined) / (expected[kind] + 4 * imagined) for kind in range(7)]
        return [*shares, came[7] * scale / (expected[7] + imagined)]

    def _noise(self, index: int) -> Decimal:
        """How much more than Poisson the days scatter; what one day says is bounded by what was known before it."""
        squares = days = Decimal(10)
        for at in range(14, index):
            expected = self.eves[at].rate * self.exposures[at]
            if expected > 0:
                squared = (self.counts[at] - expected) ** 2 / expected
                weight = aged(1, NOISE_HALF_LIFE)
                squares = squares * weight + min(squared, 16 * max(ONE, squares / days))
                days = days * weight + 1
        return max(ONE, squares / days)

    def _weights(self, index: int) -> list[Decimal]:
        """How far each mean is trusted: by the likelihood of what came in each three days, as foretold before."""
        scored = [at for at in range(9, index) if at % 3 == 0]
        scores = []
        for nth in range(len(HALF_LIVES)):
            score = ZERO
            for at in scored:
                before, three = self.eves[at - 2], range(at - 2, at + 1)
                exposure = total(self.exposures[one] for one in three)
                expected = before.rates[nth] * exposure
                spread = expected + HALF + exposure * exposure * before.variances[nth]
                variance = self.eves[at].noise * spread
                missed = sum(self.counts[one] for one in three) - expected
                likelihood = -HALF * (missed * missed / variance + variance.ln())
                score += self.aged[SCORE_HALF_LIFE][scored[-1] - at] * likelihood
            scores.append(score)
        likely = [(score - max(scores)).exp() for score in scores]
        return [one / total(likely) for one in likely]

    def _factors(self, index: int, shares: list[Decimal], noise: Decimal) -> list[Decimal]:
        """What each part of a month brings beside an even month, from up to twelve whole months before.

        They are worked out anew with each month that begins after one that was seen whole and brought something.
        """
        month = self._on(index).replace(day=1)
        if index == 0:
            return [ONE] * 4
        before = self._index((month - DAY).replace(day=1))
        if self._on(index) != month or before < 0 or not any(self.counts[before:index]):
            return self.eves[index - 1].factors
        past: list[tuple[list[int], list[Decimal]]] = []
        while before >= 0 and len(past) < 12:
            days = month_days(self._on(before))
            found = self.counts[before : before + len(days)]
            came, exposure = [0] * 4, [ZERO] * 4
            for on, count in zip(days, found, strict=True):
                place = self._place(on)
                came[place.part] += count
                exposure[place.part] += shares[place.kind]
            if any(found):
                past.append((came, exposure))
            before = self._index((days[0] - DAY).replace(day=1))
        return [factor(past, part, noise) for part in range(4)]

    def _remaining(self, month: list[date], seen: int) -> tuple[Decimal, Decimal]:
        """Mean and variance of what the days after the first `seen` bring."""
        eve, left = self.eves[self._index(month[0]) + seen], len(month) - seen
        places = [self._place(day) for day in month[seen:]]
        exposure = total(eve.shares[one.kind] * eve.factors[one.part] for one in places)
        mean = eve.rate * exposure
        variance = eve.noise * mean
        for nth, life in enumerate(HALF_LIVES):
            own = eve.noise * eve.variances[nth] * exposure**2 * (1 + HALF * left * (1 - aged(1, life)))
            variance += eve.weights[nth] * (own + (eve.rates[nth] * exposure - mean) ** 2)
        return mean, variance

    def _misses(self, first: date, left: int) -> list[Decimal]:
        """By how many deviations the same forecast missed in the months before, with as many days left."""
        found: list[Decimal] = []
        for _month in range(12):
            month = month_days(first - DAY)
            first, seen = month[0], len(month) - left
            start = self._index(first)
            if start + seen < 42:
                break
            mean, variance = self._remaining(month, max(0, seen))
            if variance > 0:
                came = sum(self.counts[start + max(0, seen) : start + len(month)])
                found.append(max(Decimal(-3), min(Decimal(3), (came - mean) / variance.sqrt())))
        return found


def factor(past: list[tuple[list[int], list[Decimal]]], part: int, noise: Decimal) -> Decimal:
    """The part's factor, pulled towards 1 by as much as its standard error makes it doubtful."""
    rows = [
        (came[part], sum(came) / total(exposure) * exposure[part]) for came, exposure in past if any(exposure)
    ]
    n, expected = len(rows), total(even for _came, even in rows)
    if n < 2 or not expected:
        return ONE
    raw = sum(came for came, _even in rows) / expected
    if raw == 1:
        return ONE
    squares = total((came - raw * even) ** 2 for came, even in rows) + 2 * noise * expected / n
    error = n * squares / (n + 1) / expected**2
    return 1 + max(ZERO, 1 - 2 * error / (raw - 1) ** 2) * (raw - 1)


def interval(mean: Decimal, variance: Decimal) -> tuple[Decimal, Decimal]:
    """The 10 % and 90 % quantiles of a gamma distribution, by its cube root."""
    if mean <= 0 or variance <= 0:
        return mean, mean + QUANTILE * max(ZERO, variance).sqrt()
    ninth = variance / (9 * mean * mean)
    low = mean * max(ZERO, 1 - ninth - QUANTILE * ninth.sqrt()) ** 3
    return low, max(mean, mean * max(ZERO, 1 - ninth + QUANTILE * ninth.sqrt()) ** 3)
