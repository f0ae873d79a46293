"""A random company with agreements of several levels, in the database."""

from __future__ import annotations

import datetime as dt

from agreements.models import Agreement, Commitment, Party, Segment, Team, Version
from tests.oracles.levels import LEVELS, World
from tests.worlds.levelled import SEGMENTS, TEAMS

NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
TIMED = ("speed", "acceptance", "outcome")


def forget_what_nobody_can_sign(world: World) -> None:
    """Leave a company that can be signed: a service agreement stands below another, a segment is agreed on once."""
    for one in world.values():
        one.versions = one.versions if one.level != "service" or one.parent else []
    taken: set[str] = set()
    for one in world.values():
        if one.segment in taken:
            one.versions = []
        taken |= {one.segment} - {""}


def store(
    world: World,
) -> tuple[dict[str, Team], dict[str, Segment], dict[str, Agreement], dict[int, tuple[str, int]]]:
    """Put the company into the database: its agreements, and each promise with a number of its own."""
    teams = {name: Team.objects.create(slug=name, name=name, function="sales") for name in TEAMS}
    segments = {name: Segment.objects.create(slug=name, name=name) for name in SEGMENTS[1:]}
    made: dict[str, Agreement] = {}
    versions: dict[int, tuple[str, int]] = {}
    for name, one in world.items():
        made[name] = Agreement.objects.create(
            slug=name,
            name=name,
            time_zone=one.zone,
            level=LEVELS[one.level],
            parent=made[one.parent] if one.parent else None,
            segment=segments.get(one.segment),
        )
        parties = [
            Party.objects.create(agreement=made[name], team=teams[team]) for team in sorted(one.parties)
        ]
        for number, written in enumerate(one.versions):
            version = Version.objects.create(
                agreement=made[name],
                number=number + 1,
                starts_on=written.starts_on,
                ends_on=written.ends_on if written.ends_on != written.starts_on else None,
                created_at=NOON,
            )
            versions[version.pk] = (name, number)
            for (kind, segment), said in written.promises.items():
                Commitment.objects.create(
                    version=version,
                    party=parties[0],
                    kind=kind,
                    segment=segments.get(segment),
                    allowance=dt.timedelta(minutes=said) if kind in TIMED else None,
                    attempts=said if kind == "depth" else None,
                    counts_recycled=kind == "mql_goal" and said % 2 == 0,
                    counts_sales_origin=kind == "mql_goal" and said % 3 == 0,
                )
            Version.objects.filter(pk=version.pk).update(
                state="signed", signed_at=NOON, ended_on=written.ends_on
            )
    return teams, segments, made, versions
