"""What a calendar says: its plain form read, checked and turned into opening hours by date.

Definitions. A calendar is a mapping with a time zone ``tz`` and

* ``weekly``: ``mon`` … ``sun`` → intervals of local wall time. A day left out is closed. An interval that
  ends before it begins crosses midnight (``22:00``-``06:00``): it is split there, and what lies after
  midnight belongs to the next weekday, so that each part is judged on its own date. A holiday on Tuesday cuts
  Monday's night shift at 24:00;
* ``holidays``: dates that are closed all day; ``holidays_every_year``: the same as ``MM-DD``;
* ``overrides``: date → intervals that replace that date's weekly ones (none: closed);
* ``breaks``: date → intervals that are closed on that date, be it of weekly hours or of an override: a
  part-day holiday is one of these.

A holiday wins over an override, a break over both kinds of hours. Intervals are half-open pairs of ``HH:MM``
or ``HH:MM:SS``; ``24:00`` ends a day. Those of overrides and breaks stay within their date. Times of day are
held as whole seconds since 00:00, dates as days since 1970-01-01.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from agreements.local_time import DAY, CalendarError, day_number, day_of_number, zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KEYS = frozenset({"tz", "weekly", "holidays", "holidays_every_year", "breaks", "overrides"})
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?|24:00(?::00)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MONTH_DAY = re.compile(r"\d\d-\d\d", re.ASCII)

Interval = tuple[int, int]
Intervals = tuple[Interval, ...]


class Reason(StrEnum):
    """Why a stretch of time is open, closed or paused."""

    WEEKLY = "weekly"
    HOLIDAY = "holiday"
    BREAK = "break"
    OVERRIDE = "override"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The rules of one calendar. Intervals are sorted, disjoint and not touching."""

    zone: ZoneInfo
    weekly: tuple[Intervals, ...]
    holidays: frozenset[int]
    yearly: frozenset[tuple[int, int]]
    overrides: Mapping[int, Intervals]
    breaks: Mapping[int, Intervals]

    def is_holiday(self, day: int) -> bool:
        """Whether the day with that number is closed all day."""
        if day in self.holidays:
            return True
        if not self.yearly:
            return False
        on = day_of_number(day)
        return (on.month, on.day) in self.yearly

    def on(self, day: int) -> Intervals:
        """The opening intervals of the day with that number, in wall seconds."""
        if self.is_holiday(day):
            return ()
        hours = self.overrides.get(day)
        if hours is None:
            hours = self.weekly[(day + 3) % 7]  # 1970-01-01 was a Thursday
        breaks = self.breaks.get(day)
        return without(hours, breaks) if breaks else hours

    def special_days(self, first: int, last: int) -> dict[int, Intervals]:
        """The days from ``first`` to ``last``, both included, whose hours may differ from the weekly ones."""
        days = {d for d in (*self.holidays, *self.overrides, *self.breaks) if first <= d <= last}
        for year in range(day_of_number(first).year, day_of_number(last).year + 1):
            for month, day in self.yearly:
                if (month, day) != (2, 29) or _is_leap(year):
                    days.add(day_number(date(year, month, day)))
        return {day: self.on(day) for day in days}

    def parts_of(self, day: int) -> Iterator[tuple[int, int, bool, Reason]]:
        """The day with that number cut into ``(from, to, open, reason)``, tiling [0, 24:00) in order."""
        if self.is_holiday(day):
            yield 0, DAY, False, Reason.HOLIDAY
            return
        rule = Reason.OVERRIDE if day in self.overrides else Reason.WEEKLY
        breaks, hours = self.breaks.get(day, ()), self.on(day)
        edges = sorted({0, DAY, *(edge for span in (*breaks, *hours) for edge in span)})
        for a, b in pairwise(edges):
            if any(s <= a < e for s, e in hours):
                yield a, b, True, rule
            else:
                yield a, b, False, Reason.BREAK if any(s <= a < e for s, e in breaks) else rule


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def merged(spans: Iterable[Interval]) -> Intervals:
    """Sorted half-open spans, with empty ones dropped and overlapping or touching ones joined."""
    out: list[Interval] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return tuple(out)


def without(hours: Intervals, closed: Intervals) -> Intervals:
    """``hours`` less what lies in ``closed``; both sorted and disjoint."""
    for start, end in closed:
        hours = tuple(
            part for s, e in hours for part in ((s, min(e, start)), (max(s, end), e)) if part[0] < part[1]
        )
    return hours


