"""Figures of a span of days by up to two dimensions: of hand-offs, and of the leads that were qualified.

What is counted, and how, is `hand_off_facts`' and `where`'s: only the grouping is made here, so that a cell is the
number that the report of those days says under the filter that the cell stands for. Sums, medians and shares of all,
of a row and of a column are each counted for themselves, in one statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.db import connection

from reports.hand_off_facts import (
    AGGREGATES,
    ARRIVAL_HOUR,
    AS_OF,
    COLUMNS,
    FIRST_CHANNEL,
    PASSING,
    PASSING_COLUMNS,
    STORED,
    SUM_COLUMNS,
    SUMS,
    words,
)
from reports.periods import Grain, Period, buckets
from reports.readings import selection
from reports.readings.figures import Row, no_figures, tell_open, tell_tallies
from reports.readings.scope import Scope, figures_of
from reports.readings.selection import where, where_leads

MOST_GROUPS = 5_000


class By(StrEnum):
    """What figures are grouped by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    REP = "rep"
    TEAM = "team"
    SEGMENT = "segment"
    SOURCE = "source"
    CAMPAIGN = "campaign"
    CHANNEL = "channel"
    COUNTRY = "country"
    HOUR = "hour"
    OUTCOME = "outcome"

    @property
    def grain(self) -> Grain | None:
        """The size of the time bucket; None for what is no time bucket."""
        return Grain(self.value) if self in TIMES else None


TIMES = (By.DAY, By.WEEK, By.MONTH)
ORDERED = (*TIMES, By.HOUR)
"""What has an order of its own: the others stand by size."""
NOT_OF_LEADS = tuple(By(name) for name in selection.NOT_OF_LEADS)
"""What only a hand-off has."""

_BUCKETS = {
    By.DAY: "{on}::text",
    By.WEEK: "greatest(date_trunc('week', {on}::timestamp)::date, %(start)s)::text",
    By.MONTH: "greatest(date_trunc('month', {on}::timestamp)::date, %(start)s)::text",
}
HAND_OFF_KEYS = {
    **{by: text.format(on="f.handed_off_on") for by, text in _BUCKETS.items()},
    By.REP: "f.owner",
    By.TEAM: "f.team",
    By.SEGMENT: "f.segment",
    By.SOURCE: "f.source",
    By.CAMPAIGN: "f.campaign",
    By.COUNTRY: "f.country",
    By.CHANNEL: "coalesce(first_try.channel, '')",
    By.HOUR: ARRIVAL_HOUR.format(zone="%(zone)s"),
    By.OUTCOME: "f.closed_as",
}
LEAD_KEYS = {
    **{by: text.format(on="l.qualified_on") for by, text in _BUCKETS.items()},
    By.REP: "coalesce(h.owner_id::text, 'name:' || coalesce(h.owner_name, ''))",
    By.TEAM: "coalesce(h.team_id::text, '')",
    By.SEGMENT: "coalesce(l.segment_id::text, '')",
    By.SOURCE: "l.source",
    By.CAMPAIGN: "l.campaign",
    By.COUNTRY: "l.country",
}
FIRST_TRY = f"LEFT JOIN LATERAL ({FIRST_CHANNEL}) first_try ON true"
_HAND_OFFS = """
SELECT {grouping}, {figures} FROM (
    SELECT f.*, {one} AS one, {two} AS two FROM ({relation}) f {join}
    WHERE f.handed_off_on >= %(start)s AND f.handed_off_on < %(end)s AND {condition}
) f {each} GROUP BY {sets} LIMIT %(most)s
"""
# Marketing's leads that were qualified in the days, each with what `each` says of it.
_LEADS = """
SELECT {grouping}, {figures} FROM (
    SELECT l.id, {one} AS one, {two} AS two, {each}
    FROM leads_lead l LEFT JOIN leads_handoff h ON h.lead_id = l.id AND h.number = 1
    WHERE l.origin = 'marketing' AND l.qualified_on >= %(start)s AND l.qualified_on < %(end)s
        AND l.qualified_at <= %(now)s AND {condition}
) f GROUP BY {sets} LIMIT %(most)s
"""
# Which of them have a won deal by now, whenever that was won.
_IS_WON = """
EXISTS (SELECT FROM leads_deal d WHERE d.lead_id = l.id AND d.is_won AND d.closed_at <= %(now)s) AS is_won
"""
_LEAD_FIGURES = "count(f.id), count(f.id) FILTER (WHERE f.is_won)"
_LEAD_COLUMNS = ("qualified", "won")
_ONE = ("grouping(f.one), f.one, ''", "GROUPING SETS ((f.one), ())")
_TWO = ("grouping(f.one, f.two), f.one, f.two", "GROUPING SETS ((f.one, f.two), (f.one), (f.two), ())")


class TooManyGroups(ValueError):
    """There are more groups than anybody could read."""


@dataclass(frozen=True, slots=True)
class Explored:
    """Rows of figures: of all, by the first dimension, by the second, and by both; keys as the facts have them.

    Time buckets have their first day for a key, in the order of days, with those in which nothing happened. Without a
    second dimension `second` is empty, and `cells` too.
    """

    total: Row
    first: dict[str, Row]
    second: dict[str, Row] = field(default_factory=dict)
    cells: dict[tuple[str, str], Row] = field(default_factory=dict)


