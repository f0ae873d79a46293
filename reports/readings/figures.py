"""Figures of periods: from the stored ones where these know, from the hand-offs where a filter is free.

Stored figures serve any days with at most one filter, as of now. Anything else (two filters, an instant in the past) is
counted from the facts of the hand-offs. Both give the same numbers. What passes with time is always counted from the
hand-offs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from reports.hand_off_facts import (
    AGGREGATES,
    AS_OF,
    COLUMNS,
    DUE_LATER,
    PASSING,
    PASSING_COLUMNS,
    STORED,
    UNSETTLED,
    words,
)
from reports.models import PeriodFigure
from reports.periods import Period
from reports.readings.selection import Selection, where
from reports.readings.stored import Row as Row
from reports.readings.stored import stored_figures


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant a report speaks of. `is_past`: events after it are left out; else it is now."""

    at: dt.datetime
    is_past: bool = False


def figures(
    periods: Sequence[Period],
    selection: Selection,
    moment: Moment,
    *,
    without_passing: Collection[Period] = (),
) -> list[Row]:
    """Return one row of figures for each period, zero where nothing was handed off.

    Rows of periods in `without_passing` may lack what passes with time.
    """
    asked = list(dict.fromkeys(periods))
    if moment.is_past or not selection.is_stored:
        rows = _counted(asked, selection, moment) if asked else {}
    else:
        stored = stored_figures(asked, selection)
        passing = _passing([one for one in asked if one not in without_passing], selection, moment)
        rows = {one: with_passing(stored.get(one) or _nothing_stored(), passing.get(one)) for one in asked}
    return [rows[period] for period in periods]


OF_WHAT = {
    "answered_not_yet_due": "answered_with_clock",
    "met_not_yet_due": "met",
    "young": "under_terms",
    "young_attempts": "attempts_under_terms",
    "young_worked": "worked_under_terms",
    "young_agreed_on": "agreed_on",
    "young_fully_worked": "fully_worked",
}
"""What passes with time and is taken away from a stored figure, with that figure."""


def with_passing(row: Row, passing: Row | None) -> Row:
    """Put what passes with time beside what is stored; without it nobody asks for what is open.

    It is newer by as much as the refresh is behind: of what is not counted yet nothing can be taken away.
    """
    if passing is None:
        return row
    known = {name: min(passing[name], row[of]) for name, of in OF_WHAT.items()}
    return tell_open({**row, **passing, **known})


def tell_open(row: Row) -> Row:
    """Add up those that are open: the ones that still wait, and the ones that were closed unanswered."""
    row["open"] = row["waiting"] + row["settled_open"]
    row["open_overdue"] = row["waiting_overdue"] + row["settled_overdue"]
    return row


def passing_by(
    key: str, period: Period, selection: Selection, moment: Moment, *, join: str = ""
) -> dict[str, Row]:
    """Return what passes with time in one period by `key`, SQL on facts `f` and on what is joined to them."""
    condition, parameters = where(selection)
    with connection.cursor() as cursor:
        cursor.execute(
            _PASSING_BY.format(key=key, join=join, condition=condition),
            {**words(), **parameters, "now": moment.at, "start": period.start, "end": period.end},
        )
        return {one: dict(zip(PASSING_COLUMNS, values, strict=True)) for one, *values in cursor.fetchall()}


def _nothing_stored() -> Row:
    return _empty(COLUMNS) | {"gaps": 0, "gap_average": None, "gap_median": None}


def _empty(columns: Sequence[str]) -> Row:
    row: Row = {
        name: None if name.endswith(("_median", "_p90")) else 0
        for name in columns
        if not name.startswith("attempts_each")
    }
    return row | ({"distribution": {}, "connected_distribution": {}} if "handed_off" in columns else {})


def _passing(periods: Sequence[Period], selection: Selection, moment: Moment) -> dict[Period, Row]:
    if not periods:
        return {}
    condition, parameters = where(selection)
    rows = _query(
        _PASSING.format(condition=condition),
        periods,
        moment,
        parameters,
        PASSING_COLUMNS,
    )
    return {period: rows.get(period, _empty(PASSING_COLUMNS)) for period in periods}


