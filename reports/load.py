"""Does load explain lateness? Hand-offs that a rep got on one day, set against how long each waited.

The load of a hand-off is how many its owner was handed that local day, itself included; loads of `MOST` or more count
as `MOST`. `delay` is the slope of the least-squares line through all hand-offs (load, seconds): by how many seconds the
first attempt comes later for each further hand-off of the day. Means and counts by load are enough for it:
Σ n (x − x̄)(ȳ − Ȳ) ÷ Σ n (x − x̄)².
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

MOST = 8
NOTABLE = Fraction(1, 10)
"""A difference over all loads below this part of the average is none worth speaking of."""


@dataclass(frozen=True, slots=True)
class AtLoad:
    """The attempted hand-offs of one load: how many, and the seconds to their first attempts together."""

    load: int
    n: int
    seconds: int


class Drift(StrEnum):
    """Whether the first attempt comes later or sooner with more hand-offs a day."""

    LATER = "later"
    SOONER = "sooner"
    ALIKE = "alike"


@dataclass(frozen=True, slots=True)
class LoadEffect:
    """Exact seconds for each further hand-off of the day, and what is to be made of them."""

    delay: Fraction
    drift: Drift


def load_effect(found: Sequence[AtLoad]) -> LoadEffect | None:
    """Return how load and waiting go together; None with fewer than two loads to compare."""
    known = [one for one in found if one.n]
    if len({one.load for one in known}) < 2:
        return None
    n = sum(one.n for one in known)
    load = Fraction(sum(one.load * one.n for one in known), n)
    average = Fraction(sum(one.seconds for one in known), n)
    spread = sum((one.n * (one.load - load) ** 2 for one in known), Fraction(0))
    together = sum(
        (one.n * (one.load - load) * (Fraction(one.seconds, one.n) - average) for one in known), Fraction(0)
    )
    delay = together / spread
    over_all = delay * (max(one.load for one in known) - min(one.load for one in known))
    if abs(over_all) < NOTABLE * average or not delay:
        return LoadEffect(delay, Drift.ALIKE)
    return LoadEffect(delay, Drift.LATER if delay > 0 else Drift.SOONER)
