"""Local wall time and UTC instants.

Definitions. An *instant* is a point in UTC. A *wall time* is what a clock on the wall of a time zone shows; a
wall time can belong to no instant (a *gap*, when clocks go forward), or to two (a *fold*, when they go back).
A *local day* is the set of instants whose wall time has that date: it may last 23, 24 or 25 hours, need not
begin at 00:00, and a zone that crossed the date line may lack a day altogether.

Epoch seconds are whole seconds since 1970-01-01T00:00Z. An *offset segment* ``(start, end, offset)`` is a
half-open span of epoch seconds in which the zone's UTC offset, in seconds, is constant, so that inside it
wall time and UTC differ by a constant. All arithmetic on wall times goes through segments, and so is exact
for half-hour changes and for jumps over the date line.

Supported instants are those of the years 1900 to 2199; others raise ``OutOfRange``.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_YEAR, LAST_YEAR = 1900, 2199
DAY = 86_400

Segment = tuple[int, int, int]


class CalendarError(ValueError):
    """A calendar, or the name of a time zone, that cannot be read. ``problems`` lists every complaint."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)


class OutOfRange(ValueError):
    """An instant outside the years 1900 to 2199."""


def zone(tz: str | ZoneInfo) -> ZoneInfo:
    """The time zone of that IANA name; raise CalendarError when there is none."""
    if isinstance(tz, ZoneInfo):
        return tz
    try:
        return ZoneInfo(tz)
    except (KeyError, ValueError, OSError, TypeError):
        raise CalendarError(f"unknown time zone: {tz!r}") from None


def epoch_of_year(year: int) -> int:
    """Epoch seconds of the first instant of that UTC year."""
    return (date(year, 1, 1).toordinal() - date(1970, 1, 1).toordinal()) * DAY


FIRST_INSTANT, END_OF_TIME = epoch_of_year(FIRST_YEAR), epoch_of_year(LAST_YEAR + 1)


def day_number(day: date) -> int:
    """Days since 1970-01-01, negative before it."""
    return day.toordinal() - 719_163


def day_of_number(number: int) -> date:
    """The date with that day number."""
    return date.fromordinal(number + 719_163)


@lru_cache(maxsize=4096)
def _segments_of_year(tz: ZoneInfo, year: int) -> tuple[Segment, ...]:
    """The offset segments of one UTC year.

    The offset is looked up once a day and the change inside a day found by halving. No zone has two changes
    within a day of each other (the nearest since 1900 are four days apart).
    """

    def offset_at(epoch: int) -> int:
        found = (EPOCH + timedelta(0, epoch)).astimezone(tz).utcoffset()
        assert found is not None
        return found.days * DAY + found.seconds

    start, end = epoch_of_year(year), epoch_of_year(year + 1)
    segments: list[Segment] = []
    since, offset = start, offset_at(start)
    for probe in range(start + DAY, end + DAY, DAY):
        last = min(probe, end - 1)
        after = offset_at(last)
        if after == offset:
            continue
        old, new = last - DAY, last  # the offset is the old one at `old` and the new one at `new`
        while new - old > 1:
            middle = (old + new) // 2
            if offset_at(middle) == offset:
                old = middle
            else:
                new = middle
        segments.append((since, new, offset))
        since, offset = new, after
    segments.append((since, end, offset))
    return tuple(segments)


def offset_segments(tz: ZoneInfo, start: int, end: int) -> list[Segment]:
    """The offset segments that tile [start, end), in order; empty when ``end <= start``.

    Neighbouring segments may have the same offset (they are cut at the turn of the UTC year). Raise
    OutOfRange outside the supported years.
    """
    if end <= start:
        return []
    if start < FIRST_INSTANT or end > END_OF_TIME:
        raise OutOfRange(f"only the years {FIRST_YEAR} to {LAST_YEAR} are supported")
    first, last = (EPOCH + timedelta(0, start)).year, (EPOCH + timedelta(0, end - 1)).year
    return [
        (max(since, start), min(until, end), offset)
        for year in range(first, last + 1)
        for since, until, offset in _segments_of_year(tz, year)
        if since < end and until > start
    ]


def resolve_local(wall: datetime, tz: str | ZoneInfo) -> datetime:
    """The instant, in UTC, that a person means who types this wall time.

    ``wall`` is naive; an aware one raises ValueError. A wall time in a gap is moved forward by the length of
    the gap (02:34 becomes 03:34 summer time); one in a fold is the earlier of the two.
    """
    if wall.tzinfo is not None:
        raise ValueError("a wall time has no zone of its own")
    try:
        return wall.replace(tzinfo=zone(tz), fold=0).astimezone(UTC)
    except OverflowError:
        raise OutOfRange(f"{wall} cannot be placed in UTC") from None


def start_of_local_day(day: date, tz: str | ZoneInfo) -> datetime:
    """The first instant, in UTC, of that local day.

    Its wall time is 00:00 unless midnight falls into a gap. A day that the zone skipped altogether begins,
    and ends, where the next one begins.
    """
    midnight = day_number(day) * DAY
    for since, until, offset in offset_segments(zone(tz), midnight - 2 * DAY, midnight + 3 * DAY):
        if until + offset > midnight:
            return EPOCH + timedelta(0, max(since, midnight - offset))
    raise AssertionError("a local day begins within two days of its UTC namesake")
