"""Speed and depth of a period's hand-offs side by side: by rep, team, segment, source, channel or hour, and by load."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from agreements.models import Segment, Team
from reports.hand_off_facts import AS_OF, PASSING, PASSING_COLUMNS, STORED, SUM_COLUMNS, SUMS, words
from reports.load import MOST
from reports.models import PeriodFigure
from reports.readings.depth import DepthBucket, depth_bucket
from reports.readings.explored import MOST_GROUPS, By, TooManyGroups, explored
from reports.readings.figures import Row, no_figures, passing_by, tell_open, with_passing
from reports.readings.scope import Scope
from reports.readings.selection import where
from reports.readings.spacing import NO_SPACING, Spacing, spacing_by, stored_spacing
from reports.readings.speed import SpeedBucket, speed_bucket
from reports.readings.stored import stored_by

Dimension = PeriodFigure.Dimension


class Group(StrEnum):
    """What hand-offs are set beside each other by, as the explore page groups them."""

    TEAM = By.TEAM.value
    SEGMENT = By.SEGMENT.value
    SOURCE = By.SOURCE.value
    CHANNEL = By.CHANNEL.value
    HOUR = By.HOUR.value
    REP = By.REP.value


OF_NO_PERSON = tuple(group for group in Group if group is not Group.REP)
"""The groups whose figures are nobody's own, which programs may read."""


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """One group's speed and depth. `key` is an id, a source, a channel or an hour in text; "" where there is none.

    `spacing` is only there where it was asked for.
    """

    key: str
    speed: SpeedBucket
    depth: DepthBucket
    spacing: Spacing = NO_SPACING


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """The hand-offs whose owner got so many that day (the last: or more), on so many days of a rep."""

    load: int
    rep_days: int
    speed: SpeedBucket
    depth: DepthBucket


# The load is everything that the owner was handed that day, whatever of it the report is about.
LOADS = """
SELECT coalesce(o.owner_id::text, 'name:' || o.owner_name) AS owner, o.handed_off_on, count(*) AS load
FROM leads_handoff o
WHERE {days} AND (o.owner_id IS NOT NULL OR o.owner_name <> '')
GROUP BY 1, 2
"""
ON_LOADS = "loads.owner = f.owner AND loads.handed_off_on = f.handed_off_on"
BY_LOAD = f"""
SELECT least(loads.load, {MOST}) AS load, count(DISTINCT (f.owner, f.handed_off_on)) AS rep_days, {SUMS}, {PASSING}
FROM ({{relation}}) f JOIN (
    {LOADS.format(days="o.handed_off_on >= %(start)s AND o.handed_off_on < %(end)s AND o.handed_off_at <= %(now)s")}
) loads ON {ON_LOADS}
WHERE f.handed_off_on >= %(start)s AND f.handed_off_on < %(end)s AND {{condition}}
GROUP BY 1 ORDER BY 1
"""
ON_DAYS_OF_PASSING = "o.handed_off_on IN (SELECT handed_off_on FROM passing)"
LOADS_OF_PASSING = f"JOIN ({LOADS.format(days=ON_DAYS_OF_PASSING)}) loads ON {ON_LOADS}"
# By what stored figures know hand-offs, and the dimension of these.
STORED_BY = {
    Group.TEAM: Dimension.TEAM,
    Group.SEGMENT: Dimension.SEGMENT,
    Group.SOURCE: Dimension.SOURCE,
    Group.REP: Dimension.OWNER,
}


def figures_by_group(scope: Scope, group: Group, *, with_spacing: bool = False) -> list[GroupFigures]:
    """Return speed and depth of each group, most hand-offs first; hours in the order of the day.

    There are none where there are more than anybody could read. `with_spacing`: also the time between attempts.
    """
    try:
        return _figures_by_group(scope, group, with_spacing=with_spacing)
    except TooManyGroups:
        return []


def _figures_by_group(scope: Scope, group: Group, *, with_spacing: bool = False) -> list[GroupFigures]:
    by = By(group.value)
    rows = _stored(scope, group) or explored(scope, by).first
    spacings = {}
    if with_spacing:
        stored = {key: spacing for key, row in rows.items() if (spacing := stored_spacing(row))}
        spacings = stored or spacing_by(scope, by)
    found = [
        GroupFigures(
            key,
            speed_bucket(scope.period, row),
            depth_bucket(scope.period, row),
            spacings.get(key, NO_SPACING),
        )
        for key, row in rows.items()
    ]
    if group is Group.HOUR:
        return sorted(found, key=lambda one: one.key)
    return sorted(found, key=lambda one: (-one.depth.handed_off, one.key))


