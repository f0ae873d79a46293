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
from typing import Any, Generic, NamedTuple, TypeVar

from agreements.local_time import (
    DAY,
    END_OF_TIME,
    EPOCH,
    FIRST_INSTANT,
    FIRST_YEAR,
    LAST_YEAR,
    CalendarError,
    OutOfRange,
    day_of_number,
    epoch_of_year,
    resolve_local,
    start_of_local_day,
)
from agreements.opening_hours import OpeningHours, Reason, check_calendar, merged, read_opening_hours
from agreements.spans import Kind, Pauses, Span, Stretch, merged_pauses, open_spans, stretches, utc

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

ZERO, SECOND = timedelta(0), timedelta(0, 1)
CELL = 16  # bits: epoch seconds are looked up by 65,536 of them, as a shift is faster than a division


class NegativeDuration(ValueError):
    """A duration below zero was asked for."""


T = TypeVar("T", int, timedelta)


class _Line(NamedTuple, Generic[T]):
    """The open time of some whole UTC years, as seconds or timedeltas since EPOCH.

    Span i is [starts[i], ends[i]). An instant t in it has ``shift[i] + t`` open time before it, counted from
    the beginning of the line, and ``after[i]`` is that of its end. The last span is empty and stands at the
    end of the line. ``cells`` has every cell wholly in the line, by its number since EPOCH, with the first
    span that ends after its beginning: looking that up and stepping on is much faster than to bisect. A cell
    is a UTC day for timedeltas, 2 ** CELL of them for seconds.
    """

    cells: dict[int, int]
    starts: list[T]
    ends: list[T]
    shift: list[T]
    after: list[T]


class _Table(NamedTuple):
    """The open time from the first to the last of those years, both included."""

    first: int
    last: int
    seconds: _Line[int]
    exact: _Line[timedelta]