class _Reader:
    """Reads the plain form and collects every problem on the way."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def time(self, text: object, where: str) -> int | None:
        found = _TIME.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            self.problems.append(f"{where}: not a time of day: {text!r}")
            return None
        if found[1] is None:
            return DAY
        return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)

    def date(self, text: object, where: str) -> int | None:
        if isinstance(text, str) and _DATE.fullmatch(text):
            try:
                return day_number(date.fromisoformat(text))
            except ValueError:
                pass
        self.problems.append(f"{where}: not a date: {text!r}")
        return None

    def month_day(self, text: object, where: str) -> tuple[int, int] | None:
        if isinstance(text, str) and _MONTH_DAY.fullmatch(text):
            try:
                on = date.fromisoformat(f"2000-{text}")  # a leap year: 02-29 is a date
                return on.month, on.day
            except ValueError:
                pass
        self.problems.append(f"{where}: not a month and day: {text!r}")
        return None

    def intervals(self, raw: object, where: str, *, may_cross: bool = False) -> list[Interval]:
        """Intervals in wall seconds; one that crosses midnight comes back with an end beyond 24:00."""
        out: list[Interval] = []
        for pair in self.sequence(raw, where):
            if not isinstance(pair, (list, tuple)) or len(pair) != 2:
                self.problems.append(f"{where}: not a pair of times: {pair!r}")
                continue
            start, end = self.time(pair[0], where), self.time(pair[1], where)
            if start is None or end is None:
                continue
            if start < end:
                out.append((start, end))
            elif may_cross and end < start < DAY:
                out.append((start, end + DAY))
            else:
                self.problems.append(f"{where}: {pair[0]} is not before {pair[1]}")
        return out

    def sequence(self, raw: object, where: str) -> list[Any]:
        if isinstance(raw, (list, tuple, set, frozenset)):
            return list(raw)
        self.problems.append(f"{where}: not a list: {raw!r}")
        return []

    def mapping(self, raw: object, where: str) -> dict[Any, Any]:
        if isinstance(raw, Mapping):
            return dict(raw)
        self.problems.append(f"{where}: not a mapping: {raw!r}")
        return {}

    def weekly(self, raw: object) -> list[list[Interval]]:
        """The intervals of each weekday, split at midnight and not merged."""
        days: list[list[Interval]] = [[] for _ in WEEKDAYS]
        for key, value in self.mapping(raw, "weekly").items():
            if key not in WEEKDAYS:
                self.problems.append(f"weekly: unknown weekday: {key!r}")
                continue
            at = WEEKDAYS.index(key)
            for start, end in self.intervals(value, key, may_cross=True):
                days[at].append((start, min(end, DAY)))
                if end > DAY:
                    days[(at + 1) % 7].append((0, end - DAY))
        return days

    def by_date(self, raw: object, where: str) -> dict[int, list[Interval]]:
        out: dict[int, list[Interval]] = {}
        for key, value in self.mapping(raw, where).items():
            day = self.date(key, where)
            spans = self.intervals(value, f"{where} {key}")
            if day is not None:
                out[day] = spans
        return out


def _read(calendar: Mapping[str, Any], *, strict: bool) -> tuple[OpeningHours | None, list[str]]:
    reader = _Reader()
    calendar = reader.mapping(calendar, "calendar")
    reader.problems += [f"unknown key: {key!r}" for key in calendar if key not in KEYS]
    tz: ZoneInfo | None = None
    if "tz" not in calendar:
        reader.problems.append("the time zone is missing")
    else:
        try:
            tz = zone(calendar["tz"])
        except CalendarError as error:
            reader.problems += error.problems
    weekly = reader.weekly(calendar.get("weekly", {}))
    days = [reader.date(d, "holidays") for d in reader.sequence(calendar.get("holidays", []), "holidays")]
    listed = reader.sequence(calendar.get("holidays_every_year", []), "holidays_every_year")
    yearly = [reader.month_day(d, "holidays_every_year") for d in listed]
    overrides = reader.by_date(calendar.get("overrides", {}), "overrides")
    breaks = reader.by_date(calendar.get("breaks", {}), "breaks")
    if strict:
        dated = [
            (f"{name} {day_of_number(day)}", spans)
            for name, table in (("overrides", overrides), ("breaks", breaks))
            for day, spans in table.items()
        ]
        for where, spans in (*zip(WEEKDAYS, weekly, strict=True), *dated):
            ordered = sorted(spans)
            for one, two in pairwise(ordered):
                if two[0] < one[1]:
                    reader.problems.append(f"{where}: {_clock(*one)} and {_clock(*two)} overlap")
    if tz is None or reader.problems:
        return None, reader.problems
    return OpeningHours(
        zone=tz,
        weekly=tuple(merged(spans) for spans in weekly),
        holidays=frozenset(day for day in days if day is not None),
        yearly=frozenset(day for day in yearly if day is not None),
        overrides={day: merged(spans) for day, spans in overrides.items()},
        breaks={day: merged(spans) for day, spans in breaks.items()},
    ), []


def _clock(start: int, end: int) -> str:
    def text(second: int) -> str:
        hours, rest = divmod(second, 3600)
        return f"{hours:02}:{rest // 60:02}" + (f":{rest % 60:02}" if rest % 60 else "")

    return f"{text(start)}-{text(end)}"


def read_opening_hours(calendar: Mapping[str, Any]) -> OpeningHours:
    """The rules of a calendar in plain form; raise CalendarError with every problem.

    Overlapping intervals are merged and a calendar that never opens is read: see ``check_calendar`` for what
    a person may save.
    """
    hours, problems = _read(calendar, strict=False)
    if hours is None:
        raise CalendarError(*problems)
    return hours


def check_calendar(calendar: Mapping[str, Any]) -> list[str]:
    """What is wrong with a calendar that a person wants to save, in plain words; empty when nothing is.

    Stricter than reading it: intervals of one day may touch but not overlap (those of a night shift count on
    the day where they lie), and some weekday must open (overrides alone run out).
    """
    hours, problems = _read(calendar, strict=True)
    if hours is not None and not any(hours.weekly):
        problems.append("the calendar never opens: no weekday has hours")
    elif hours is not None and len(hours.yearly) == 366:
        problems.append("the calendar never opens: every day of the year is a holiday")
    return problems
