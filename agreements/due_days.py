"""On which days a recurring duty falls due: a rhythm, a day in it, and what happens when that day is off.

Definitions. A rhythm's *nominal* days follow from the calendar of months and weeks alone:

* weekly: every week on `weekday` (0 is Monday);
* so many a month: on the first `times` of those weekdays in each month;
* monthly: each month on `day`, or on the month's last day where it is shorter; without a `day`, on the last one;
* quarterly and yearly: the same, in the months that lie a multiple of 3 or 12 months from `month`.

A nominal day that is a day off moves to the next or the previous business day, as agreed; without a `day` it is always
the previous one: the month's last business day. Where no business day lies within a month of it, it stays. Two nominal
days that move to the same day are due once. A span of days is half-open, and a due day counts in the span it lies in
*after* it moved: spans that tile time have each due day once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from dateutil.rrule import MONTHLY, WEEKLY, rrule

from agreements.local_time import resolve_local

FURTHEST_MOVE = 31
DAY = timedelta(days=1)


class Cadence(StrEnum):
    """How often."""

    WEEKLY = "weekly"
    TIMES_A_MONTH = "times_a_month"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


class DayOff(StrEnum):
    """To which business day a day off gives way."""

    NEXT = "next"
    PREVIOUS = "previous"


MONTHS_APART = {
    Cadence.TIMES_A_MONTH: 1,
    Cadence.MONTHLY: 1,
    Cadence.QUARTERLY: 3,
    Cadence.YEARLY: 12,
}
BY_WEEKDAY = (Cadence.WEEKLY, Cadence.TIMES_A_MONTH)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When something recurring is due. Fields that its cadence does not use are ignored."""

    cadence: Cadence
    weekday: int = 0
    times: int = 1
    day: int | None = None
    month: int = 1
    day_off: DayOff = DayOff.NEXT

    def due_days(self, start: date, end: date, is_business_day: Callable[[date], bool]) -> list[date]:
        """Return the days in [start, end) on which it is due, in order."""
        return sorted(self.dates(start, end, is_business_day))

    def dates(self, start: date, end: date, is_business_day: Callable[[date], bool]) -> dict[date, date]:
        """Return the due days in [start, end), each with its nominal day: the later one where two moved to it."""
        margin = timedelta(days=FURTHEST_MOVE)
        nominal = sorted(self._nominal(start - margin, end + margin))
        moved = {self._moved(on, is_business_day): on for on in nominal}
        return {due: on for due, on in moved.items() if start <= due < end}

    def _nominal(self, start: date, end: date) -> Iterator[date]:
        since, until = datetime.combine(start, time()), datetime.combine(end, time())
        if self.cadence == Cadence.WEEKLY:
            found = rrule(WEEKLY, dtstart=since, until=until, byweekday=self.weekday)
        else:
            # From the first of a month, so that no month is counted from its middle.
            apart = MONTHS_APART[self.cadence]
            months = [month for month in range(1, 13) if (month - self.month) % apart == 0]
            since = since.replace(day=1)
            if self.cadence == Cadence.TIMES_A_MONTH:
                places = range(1, self.times + 1)
                found = rrule(MONTHLY, dtstart=since, until=until, byweekday=self.weekday, bysetpos=places)
            else:
                # The last of these that the month has: its 31st, or else the day nearest to it.
                last = self.day or 31
                days = range(28, last + 1) if last > 28 else range(last, last + 1)
                found = rrule(
                    MONTHLY, dtstart=since, until=until, bymonth=months, bymonthday=days, bysetpos=-1
                )
        return (moment.date() for moment in found)

    def _moved(self, on: date, is_business_day: Callable[[date], bool]) -> date:
        if is_business_day(on):
            return on
        is_last = self.day is None and self.cadence not in BY_WEEKDAY
        step = -DAY if is_last or self.day_off == DayOff.PREVIOUS else DAY
        for n in range(1, FURTHEST_MOVE + 1):
            if is_business_day(on + n * step):
                return on + n * step
        return on


def due_instant(on: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the instant of that wall time on that day; a wall time that the clocks skip is moved forward."""
    return resolve_local(datetime.combine(on, at), zone)
