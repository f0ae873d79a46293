"""The waterfall: the cumulative goal line against the cumulative actual, day by day.

    cumulative goal on day k   G(k) = Σ_{j ≤ k} g_j × w_j

g_j is the goal of the month as agreed on day j, w_j the day's weight; the weights of a month sum to 1. With
one goal all month and calendar days this is k × g ÷ n, and exactly g on day n: all sums are exact fractions,
nothing drifts. An amendment changes the slope from its day on, never what was before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate

from agreements.exact import exact
from reports.periods import Period
from reports.shares import Share, share

Amount = int | Decimal | Fraction

DEFAULT_TOLERANCE = Fraction(1, 10)
"""The verdict's tolerance either way, as a share of the goal to date, unless the agreement says otherwise."""
MUTED = Fraction(1, 5)
"""No verdict in the first fifth of the days: a slow Monday is no trend."""


class Profile(StrEnum):
    """How a month's goal is spread over its days."""

    CALENDAR_DAYS = "calendar_days"
    BUSINESS_DAYS = "business_days"
    WEIGHTS = "weights"


class ClosedMonth(ValueError):
    """No day of the month carries a part of its goal."""


class Verdict(StrEnum):
    BEHIND = "behind"
    ON_PACE = "on_pace"
    AHEAD = "ahead"
    """More than agreed beyond the tolerance: a flood, flagged but never a strike."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the waterfall, in leads (or value).

    Goals are None while nothing was agreed; actuals and the gap (actual − goal, cumulative) are None after
    `as_of_day`.
    """

    on: date
    day: int
    goal: Fraction | None
    goal_cumulative: Fraction | None
    actual: Fraction | None
    actual_cumulative: Fraction | None
    gap: Fraction | None


@dataclass(frozen=True, slots=True)
class WaterfallSummary:
    """The read-outs at the end of `as_of_day`; None where there is no goal, or nothing to divide by.

    `gap_days` is the gap over the mean goal of a day that has one. `needed_*` is what is missing to the whole
    goal over the remaining days, 0 once reached. `straight_line` is actual × days ÷ days seen, where the month would
    end if every day brought as much as those so far. `verdict` is None while muted and without a goal.
    """

    goal: Fraction | None
    actual: Fraction
    goal_to_date: Fraction | None
    gap: Fraction | None
    gap_days: Fraction | None
    share_of_target: Share | None
    share_of_goal: Share | None
    days: int
    days_seen: int
    remaining_days: int
    remaining_business_days: int | None
    needed_per_remaining_day: Fraction | None
    needed_per_remaining_business_day: Fraction | None
    straight_line: Fraction | None
    verdict: Verdict | None
    is_muted: bool


@dataclass(frozen=True, slots=True)
class Waterfall:
    days: tuple[Day, ...]
    summary: WaterfallSummary


@dataclass(frozen=True, slots=True)
class GroupGap:
    """One source's or segment's part: its gap to its own goal to date where known, and its share of the
    actual.
    """

    key: str
    goal: Fraction | None
    actual: Fraction
    gap: Fraction | None
    share_of_actual: Share


def day_weights(
    month: Period,
    profile: Profile,
    *,
    is_business_day: Callable[[date], bool] | None = None,
    weights: Mapping[int, Amount] | None = None,
) -> list[Fraction]:
    """The weight of each day of a whole month; they sum to exactly 1.

    "calendar_days" gives each 1/n; "business_days" gives the business days equal weights and days off none,
    and needs `is_business_day`; "weights" takes one number per weekday (0 is Monday; a weekday left out
    weighs nothing), normalised over the month. `ClosedMonth` if it has no day to carry its goal.
    """
    match profile:
        case Profile.CALENDAR_DAYS:
            raw = [Fraction(1)] * len(month)
        case Profile.BUSINESS_DAYS:
            if is_business_day is None:
                raise ValueError("business days are needed for this profile")
            raw = [Fraction(1 if is_business_day(day) else 0) for day in month]
        case Profile.WEIGHTS:
            if weights is None:
                raise ValueError("weights are needed for this profile")
            by_weekday = {weekday: exact(weight, "weights") for weekday, weight in weights.items()}
            if any(weight < 0 for weight in by_weekday.values()) or not by_weekday.keys() <= set(range(7)):
                raise ValueError("weights are 0 or more, for weekdays from 0 (Monday) to 6")
            raw = [by_weekday.get(day.weekday(), Fraction(0)) for day in month]
    total = sum(raw, Fraction(0))
    if not total:
        raise ClosedMonth(f"no day from {month.start} to {month.end} carries a part of the goal")
    return [weight / total for weight in raw]


