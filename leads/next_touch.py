"""When to try a lead the next time: a proposal from what was agreed on depth, spread over the follow-up window.

The rule. The time that is left of the window is divided evenly among the attempts that are still agreed, with one part
to spare, so that the last of them falls before the window's end; the next touch is one part after the last attempt.
Outside business hours it is the next opening; where that lies behind the window, the last closing before its end. So
touches fall on different days and times of day by themselves. Where no number of attempts is agreed, and where the
lead itself asked to be called back, it is the first opening of a later day. Nothing is proposed once as many attempts
as agreed were made, once the window is over, or once the lead was reached.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from agreements.business_time import Calendar
from agreements.local_time import start_of_local_day

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def proposed_next_touch(
    calendar: Calendar,
    *,
    attempted_at: datetime,
    made: int,
    agreed: int | None,
    window_ends_at: datetime | None,
    is_connected: bool = False,
    asked_for_later: bool = False,
) -> datetime | None:
    """The instant to propose after the attempt at ``attempted_at``, ``made`` being how many there were with it."""
    if asked_for_later:
        return _next_day(calendar, attempted_at)
    if is_connected:
        return None
    if agreed is None or window_ends_at is None:
        return _next_day(calendar, attempted_at)
    left = agreed - made
    if left <= 0 or window_ends_at <= attempted_at:
        return None
    at = _whole_minute(attempted_at + (window_ends_at - attempted_at) / (left + 1))
    touch = at if calendar.is_open(at) else calendar.next_open(at)
    if touch is not None and touch <= window_ends_at:
        return touch
    closing = calendar.prev_close(window_ends_at)
    if closing is not None and attempted_at < closing - MINUTE:
        return closing - MINUTE
    return touch


def _next_day(calendar: Calendar, at: datetime) -> datetime | None:
    zone = calendar.hours.zone
    tomorrow = start_of_local_day(at.astimezone(zone).date() + DAY, zone)
    return tomorrow if calendar.is_open(tomorrow) else calendar.next_open(tomorrow)


def _whole_minute(instant: datetime) -> datetime:
    """The instant itself on a whole minute, else the next one."""
    floor = instant.replace(second=0, microsecond=0)
    return floor if floor == instant else floor + MINUTE
