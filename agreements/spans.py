"""Spans of time, and why each part of one is open, closed or paused.

Definitions. A span is half-open, ``[start, end)``, and never empty; its ends are instants in UTC. A pause is
a pair of instants; pauses may overlap and be empty. A stretch is a span in which the answer to "does the
clock run, and why" does not change. Everything is exact to the microsecond.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from agreements.local_time import DAY, EPOCH, day_of_number, offset_segments
from agreements.opening_hours import OpeningHours, Reason

Pauses = Sequence[tuple[datetime, datetime]]
DATED = frozenset({Reason.HOLIDAY, Reason.BREAK, Reason.OVERRIDE})


def utc(instant: datetime) -> datetime:
    """The same instant in UTC; raise TypeError when it is naive."""
    if instant.utcoffset() is None:
        raise TypeError(f"a naive datetime is not an instant: {instant}")
    return instant.astimezone(UTC)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open span of two aware instants, ``start < end``, kept in UTC. Others raise ValueError."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", utc(self.start))
        object.__setattr__(self, "end", utc(self.end))
        if not self.start < self.end:
            raise ValueError(f"a span ends after it starts: {self.start} - {self.end}")

    @classmethod
    def between(cls, start: datetime, end: datetime) -> Span | None:
        """The span of two instants, or None when it would be empty or reversed."""
        return cls(start, end) if utc(start) < utc(end) else None

    def __and__(self, other: Span) -> Span | None:
        """What both spans have in common, or None."""
        return Span.between(max(self.start, other.start), min(self.end, other.end))

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    @property
    def length(self) -> timedelta:
        return self.end - self.start


class Kind(StrEnum):
    """Whether the clock runs. Paused is open time inside a pause: closed time stays closed."""

    OPEN = "open"
    CLOSED = "closed"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span that is open, closed or paused throughout, and why.

    ``on`` is the local date of the holiday, break or override; None for weekly hours and for pauses.
    """

    span: Span
    kind: Kind
    reason: Reason
    on: date | None


def merged_pauses(pauses: Pauses) -> list[tuple[datetime, datetime]]:
    """Pauses in UTC and in order, empty and reversed ones dropped, overlapping or touching ones joined."""
    out: list[tuple[datetime, datetime]] = []
    for begin, finish in sorted((utc(begin), utc(finish)) for begin, finish in pauses):
        if finish <= begin:
            continue
        if out and begin <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], finish))
        else:
            out.append((begin, finish))
    return out


def open_spans(hours: OpeningHours, start: int, end: int) -> list[tuple[int, int]]:
    """The open time of [start, end), in epoch seconds and in order; neighbours may touch."""
    spans: list[tuple[int, int]] = []
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


def stretches(hours: OpeningHours, whole: Span, pauses: Pauses) -> list[Stretch]:
    """The stretches that tile the span, in order; neighbours of one kind, reason and date are joined."""
    rests = [pause for pair in merged_pauses(pauses) if (pause := Span(*pair) & whole)]
    out: list[Stretch] = []
    for found in _cut_by(rests, _parts(hours, whole)):
        last = out[-1] if out else None
        if last is not None and (last.kind, last.reason, last.on) == (found.kind, found.reason, found.on):
            out[-1] = Stretch(Span(last.span.start, found.span.end), found.kind, found.reason, found.on)
        else:
            out.append(found)
    return out


def _cut_by(rests: list[Span], parts: Iterator[Stretch]) -> Iterator[Stretch]:
    """The same parts, with what is open inside a pause made paused."""
    for part in parts:
        if part.kind is not Kind.OPEN:
            yield part
            continue
        at = part.span.start
        for rest in rests:
            if (paused := rest & part.span) is None:
                continue
            if at < paused.start:
                yield Stretch(Span(at, paused.start), part.kind, part.reason, part.on)
            yield Stretch(paused, Kind.PAUSED, Reason.PAUSE, None)
            at = paused.end
        if at < part.span.end:
            yield Stretch(Span(at, part.span.end), part.kind, part.reason, part.on)


def _parts(hours: OpeningHours, whole: Span) -> Iterator[Stretch]:
    """The parts of local days that tile the span, pauses apart."""
    first, last = whole.start - EPOCH, whole.end - EPOCH
    start = first.days * DAY + first.seconds
    end = last.days * DAY + last.seconds + (1 if last.microseconds else 0)
    for since, until, offset in offset_segments(hours.zone, start, end):
        for day in range((since + offset) // DAY, (until - 1 + offset) // DAY + 1):
            midnight = day * DAY - offset
            for opening, closing, is_open, reason in hours.parts_of(day):
                a, b = max(midnight + opening, since), min(midnight + closing, until)
                if a < b and (span := Span(EPOCH + timedelta(0, a), EPOCH + timedelta(0, b)) & whole):
                    on = day_of_number(day) if reason in DATED else None
                    yield Stretch(span, Kind.OPEN if is_open else Kind.CLOSED, reason, on)
