"""Six kinds of simulated company: how many leads arrive per day, known apart from any model of them.

Each function returns the counts of consecutive days from `first_on`, the same for the same seed. What is particular
to a company (the strength of its weekday pattern, its trend, how long and how hard its pushes are) depends on the
seed. Monday to Friday are business days; weekends bring a trickle. `mean` is roughly the leads of a business day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from math import exp
from random import Random

from reports.periods import month_of

WEEKEND = 0.08


def steady(seed: int, first_on: date, n: int, mean: float = 7.0) -> list[int]:
    """The same mean every business day."""
    random = Random(seed)
    return [_poisson(random, _base(day, mean)) for day in _days(first_on, n)]


def weekday_shaped(seed: int, first_on: date, n: int, mean: float = 7.0) -> list[int]:
    """Each weekday has a share of its own, between almost nothing and twice the mean; so have the weekends."""
    random = Random(seed)
    shares = [random.uniform(0.1, 2.0) for _weekday in range(5)]
    shares = [share * 5 / sum(shares) for share in shares] + [random.uniform(0, 0.4)] * 2
    return [_poisson(random, mean * shares[day.weekday()]) for day in _days(first_on, n)]


def trending(seed: int, first_on: date, n: int, mean: float = 7.0) -> list[int]:
    """Growing or shrinking steadily by up to 6 % a month."""
    random = Random(seed)
    monthly = random.uniform(-0.06, 0.06)
    return [
        _poisson(random, _base(day, mean) * exp(monthly * (i - n / 2) / 30))
        for i, day in enumerate(_days(first_on, n))
    ]


def bursty(seed: int, first_on: date, n: int, mean: float = 7.0) -> list[int]:
    """Campaigns of two to six days, about one in three weeks, that double to quadruple the day."""
    random = Random(seed)
    counts, left, lift = [], 0, 1.0
    for day in _days(first_on, n):
        if left == 0:
            lift = 1.0
            if random.random() < 1 / 21:
                left, lift = random.randint(2, 6), random.uniform(2, 4)
        left = max(0, left - 1)
        counts.append(_poisson(random, _base(day, mean) * lift))
    return counts


def month_end_push(seed: int, first_on: date, n: int, mean: float = 7.0) -> list[int]:
    """The last three to nine days of each month bring one and a half to three times as much as the others."""
    random = Random(seed)
    length, lift = random.randint(3, 9), random.uniform(1.5, 3)
    return [
        _poisson(random, _base(day, mean) * (lift if (month_of(day).end - day).days <= length else 1.0))
        for day in _days(first_on, n)
    ]


def stepped(seed: int, first_on: date, n: int, mean: float = 7.0) -> list[int]:
    """Three times in two years, on some day, the level goes to between four tenths and two and a half times."""
    random = Random(seed)
    counts, level = [], 1.0
    for day in _days(first_on, n):
        if random.random() < 3 / 730:
            level = random.uniform(0.4, 2.5)
        counts.append(_poisson(random, _base(day, mean) * level))
    return counts


WORLDS: dict[str, Callable[..., list[int]]] = {
    "steady": steady,
    "weekday-shaped": weekday_shaped,
    "trending": trending,
    "bursty campaigns": bursty,
    "month-end pushes": month_end_push,
    "stepped": stepped,
}


def _poisson(random: Random, mean: float) -> int:
    """Knuth's product of uniforms, in pieces of at most 30."""
    count = 0
    while mean > 0:
        piece = min(mean, 30.0)
        mean -= piece
        limit, product = exp(-piece), random.random()
        while product > limit:
            count += 1
            product *= random.random()
    return count


def _days(first_on: date, n: int) -> Iterator[date]:
    return (first_on + timedelta(days=i) for i in range(n))


def _base(day: date, mean: float) -> float:
    return mean if day.weekday() < 5 else mean * WEEKEND
