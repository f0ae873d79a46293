"""Speed of follow-up: summaries of durations, a median that counts the open ones, and what is in time.

Durations are whole seconds. Averages, medians and percentiles are exact fractions of seconds; None where
nothing was measured. Percentiles interpolate linearly between the order statistics at 1 + p·(n − 1) (Hyndman
& Fan 1996, type 7), which is what `percentile_cont` of SQL does.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext
from fractions import Fraction
from itertools import chain, pairwise

P90 = Fraction(9, 10)
HALF = Fraction(1, 2)

SURVIVAL_DIGITS = 60
"""Digits of the survival curve; its fractions are too long to keep exactly for thousands of censored
durations.
"""
HALF_REACHED = Decimal("0.5" + 38 * "0" + "1")
"""A half and 1e-40: far above the error of the arithmetic, far below any difference in the data."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What is said about a set of durations; `total` lets buckets be added up."""

    n: int
    total: int
    average: Fraction | None
    median: Fraction | None
    p90: Fraction | None


def summarise(values: Sequence[int]) -> Summary:
    """Count, sum, average, median and 90th percentile of whole numbers: seconds, or days of a sales cycle."""
    ordered = sorted(values)
    n, total = len(ordered), sum(ordered)
    if not n:
        return Summary(0, 0, None, None, None)
    return Summary(n, total, Fraction(total, n), percentile(ordered, HALF), percentile(ordered, P90))


def percentile(ordered: Sequence[int | Fraction], p: Fraction) -> Fraction:
    """The p-th quantile (0 ≤ p ≤ 1) of values in ascending order, linearly interpolated; `ValueError` if
    empty.
    """
    if not ordered:
        raise ValueError("an empty set has no percentile")
    if not 0 <= p <= 1:
        raise ValueError("p must lie between 0 and 1")
    position = p * (len(ordered) - 1)
    below = position.numerator // position.denominator
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - Fraction(ordered[below]))


MINUTE, HOUR = 60, 3_600
WAIT_EDGES = (
    *(minutes * MINUTE for minutes in (5, 15, 30)),
    *(hours * HOUR for hours in (1, 2, 4, 8, 16, 32, 64)),
)
"""Where the bins of waits end: each about twice as long as the one before, as on a scale of logarithms."""


@dataclass(frozen=True, slots=True)
class WaitBin:
    """How many waited longer than `above` and no longer than `within` (None: however long); the first from 0 on.

    `unanswered` have waited so long at least.
    """

    above: int
    within: int | None
    answered: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class Waits:
    """How long hand-offs waited, in seconds, ascending: those answered, and those known only to have waited so long."""

    answered: Sequence[int] = ()
    unanswered: Sequence[int] = ()

    @classmethod
    def together(cls, parts: Iterable["Waits"]) -> "Waits":
        """All of these at once."""
        parts = list(parts)
        answered = sorted(chain.from_iterable(one.answered for one in parts))
        return cls(answered, sorted(chain.from_iterable(one.unanswered for one in parts)))


def wait_bins(waits: Waits, *, allowance: int | None = None) -> tuple[WaitBin, ...]:
    """Count waits by bins, of which one ends at the allowance; none after the longest wait."""
    edges = sorted({*WAIT_EDGES, *([allowance] if allowance else [])})
    counts = list(
        zip(*(_between(edges, of_them) for of_them in (waits.answered, waits.unanswered)), strict=True)
    )
    while counts and not any(counts[-1]):
        counts.pop()
    return tuple(
        WaitBin(above, within, *each)
        for above, within, each in zip((0, *edges), (*edges, None), counts, strict=False)
    )


def _between(edges: Sequence[int], ordered: Sequence[int]) -> list[int]:
    """How many lie up to each edge from the one before it on, and after the last."""
    up_to = [bisect_right(ordered, edge) for edge in edges]
    return [after - before for before, after in pairwise((0, *up_to, len(ordered)))]


def kaplan_meier_median(waits: Waits) -> int | None:
    """The first time in seconds by which half are answered, the open ones counted; None: not reached.

    By the product-limit estimate S(t) = Π (1 − dᵢ ÷ nᵢ) of the share still unanswered (Kaplan & Meier 1958), where of
    nᵢ still at risk dᵢ are answered at tᵢ; who leaves unanswered at the time of an answer was still at risk then.
    Between two such leavings the product is what is left at its end ÷ what was there at its beginning, so that only
    the leavings are gone through. `ValueError` for a negative wait.
    """
    answered, unanswered = waits.answered, waits.unanswered
    if any(ordered and ordered[0] < 0 for ordered in (answered, unanswered)):
        raise ValueError("a wait cannot be negative")
    n = len(answered) + len(unanswered)
    done = 0
    with localcontext() as context:
        context.prec = SURVIVAL_DIGITS
        survival = Decimal(1)
        for left, leaves_at in enumerate((*unanswered, None)):
            before = done
            done = len(answered) if leaves_at is None else bisect_right(answered, leaves_at, before)
            at_risk = n - before - left
            if done == before:
                continue
            survives = survival * (at_risk - (done - before)) / at_risk
            if survives <= HALF_REACHED:
                enough = at_risk * (1 - HALF_REACHED / survival)
                return answered[before + max(1, int(enough.to_integral_value(ROUND_CEILING))) - 1]
            survival = survives
    return None
