"""The board of exceptions: since when a hand-off that nobody tried stands on it.

Definitions. So many hours are counted back from now over the local days on which the team works at all, each with all
its 24 hours; days off count nothing. So what came on Friday at 16:00 is a day old on Monday at 16:00, and nobody is on
the board for a weekend. Instants are aware datetimes; the module reads no clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from agreements.business_time import Calendar
from agreements.local_time import start_of_local_day

DAY = timedelta(1)
FURTHEST = 400  # days


def so_long_ago(calendar: Calendar, zone: ZoneInfo, now: datetime, length: timedelta) -> datetime | None:
    """Return the instant that lies `length` before `now`, days off left out; None where that is over a year ago."""
    day, end, left = now.astimezone(zone).date(), now, length
    for _ in range(FURTHEST):
        start = start_of_local_day(day, zone)
        if calendar.elapsed(start, start_of_local_day(day + DAY, zone)):
            if end - start >= left:
                return end - left
            left -= end - start
        day, end = day - DAY, start
    return None
