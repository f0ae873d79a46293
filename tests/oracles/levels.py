"""Which terms a hand-off finds among agreements of several levels, worked out from the sentences of the rule.

Slow and plain: every agreement and every version is looked at for every question. Imports nothing of the product.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

LEVELS = {"corporate": 1, "team": 2, "service": 3}
KINDS = ("speed", "depth", "mql_goal", "acceptance", "outcome")


@dataclass
class Signed:
    """A signed version for the days [starts_on, ends_on); `promises` by kind and segment ("" is all leads)."""

    starts_on: date
    ends_on: date | None
    promises: dict[tuple[str, str], Any]


@dataclass
class Levelled:
    """An agreement; `parent` names the one above it."""

    name: str
    level: str
    parent: str | None
    segment: str
    zone: str
    parties: set[str]
    versions: list[Signed] = field(default_factory=list)


@dataclass
class Asked:
    """A hand-off; `team` or `segment` "": none; `named`: the agreement that was named for it."""

    at: datetime
    on: date | None
    team: str
    segment: str
    named: str | None


@dataclass
class Found:
    """The agreement, its version, and who makes each promise: (agreement, number of the version, what it says)."""

    agreement: str
    day: date
    number: int
    promises: dict[str, tuple[str, int, Any]]


World = dict[str, Levelled]


def terms_found(world: World, asked: Asked) -> Found | None:
    """Return what a hand-off finds; None where it has no terms."""
    agreement = _agreement(world, asked)
    if agreement is None:
        return None
    day = _day(agreement, asked)
    number = _number_on(agreement, day)
    assert number is not None
    promises = {}
    for kind in KINDS:
        segment = asked.segment if kind != "mql_goal" else ""
        one: Levelled | None = agreement
        while one is not None and kind not in promises:
            own = _number_on(one, day)
            if own is not None:
                said = one.versions[own].promises
                for key in (segment, ""):
                    if (kind, key) in said and kind not in promises:
                        promises[kind] = (one.name, own, said[kind, key])
            one = world[one.parent] if one.parent else None
    return Found(agreement.name, day, number, promises)


def _agreement(world: World, asked: Asked) -> Levelled | None:
    if asked.named is not None:
        return next((one for one in upwards(world, asked.named) if _governs(one, asked)), None)
    covering = [one for one in world.values() if _governs(one, asked) and _covers(world, one, asked)]
    if asked.team == "" and len({upwards(world, one.name)[-1].name for one in covering}) > 1:
        return None
    for level in ("service", "team", "corporate"):
        of_level = [one for one in covering if one.level == level]
        if of_level:
            return of_level[0] if len(of_level) == 1 else None
    return None


def _covers(world: World, one: Levelled, asked: Asked) -> bool:
    if one.level == "service" and one.segment != asked.segment:
        return False
    if asked.team == "":
        above = upwards(world, one.name)
        return all(above[i + 1].parties - above[i].parties == set() for i in range(len(above) - 1))
    if asked.team in one.parties:
        return True
    day = _day(one, asked)
    below = [two for two in world.values() if two.name != one.name and one in upwards(world, two.name)]
    return any(asked.team in two.parties and any(v.starts_on <= day for v in two.versions) for two in below)


def upwards(world: World, name: str) -> list[Levelled]:
    found = [world[name]]
    while (parent := found[-1].parent) is not None:
        found.append(world[parent])
    return found


def _governs(one: Levelled, asked: Asked) -> bool:
    return _number_on(one, _day(one, asked)) is not None


def _day(one: Levelled, asked: Asked) -> date:
    return asked.on or asked.at.astimezone(ZoneInfo(one.zone)).date()


def _number_on(one: Levelled, day: date) -> int | None:
    for number, version in enumerate(one.versions):
        if version.starts_on <= day and (version.ends_on is None or day < version.ends_on):
            return number
    return None
