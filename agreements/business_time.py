"""The arithmetic of business time: how much open time lies between two instants, and when it is used up.

Definitions. Instants are aware datetimes; any zone may come in, UTC goes out. Lengths are timedeltas. A span
is half-open: ``[start, end)`` holds its start and not its end. An instant is *open* when its local wall time
lies in an opening interval of its local date (``agreements.opening_hours`` says which). Open time is thus a
set of wall-clock times, not of pairs of endpoints: 24 hours a day on a 25-hour day are 25 open hours, an
interval inside a gap of the local clock has no time at all, and one inside a fold happens twice.

* ``elapsed(start, end)`` is the open time in [start, end). A reversed span counts 0, and is the caller's to
  flag: ``Span.between`` is None for it.
* ``due(start, duration)`` is the earliest instant t ≥ start with ``elapsed(start, t) ≥ duration``. So
  ``due(t, 0)`` is t itself, and a duration that fills the day is due at closing time, not at the next
  opening.
* ``due_back(end, duration)`` is the latest instant t with ``elapsed(t, end) = duration``.
* A pause is a span whose open time is not counted. Pauses may overlap, be empty, and reach past the end.

The law behind it all, for d > 0: ``now ≥ due(t, d)`` exactly when ``elapsed(t, now) ≥ d``. Nothing is
rounded: calendars are exact to the second, instants to the microsecond.

Supported instants are those of the years 1900 to 2199; others raise ``OutOfRange``. An answer that would lie
beyond them is None, "never". Naive datetimes raise TypeError.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from agreements.local_time import (
    DAY,
    END_OF_TIME,
    EPOCH,
    FIRST_INSTANT,
    FIRST_YEAR,
    LAST_YEAR,
    CalendarError,
    OutOfRange,
    epoch_of_year,
    offset_segments,
    resolve_local,
    start_of_local_day,
)
from agreements.opening_hours import OpeningHours, Reason, check_calendar, merged, read_opening_hours
from agreements.spans import Kind, Pauses, Span, Stretch, merged_pauses, stretches, utc

__all__ = [
    "Calendar",
    "CalendarError",
    "Kind",
    "NegativeDuration",
    "OutOfRange",
    "Reason",
    "Span",
    "Stretch",
    "check_calendar",
    "compile_calendar",
    "compiled",
    "resolve_local",
    "start_of_local_day",
]

ZERO = timedelta(0)


class NegativeDuration(ValueError):
    """A duration below zero was asked for."""


class _Table(NamedTuple):
    """The open time of [lo, hi), whole UTC years, in epoch seconds.

    Span i is [starts[i], ends[i]), ``before[i]`` is the open time of the table that precedes it, and
    ``shift[i] = before[i] - starts[i]``. The first and the last span are empty and stand at lo and at hi, so
    that every instant of the table has a span at or before it and one after it.
    """

    lo: int
    hi: int
    starts: list[int]
    ends: list[int]
    before: list[int]
    shift: list[int]

    @property
    def years(self) -> tuple[int, int]:
        """The first and the last year of the table."""
        return (EPOCH + timedelta(0, self.lo)).year, (EPOCH + timedelta(0, self.hi - 1)).year


class Calendar:
    """A calendar ready for arithmetic. Make one with ``compile_calendar``; its rules never change.

    Its open time is laid out in a table that grows when a question needs more years. A table is replaced as a
    whole and never changed in place, and every method works on the one it took, so threads may share a
    calendar.
    """

    __slots__ = ("_table", "_years", "hours")

    def __init__(self, hours: OpeningHours) -> None:
        self.hours = hours
        self._years: dict[int, list[tuple[int, int]]] = {}
        self._table = _Table(0, 0, [], [], [], [])

    # Aware datetimes, exact to the microsecond. Openings and closings are whole seconds, so the microseconds
    # of an instant count just when its second is open.

    def elapsed(self, start: datetime, end: datetime, pauses: Pauses = ()) -> timedelta:
        """The open time in [start, end) outside the pauses; 0 for a reversed span."""
        since, until = start - EPOCH, end - EPOCH
        a, b = since.days * DAY + since.seconds, until.days * DAY + until.seconds
        lo, hi, starts, ends, _, shift = self._table
        if not lo <= a <= b < hi:
            if until <= since:
                return ZERO
            _, _, starts, ends, _, shift = self._covering(a, b)
        i = bisect_right(starts, a)
        closing = ends[i - 1]
        if b < starts[i]:  # both before the next opening: most spans of an hour or two
            if a >= closing or until <= since:
                return ZERO
            total = until - since if b < closing else timedelta(0, closing - a, -since.microseconds)
        else:
            j = bisect_right(starts, b, i) - 1
            micros = 0
            if a < closing:
                closing, micros = a, since.microseconds
            used = shift[i - 1] + closing
            closing = ends[j]
            if b < closing:
                total = timedelta(0, shift[j] + b - used, until.microseconds - micros)
            else:
                total = timedelta(0, shift[j] + closing - used, -micros)
        if pauses:
            for begin, finish in merged_pauses(pauses):
                total -= self.elapsed(max(begin, start), min(finish, end))
        return total

    def due(self, start: datetime, duration: timedelta, pauses: Pauses = ()) -> datetime | None:
        """The earliest instant t ≥ start with ``elapsed(start, t, pauses) ≥ duration``; None: never.

        Raise NegativeDuration below zero.
        """
        if pauses:
            for begin, finish in merged_pauses(pauses):
                if finish <= start or duration <= ZERO:
                    continue
                used = self.elapsed(start, begin)
                if used >= duration:
                    break
                duration -= used
                start = finish
                if start.year > LAST_YEAR:
                    return None  # paused for ever
        since = start - EPOCH
        a, b = since.days * DAY + since.seconds, duration.days * DAY + duration.seconds
        if b <= 0 and duration <= ZERO:
            if b < 0:
                raise NegativeDuration(f"a duration cannot be negative: {duration}")
            return utc(start)
        table = self._table
        lo, hi, starts, ends, before, shift = table
        if not lo <= a < hi:
            table = self._covering(a, a)
            lo, hi, starts, ends, before, shift = table
        while True:
            i = bisect_right(starts, a)
            closing = ends[i - 1]
            if a < closing:
                wanted = a + b
                if wanted + 1 < closing:  # within the same opening, whatever the microseconds add up to
                    return EPOCH + (since + duration)
                wanted += shift[i - 1]
                micros = since.microseconds + duration.microseconds
                if micros >= 1_000_000:
                    wanted, micros = wanted + 1, micros - 1_000_000
            else:
                at, micros = starts[i] + b, duration.microseconds
                if at < ends[i]:  # within the next opening
                    return EPOCH + timedelta(0, at, micros)
                wanted = before[i] + b
            # The span in which `wanted` lies above `before`, so that a full day is due at closing time.
            j = (bisect_right if micros else bisect_left)(before, wanted, i - 1) - 1
            at = wanted - shift[j]
            if at < ends[j] or (at == ends[j] and not micros):
                return EPOCH + timedelta(0, at, micros)
            further = self._later(table)
            if further is None:
                return None
            table = further
            lo, hi, starts, ends, before, shift = table

    def due_back(self, end: datetime, duration: timedelta) -> datetime | None:
        """The latest instant t ≤ end with ``elapsed(t, end) = duration``; None: there was never that much.

        For "warn one hour before due". ``due_back(t, 0)`` is t itself. Raise NegativeDuration below zero.
        """
        if duration < ZERO:
            raise NegativeDuration(f"a duration cannot be negative: {duration}")
        if not duration:
            return utc(end)
        until = end - EPOCH
        b = until.days * DAY + until.seconds
        table: _Table | None = self._covering(b, b)
        while table is not None:
            _, _, starts, ends, before, shift = table
            j = bisect_right(starts, b) - 1
            if b < ends[j]:
                left = timedelta(0, shift[j] + b, until.microseconds) - duration
            else:
                left = timedelta(0, shift[j] + ends[j]) - duration
            if left >= ZERO:
                wanted = left.days * DAY + left.seconds
                i = bisect_right(before, wanted) - 1
                return EPOCH + timedelta(0, wanted - shift[i], left.microseconds)
            table = self._earlier(table)
        return None

    def is_open(self, at: datetime) -> bool:
        """Whether that instant is open."""
        since = at - EPOCH
        a = since.days * DAY + since.seconds
        table = self._covering(a, a)
        return a < table.ends[bisect_right(table.starts, a) - 1]

    def next_open(self, at: datetime) -> datetime | None:
        """The first open instant at or after ``at``; None: never again."""
        since = at - EPOCH
        a = since.days * DAY + since.seconds
        table: _Table | None = self._covering(a, a)
        while table is not None:
            i = bisect_right(table.starts, a)
            if a < table.ends[i - 1]:
                return utc(at)
            if table.starts[i] < table.ends[i]:
                return EPOCH + timedelta(0, table.starts[i])
            table = self._later(table)
        return None

    def prev_close(self, at: datetime) -> datetime | None:
        """The last instant at or before ``at`` that has open time right before it; None: it was never open.

        Inside open time, and at its very end, that is ``at`` itself; at an opening, the closing before it.
        """
        since = at - EPOCH
        a = since.days * DAY + since.seconds
        table: _Table | None = self._covering(a, a)
        while table is not None:
            i = (bisect_right if since.microseconds else bisect_left)(table.starts, a) - 1
            if i > 0:
                return utc(at) if a < table.ends[i] else EPOCH + timedelta(0, table.ends[i])
            table = self._earlier(table)
        return None

    def explain(self, start: datetime, end: datetime, pauses: Pauses = ()) -> list[Stretch]:
        """The stretches that tile [start, end), each open, closed or paused, and why; none when reversed.

        The lengths of the open ones add up to ``elapsed(start, end, pauses)``.
        """
        whole = Span.between(start, end)
        return [] if whole is None else stretches(self.hours, whole, pauses)

    # Epoch seconds, for imports in bulk.

    def elapsed_seconds(self, start: int, end: int) -> int:
        """The open seconds in [start, end) of epoch seconds; 0 for a reversed span."""
        lo, hi, starts, ends, _, shift = self._table
        if not lo <= start <= end < hi:
            if end <= start:
                return 0
            _, _, starts, ends, _, shift = self._covering(start, end)
        i = bisect_right(starts, start)
        closing = ends[i - 1]
        if end < starts[i]:  # both before the next opening
            if start >= closing:
                return 0
            return (end if end < closing else closing) - start
        used = shift[i - 1] + (start if start < closing else closing)
        j = bisect_right(starts, end, i) - 1
        closing = ends[j]
        return shift[j] + (end if end < closing else closing) - used

    def due_epoch(self, start: int, seconds: int) -> int | None:
        """The epoch second at which that many open seconds since ``start`` are used up; None: never.

        Raise NegativeDuration below zero.
        """
        if seconds <= 0:
            if seconds < 0:
                raise NegativeDuration(f"a duration cannot be negative: {seconds} s")
            return start
        table = self._table
        lo, hi, starts, ends, before, shift = table
        if not lo <= start < hi:
            table = self._covering(start, start)
            lo, hi, starts, ends, before, shift = table
        while True:
            i = bisect_right(starts, start)
            closing = ends[i - 1]
            if start < closing:
                at = start + seconds
                if at <= closing:
                    return at
                wanted = shift[i - 1] + at
            else:
                at = starts[i] + seconds
                if at <= ends[i]:
                    return at
                wanted = before[i] + seconds
            j = bisect_left(before, wanted, i) - 1
            at = wanted - shift[j]
            if at <= ends[j]:
                return at
            further = self._later(table)
            if further is None:
                return None
            table = further
            lo, hi, starts, ends, before, shift = table

    # The table.

    def _covering(self, first: int, last: int) -> _Table:
        """A table that holds both epoch seconds; raise OutOfRange when there cannot be one."""
        table = self._table
        if table.lo <= first and last < table.hi:
            return table
        if first < FIRST_INSTANT or last >= END_OF_TIME:
            raise OutOfRange(f"only the years {FIRST_YEAR} to {LAST_YEAR} are supported")
        one, two = (EPOCH + timedelta(0, first)).year, (EPOCH + timedelta(0, last)).year
        if table.starts:
            begun, done = table.years
            one, two = min(one, begun), max(two, done)
        return self._lay_out(one, two + 1)  # most questions are soon followed by one a little later

    def _later(self, table: _Table) -> _Table | None:
        """A table of twice as many years that reaches further; None at the end of time."""
        if table.hi >= END_OF_TIME:
            return None
        first, last = table.years
        return self._lay_out(first, last + (last - first + 1))

    def _earlier(self, table: _Table) -> _Table | None:
        """A table of twice as many years that begins earlier; None at the beginning of time."""
        if table.lo <= FIRST_INSTANT:
            return None
        first, last = table.years
        return self._lay_out(first - (last - first + 1), last)

    def _lay_out(self, first: int, last: int) -> _Table:
        first, last = max(first, FIRST_YEAR), min(last, LAST_YEAR)
        spans: list[tuple[int, int]] = []
        for year in range(first, last + 1):
            found = self._years.get(year)
            if found is None:
                found = self._years[year] = self._open_spans(epoch_of_year(year), epoch_of_year(year + 1))
            spans += found
        lo, hi = epoch_of_year(first), epoch_of_year(last + 1)
        starts, ends, before, shift, total = [], [], [], [], 0
        for start, end in ((lo, lo), *merged(spans), (hi, hi)):
            starts.append(start)
            ends.append(end)
            before.append(total)
            shift.append(total - start)
            total += end - start
        self._table = table = _Table(lo, hi, starts, ends, before, shift)
        return table

    def _open_spans(self, start: int, end: int) -> list[tuple[int, int]]:
        """The open time of [start, end), in epoch seconds and in order."""
        hours, spans = self.hours, []
        for since, until, offset in offset_segments(hours.zone, start, end):
            first, last = (since + offset) // DAY, (until - 1 + offset) // DAY
            special = hours.special_days(first, last)
            for day in range(first, last + 1):
                midnight = day * DAY - offset
                intervals = special.get(day)
                if intervals is None:
                    intervals = hours.weekly[(day + 3) % 7]
                for opening, closing in intervals:
                    a, b = max(midnight + opening, since), min(midnight + closing, until)
                    if a < b:
                        spans.append((a, b))
        return spans


def compile_calendar(calendar: Mapping[str, Any]) -> Calendar:
    """The calendar of that plain form, ready for arithmetic; raise CalendarError with every problem.

    Overlapping intervals are merged, and a calendar may be closed for ever; ``check_calendar`` is stricter.
    """
    return Calendar(read_opening_hours(calendar))


def compiled(calendar: Mapping[str, Any]) -> Calendar:
    """The same, from a cache of the process: equal calendars share one object and its table.

    The plain form must be fit for JSON, as calendars are stored.
    """
    return _compiled(json.dumps(calendar, sort_keys=True))


@lru_cache(maxsize=256)
def _compiled(canonical: str) -> Calendar:
    return compile_calendar(json.loads(canonical))
