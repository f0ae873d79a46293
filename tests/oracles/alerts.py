"""Who must have been told of which clock at which tick, worked out one hand-off at a time, by walking business time.

It imports nothing of the product. A tick is an instant at which everything was looked at. At the first tick at or after
a rung (of the due time: after it) who is concerned is told, if the hand-off still waits then; who works it only of the
highest rung reached. Nothing is told between ticks, and nothing twice. A dispute is told to the managers unless it is
decided by the tick, and what was decided to who works the lead, who gave it and who disputed; nobody hears of what
they did themselves.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.oracles.open_seconds import OpenSeconds, Paused

LATE = timedelta(minutes=5)
DIRECTOR_AFTER = 4 * 3600


@dataclass
class Disputed:
    """A rejection that was contradicted: when and by whom, and what was decided, if it was."""

    at: datetime
    by: Any
    decided_at: datetime | None = None
    decided_by: Any = None
    outcome: str = ""


@dataclass
class Case:
    """One hand-off as it went: its owners in order, and when it was tried first or closed, if it was."""

    key: Any
    start: datetime
    allowance: int
    owners: list[tuple[datetime, Any]]
    managers: frozenset[Any]
    directors: frozenset[Any]
    ended_at: datetime | None = None
    pauses: list[tuple[datetime, datetime]] = field(default_factory=list)
    giver: Any = None
    director_after: int = DIRECTOR_AFTER
    disputes: list[Disputed] = field(default_factory=list)
    walk: OpenSeconds = field(repr=False, default_factory=lambda: OpenSeconds({"tz": "UTC"}))

    def owner(self, at: datetime) -> Any:
        return [owner for since, owner in self.owners if since <= at][-1]

    def waits(self, at: datetime) -> bool:
        return self.ended_at is None or self.ended_at > at

    def was_paused(self, since: datetime, until: datetime) -> bool:
        """Whether a pause began in between: what was reached before it, and not told, is nobody's worry during it."""
        return any(since <= start <= until for start, _end in self.pauses)


def told(case: Case, ticks: list[datetime]) -> set[tuple[Any, str, Any, datetime, bool]]:
    """Everything told of a hand-off's clock: person, kind, hand-off, tick, and whether late."""
    hours = Paused(case.walk, sorted(case.pauses))
    early, risk, due, director = (
        hours.due(case.start, seconds)
        for seconds in (
            -(-case.allowance // 2),
            -(-case.allowance * 3 // 4),
            case.allowance,
            case.allowance + case.director_after,
        )
    )
    assert early and risk and due and director
    found = set()

    def tell(kind: str, reached: datetime, tick: datetime, people: Any) -> None:
        for person in people:
            found.add((person, kind, case.key, tick, tick - reached > LATE))

    tick = next_tick(ticks, max(early, case.start))
    if tick and case.waits(tick) and tick < risk and not case.was_paused(early, tick):
        tell("early", early, tick, [case.owner(tick)])
    tick = next_tick(ticks, max(risk, case.start))
    if tick and case.waits(tick) and tick <= due and not case.was_paused(risk, tick):
        tell("at_risk", risk, tick, [case.owner(tick)])
    after = bisect_right(ticks, due)
    if after < len(ticks) and case.waits(ticks[after]):
        tell("overdue", due, ticks[after], {case.owner(ticks[after]), *case.managers})
    tick = next_tick(ticks, director)
    if tick and case.waits(tick):
        tell("overdue_for_directors", director, tick, case.directors)
    return found


def disputed(case: Case, ticks: list[datetime]) -> set[tuple[Any, str, datetime]]:
    """Everything told of what followed the rejections of a hand-off: person, kind and tick."""
    found = set()
    for one in case.disputes:
        tick = next_tick(ticks, one.at)
        if tick is not None and not (one.decided_at is not None and one.decided_at <= tick):
            found |= {(person, "rejection_disputed", tick) for person in case.managers if person != one.by}
        after = next_tick(ticks, one.decided_at) if one.decided_at is not None else None
        if after is not None:
            people = {case.owner(after), case.giver, one.by} - {one.decided_by}
            found |= {(person, f"rejection_{one.outcome}", after) for person in people}
    return found


def given(case: Case, ticks: list[datetime]) -> list[tuple[Any, datetime]]:
    """Who was told that the lead is theirs, at which tick: of several changes before one tick, by the last alone."""
    last: dict[datetime, Any] = {}
    for at, owner in case.owners:
        if (tick := next_tick(ticks, at)) is not None:
            last[tick] = owner
    return [(owner, tick) for tick, owner in last.items()]


def next_tick(ticks: list[datetime], at: datetime) -> datetime | None:
    n = bisect_left(ticks, at)
    return ticks[n] if n < len(ticks) else None