def speed_by_group(scope: Scope, group: Group) -> list[dict[str, Any]]:
    """Return the speed of each group as the `report` command prints it; teams and segments by their slugs.

    ValidationError where there are too many groups: a document without any would say that there is none.
    """
    names = _slugs(group)
    return [
        {"group": names.get(one.key, one.key), **one.speed.as_json()} for one in _groups_said(scope, group)
    ]


def depth_by_group(scope: Scope, group: Group) -> list[dict[str, Any]]:
    """Return depth and spacing of each group as the `report` command prints it; a group has no distribution.

    ValidationError as with speed.
    """
    names, found = _slugs(group), []
    for one in _groups_said(scope, group, with_spacing=True):
        said = {"group": names.get(one.key, one.key), **one.depth.as_json(), "spacing": one.spacing.as_json()}
        del said["distribution"]
        found.append(said)
    return found


def _groups_said(scope: Scope, group: Group, *, with_spacing: bool = False) -> list[GroupFigures]:
    try:
        return _figures_by_group(scope, group, with_spacing=with_spacing)
    except TooManyGroups as error:
        raise ValidationError(_("There are more than 5,000 groups: a filter makes them fewer.")) from error


def _slugs(group: Group) -> dict[str, str]:
    named = {Group.TEAM: Team, Group.SEGMENT: Segment}.get(group)
    if named is None:
        return {}
    return {str(pk): slug for pk, slug in named._default_manager.values_list("pk", "slug")}


def _stored(scope: Scope, group: Group) -> dict[str, Row] | None:
    """Return the figures of each group as stored; None where stored figures do not know them as asked."""
    if group not in STORED_BY or scope.moment.is_past:
        return None
    dimension = STORED_BY[group].value
    found = stored_by(dimension, scope.period, scope.selection)
    if found is None:
        return None
    if len(found) > MOST_GROUPS:
        raise TooManyGroups
    passing = passing_by(f"f.{dimension}", scope.period, scope.selection, scope.moment)
    return {key: _complete(row, passing.get(key)) for key, row in found.items()}


def _complete(figures: Row, passing: Row | None) -> Row:
    """Put what passes with time beside what is stored; a group has no distribution."""
    return with_passing(no_figures() | figures, dict.fromkeys(PASSING_COLUMNS, 0) | (passing or {}))


def figures_by_load(scope: Scope) -> list[LoadFigures]:
    """Return speed and depth of the hand-offs with an owner by what that person was handed the same day."""
    found = []
    for load, days, row in _stored_by_load(scope) or _counted_by_load(scope):
        speed, depth = speed_bucket(scope.period, row), depth_bucket(scope.period, row)
        found.append(LoadFigures(load, days, speed, depth))
    return found


def _stored_by_load(scope: Scope) -> list[tuple[int, int, Row]]:
    stored = None
    if not scope.moment.is_past:
        stored = stored_by(Dimension.LOAD.value, scope.period, scope.selection)
    if not stored:
        return []
    key = f"least(loads.load, {MOST})::text"
    passing = passing_by(key, scope.period, scope.selection, scope.moment, join=LOADS_OF_PASSING)
    rows = [
        (int(load), row.pop("rep_days"), _complete(row, passing.get(load))) for load, row in stored.items()
    ]
    return sorted(rows, key=lambda one: one[0])


def _counted_by_load(scope: Scope) -> list[tuple[int, int, Row]]:
    condition, parameters = where(scope.selection)
    relation = AS_OF if scope.moment.is_past else STORED
    parameters |= {
        **words(),
        "now": scope.moment.at,
        "start": scope.period.start,
        "end": scope.period.end,
    }
    with connection.cursor() as cursor:
        cursor.execute(BY_LOAD.format(relation=relation, condition=condition), parameters)
        rows = cursor.fetchall()
    columns = (*SUM_COLUMNS, *PASSING_COLUMNS)
    return [
        (load, days, tell_open(no_figures() | dict(zip(columns, values, strict=True))))
        for load, days, *values in rows
    ]
