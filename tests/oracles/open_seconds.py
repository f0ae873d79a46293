"""Business time to the second by walking: which minutes of each UTC day are open, counted one by one.

The rule of a minute is `minute_walk.open_on`; opening hours begin and end on whole minutes.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracles.minute_walk import WEEKDAYS, open_on

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
FAR = 400
CLOCKS = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(1440)]


class OpenSeconds:
    """The open time of one calendar, a UTC day at a time, kept once walked."""

    def __init__(self, calendar: dict[str, Any]) -> None:
        self.calendar, self.tz = calendar, ZoneInfo(calendar["tz"])
        self.local_days: dict[str, list[bool]] = {}
        self.named = {
            on
            for what in ("holidays", "holidays_every_year", "breaks", "overrides")
            for on in calendar.get(what, ())
        }
        self.utc_days: dict[date, list[bool]] = {}
        self.open_dates: set[date] = set()

    def _local_day(self, day: date) -> list[bool]:
        """Whether each wall minute of that date is open; days that the calendar does not name are as their weekday."""
        on, weekday = day.isoformat(), day.weekday()
        key = on if on in self.named or on[5:] in self.named else WEEKDAYS[weekday]
        if key not in self.local_days:
            self.local_days[key] = [open_on(self.calendar, on, weekday, clock) for clock in CLOCKS]
        return self.local_days[key]

    def minutes(self, day: date) -> list[bool]:
        """Whether each minute of that UTC day is open."""
        if day not in self.utc_days:
            at = datetime(day.year, day.month, day.day, tzinfo=UTC)
            walk: list[bool] = []
            on, hours = date.min, list[bool]()
            for _ in range(1440):
                wall = at.astimezone(self.tz)
                if wall.date() != on:
                    on = wall.date()
                    hours = self._local_day(on)
                walk.append(hours[wall.hour * 60 + wall.minute])
                if walk[-1]:
                    self.open_dates.add(on)
                at += MINUTE
            self.utc_days[day] = walk
        return self.utc_days[day]

    def elapsed(self, start: datetime, end: datetime) -> int:
        """Open seconds of [start, end); a reversed span has none."""
        total, at = 0, start
        while at < end:
            midnight = at.replace(hour=0, minute=0, second=0)
            stop = min(end, midnight + DAY)
            first, last = int((at - midnight).total_seconds()), int((stop - midnight).total_seconds())
            minutes = self.minutes(midnight.date())
            if first // 60 == last // 60:
                total += (last - first) * minutes[first // 60]
            else:
                total += (60 - first % 60) * minutes[first // 60]
                total += 60 * sum(minutes[first // 60 + 1 : last // 60])
                total += (last % 60) * minutes[last // 60] if last % 60 else 0
            at = stop
        return total

    def due(self, start: datetime, seconds: int) -> datetime | None:
        """The earliest instant by which that many open seconds have passed."""
        if seconds == 0:
            return start
        left, day = seconds, start.replace(hour=0, minute=0, second=0)
        begun = int((start - day).total_seconds())
        for _ in range(FAR):
            for minute, is_open in enumerate(self.minutes(day.date())):
                here = min(60, 60 * minute + 60 - begun)
                if not is_open or here <= 0:
                    continue
                if left <= here:
                    return day + timedelta(seconds=60 * minute + 60 - here + left)
                left -= here
            day, begun = day + DAY, 0
        return None

    def is_open_on(self, day: date) -> bool:
        """Whether any minute that shows that local date is open."""
        for offset in (-1, 0, 1):
            self.minutes(day + offset * DAY)
        return day in self.open_dates


class Paused:
    """The open time of a calendar outside pauses, which are in order and do not overlap: stretch by stretch."""

    def __init__(self, hours: OpenSeconds, pauses: list[tuple[datetime, datetime]]) -> None:
        self.hours, self.pauses = hours, pauses

    def _running(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        found, at = [], start
        for begins_at, ends_at in self.pauses:
            if at < begins_at:
                found.append((at, min(begins_at, end)))
            at = max(at, ends_at)
        return [*found, (at, end)]

    def elapsed(self, start: datetime, end: datetime) -> int:
        return sum(self.hours.elapsed(a, b) for a, b in self._running(start, end))

    def due(self, start: datetime, seconds: int) -> datetime | None:
        if seconds == 0:
            return start
        *before, (at, _far) = self._running(start, datetime.max.replace(tzinfo=UTC))
        for a, b in before:
            open_here = self.hours.elapsed(a, b)
            if seconds <= open_here:
                return self.hours.due(a, seconds)
            seconds -= open_here
        return self.hours.due(at, seconds)


@cache
def _kept(text: str) -> OpenSeconds:
    return OpenSeconds(json.loads(text))


def open_seconds(calendar: dict[str, Any]) -> OpenSeconds:
    """The walker of that calendar, the same one for the same hours."""
    return _kept(json.dumps(calendar, sort_keys=True))
