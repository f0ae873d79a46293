"""A slow oracle of business time: it walks through UTC minute by minute and asks for the wall time of each.

It imports nothing of the product, knows no offsets or sums, and reads the plain form of a calendar. It is
exact for calendars, instants and durations of whole minutes, in zones whose offset is of whole minutes.
Intervals do not cross midnight. A minute stands for the whole of [minute, minute + 1).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = timedelta(minutes=1)


def _holds(intervals, clock: str) -> bool:
    return any(start[:5] <= clock < end[:5] for start, end in intervals)


def open_on(calendar: dict[str, Any], on: str, weekday: int, clock: str) -> bool:
    """Whether that wall clock ("HH:MM") of that date ("YYYY-MM-DD") is open."""
    if on in calendar.get("holidays", ()) or on[5:] in calendar.get("holidays_every_year", ()):
        return False
    if _holds(calendar.get("breaks", {}).get(on, ()), clock):
        return False
    overrides = calendar.get("overrides", {})
    hours = overrides[on] if on in overrides else calendar.get("weekly", {}).get(WEEKDAYS[weekday], ())
    return _holds(hours, clock)


class MinuteWalk:
    """The open minutes of a window of UTC minutes, and answers counted from them, all as minute indexes."""

    def __init__(self, calendar: dict[str, Any], start: datetime, minutes: int) -> None:
        tz = ZoneInfo(calendar["tz"])
        self.start, self.minutes = start.astimezone(UTC), minutes
        days: dict[str, list[bool]] = {}
        self.is_open: list[bool] = []
        for minute in range(minutes):
            wall = (self.start + minute * MINUTE).astimezone(tz)
            on = wall.date().isoformat()
            if on not in days:
                days[on] = [
                    open_on(calendar, on, wall.weekday(), f"{m // 60:02}:{m % 60:02}") for m in range(1440)
                ]
            self.is_open.append(days[on][wall.hour * 60 + wall.minute])

    def instant(self, minute: int) -> datetime:
        return self.start + minute * MINUTE

    def elapsed(self, start: int, end: int) -> int:
        return sum(self.is_open[start:end]) if start < end else 0

    def due(self, start: int, duration: int) -> int | None:
        """The first minute by which that many have been open; None: not within the window."""
        used, at = 0, start
        while used < duration:
            if at == self.minutes:
                return None
            used += self.is_open[at]
            at += 1
        return at

    def due_back(self, end: int, duration: int) -> int | None:
        left, at = duration, end
        while left:
            if at == 0:
                return None
            at -= 1
            left -= self.is_open[at]
        return at

    def next_open(self, at: int) -> int | None:
        while at < self.minutes:
            if self.is_open[at]:
                return at
            at += 1
        return None

    def prev_close(self, at: int) -> int | None:
        while at > 0:
            if self.is_open[at - 1]:
                return at
            at -= 1
        return None

    def paused(self, pauses: list[tuple[int, int]]) -> MinuteWalk:
        """The same window with the paused minutes closed."""
        other = object.__new__(MinuteWalk)
        other.start, other.minutes, other.is_open = self.start, self.minutes, list(self.is_open)
        for begin, end in pauses:
            for minute in range(max(begin, 0), min(end, self.minutes)):
                other.is_open[minute] = False
        return other
