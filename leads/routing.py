"""Routing: which rule a hand-off falls under, and which rep gets it next.

Definitions. Rules are asked in order, and the first one that is for the hand-off decides. A rep is *present* when they
are at work on the day the team works next, and *below the cap* while they have fewer open hand-offs than that. Whoever
is both, and has a weight, is *in the turn*: the turn is worth one lead, of which everybody in it is owed their part,
weight ÷ sum of the weights; who gets the lead has one less to get. Who is away or full is owed nothing meanwhile, so
nobody comes back to a flood. What is owed always adds up to zero.

The next one is, of those who are owed something, who would be first to be owed a whole lead more: the earliest
deadline. As long as the same reps are in the turn with the same weights, each has at any time received less than one
lead more or fewer than their part (Tijdeman's chairman assignment; largest deficit alone does not keep that for many
reps). A rejected lead takes its turn back: as if it had never been, whatever came in between.

Parts are exact fractions; those that were stored rounded may differ by TOLERANCE. The module reads no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from math import ceil

TOLERANCE = Fraction(1, 10**6)


class PassedOver(StrEnum):
    """Why a rep was not in the turn."""

    NO_WEIGHT = "no_weight"
    AWAY = "away"
    FULL = "full"


class Why(StrEnum):
    """Why a hand-off is with whom it is."""

    TURN = "turn"  # it was their turn
    KNOWN = "known"  # they work the same lead or company already
    STAND_IN = "stand_in"  # nobody was in the turn, and the rule names them
    FREE = "free"  # nobody was in the turn, and the rule leaves it free in the team


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a hand-off rules ask for; `team_id` where a team was named, else None."""

    team_id: int | None = None
    segment_id: int | None = None
    source: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """Which hand-offs a rule is for: None and "" ask for nothing."""

    team_id: int
    segment_id: int | None = None
    source: str = ""
    country: str = ""
    in_hours_only: bool = False

    def holds(self, asked: Asked, *, is_open: Callable[[int], bool]) -> bool:
        """Whether the rule is for this hand-off; `is_open` says whether a team works now."""
        return (
            asked.team_id in (None, self.team_id)
            and self.segment_id in (None, asked.segment_id)
            and _same(self.source, asked.source)
            and _same(self.country, asked.country)
            and (not self.in_hours_only or is_open(self.team_id))
        )


@dataclass(frozen=True, slots=True)
class Rep:
    """One person before a turn: `owed` are leads, negative for who is ahead; no `cap` is no limit."""

    id: int
    weight: int = 1
    owed: Fraction = Fraction(0)
    open: int = 0
    cap: int | None = None
    is_away: bool = False

    @property
    def is_full(self) -> bool:
        return self.cap is not None and self.open >= self.cap

    @property
    def can_take(self) -> bool:
        """Present and below the cap."""
        return not self.is_away and not self.is_full

    def passed_over(self) -> PassedOver | None:
        """Why this rep is not in the turn; None for who is."""
        if self.is_away:
            return PassedOver.AWAY
        if self.is_full:
            return PassedOver.FULL
        return None if self.weight > 0 else PassedOver.NO_WEIGHT


@dataclass(frozen=True, slots=True)
class Choice:
    """Who gets it and why: `turn` are the weights of those in the turn, `passed` the others."""

    why: Why
    rep_id: int | None
    turn: Mapping[int, int] = field(default_factory=dict)
    passed: Mapping[int, PassedOver] = field(default_factory=dict)


def choose(reps: Sequence[Rep], *, known_id: int | None = None) -> Choice:
    """Return who of a rule's reps gets the next hand-off; FREE where nobody can.

    `known_id` is who works the same lead or company already: they get it if they can take it, out of turn.
    """
    passed = {rep.id: reason for rep in reps if (reason := rep.passed_over()) is not None}
    if any(rep.id == known_id and rep.can_take for rep in reps):
        return Choice(Why.KNOWN, known_id, passed=passed)
    turn = {rep.id: rep.weight for rep in reps if rep.id not in passed}
    if not turn:
        return Choice(Why.FREE, None, passed=passed)
    return Choice(Why.TURN, whose_turn([rep for rep in reps if rep.id in turn]), turn, passed)


def whose_turn(reps: Sequence[Rep]) -> int:
    """Return who of these is next; of equals the one owed more, then the heavier, then the first."""
    total = sum(rep.weight for rep in reps)
    waiting = []
    for place, rep in enumerate(reps):
        part = Fraction(rep.weight, total)
        owed = rep.owed + part
        turns_left = ceil((1 - owed) / part - TOLERANCE)
        is_ahead = owed <= TOLERANCE
        waiting.append((is_ahead, turns_left, -owed, -rep.weight, place, rep.id))
    return min(waiting)[-1]


def after_turn(owed: Mapping[int, Fraction], turn: Mapping[int, int], chosen: int) -> dict[int, Fraction]:
    """Return what is owed to whom once `chosen` has got the lead of this turn."""
    return _moved(owed, turn, chosen, 1)


def turned_back(owed: Mapping[int, Fraction], turn: Mapping[int, int], chosen: int) -> dict[int, Fraction]:
    """Return what is owed to whom once the lead of this turn was rejected: the opposite of `after_turn`."""
    return _moved(owed, turn, chosen, -1)


def first_for(
    conditions: Iterable[tuple[int, Condition]], asked: Asked, *, is_open: Callable[[int], bool]
) -> int | None:
    """Return the id of the first rule that is for this hand-off; None where none is."""
    return next((id_ for id_, one in conditions if one.holds(asked, is_open=is_open)), None)


def _moved(
    owed: Mapping[int, Fraction], turn: Mapping[int, int], chosen: int, leads: int
) -> dict[int, Fraction]:
    total = sum(turn.values())
    moved = dict(owed)
    for rep_id, weight in turn.items():
        moved[rep_id] = moved.get(rep_id, Fraction(0)) + leads * Fraction(weight, total)
    moved[chosen] = moved.get(chosen, Fraction(0)) - leads
    return moved


def _same(wanted: str, found: str) -> bool:
    return not wanted or wanted.strip().casefold() == found.strip().casefold()
