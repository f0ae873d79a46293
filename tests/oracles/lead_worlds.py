"""Five kinds of simulated company: how many leads arrive per day, known apart from any model of them.

Each function returns the counts of consecutive days from `first_on`, the same for the same seed. Monday to
Friday are business days; weekends bring a trickle.
"""

from collections.abc import Callable
from datetime import date, timedelta
from math import exp
from random import Random

WEEKDAY_SHAPE = (1.7, 1.3, 1.0, 0.7, 0.3)
WEEKEND = 0.08


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


def _days(first_on: date, n: int) -> list[date]:
    return [first_on + timedelta(days=i) for i in range(n)]


def _base(day: date, mean: float) -> float:
    return mean if day.weekday() < 5 else mean * WEEKEND


def steady(seed: int, first_on: date, n: int, mean: float = 7.0) -> list[int]:
    """The same mean every business day."""
    random = Random(seed)
    return [_poisson(random, _base(day, mean)) for day in _days(first_on, n)]


def weekday_shaped(seed: int, first_on: date, n: int, mean: float = 7.0) -> list[int]:
    """Much on Mondays, little on Fridays."""
    random = Random(seed)
    return [
        _poisson(random, _base(day, mean) * (WEEKDAY_SHAPE[day.weekday()] if day.weekday() < 5 else 1.0))
        for day in _days(first_on, n)
    ]


def trending(seed: int, first_on: date, n: int, mean: float = 7.0) -> list[int]:
    """Growing or shrinking steadily by up to 4 % a month, which way and how fast depends on the seed."""
    random = Random(seed)
    monthly = random.uniform(-0.04, 0.04)
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
    """The last seven days of each month bring two and a half times as much as the others."""
    random = Random(seed)
    return [
        _poisson(random, _base(day, mean) * (2.5 if (day + timedelta(days=7)).month != day.month else 1.0))
        for day in _days(first_on, n)
    ]


WORLDS: dict[str, Callable[..., list[int]]] = {
    "steady": steady,
    "weekday_shaped": weekday_shaped,
    "trending": trending,
    "bursty": bursty,
    "month_end_push": month_end_push,
}
