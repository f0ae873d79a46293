"""Whether a month is green outside alone, like a watermelon: the rule, exact, without a database.

Definitions. A month is *green* when at least one promise was met and none was missed; what was excused, or not
measured, is passed over. The *revenue goal of the month* is what the plan behind its goal expects from marketing's
leads in it: the month's part of the quota × the share from marketing. The *revenue* is the amounts, in the plan's
currency, of the deals won in the month whose lead is of marketing origin and was first handed off under the
agreement. It is missed when it is less than the goal, with no tolerance: the plan has none. Without a plan for the
month nothing is said of the revenue. A party's *pulse* is low when at least FEWEST of it answered and the average of
all their answers lies below LOW (`agreements.pulse_months`).

A watermelon is a green month with a missed revenue goal, a low pulse, or both.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction

from reports.keeping import Outcome


class Watermelon(StrEnum):
    """Why a green month is none inside; the words are those of `MonthResult.Watermelon`."""

    NONE = ""
    REVENUE = "revenue"
    PULSE = "pulse"
    BOTH = "both"


def watermelon(
    outcomes: Iterable[Outcome],
    *,
    revenue: Fraction | None,
    revenue_goal: Fraction | None,
    has_low_pulse: bool,
) -> Watermelon:
    """Judge a month by what became of its promises, what it brought in, and what the parties say."""
    found = set(outcomes)
    if Outcome.MET not in found or not found <= {Outcome.MET, Outcome.EXCUSED, Outcome.NOTHING}:
        return Watermelon.NONE
    is_missed = revenue is not None and revenue_goal is not None and revenue < revenue_goal
    if is_missed and has_low_pulse:
        return Watermelon.BOTH
    if is_missed:
        return Watermelon.REVENUE
    return Watermelon.PULSE if has_low_pulse else Watermelon.NONE
