"""A slow oracle of amendments and new business hours: what an open hand-off's terms become, and what goal lines say.

It imports nothing of the product: due times are walked minute by minute (`open_seconds`), facts are read off the plain
attempts, and whether something is decided is asked anew of the whole story of a hand-off each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.oracles.open_seconds import open_seconds

Hours = dict[str, Any]


@dataclass(frozen=True)
class Terms:
    """What a version promises: seconds to the first attempt (None: no promise), when to warn, how often, how long."""

    allowance: int | None
    warn_share: Fraction
    attempts: int
    window: timedelta
    counts_automated: bool


@dataclass(frozen=True)
class Attempt:
    at: datetime
    connects: bool
    is_automated: bool


@dataclass
class HandOff:
    """One hand-off with its story so far, and the terms that it stands under."""

    at: datetime
    segment: str
    hours: Hours
    is_history: bool
    attempts: list[Attempt] = field(default_factory=list)
    closed_at: datetime | None = None
    warn_share: Fraction = Fraction(3, 4)
    allowance: int | None = None
    due: datetime | None = None
    warned: datetime | None = None
    agreed: int | None = None
    until: datetime | None = None
    counts_automated: bool = False

    def first(self) -> datetime | None:
        """The first attempt by a person."""
        return min((one.at for one in self.attempts if not one.is_automated), default=None)

    def connection(self) -> datetime | None:
        return min((one.at for one in self.attempts if one.connects and not one.is_automated), default=None)

    def count(self) -> int:
        """The attempts up to the connection, automated ones where they count."""
        end = self.connection()
        return sum(
            (self.counts_automated or not one.is_automated) and (end is None or one.at <= end)
            for one in self.attempts
        )

    def clock(self, terms: Terms) -> None:
        """Set its clock anew, from the hand-off, by its hours."""
        self.allowance = terms.allowance
        self.warn_share = terms.warn_share
        self._walk()

    def follow_up(self, terms: Terms) -> None:
        self.agreed, self.until = terms.attempts, self.at + terms.window
        self.counts_automated = terms.counts_automated

    def _walk(self) -> None:
        self.due = self.warned = None
        if self.allowance is not None:
            walker = open_seconds(self.hours)
            warn = Fraction(self.allowance) * self.warn_share
            assert warn.denominator == 1
            self.due = walker.due(self.at, self.allowance)
            self.warned = walker.due(self.at, int(warn))

    def is_running(self, now: datetime) -> bool:
        """Whether its speed can still be met or missed."""
        if self.closed_at is not None or self.first() is not None:
            return False
        return not self.is_history if self.due is None else now <= self.due

    def is_followed_up(self, now: datetime) -> bool:
        """Whether its depth is still open."""
        return (
            self.closed_at is None
            and self.connection() is None
            and self.until is not None
            and now < self.until
        )

    def amended(self, terms: Terms, now: datetime) -> None:
        """A version that is for open hand-offs too begins."""
        running, followed_up = self.is_running(now), self.is_followed_up(now)
        if running:
            self.clock(terms)
        if followed_up:
            self.follow_up(terms)

    def revised(self, hours: Hours, now: datetime) -> None:
        """New business hours are agreed for open hand-offs."""
        if self.due is not None and self.is_running(now):
            self.hours = hours
            self._walk()

    def stands(self) -> tuple[Any, ...]:
        """Its terms and how many attempts count under them."""
        return (
            None if self.due is None else self.allowance,
            self.due,
            self.warned,
            self.agreed,
            self.until,
            self.counts_automated,
            self.count(),
        )

    def state(self, now: datetime) -> str:
        """What an open one's clock says."""
        if self.due is None:
            return "no_clock"
        first = self.first()
        if first is not None:
            return "met" if first <= self.due else "missed"
        if now > self.due:
            return "overdue"
        return "at_risk" if self.warned is not None and now >= self.warned else "running"


def goal_line(
    days: list[date],
    versions: list[tuple[date, dict[date, int], bool]],
    hours: list[tuple[date, Hours]],
) -> list[Fraction]:
    """The goal of each day: the month's goal of the version in force that day × the day's share of its month.

    `versions` are first day, goals by first day of month, and whether business days alone carry the goal; `hours` from
    which day on. Both in order, each in force until the next.
    """
    line = []
    for day in days:
        in_force = [one for one in versions if one[0] <= day]
        if not in_force:
            line.append(Fraction(0))
            continue
        _, goals, by_business_days = in_force[-1]
        first = day.replace(day=1)
        month = [first + timedelta(days=n) for n in range(31)]
        month = [one for one in month if one.month == day.month]
        carriers = month
        if by_business_days:
            known = [one for on, one in hours if on <= day] or [hours[0][1]]
            walker = open_seconds(known[-1])
            carriers = [one for one in month if walker.is_open_on(one)] or month
        line.append(Fraction(goals.get(first, 0) * (day in carriers), len(carriers)))
    return line


def local_day(at: datetime, zone: Any) -> date:
    return at.astimezone(zone).date()


def start_of(day: date, zone: Any) -> datetime:
    """The first minute of a local day."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    while at.astimezone(zone).date() < day:
        at += timedelta(minutes=1)
    return at
