"""Opening hours and days off as people type them.

Definitions. A day's hours are times separated by commas, each from a time to a time: `09:00-12:30, 13:00-17:00`, or
`9-17`; one that ends before it begins runs past midnight; nothing at all means closed. A day off stands on a line of
its own: a date (`2026-12-24`, or `12-24` for every year), then hours if it is not off all day, then what it is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

FIRST_YEAR, LAST_YEAR = 2000, 2199

_HOURS = r"\d{1,2}(?::\d\d)?\s*[-–—]\s*\d{1,2}(?::\d\d)?"
_INTERVAL = re.compile(r"(\d{1,2})(?::(\d\d))?\s*[-–—]\s*(\d{1,2})(?::(\d\d))?", re.ASCII)
_DAY = re.compile(
    rf"(?:(\d{{4}})-)?(\d\d)-(\d\d)(?:\s+({_HOURS}(?:\s*[,;]\s*{_HOURS})*))?(?:\s+(.*))?", re.ASCII
)

Intervals = list[list[str]]


class NotUnderstood(ValueError):
    """A part of what was typed cannot be read; `part` is that part, as it was typed."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


@dataclass
class OwnDays:
    """Days that differ: `overrides` by date (no intervals: closed), `yearly` off as MM-DD, `names` by either."""

    overrides: dict[str, Intervals] = field(default_factory=dict)
    yearly: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)


def read_hours(text: str) -> Intervals:
    """Return the intervals of a day; NotUnderstood names the first that is none."""
    return [_interval(part.strip()) for part in re.split("[,;]", text) if part.strip()]


def hours_text(intervals: Iterable[Iterable[str]]) -> str:
    """Return intervals as people type them."""
    return ", ".join(
        "-".join(time.removesuffix(":00") if len(time) > 5 else time for time in pair) for pair in intervals
    )


def read_days(text: str) -> OwnDays:
    """Return the days that the lines say; NotUnderstood names the first line that says none."""
    days = OwnDays()
    for line in filter(None, map(str.strip, text.splitlines())):
        found = _DAY.fullmatch(line)
        if found is None:
            raise NotUnderstood(line)
        year, month, day, hours, name = found.groups()
        key = f"{month}-{day}"
        try:
            date(int(year or 2000), int(month), int(day))  # 2000 was a leap year: 02-29 is a date
        except ValueError:
            raise NotUnderstood(line) from None
        if year is None:
            if hours is not None:
                raise NotUnderstood(line)
            days.yearly.append(key)
        else:
            if not FIRST_YEAR <= int(year) <= LAST_YEAR:
                raise NotUnderstood(line)
            key = f"{year}-{key}"
            days.overrides[key] = read_hours(hours or "")
            if any(start >= end for start, end in days.overrides[key]):  # hours of one date end on it
                raise NotUnderstood(line)
        if name:
            days.names[key] = name
    days.yearly = sorted(set(days.yearly))
    return days


def days_text(definition: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return the days off of a calendar's own as people type them: those that no holiday library has named."""
    overrides = dict(definition.get("overrides", {}))
    own: dict[str, Intervals] = {day: [] for day in definition.get("holidays", []) if day not in names}
    lines = [
        " ".join(filter(None, [day, hours_text(intervals), names.get(day, "")]))
        for day, intervals in sorted((own | overrides).items())
    ]
    yearly = sorted(definition.get("holidays_every_year", []))
    return "\n".join(lines + [" ".join(filter(None, [day, names.get(day, "")])) for day in yearly])


def _interval(part: str) -> list[str]:
    found = _INTERVAL.fullmatch(part)
    if found is None:
        raise NotUnderstood(part)
    start, end = _time(found[1], found[2]), _time(found[3], found[4])
    if start is None or end is None or start == end or start == "24:00":
        raise NotUnderstood(part)
    return [start, end]


def _time(hour: str, minute: str | None) -> str | None:
    hours, minutes = int(hour), int(minute or 0)
    is_time = (hours < 24 and minutes < 60) or (hours, minutes) == (24, 0)
    return f"{hours:02}:{minutes:02}" if is_time else None
