"""Random companies with agreements of several levels, and hand-offs to ask about: the same for the same seed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

from tests.oracles.levels import KINDS, LEVELS, Asked, Levelled, Signed, World

TEAMS = ("marketing", "north", "south", "care")
SEGMENTS = ("", "executive", "manager")
ZONES = ("UTC", "Europe/Warsaw", "Asia/Seoul", "Pacific/Apia")
FIRST = date(2026, 1, 1)
DAYS = 40
DAY = timedelta(days=1)


def make_levelled(seed: int) -> tuple[World, list[Asked]]:
    """Return a company of up to seven agreements, and forty hand-offs around the days on which something changes."""
    random = Random(seed)
    world: World = {}
    one_zone = random.random() < 0.5
    for place in range(random.randint(1, 7)):
        level = random.choice(["corporate", "team", "team", "service", "service"])
        above = [one.name for one in world.values() if LEVELS[one.level] < LEVELS[level]]
        parent = random.choice(above) if above and random.random() < 0.85 else None
        parties = set(random.sample(TEAMS, random.randint(2, 4)))
        if parent and random.random() < 0.4:
            parties |= world[parent].parties
        world[f"agreement-{place}"] = Levelled(
            name=f"agreement-{place}",
            level=level,
            parent=parent,
            segment=random.choice(SEGMENTS[1:]) if level == "service" else "",
            zone=ZONES[0] if one_zone else random.choice(ZONES),
            parties=parties,
            versions=_versions(random, is_long=level == "corporate" or random.random() < 0.6),
        )
    changes = [version.starts_on for one in world.values() for version in one.versions]
    return world, [_asked(random, world, changes) for _ in range(40)]


def _versions(random: Random, *, is_long: bool) -> list[Signed]:
    """Long ones often govern all days, so that others have something to inherit, and inherit it."""
    found: list[Signed] = []
    day = FIRST + random.randint(-10, 15) * DAY
    if is_long and random.random() < 0.7:
        day -= 30 * DAY
    for _ in range(random.choice([0, 1, 1, 2, 3])):
        length = random.choice([0, 1, *(random.randint(1, 20) for _ in range(2)), 400, *[400] * 4 * is_long])
        promises = {
            (kind, segment): random.randint(1, 99)
            for kind in KINDS
            for segment in SEGMENTS
            if random.random() < (0.5 if segment == "" else 0.2) and (kind != "mql_goal" or segment == "")
        }
        found.append(Signed(day, None if length == 400 else day + length * DAY, promises))
        if length == 400:
            break
        day += (length + random.choice([0, 0, 0, 3])) * DAY
    return found


def _asked(random: Random, world: World, changes: list[date]) -> Asked:
    on = FIRST + random.randint(-15, DAYS) * DAY
    if changes and random.random() < 0.6:
        on = random.choice(changes) + random.randint(-1, 1) * DAY
    at = datetime(on.year, on.month, on.day, random.choice([0, 5, 11, 12, 16, 23]), 30, tzinfo=UTC)
    return Asked(
        at=at,
        on=on if random.random() < 0.2 else None,
        team=random.choice(["", *TEAMS[1:]]),
        segment=random.choice(SEGMENTS),
        named=random.choice(sorted(world)) if random.random() < 0.25 else None,
    )
