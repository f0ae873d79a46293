"""Speed of follow-up: summaries of durations, a median that counts the open ones, and what is in time.

Durations are whole seconds. Averages, medians and percentiles are exact fractions of seconds; None where
nothing was measured. Percentiles interpolate linearly between the order statistics at 1 + p·(n − 1) (Hyndman
& Fan 1996, type 7), which is what `percentile_cont` of SQL does.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

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


@dataclass(frozen=True, slots=True)
class SurvivalStep:
    """The share still unanswered just after `seconds`, of `at_risk` that were open just before."""

    seconds: int
    at_risk: int
    events: int
    survival: Decimal


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


def wait_bins(durations: Iterable[tuple[int, bool]], *, allowance: int | None = None) -> tuple[WaitBin, ...]:
    """Count durations (seconds, answered) by bins, of which one ends at the allowance; none after the longest wait."""
    edges = sorted({*WAIT_EDGES, *([allowance] if allowance else [])})
    counts = [[0, 0] for _edge in (*edges, None)]
    for seconds, is_answered in durations:
        counts[bisect_left(edges, seconds)][not is_answered] += 1
    while counts and not any(counts[-1]):
        counts.pop()
    return tuple(
        WaitBin(above, within, *each)
        for above, within, each in zip((0, *edges), (*edges, None), counts, strict=False)
    )


def kaplan_meier_curve(durations: Iterable[tuple[int, bool]]) -> list[SurvivalStep]:
    """The product-limit estimate S(t) = Π (1 − dᵢ ÷ nᵢ) of the share still unanswered (Kaplan & Meier 1958).

    Each duration is (seconds, answered): False means censored, known only to be unanswered for that long. One
    step per time with an answer, ascending. A duration censored at the time of an answer was still at risk
    then.
    """
    pairs = sorted(durations)
    if pairs and pairs[0][0] < 0:
        raise ValueError("a duration cannot be negative")
    answers: dict[int, int] = {}
    for seconds, is_answered in pairs:
        if is_answered:
            answers[seconds] = answers.get(seconds, 0) + 1
    times = [seconds for seconds, _ in pairs]
    steps = []
    with localcontext() as context:
        context.prec = SURVIVAL_DIGITS
        survival = Decimal(1)
        for seconds, events in answers.items():
            at_risk = len(times) - bisect_left(times, seconds)
            survival = survival * (at_risk - events) / at_risk
            steps.append(SurvivalStep(seconds, at_risk, events, survival))
    return steps


def kaplan_meier_median(durations: Iterable[tuple[int, bool]]) -> int | None:
    """The first time in seconds by which half are answered, the open ones counted; None: not reached."""
    steps = kaplan_meier_curve(durations)
    return next((step.seconds for step in steps if step.survival <= HALF_REACHED), None)
