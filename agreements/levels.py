"""Which agreement covers a hand-off, and in which agreements its terms are looked up.

Definitions. Each agreement has a level: corporate, team or service, the later the more specific; a service agreement is
for one segment. One may stand below another of a lower number, its parent, and inherits from it every promise that it
does not make itself; the agreements from one up to the top are its *chain*. Agreements that share a top are a *tree*.
An agreement governs a day while one of its signed versions is in force; days are half-open spans, each read in the
agreement's own zone.

The rule, for a hand-off of a receiving team and a segment:

1. A *named* agreement decides: the first of its chain that governs the day.
2. Otherwise an agreement *covers* the hand-off if it governs the day, is a service agreement only for its segment, and
   the receiving team is a party of it, or of an agreement below it that had begun by then: where a team's agreement has
   ended, the company's takes over.
3. Of those that cover it, the one of the most specific level counts. Several of that level: none does.
4. With no team named, only agreements that leave out no party of those above them cover a hand-off, and they must be
   of one tree: an agreement of some teams says nothing of a lead that no team received.

Each promise is then looked up along the chain of the agreement found: in the version that governs that day, the
segment's own promise first, then the one for all leads; an agreement of the chain that does not govern it says nothing.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, TypeVar

SERVICE = 3
"""The level of an agreement for one segment."""


@dataclass(frozen=True, slots=True)
class InForce:
    """A signed version governs the days [starts_on, ends_on)."""

    version_id: int
    starts_on: dt.date
    ends_on: dt.date | None

    def __contains__(self, day: dt.date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)


@dataclass(frozen=True, slots=True)
class Place:
    """An agreement as the rule sees it; `teams` are its parties'."""

    id: int
    level: int
    parent_id: int | None
    segment_id: int | None
    teams: frozenset[int]
    zone: zoneinfo.ZoneInfo
    versions: tuple[InForce, ...]

    def day(self, at: dt.datetime, on: dt.date | None) -> dt.date:
        """Return the day of a hand-off as this agreement reads it: the one given, or the instant's in its zone."""
        return on if on is not None else at.astimezone(self.zone).date()

    def version_on(self, day: dt.date) -> int | None:
        """Return the version that governs the day."""
        return next((one.version_id for one in self.versions if day in one), None)

    def had_begun(self, day: dt.date) -> bool:
        return any(one.starts_on <= day for one in self.versions)


class Trees:
    """All agreements by level and parent, ready for a million questions."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.places = {place.id: place for place in places}
        self._chains = {pk: tuple(self._climb(pk)) for pk in self.places}
        self._below: dict[int, list[Place]] = defaultdict(list)
        for pk, chain in self._chains.items():
            for above in chain[1:]:
                self._below[above.id].append(self.places[pk])
        self._governing = [place for place in self.places.values() if place.versions]

    def chain(self, agreement_id: int) -> Sequence[Place]:
        """Return the agreement, its parent, and so on to the top."""
        return self._chains[agreement_id]

    def governing(self, agreement_id: int, at: dt.datetime, on: dt.date | None) -> Place | None:
        """Return the first of the agreement's chain that governs the day; None where none does."""
        return next((one for one in self.chain(agreement_id) if one.version_on(one.day(at, on))), None)

    def covering(
        self, at: dt.datetime, on: dt.date | None, *, team_id: int | None, segment_id: int | None
    ) -> Place | None:
        """Return the one agreement that covers a hand-off for which none was named; None for none or several."""
        found = [
            one
            for one in self._governing
            if one.version_on(day := one.day(at, on))
            and (one.level != SERVICE or (segment_id is not None and one.segment_id == segment_id))
            and (self._leaves_nobody_out(one) if team_id is None else self._is_for(one, team_id, day))
        ]
        if team_id is None and len({self.chain(one.id)[-1].id for one in found}) > 1:
            return None
        most = max((one.level for one in found), default=0)
        specific = [one for one in found if one.level == most]
        return specific[0] if len(specific) == 1 else None

    def _climb(self, agreement_id: int) -> Iterator[Place]:
        seen: set[int] = set()
        step: int | None = agreement_id
        while step is not None and step not in seen:  # levels rule circles out; a reader must not hang on one
            seen.add(step)
            yield (place := self.places[step])
            step = place.parent_id

    def _is_for(self, place: Place, team_id: int, day: dt.date) -> bool:
        if team_id in place.teams:
            return True
        return any(team_id in one.teams and one.had_begun(day) for one in self._below.get(place.id, ()))

    def _leaves_nobody_out(self, place: Place) -> bool:
        chain = self.chain(place.id)
        return all(above.teams <= below.teams for below, above in pairwise(chain))


T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Promising(Protocol[T_co]):
    """What a version promises, by kind and segment."""

    def own(self, kind: str, segment_id: int | None) -> T_co | None: ...


def look_up(
    kind: str, segment_id: int | None, versions: Iterable[int], promises: Mapping[int, Promising[T]]
) -> tuple[T, int] | None:
    """Return the promise that holds for a segment, and the version that makes it: the first along these versions.

    In each the segment's own comes first, then the one for all leads.
    """
    for version_id in versions:
        for of_segment in dict.fromkeys((segment_id, None)):
            if (found := promises[version_id].own(kind, of_segment)) is not None:
                return found, version_id
    return None
