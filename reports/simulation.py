"""What a drafted promise would have meant for hand-offs that were made already: the rules, without a database.

Definitions. A hand-off is looked at with the business hours that it has, from its own hand-off on, as if the drafted
terms had been agreed; whether it really had a clock makes no difference, so imported history can be asked too. Those of
which only the day is known take part in depth, not in speed. As of an instant:

    due               ``due(hand-off, drafted allowance)`` lies before the instant
    met               due, and the first attempt was no later than the due time: its least allowance (`leads.clock`) is
                      at most the drafted one. A call on Saturday for a Friday 17:00 due time is late
    missed            due, and attempted later, or not at all, or released (rejected, recycled, cancelled, excused)
                      unattempted after the due time; released by then it is judged neither way
    not yet due       shown apart, attempted or open: counting the attempted ones alone would flatter

A *tally* counts hand-offs for which all drafted allowances of one question have the same answer. With the allowances
in ascending order, `late` is how many of them its attempt (or release) would have missed, the lowest ones; `due` how
many had run out by the instant, the lowest ones again, since a longer allowance is due later.

Depth is judged on hand-offs that have not connected, were neither rejected nor recycled, and were closed or have
left the drafted window behind; the younger ones are shown apart. The average counts all attempts on them; fully
worked are those with as many attempts as drafted within the drafted window, its last instant included.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from agreements.business_time import Calendar
from reports.shares import Share, share

INSTANT = timedelta(microseconds=1)


class Ended(StrEnum):
    """What ended the wait for a first attempt."""

    ATTEMPTED = "attempted"
    RELEASED = "released"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Tally:
    """So many hand-offs with the same answers: see the module."""

    ended: Ended
    late: int
    due: int
    n: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What one allowance would have meant."""

    met: int = 0
    due: int = 0
    attempted_not_yet_due: int = 0
    open_not_yet_due: int = 0

    @property
    def in_time(self) -> Share:
        """Met of those due."""
        return share(self.met, self.due)

    @property
    def not_yet_due(self) -> int:
        return self.attempted_not_yet_due + self.open_not_yet_due

    def __add__(self, other: Judged) -> Judged:
        return Judged(
            self.met + other.met,
            self.due + other.due,
            self.attempted_not_yet_due + other.attempted_not_yet_due,
            self.open_not_yet_due + other.open_not_yet_due,
        )


@dataclass(frozen=True, slots=True)
class Depth:
    """What drafted attempts and window would have meant. `fully_worked` is 0 where no number is drafted."""

    judged: int = 0
    attempts: int = 0
    worked: int = 0
    fully_worked: int = 0
    young: int = 0

    @property
    def average(self) -> Fraction | None:
        return Fraction(self.attempts, self.judged) if self.judged else None

    @property
    def share_worked(self) -> Share:
        return share(self.worked, self.judged)

    @property
    def share_fully_worked(self) -> Share:
        return share(self.fully_worked, self.judged)

    def __add__(self, other: Depth) -> Depth:
        return Depth(
            self.judged + other.judged,
            self.attempts + other.attempts,
            self.worked + other.worked,
            self.fully_worked + other.fully_worked,
            self.young + other.young,
        )


def judge_tallies(tallies: Iterable[Tally], place: int) -> Judged:
    """Return what the allowance at that place of the ascending ones, counted from 1, would have meant."""
    met = due = attempted_early = open_early = 0
    for tally in tallies:
        if tally.ended is Ended.RELEASED:
            due += tally.n if place <= tally.late else 0
        elif place <= tally.due:
            due += tally.n
            met += tally.n if tally.ended is Ended.ATTEMPTED and tally.late < place else 0
        elif tally.ended is Ended.ATTEMPTED:
            attempted_early += tally.n
        else:
            open_early += tally.n
    return Judged(met, due, attempted_early, open_early)


def last_due(calendar: Calendar, allowance: int, as_of: datetime) -> datetime | None:
    """Return the latest hand-off whose allowance, in seconds, had run out before `as_of`; None: there was none.

    Every earlier one was due by then as well, since due times keep the order of hand-offs.
    """
    return calendar.due_back(as_of - INSTANT, timedelta(seconds=allowance))
