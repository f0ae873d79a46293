"""Whether a promise was kept in a month: the rules, exact, without a database.

Definitions. A month is *over* when the local day of the reader lies behind its last day. A promise is *judged* once
nothing that counts can change by time passing: an MQL goal when the month is over; speed when it is over and no
hand-off of it waits within its allowance; acceptance and outcome when it is over and every deadline of it has passed;
depth and share worked when it is over and no hand-off of it is within its follow-up window. Until then it is on the
way, and `stands` says what it would be if what is seen now were all.

    MQL goal          met when actual ≥ goal × (1 − tolerance); a flood (actual > goal × (1 + tolerance)) is flagged,
                      and met; while the month runs the goal to date takes the goal's place, and in its first fifth,
                      or before anything is due, there is no standing
    average speed     met when Σ seconds ÷ attempted ≤ agreed seconds
    share in time     met when met ÷ due by now ≥ agreed share
    accepted in time  met when kept ÷ due by now ≥ agreed share; the same for outcomes
    depth             met when attempts ÷ hand-offs not connected ≥ agreed attempts, over those judged
    custom measure    met when the value of the period ≥ the target (at most: ≤); judged when the period is over and has
                      a value; without one it is on the way for a month, and then missed
    share worked      met when worked ÷ hand-offs not connected ≥ agreed share, over those judged

An excuse that the other side accepted takes days or hand-offs out of what is judged, and of the goal these days'
share as it was agreed on each of them. What is kept without it stays kept: an excuse never makes a miss. What would be
missed without it, and with it is kept or leaves nothing to measure, is excused.

All comparisons are of exact numbers; rounding is for display only. Where the denominator is 0 nothing was measured,
which is neither met nor missed; a month with a goal of 0 is met by anything. Without an agreed number nothing is
judged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from reports.shares import Share

Amount = int | Decimal | Fraction


class Outcome(StrEnum):
    """What became of a promise in a month."""

    MET = "met"
    MISSED = "missed"
    EXCUSED = "excused"
    """Missed, but for what the other side agreed to leave out."""
    ON_THE_WAY = "on_the_way"
    NOTHING = "nothing"
    """Nothing measured, or nothing agreed to measure against."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`stands` is what the promise would be by what is seen now; the same as `outcome` once it is judged."""

    outcome: Outcome
    stands: Outcome
    is_flood: bool = False

    @property
    def is_judged(self) -> bool:
        return self.outcome in (Outcome.MET, Outcome.MISSED)


UNJUDGED = Judgement(Outcome.NOTHING, Outcome.NOTHING)


def judge(
    *, measured: Share, agreed: Amount | None, at_most: bool = False, is_over: bool, waiting: int = 0
) -> Judgement:
    """Judge a promise of sales: a ratio that is agreed to reach a number, or with `at_most` not to exceed it.

    `waiting` counts the hand-offs of the month that may still change the ratio by time passing alone.
    """
    if agreed is None:
        return UNJUDGED
    value = measured.value
    if value is None:
        stands = Outcome.NOTHING
    else:
        is_kept = value <= Fraction(agreed) if at_most else value >= Fraction(agreed)
        stands = Outcome.MET if is_kept else Outcome.MISSED
    if not is_over or waiting:
        return Judgement(Outcome.ON_THE_WAY, stands)
    return Judgement(stands, stands)


def judge_goal(
    *,
    goal: Amount | None,
    to_date: Amount | None,
    actual: Amount,
    tolerance: Amount,
    is_over: bool,
    is_muted: bool = False,
) -> Judgement:
    """Judge an MQL goal by the tolerance agreed both ways. `is_muted`: too early in the month to say how it stands."""
    if goal is None:
        return UNJUDGED
    if is_over:
        outcome, is_flood = _against(Fraction(goal), Fraction(actual), Fraction(tolerance))
        return Judgement(outcome, outcome, is_flood)
    if is_muted or not to_date:
        return Judgement(Outcome.ON_THE_WAY, Outcome.NOTHING)
    stands, is_flood = _against(Fraction(to_date), Fraction(actual), Fraction(tolerance))
    return Judgement(Outcome.ON_THE_WAY, stands, is_flood)


def excused(plain: Outcome, without: Outcome) -> Outcome:
    """Return what became of a promise that is `plain` by all that happened, and `without` what an excuse takes out."""
    if Outcome.ON_THE_WAY in (plain, without):
        return Outcome.ON_THE_WAY
    if plain is Outcome.MISSED and without is not Outcome.MISSED:
        return Outcome.EXCUSED
    return plain


def goal_of_days(
    parts: Iterable[tuple[date, Fraction | None]], without: Collection[date] = ()
) -> Fraction | None:
    """Return what was agreed for these days, but those left out; None where nothing was agreed for any of them.

    `parts` has the share of the month's goal that was agreed on each day.
    """
    agreed = [(on, part) for on, part in parts if part is not None]
    if not agreed:
        return None
    return sum((part for on, part in agreed if on not in without), Fraction(0))


def _against(goal: Fraction, actual: Fraction, tolerance: Fraction) -> tuple[Outcome, bool]:
    outcome = Outcome.MET if actual >= goal * (1 - tolerance) else Outcome.MISSED
    return outcome, bool(goal) and actual > goal * (1 + tolerance)