def build_waterfall(
    *,
    days: Period,
    goal_by_day: Sequence[Amount | None],
    weight_by_day: Sequence[Fraction],
    actual_by_day: Sequence[Amount],
    as_of_day: date,
    is_business_day: Callable[[date], bool] | None = None,
    tolerance: Fraction = DEFAULT_TOLERANCE,
) -> Waterfall:
    """The waterfall of a period (usually a month; over several it runs on), as seen at the end of
    `as_of_day`.

    The sequences have one entry per day: the month's goal in force that day (None: no agreement), the day's
    weight in its month, and what came that day; actuals after `as_of_day` are not looked at. The whole goal
    is the sum of all days' goals, so a day without an agreement adds nothing to it; the leads of such a day
    count all the same. `ValueError` if the lengths differ.
    """
    n = len(days)
    if not len(goal_by_day) == len(weight_by_day) == len(actual_by_day) == n:
        raise ValueError(f"one goal, weight and actual are needed for each of the {n} days")
    rows: list[Day] = []
    goal_sum: Fraction | None = None
    actual_sum = Fraction(0)
    for index, on in enumerate(days):
        agreed = goal_by_day[index]
        goal = None if agreed is None else exact(agreed, "goal") * weight_by_day[index]
        if goal is not None:
            goal_sum = goal if goal_sum is None else goal_sum + goal
        if on > as_of_day:
            rows.append(Day(on, index + 1, goal, goal_sum, None, None, None))
            continue
        actual = exact(actual_by_day[index], "actual")
        actual_sum += actual
        gap = None if goal_sum is None else actual_sum - goal_sum
        rows.append(Day(on, index + 1, goal, goal_sum, actual, actual_sum, gap))
    return Waterfall(tuple(rows), _summary(rows, is_business_day, tolerance))


def by_same_business_day(
    sums: Sequence[Decimal], was_open: Sequence[bool], is_open: Sequence[bool]
) -> list[Decimal]:
    """Return, for each day of a month, what an earlier month had reached by its same business day.

    `sums` is what had come up to each day of the earlier month, `was_open` and `is_open` say of each day of either
    whether it is a business day. Up to a month's k-th business day the other is taken up to the day before its next
    one; beyond its last, and on all days of a month without any, where it ended. ValueError for a month of no days.
    """
    if not sums or len(sums) != len(was_open):
        raise ValueError("the earlier month needs a sum for each of its days")
    before_the_next = [sums[day - 1] if day else Decimal(0) for day, opens in enumerate(was_open) if opens]
    reached = [*before_the_next, sums[-1]]
    return [reached[min(k, len(reached) - 1)] for k in accumulate(map(int, is_open))]


def gap_by(groups: Sequence[tuple[str, Amount | None, Amount]]) -> list[GroupGap]:
    """Where the gap comes from: groups (key, goal to date or None, actual), the largest shortfall first.

    A group without a goal has no gap and stands after those with one, the largest actual first.
    """
    known = [
        (key, None if goal is None else exact(goal, "goal"), exact(actual, "actual"))
        for key, goal, actual in groups
    ]
    total = sum((actual for _, _, actual in known), Fraction(0))
    rows = [
        GroupGap(key, goal, actual, None if goal is None else actual - goal, share(actual, total))
        for key, goal, actual in known
    ]
    return sorted(
        rows, key=lambda row: (row.gap is None, -row.actual if row.gap is None else row.gap, row.key)
    )


def _summary(
    rows: Sequence[Day], is_business_day: Callable[[date], bool] | None, tolerance: Fraction
) -> WaterfallSummary:
    n = len(rows)
    seen = [row for row in rows if row.actual is not None]
    ahead = rows[len(seen) :]
    actual = seen[-1].actual_cumulative if seen else None
    reached = Fraction(0) if actual is None else actual
    goal = rows[-1].goal_cumulative if rows else None
    before_it = None if goal is None else Fraction(0)
    to_date = seen[-1].goal_cumulative if seen else before_it
    gap = None if to_date is None else reached - to_date
    carrying = sum(1 for row in rows if row.goal)
    missing = None if goal is None else max(goal - reached, Fraction(0))
    business_days = None if is_business_day is None else sum(1 for row in ahead if is_business_day(row.on))
    is_muted = len(seen) <= n * MUTED and len(seen) < n
    return WaterfallSummary(
        goal=goal,
        actual=reached,
        goal_to_date=to_date,
        gap=gap,
        gap_days=gap * carrying / goal if gap is not None and goal else None,
        share_of_target=None if to_date is None else share(reached, to_date),
        share_of_goal=None if goal is None else share(reached, goal),
        days=n,
        days_seen=len(seen),
        remaining_days=len(ahead),
        remaining_business_days=business_days,
        needed_per_remaining_day=_per_day(missing, len(ahead)),
        needed_per_remaining_business_day=_per_day(missing, business_days),
        straight_line=reached * n / len(seen) if seen else None,
        verdict=None if is_muted else _verdict(reached, to_date, tolerance),
        is_muted=is_muted,
    )


def _verdict(actual: Fraction, target: Fraction | None, tolerance: Fraction) -> Verdict | None:
    if not target:
        return None
    if actual < target * (1 - tolerance):
        return Verdict.BEHIND
    return Verdict.AHEAD if actual > target * (1 + tolerance) else Verdict.ON_PACE


def _per_day(missing: Fraction | None, days: int | None) -> Fraction | None:
    if missing is None or days is None:
        return None
    if not missing:
        return Fraction(0)
    return missing / days if days else None
