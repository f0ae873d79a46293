"""Landing in expected revenue: the leads that are still to come × what a lead is worth.

    remaining = L × m
    variance  = L × s² × φ  +  V × m²  +  L² × s² × φ ÷ n

L leads, with variance V, are what `reports.forecast` expects of the days left. A lead is worth m on the mean, with
variance s²: both are discounted means over the leads that came before (half-life 60 days), n being how many of them
these amount to. φ ≥ 1 says how much more the days' mean values scatter than those of leads drawn one by one would: a
campaign brings leads of one segment, so that a day's leads are alike.

As with leads the variance is then scaled by how the same forecast, with as many days left, missed in up to 12 past
months, and the ends are quantiles of a gamma distribution. They lie half a mean lead further out, as leads come whole,
and are rounded outward to whole units of money. Hidden where leads are too few to foretell, or none has come yet.
`reports.back_test` says how well it does.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from math import ceil, floor
from typing import NamedTuple

from reports.forecast import (
    LEVEL,
    MAX_NOISE,
    NOISE_PRIOR_DAYS,
    ONE_DAY,
    IsBusinessDay,
    Landing,
    Series,
    gamma_interval,
    missed_by,
    scatter,
)
from reports.periods import Period

DECAY = float(0.5 ** (1 / 60))


class DayValue(NamedTuple):
    """A day's leads, the sum of their values, and of the squares of these."""

    leads: int
    value: float
    squares: float


class _Worth(NamedTuple):
    """What a lead is worth, as known on the eve of a day; `spread` is s² × φ, `leads` how many it rests on."""

    mean: float
    spread: float
    leads: float


NOTHING_KNOWN = _Worth(0.0, 0.0, 0.0)


class ValueSeries:
    """Consecutive days with what their leads are worth; landings are made as of the end of any day."""

    def __init__(self, first_on: date, days: Sequence[DayValue], is_business_day: IsBusinessDay) -> None:
        if any(day.value < 0 or day.squares < 0 for day in days):
            raise ValueError("a lead cannot be worth less than nothing")
        self.first_on = first_on
        self.values = [day.value for day in days]
        self._leads = Series(first_on, [day.leads for day in days], is_business_day)
        self._worth = list(_walk(days))
        self._miss = lru_cache(maxsize=None)(self._missed)

    def landing(self, month: Period, seen: int) -> Landing | None:
        """Return the landing of a month of which `seen` days are over; None where there is none of its leads."""
        origin = (month.start - self.first_on).days + seen
        if not self._leads.has_seen_enough(month, seen) or not self._worth[origin].mean:
            return None
        so_far = sum(self.values[origin - seen : origin])
        mean, variance = self._remaining(month, seen)
        found = (self._miss(past, then) for past, then in self._leads.past_months(month, len(month) - seen))
        misses = [miss for miss in found if miss is not None]
        low, high = gamma_interval(mean, variance * scatter(misses))
        half = self._worth[origin].mean / 2
        return Landing(
            projected=round(so_far + mean),
            low=floor(so_far + max(0.0, low - half)),
            high=ceil(so_far + high + half),
            level=LEVEL,
            checked_months=len(misses),
        )

    def _remaining(self, month: Period, seen: int) -> tuple[float, float]:
        """Mean and variance of the value that the month's days after the first `seen` bring."""
        leads, scattering = self._leads.remaining(month, seen)
        worth = self._worth[(month.start - self.first_on).days + seen]
        doubt = leads * leads * worth.spread / worth.leads if worth.leads else 0.0
        return leads * worth.mean, leads * worth.spread + scattering * worth.mean**2 + doubt

    def _missed(self, month: Period, seen: int) -> float | None:
        start = (month.start - self.first_on).days
        came = sum(self.values[start + seen : start + len(month)])
        return missed_by(came, *self._remaining(month, seen))


def landing_in_value(
    *, month: Period, days: Sequence[DayValue], history: Sequence[DayValue], is_business_day: IsBusinessDay
) -> Landing | None:
    """Project the month from its first days and the consecutive ones before it, as `forecast.landing` does leads."""
    if len(days) > len(month):
        raise ValueError("more days than the month has")
    series = ValueSeries(month.start - len(history) * ONE_DAY, [*history, *days], is_business_day)
    return series.landing(month, len(days))


def _walk(days: Sequence[DayValue]) -> Iterator[_Worth]:
    """Yield what is known on the eve of the first day, of the second … and after the last."""
    count = value = squares = weights = 0.0
    scattered = seen = float(NOISE_PRIOR_DAYS)
    for day in days:
        known = _worth(count, value, squares, weights, scattered / seen)
        yield known
        if day.leads:
            variance = known.spread * seen / max(scattered, seen)
            if variance > 0:
                squared = (day.value - known.mean * day.leads) ** 2 / (variance * day.leads)
                scattered = scattered * DECAY + min(squared, MAX_NOISE * max(1.0, scattered / seen))
                seen = seen * DECAY + 1
        count, value, squares = (
            count * DECAY + day.leads,
            value * DECAY + day.value,
            squares * DECAY + day.squares,
        )
        weights = weights * DECAY * DECAY + day.leads
    yield _worth(count, value, squares, weights, scattered / seen)


def _worth(count: float, value: float, squares: float, weights: float, noise: float) -> _Worth:
    if not count:
        return NOTHING_KNOWN
    mean = value / count
    return _Worth(mean, max(0.0, squares / count - mean * mean) * max(1.0, noise), count * count / weights)
