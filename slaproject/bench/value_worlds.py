"""What the leads of a simulated company are worth, known apart from any model of it: three ways in which they mix.

Each function gives the leads of each day values: the same for the same seed. The values of the segments, and their
shares of the leads, depend on the seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from random import Random

from reports.value_forecast import DayValue

Mix = Callable[[int, Sequence[int]], list[DayValue]]


def one_by_one(seed: int, counts: Sequence[int]) -> list[DayValue]:
    """Each lead is of a segment of its own accord, always by the same shares."""
    random, values, shares = _company(seed)
    return [_day(random.choices(values, shares, k=n)) for n in counts]


def by_campaign(seed: int, counts: Sequence[int]) -> list[DayValue]:
    """One day in twelve begins a campaign of up to five days, seven in ten of whose leads are of one segment."""
    random, values, shares = _company(seed)
    days, left, segment = [], 0, 0
    for n in counts:
        if not left and random.random() < 1 / 12:
            left, segment = random.randint(1, 5), random.choice(values)
        days.append(
            _day(
                segment if left and random.random() < 0.7 else random.choices(values, shares)[0]
                for _lead in range(n)
            )
        )
        left = max(0, left - 1)
    return days


def drifting(seed: int, counts: Sequence[int]) -> list[DayValue]:
    """One segment's share goes up, or down, steadily until it has doubled or halved."""
    random, values, shares = _company(seed)
    segment, factor = random.randrange(len(values)), random.choice((2.0, 0.5))
    days = []
    for place, n in enumerate(counts):
        now = list(shares)
        now[segment] *= factor ** (place / len(counts))
        days.append(_day(random.choices(values, now, k=n)))
    return days


MIXES: dict[str, Mix] = {"one by one": one_by_one, "by campaign": by_campaign, "drifting": drifting}


def _company(seed: int) -> tuple[Random, list[int], list[float]]:
    """Three to five segments: the dearest is worth up to some hundred times as much as the cheapest."""
    random = Random(seed)
    n = random.randint(3, 5)
    return (
        random,
        [round(10 ** random.uniform(1, 3.5)) for _ in range(n)],
        [random.uniform(0.1, 1) for _ in range(n)],
    )


def _day(values: Iterable[int]) -> DayValue:
    found = list(values)
    return DayValue(len(found), sum(found), sum(value * value for value in found))
