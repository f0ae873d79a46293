"""When a file that comes by itself is due: every day, on a day of the week or of the month, at a wall time of a zone.

A day of the month that a month does not have is its last one. A wall time that the clocks skip is moved forward; of one
that they show twice the first counts. So each local day that is due has one instant, whatever the clocks do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from agreements.due_days import Cadence, Rhythm, due_instant

DAY = timedelta(days=1)
FARTHEST = 35
"""Days within which each rhythm is due."""


class Every(StrEnum):
    """How often."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Times:
    """When it is due; `weekday` (0 is Monday) is of weeks alone, `day` (1 to 31) of months alone."""

    every: Every
    at: time
    zone: ZoneInfo
    weekday: int = 0
    day: int = 1

    def following(self, instant: datetime) -> datetime:
        """Return the first due instant after this one, in UTC."""
        today = instant.astimezone(self.zone).date()
        # From the day before: a wall time that was moved forward may lie on the next day.
        due = (due_instant(on, self.at, self.zone) for on in self._days(today - DAY, today + FARTHEST * DAY))
        return next(one for one in due if one > instant)

    def newest(self, due_at: datetime, now: datetime) -> datetime:
        """Return the last due instant up to `now`, which is not before `due_at`: those between are passed over."""
        while (following := self.following(due_at)) <= now:
            due_at = following
        return due_at

    def _days(self, start: date, end: date) -> list[date]:
        if self.every == Every.DAY:
            return [start + n * DAY for n in range((end - start).days)]
        cadence = Cadence.WEEKLY if self.every == Every.WEEK else Cadence.MONTHLY
        rhythm = Rhythm(cadence, weekday=self.weekday, day=self.day)
        return rhythm.due_days(start, end, lambda _day: True)