def explored(
    scope: Scope, by: By, split: By | None = None, *, of_leads: bool = False, with_tallies: bool = False
) -> Explored:
    """Return the figures of the scope's hand-offs, or of the leads qualified, by these dimensions.

    `with_tallies`: also how many hand-offs had how many attempts, which is empty else.
    """
    if by.grain is not None and split is None and not of_leads:
        return _by_time(scope, by)
    found = _leads(scope, by, split) if of_leads else _hand_offs(scope, by, split, with_tallies)
    nothing = dict.fromkeys(_LEAD_COLUMNS, 0) if of_leads else no_figures()
    return Explored(
        total=found.total,
        first=_filled(scope, by, found.first, nothing),
        second=_filled(scope, split, found.second, nothing) if split else {},
        cells=found.cells,
    )


@lru_cache(maxsize=64)
def tiles_of(period: Period, by: By) -> Mapping[str, Period]:
    """Return the time buckets of a span by their keys; none of what is no time bucket."""
    if by.grain is None:
        return {}
    return {one.start.isoformat(): one for one in buckets(period.start, period.end, by.grain)}


def _by_time(scope: Scope, by: By) -> Explored:
    tiles = tiles_of(scope.period, by)
    *rows, total = figures_of(scope, [*tiles.values(), scope.period])
    return Explored(total, dict(zip(tiles, rows, strict=True)))


def _filled(scope: Scope, by: By, rows: dict[str, Row], nothing: Row) -> dict[str, Row]:
    tiles = tiles_of(scope.period, by)
    return {key: rows.get(key, nothing) for key in tiles} if tiles else rows


def _hand_offs(scope: Scope, by: By, split: By | None, with_tallies: bool) -> Explored:
    figures, columns = (AGGREGATES, COLUMNS) if with_tallies else (SUMS, SUM_COLUMNS)
    found = read_hand_offs(scope, by, split, f"{figures}, {PASSING}", (*columns, *PASSING_COLUMNS))
    without_tallies: Row = {"distribution": {}, "connected_distribution": {}}
    for rows in (found.first, found.second, found.cells, {"": found.total}):
        for row in rows.values():
            tell_open(row).update({} if with_tallies else without_tallies)
            if with_tallies:
                tell_tallies(row)
    return found


def read_hand_offs(
    scope: Scope, by: By, split: By | None, figures: str, columns: tuple[str, ...], *, each: str = ""
) -> Explored:
    """Read figures, SQL on facts `f`, of each group; where `each` joins more to every one of them, on that as well."""
    condition, parameters = where(scope.selection)
    grouping, sets = _TWO if split else _ONE
    statement = _HAND_OFFS.format(
        grouping=grouping,
        sets=sets,
        figures=figures,
        one=HAND_OFF_KEYS[by],
        two=HAND_OFF_KEYS[split] if split else "''",
        relation=AS_OF if scope.moment.is_past else STORED,
        join=FIRST_TRY if By.CHANNEL in (by, split) else "",
        condition=condition,
        each=each,
    )
    return _read(scope, statement, {**words(), **parameters, "until": scope.moment.at}, columns)


def _leads(scope: Scope, by: By, split: By | None) -> Explored:
    return read_leads(scope, by, split, _LEAD_FIGURES, _LEAD_COLUMNS, each=_IS_WON)


def read_leads(
    scope: Scope,
    by: By,
    split: By | None,
    figures: str,
    columns: tuple[str, ...],
    *,
    each: str,
    before: str = "",
) -> Explored:
    """Read figures of each group of marketing's leads by what `each`, SQL on leads `l`, says of every one.

    `before` stands in front of the statement, with {condition} for what leads are chosen by.
    """
    condition, parameters = where_leads(scope.selection)
    grouping, sets = _TWO if split else _ONE
    statement = before.format(condition=condition) + _LEADS.format(
        grouping=grouping,
        sets=sets,
        figures=figures,
        one=LEAD_KEYS[by],
        two=LEAD_KEYS[split] if split else "''",
        each=each,
        condition=condition,
    )
    return _read(scope, statement, parameters, columns)


def _read(scope: Scope, statement: str, parameters: dict[str, Any], columns: tuple[str, ...]) -> Explored:
    asked = {
        **parameters,
        "now": scope.moment.at,
        "start": scope.period.start,
        "end": scope.period.end,
        "zone": scope.zone.key,
        "most": MOST_GROUPS + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        rows = cursor.fetchall()
    if len(rows) > MOST_GROUPS:
        raise TooManyGroups
    is_two = _TWO[1] in statement
    total: Row = {}
    found = Explored(total, {})
    for summed_over, one, two, *values in rows:
        row = dict(zip(columns, values, strict=True))
        match summed_over, is_two:
            case (0, False) | (1, True):
                found.first[one] = row
            case (0, True):
                found.cells[one, two] = row
            case (2, True):
                found.second[two] = row
            case _:
                total |= row
    return found
