"""Reporting periods: half-open runs of local days, and the buckets they fall into.

A period is [start, end): `end` is the first day that no longer belongs to it. Weeks are ISO weeks, from
Monday. Days are local days of the agreement's zone; which instants a day holds is decided elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

ONE_DAY = timedelta(days=1)


class Grain(StrEnum):
    """The size of a bucket."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Span(StrEnum):
    """How many months rates are measured over at once."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


MONTHS_IN = {Span.MONTH: 1, Span.QUARTER: 3, Span.YEAR: 12}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The local days from `start` up to but not including `end`; empty when they are equal.

    Raises `ValueError` when `end` lies before `start`, `TypeError` for instants.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if isinstance(self.start, datetime) or isinstance(self.end, datetime):
            raise TypeError("a period is made of days, not of instants")
        if self.end < self.start:
            raise ValueError(f"a period cannot end ({self.end}) before it starts ({self.start})")

    def __len__(self) -> int:
        """The number of days."""
        return (self.end - self.start).days

    def __iter__(self) -> Iterator[date]:
        return (self.start + timedelta(days=offset) for offset in range(len(self)))

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __and__(self, other: "Period") -> "Period | None":
        """The days in both, or None if there is none."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start, end) if start < end else None


def month_of(day: date) -> Period:
    """The whole month that holds `day`."""
    return Period(day.replace(day=1), next_month(day))


def next_month(day: date) -> date:
    """The first day of the month after that of `day`."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def months_between(from_: date, to: date) -> list[Period]:
    """The whole months that [from_, to) touches, in order; none for an empty span."""
    span = Period(from_, to)
    months = []
    start = from_.replace(day=1)
    while len(span) and start < to:
        months.append(month_of(start))
        start = months[-1].end
    return months


def span_of(day: date, span: Span) -> Period:
    """The whole month, quarter or year that holds `day`."""
    months = MONTHS_IN[span]
    first = day.year * 12 + (day.month - 1) // months * months
    return Period(*(date(index // 12, index % 12 + 1, 1) for index in (first, first + months)))


def spans_up_to(day: date, span: Span, count: int) -> list[Period]:
    """So many months, quarters or years in order, the last the one that holds `day`."""
    found = [span_of(day, span)]
    while len(found) < count:
        found.append(span_of(found[-1].start - ONE_DAY, span))
    return found[::-1]


def bucket_of(day: date, grain: Grain) -> Period:
    """The whole day, ISO week or month that holds `day`."""
    match grain:
        case Grain.DAY:
            return Period(day, day + ONE_DAY)
        case Grain.WEEK:
            monday = day - timedelta(days=day.weekday())
            return Period(monday, monday + 7 * ONE_DAY)
        case Grain.MONTH:
            return month_of(day)


def part_of(day: date) -> Period | None:
    """The days of the ISO week that holds `day` which lie in its month; None where these are the whole week."""
    week, month = bucket_of(day, Grain.WEEK), month_of(day)
    part = week & month
    return None if part == week else part


def buckets(from_: date, to: date, grain: Grain) -> list[Period]:
    """Tile [from_, to) with buckets of the grain, without gap or overlap.

    The first and the last are clipped to the span: a week that began before `from_` counts only its days from
    `from_` on, so the buckets always add up to the total.
    """
    span = Period(from_, to)
    tiles = []
    start = from_
    while start < to:
        tile = bucket_of(start, grain) & span
        assert tile is not None
        tiles.append(tile)
        start = tile.end
    return tiles