def _counted(periods: Sequence[Period], selection: Selection, moment: Moment) -> dict[Period, Row]:
    condition, parameters = where(selection)
    relation = AS_OF if moment.is_past else STORED
    columns = (*COLUMNS, *PASSING_COLUMNS)
    rows = _query(
        f"SELECT p.starts_on, p.ends_on, {AGGREGATES}, {PASSING} {_JOIN.format(relation=relation)}"
        f" AND {condition} GROUP BY p.starts_on, p.ends_on",
        periods,
        moment,
        parameters,
        columns,
    )
    for row in rows.values():
        tell_open(tell_tallies(row))
    return {period: rows.get(period) or no_figures() for period in periods}


def no_figures() -> Row:
    """Return the figures of no hand-off at all."""
    return tell_open(_empty((*COLUMNS, *PASSING_COLUMNS)))


def figures_by(dimension: str, period: Period, selection: Selection, moment: Moment) -> dict[str, Row]:
    """Return the figures of one period for each owner, segment or source that it has, by key, in one query."""
    condition, parameters = where(selection)
    relation = AS_OF if moment.is_past else STORED
    columns = (*COLUMNS, *PASSING_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT f.{PeriodFigure.Dimension(dimension).value}, {AGGREGATES}, {PASSING} FROM ({relation}) f"
            f" WHERE f.handed_off_on >= %(start)s AND f.handed_off_on < %(end)s AND {condition} GROUP BY 1",
            {**words(), **parameters, "now": moment.at, "start": period.start, "end": period.end},
        )
        rows = {key: dict(zip(columns, values, strict=True)) for key, *values in cursor.fetchall()}
    for row in rows.values():
        tell_open(tell_tallies(row))
    return rows


def tell_tallies(row: Row) -> Row:
    """Count how many hand-offs had how many attempts, from the attempts of each."""
    row["distribution"] = _tally(row.pop("attempts_each"))
    row["connected_distribution"] = _tally(row.pop("attempts_each_connected"))
    return row


_JOIN = """
FROM unnest(%(starts)s::date[], %(ends)s::date[]) AS p(starts_on, ends_on)
    JOIN ({relation}) f ON f.handed_off_on >= p.starts_on AND f.handed_off_on < p.ends_on
"""

_IN_PERIOD = f"FROM ({STORED}) f WHERE f.handed_off_on >= p.starts_on AND f.handed_off_on < p.ends_on"
_PASSING = f"""
SELECT p.starts_on, p.ends_on, {PASSING} FROM unnest(%(starts)s::date[], %(ends)s::date[]) AS p(starts_on, ends_on)
    CROSS JOIN LATERAL (
        SELECT f.* {_IN_PERIOD} AND {UNSETTLED} AND {{condition}}
        UNION ALL SELECT f.* {_IN_PERIOD} AND {DUE_LATER} AND {{condition}}
    ) f
GROUP BY p.starts_on, p.ends_on
"""

_OF_PERIOD = f"FROM ({STORED}) f WHERE f.handed_off_on >= %(start)s AND f.handed_off_on < %(end)s"
_PASSING_BY = f"""
WITH passing AS (
    SELECT f.* {_OF_PERIOD} AND {UNSETTLED} AND {{condition}}
    UNION ALL SELECT f.* {_OF_PERIOD} AND {DUE_LATER} AND {{condition}}
)
SELECT {{key}}, {PASSING} FROM passing f {{join}} GROUP BY 1
"""


def _query(
    statement: str,
    periods: Sequence[Period],
    moment: Moment,
    parameters: dict[str, Any],
    columns: Sequence[str],
) -> dict[Period, Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                **words(),
                **parameters,
                "now": moment.at,
                "starts": [period.start for period in periods],
                "ends": [period.end for period in periods],
            },
        )
        return {
            Period(starts_on, ends_on): dict(zip(columns, values, strict=True))
            for starts_on, ends_on, *values in cursor.fetchall()
        }


def _tally(attempts: Sequence[int] | None) -> dict[int, int]:
    tally: dict[int, int] = {}
    for made in attempts or ():
        tally[made] = tally.get(made, 0) + 1
    return tally
