"""What a new version, or new business hours, make of an open hand-off: which of its terms change, and to what.

Definitions. A hand-off stands under two promises, each decided on its own, and what is decided never changes:

* *speed* is decided by the first attempt, or once `due_at` has passed without one: a change of terms never hides a miss
  that came before it. Where only the day of the hand-off is known, or an import left it without a clock, there is
  nothing to decide, and it gets no clock afterwards;
* *depth* is decided by the connection, or once the follow-up window has ended.

Closed hand-offs are decided in both, and are not asked about here. New terms count from the hand-off, as if they had
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


@dataclass(frozen=True, slots=True)
class Dates:
    """The terms that a hand-off stores."""

    allowance: dt.timedelta | None
    at_risk_at: dt.datetime | None
    due_at: dt.datetime | None
    agreed_attempts: int | None
    window_ends_at: dt.datetime | None
    counts_automated: bool


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

    def speed_is_decided(self, now: dt.datetime) -> bool:
        """Whether its speed was met or missed by `now`, or is never judged."""
        if self.dates.due_at is None and (self.is_date_only or self.imported_at is not None):
            return True
        return self.first_attempt_at is not None or self.is_overdue(now)

    def is_overdue(self, now: dt.datetime) -> bool:
        return self.first_attempt_at is None and self.dates.due_at is not None and now > self.dates.due_at

    def depth_is_decided(self, now: dt.datetime) -> bool:
        """Whether it connected, or its follow-up window has ended by `now`."""
        ends_at = self.dates.window_ends_at
        return self.connected_at is not None or (ends_at is not None and ends_at <= now)

    def clock_start(self, calendar: Calendar) -> dt.datetime:
        """Return from when its clock counts: from the hand-off, unless an import let it count from its own time."""
        due_at, allowance = self.dates.due_at, self.dates.allowance
        if due_at is None or allowance is None or self._is_due(self.handed_off_at, calendar):
            return self.handed_off_at
        if self.imported_at is not None and self._is_due(self.imported_at, calendar):
            return self.imported_at
        unpaused = clock.under_pauses(calendar, self.handed_off_at, due_at, was=self.pauses, pauses=())
        return calendar.due_back(unpaused or due_at, allowance) or self.handed_off_at

    def _is_due(self, start_at: dt.datetime, calendar: Calendar) -> bool:
        """Whether a clock that began then is due when this one is."""
        allowance = self.dates.allowance
        return allowance is not None and calendar.due(start_at, allowance, self.pauses) == self.dates.due_at


def under_version(one: OpenHandOff, promised: Promised, calendar: Calendar, now: dt.datetime) -> Dates | None:
    """Return the terms that it would have under what a new version promises; None where all is decided."""
    speed_is_decided, depth_is_decided = one.speed_is_decided(now), one.depth_is_decided(now)
    if speed_is_decided and depth_is_decided:
        return None
    dates = one.dates
    if not speed_is_decided:
        start_at = one.clock_start(calendar)
        dates = _timed(one, start_at, promised.allowance, promised.at_risk_share, calendar)
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
    """Return the terms that it would have by new business hours; None where its speed is decided or not promised."""
    if one.dates.allowance is None or one.speed_is_decided(now):
        return None
    return _timed(one, one.clock_start(was), one.dates.allowance, at_risk_share, calendar)


def _timed(
    one: OpenHandOff,
    start_at: dt.datetime,
    allowance: dt.timedelta | None,
    share: Decimal,
    calendar: Calendar,
) -> Dates:
    dates = one.dates
    due_at = calendar.due(start_at, allowance, one.pauses) if allowance is not None else None
    if allowance is None or due_at is None:
        return replace(dates, allowance=None, at_risk_at=None, due_at=None)
    at_risk_at = clock.at_risk_at(calendar, start_at, allowance, share, one.pauses)
    return replace(dates, allowance=allowance, at_risk_at=at_risk_at, due_at=due_at)


def differences(before: Dates, after: Dates) -> Mapping[str, list[Any]]:
    """Return what differs as events keep it: instants as text, lengths in seconds, before and after."""
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in Dates.__slots__}
    return {name: [_plain(was), _plain(is_now)] for name, (was, is_now) in pairs.items() if was != is_now}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, dt.timedelta) else value
