"""Speed of follow-up: summaries of durations, a median that counts the open ones, and what is in time.

Durations are whole seconds. Averages, medians and percentiles are exact fractions of seconds; None where
nothing was measured. Percentiles interpolate linearly between the order statistics at 1 + p·(n − 1) (Hyndman
& Fan 1996, type 7), which is what `percentile_cont` of SQL does.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction

from reports.shares import Share, share

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


class Judgement(StrEnum):
    """What can be said at `as_of` about a hand-off and its due time."""

    MET = "met"
    MISSED = "missed"
    NOT_YET_DUE = "not_yet_due"
    """Not judged yet, whether answered early or still open: counting the early ones alone would flatter."""
    CLOSED_BEFORE_DUE = "closed_before_due"
    EXCUSED = "excused"
    NO_CLOCK = "no_clock"

    @property
    def is_judged(self) -> bool:
        return self in {Judgement.MET, Judgement.MISSED}


def summarise(values: Sequence[int]) -> Summary:
    """Count, sum, average, median and 90th percentile of durations in whole seconds; negative ones are
    refused.
    """
    ordered = sorted(values)
    if ordered and ordered[0] < 0:
        raise ValueError("a duration cannot be negative")
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


def judge(
    *,
    due_at: datetime | None,
    first_attempt_at: datetime | None,
    closed_at: datetime | None = None,
    is_excused: bool = False,
    as_of: datetime,
) -> Judgement:
    """Judge one hand-off on its due time, on what had happened by `as_of`.

    Judged once `due_at` has passed: `due_at < as_of`, as at that very instant it can still be met. Met when
    the first qualifying attempt is at or before `due_at`, whatever the business time between. A hand-off
    closed (rejected, recycled, cancelled) at or before `due_at` without such an attempt is not judged;
    closing it later hides no miss. An excused one is not judged, whenever the excuse was given; one without
    `due_at` has no clock.
    """
    if is_excused:
        return Judgement.EXCUSED
    if due_at is None:
        return Judgement.NO_CLOCK
    answered = first_attempt_at is not None and first_attempt_at <= min(due_at, as_of)
    if not answered and closed_at is not None and closed_at <= min(due_at, as_of):
        return Judgement.CLOSED_BEFORE_DUE
    if due_at >= as_of:
        return Judgement.NOT_YET_DUE
    return Judgement.MET if answered else Judgement.MISSED


def in_time(judgements: Iterable[Judgement]) -> Share:
    """Met out of all judged; the others count in neither."""
    judged = [judgement for judgement in judgements if judgement.is_judged]
    return share(judged.count(Judgement.MET), len(judged))
