"""What a new version, or new business hours, make of an open hand-off: which of its terms change, and to what.

Definitions. A hand-off stands under several promises, each decided on its own, and what is decided never changes:

* *speed* is decided by the first attempt, or once `due_at` has passed without one: a change of terms never hides a miss
  that came before it. Where only the day of the hand-off is known, or an import left it without a clock, there is
  nothing to decide, and it gets no clock afterwards;
* *depth* is decided by the connection, or once the follow-up window has ended;
* *acceptance* is decided by the answer, an *outcome* by the closing, or each once its deadline has passed; where an
  import left a hand-off without any clock, or only its day is known, neither is asked.

Closed hand-offs are decided in all, and are not asked about here. New terms count from the hand-off, as if they had
been agreed then. A version keeps the business hours that the hand-off was given; new hours keep its allowance.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Protocol

from agreements.business_time import Calendar
from agreements.spans import Pauses
from leads import clock


class Promised(Protocol):
    """What a version promises for a hand-off."""

    @property
    def allowance(self) -> dt.timedelta | None: ...
    @property
    def at_risk_share(self) -> Decimal: ...
    @property
    def attempts(self) -> int | None: ...
    @property
    def window(self) -> dt.timedelta: ...
    @property
    def counts_automated(self) -> bool: ...
    @property
    def acceptance(self) -> dt.timedelta | None: ...
    @property
    def outcome(self) -> dt.timedelta | None: ...


@dataclass(frozen=True, slots=True)
class Dates:
    """The terms that a hand-off stores."""

    allowance: dt.timedelta | None
    at_risk_at: dt.datetime | None
    due_at: dt.datetime | None
    agreed_attempts: int | None
    window_ends_at: dt.datetime | None
    counts_automated: bool
    acceptance_allowance: dt.timedelta | None = None
    acceptance_due_at: dt.datetime | None = None
    outcome_allowance: dt.timedelta | None = None
    outcome_due_at: dt.datetime | None = None

    @property
    def clocks(self) -> tuple[tuple[dt.timedelta, dt.datetime], ...]:
        """The allowances that run, each with its due time."""
        pairs = (
            (self.allowance, self.due_at),
            (self.acceptance_allowance, self.acceptance_due_at),
            (self.outcome_allowance, self.outcome_due_at),
        )
        return tuple((length, at) for length, at in pairs if length is not None and at is not None)


@dataclass(frozen=True, slots=True)
class OpenHandOff:
    """An open hand-off under the terms `dates`, with what has been decided of them. `imported_at`: when, if it was."""

    handed_off_at: dt.datetime
    is_date_only: bool
    imported_at: dt.datetime | None
    first_attempt_at: dt.datetime | None
    connected_at: dt.datetime | None
    dates: Dates
    pauses: Pauses = ()
    accepted_at: dt.datetime | None = None

    @property
    def is_without_clocks(self) -> bool:
        """Whether nothing of it is timed, and nothing shall be: an import left it so, or only its day is known."""
        return not self.dates.clocks and (self.is_date_only or self.imported_at is not None)

    def speed_is_decided(self, now: dt.datetime) -> bool:
        """Whether its speed was met or missed by `now`, or is never judged."""
        if self.is_without_clocks:
            return True
        return self.first_attempt_at is not None or self.is_overdue(now)

    def is_overdue(self, now: dt.datetime) -> bool:
        return self.first_attempt_at is None and self.dates.due_at is not None and now > self.dates.due_at

    def depth_is_decided(self, now: dt.datetime) -> bool:
        """Whether it connected, or its follow-up window has ended by `now`."""
        ends_at = self.dates.window_ends_at
        return self.connected_at is not None or (ends_at is not None and ends_at <= now)

    def acceptance_is_decided(self, now: dt.datetime) -> bool:
        """Whether it was answered, or could not be in time any more, or is never asked."""
        if self.is_without_clocks or self.accepted_at is not None or self.first_attempt_at is not None:
            return True
        return self.dates.acceptance_due_at is not None and now > self.dates.acceptance_due_at

    def outcome_is_decided(self, now: dt.datetime) -> bool:
        """Whether its time to an outcome is over, or is never asked; it is open, or it would be decided."""
        return self.is_without_clocks or (
            self.dates.outcome_due_at is not None and now > self.dates.outcome_due_at
        )

    def clock_start(self, calendar: Calendar) -> dt.datetime:
        """Return from when its clocks count: from the hand-off, unless an import let them count from its own time."""
        allowance, due_at = next(iter(self.dates.clocks), (None, None))
        if due_at is None or allowance is None:
            return self.handed_off_at
        # A pause holds the clock of the first attempt; deadlines run on.
        pauses = self.pauses if self.dates.due_at is not None else ()
        if calendar.due(self.handed_off_at, allowance, pauses) == due_at:
            return self.handed_off_at
        if self.imported_at is not None and calendar.due(self.imported_at, allowance, pauses) == due_at:
            return self.imported_at
        unpaused = clock.under_pauses(calendar, self.handed_off_at, due_at, was=pauses, pauses=())
        return calendar.due_back(unpaused or due_at, allowance) or self.handed_off_at


def under_version(one: OpenHandOff, promised: Promised, calendar: Calendar, now: dt.datetime) -> Dates | None:
    """Return the terms that it would have under what a new version promises; None where all is decided."""
    speed_is_decided, depth_is_decided = one.speed_is_decided(now), one.depth_is_decided(now)
    # Nothing is open of what was not promised, and will not be.
    acceptance_is_decided = one.acceptance_is_decided(now) or (
        one.dates.acceptance_due_at is None and promised.acceptance is None
    )
    outcome_is_decided = one.outcome_is_decided(now) or (
        one.dates.outcome_due_at is None and promised.outcome is None
    )
    if speed_is_decided and depth_is_decided and acceptance_is_decided and outcome_is_decided:
        return None
    dates, start_at = one.dates, one.clock_start(calendar)
    if not acceptance_is_decided:
        dates = _to_be_accepted(dates, start_at, promised.acceptance, calendar)
    if not outcome_is_decided:
        dates = _to_come_out(dates, start_at, promised.outcome, calendar)
    if not speed_is_decided:
        dates = _timed(dates, one.pauses, start_at, promised.allowance, promised.at_risk_share, calendar)
    if not depth_is_decided:
        dates = replace(
            dates,
            agreed_attempts=promised.attempts,
            window_ends_at=one.handed_off_at + promised.window,
            counts_automated=promised.counts_automated,
        )
    return dates


def under_hours(
    one: OpenHandOff, at_risk_share: Decimal, was: Calendar, calendar: Calendar, now: dt.datetime
) -> Dates | None:
    """Return the terms that it would have by new business hours; None where it keeps its hours.

    It keeps them where nothing is timed that is not decided, and once they have measured its speed: where it was
    attempted, or is overdue.
    """
    if one.first_attempt_at is not None or one.is_overdue(now):
        return None
    dates, start_at = one.dates, one.clock_start(was)
    timed = dates
    if dates.allowance is not None:
        timed = _timed(timed, one.pauses, start_at, dates.allowance, at_risk_share, calendar)
    if dates.acceptance_allowance is not None and not one.acceptance_is_decided(now):
        timed = _to_be_accepted(timed, start_at, dates.acceptance_allowance, calendar)
    elif dates.allowance is None and (dates.outcome_allowance is None or one.outcome_is_decided(now)):
        return None
    if dates.outcome_allowance is not None and not one.outcome_is_decided(now):
        timed = _to_come_out(timed, start_at, dates.outcome_allowance, calendar)
    return timed


def _to_be_accepted(
    dates: Dates, start_at: dt.datetime, allowance: dt.timedelta | None, calendar: Calendar
) -> Dates:
    due_at = calendar.due(start_at, allowance) if allowance is not None else None
    return replace(dates, acceptance_allowance=allowance if due_at else None, acceptance_due_at=due_at)


def _to_come_out(
    dates: Dates, start_at: dt.datetime, allowance: dt.timedelta | None, calendar: Calendar
) -> Dates:
    due_at = calendar.due(start_at, allowance) if allowance is not None else None
    return replace(dates, outcome_allowance=allowance if due_at else None, outcome_due_at=due_at)


def _timed(
    dates: Dates,
    pauses: Pauses,
    start_at: dt.datetime,
    allowance: dt.timedelta | None,
    share: Decimal,
    calendar: Calendar,
) -> Dates:
    due_at = calendar.due(start_at, allowance, pauses) if allowance is not None else None
    if allowance is None or due_at is None:
        return replace(dates, allowance=None, at_risk_at=None, due_at=None)
    at_risk_at = clock.at_risk_at(calendar, start_at, allowance, share, pauses)
    return replace(dates, allowance=allowance, at_risk_at=at_risk_at, due_at=due_at)


def differences(before: Dates, after: Dates) -> Mapping[str, list[Any]]:
    """Return what differs as events keep it: instants as text, lengths in seconds, before and after."""
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in Dates.__slots__}
    return {name: [_plain(was), _plain(is_now)] for name, (was, is_now) in pairs.items() if was != is_now}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, dt.timedelta) else value