class Calendar:
    """A calendar ready for arithmetic. Make one with ``compile_calendar``; its rules never change.

    Its open time is laid out in a table that grows when a question needs more years. Tables and lines are
    never changed but replaced, and a method works on the one it took, so threads may share a calendar.
    """

    __slots__ = ("_exact", "_seconds", "_table", "_years", "hours")

    def __init__(self, hours: OpeningHours) -> None:
        self.hours = hours
        self._years: dict[int, list[tuple[int, int]]] = {}
        self._table: _Table | None = None
        self._seconds = _Line[int]({}, [], [], [], [])
        self._exact = _Line[timedelta]({}, [], [], [], [])

    # Aware datetimes, exact to the microsecond. What follows is asked for every lead: it works on timedeltas
    # that lie ready in the line, as making one from numbers costs more than all the rest. A KeyError says
    # that a day is not in the line, an IndexError that an answer is not.

    def elapsed(self, start: datetime, end: datetime, pauses: Pauses = ()) -> timedelta:
        """The open time in [start, end) outside the pauses; 0 for a reversed span."""
        if pauses:
            total = self.elapsed(start, end)
            for begin, finish in merged_pauses(pauses):
                total -= self.elapsed(max(begin, start), min(finish, end))
            return total
        since, until = start - EPOCH, end - EPOCH
        line = self._exact
        while True:
            cells, starts, ends, shift, _ = line
            try:
                i = cells[since.days]
                while since >= ends[i]:
                    i += 1
                opening = starts[i]
                if until < opening:  # closed throughout: most spans of an hour or two; or reversed
                    return ZERO
                begun = since if since > opening else opening
                if until < ends[i]:
                    return until - begun if until > begun else ZERO
                j = cells[until.days]
                while until >= ends[j]:
                    j += 1
                if until < starts[j]:
                    until = starts[j]
                return shift[j] + until - (shift[i] + begun)
            except KeyError:
                if until <= since:
                    return ZERO
                line = self._covering(since.days, until.days).exact

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
        if duration <= ZERO:
            if duration < ZERO:
                raise NegativeDuration(f"a duration cannot be negative: {duration}")
            return utc(start)
        line = self._exact
        while True:
            cells, starts, ends, shift, after = line
            try:
                i = cells[since.days]
                while since >= ends[i]:
                    i += 1
                opening = starts[i]
                at = (since if since > opening else opening) + duration
                if at <= ends[i]:
                    return EPOCH + at
                wanted = shift[i] + at
                return EPOCH + (wanted - shift[bisect_left(after, wanted, i)])
            except KeyError:
                line = self._covering(since.days, since.days).exact
            except IndexError:
                table = self._later(since.days, starts[-1].days)
                if table is None:
                    return None
                line = table.exact
            except OverflowError:  # of timedelta: a duration of 2.7 million years
                return None

    def due_back(self, end: datetime, duration: timedelta) -> datetime | None:
        """The latest instant t ≤ end with ``elapsed(t, end) = duration``; None: there was never that much.

        For "warn one hour before due". ``due_back(t, 0)`` is t itself. Raise NegativeDuration below zero.
        """
        if duration < ZERO:
            raise NegativeDuration(f"a duration cannot be negative: {duration}")
        if not duration:
            return utc(end)
        until = end - EPOCH
        table: _Table | None = self._covering(until.days, until.days)
        while table is not None:
            _, starts, _, shift, after = table.exact
            j = _reach(table.exact, until)
            total = shift[j] + max(until, starts[j])
            if total >= duration:
                return EPOCH + (total - duration - shift[bisect_right(after, total - duration)])
            table = self._earlier(table, until.days)
        return None

    def is_open(self, at: datetime) -> bool:
        """Whether that instant is open."""
        since = at - EPOCH
        line = self._covering(since.days, since.days).exact
        return line.starts[_reach(line, since)] <= since

    def next_open(self, at: datetime) -> datetime | None:
        """The first open instant at or after ``at``; None: never again."""
        since = at - EPOCH
        table: _Table | None = self._covering(since.days, since.days)
        while table is not None:
            _, starts, ends, _, _ = table.exact
            i = _reach(table.exact, since)
            if starts[i] <= since:
                return utc(at)
            if starts[i] < ends[i]:
                return EPOCH + starts[i]
            table = self._later(since.days, starts[-1].days)
        return None

    def prev_close(self, at: datetime) -> datetime | None:
        """The last instant at or before ``at`` that has open time right before it; None: it was never open.

        Inside open time, and at its very end, that is ``at`` itself; at an opening, the closing before it.
        """
        since = at - EPOCH
        table: _Table | None = self._covering(since.days, since.days)
        while table is not None:
            _, starts, ends, _, _ = table.exact
            i = _reach(table.exact, since)
            if starts[i] < since:
                return utc(at)
            if i > 0:
                return EPOCH + ends[i - 1]
            table = self._earlier(table, since.days)
        return None

    def explain(self, start: datetime, end: datetime, pauses: Pauses = ()) -> list[Stretch]:
        """The stretches that tile [start, end), each open, closed or paused, and why; none when reversed.

        The lengths of the open ones add up to ``elapsed(start, end, pauses)``.
        """
        whole = Span.between(start, end)
        return [] if whole is None else stretches(self.hours, whole, pauses)

    # Epoch seconds, for imports in bulk: the same on the line of whole numbers, helped by the other line.

    def elapsed_seconds(self, start: int, end: int) -> int:
        """The open seconds in [start, end) of epoch seconds; 0 for a reversed span."""
        cells, starts, ends, shift, _ = self._seconds
        try:
            i = cells[start >> CELL]
            while start >= ends[i]:
                i += 1
            opening = starts[i]
            if end < opening:
                return 0
            begun = start if start > opening else opening
            if end < ends[i]:
                return end - begun if end > begun else 0
            j = cells[end >> CELL]
            while end >= ends[j]:
                j += 1
            if end < starts[j]:
                end = starts[j]
            return shift[j] + end - (shift[i] + begun)
        except KeyError:
            if end <= start:
                return 0
            self._covering(start // DAY, end // DAY)
            return self.elapsed(EPOCH + timedelta(0, start), EPOCH + timedelta(0, end)) // SECOND

    def due_epoch(self, start: int, seconds: int) -> int | None:
        """The epoch second at which that many open seconds since ``start`` are used up; None: never.

        Raise NegativeDuration below zero.
        """
        if seconds <= 0:
            if seconds < 0:
                raise NegativeDuration(f"a duration cannot be negative: {seconds} s")
            return start
        cells, starts, ends, shift, after = self._seconds
        try:
            i = cells[start >> CELL]
            while start >= ends[i]:
                i += 1
            opening = starts[i]
            at = (start if start > opening else opening) + seconds
            if at <= ends[i]:
                return at
            wanted = shift[i] + at
            return wanted - shift[bisect_left(after, wanted, i)]
        except (KeyError, IndexError):
            self._covering(start // DAY, start // DAY)
            if seconds > END_OF_TIME - FIRST_INSTANT:
                return None
            due = self.due(EPOCH + timedelta(0, start), timedelta(0, seconds))
            return None if due is None else (due - EPOCH) // SECOND

    # The table.

    def _covering(self, first: int, last: int) -> _Table:
        """A table that holds the days of both numbers; raise OutOfRange when there cannot be one."""
        table = self._table
        if table is not None and first in table.exact.cells and last in table.exact.cells:
            self._seconds, self._exact = table.seconds, table.exact
            return table
        if first < FIRST_INSTANT // DAY or last >= END_OF_TIME // DAY:
            raise OutOfRange(f"only the years {FIRST_YEAR} to {LAST_YEAR} are supported")
        one, two = day_of_number(first).year, day_of_number(last).year
        if table is not None:
            one, two = min(one, table.first), max(two, table.last)
        return self._lay_out(one, two + 1)  # most questions are soon followed by one a little later

    def _later(self, day: int, end: int) -> _Table | None:
        """A table that holds ``day`` and goes on beyond ``end`` as far again; None at the end of time."""
        if end >= END_OF_TIME // DAY:
            return None
        return self._covering(day, min(end + (end - day), END_OF_TIME // DAY - 1))

    def _earlier(self, table: _Table, day: int) -> _Table | None:
        """A table that holds ``day`` and begins before that one as far again; None at the beginning of time."""
        begin = epoch_of_year(table.first) // DAY
        if begin <= FIRST_INSTANT // DAY:
            return None
        return self._covering(max(begin - (day - begin) - 1, FIRST_INSTANT // DAY), day)

    def _lay_out(self, first: int, last: int) -> _Table:
        first, last = max(first, FIRST_YEAR), min(last, LAST_YEAR)
        spans: list[tuple[int, int]] = []
        for year in range(first, last + 1):
            found = self._years.get(year)
            if found is None:
                found = open_spans(self.hours, epoch_of_year(year), epoch_of_year(year + 1))
                self._years[year] = found
            spans += found
        lo, hi = epoch_of_year(first), epoch_of_year(last + 1)
        seconds, total = _Line[int]({}, [], [], [], []), 0
        for start, end in (*merged(spans), (hi, hi)):
            seconds.starts.append(start)
            seconds.ends.append(end)
            seconds.shift.append(total - start)
            total += end - start
            seconds.after.append(total)
        exact = _Line({}, *([timedelta(0, n) for n in numbers] for numbers in seconds[1:]))
        for size, cells in ((1 << CELL, seconds.cells), (DAY, exact.cells)):
            i = 0
            for cell in range(-(-lo // size), hi // size):
                while seconds.ends[i] <= cell * size:
                    i += 1
                cells[cell] = i
        self._table = table = _Table(first, last, seconds, exact)
        self._seconds, self._exact = seconds, exact
        return table


def _reach(line: _Line[timedelta], instant: timedelta) -> int:
    """The first span that ends after that instant, which must be in the line."""
    i = line.cells[instant.days]
    while instant >= line.ends[i]:
        i += 1
    return i


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
