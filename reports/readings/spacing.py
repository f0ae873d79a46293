"""Spacing: the elapsed time between one attempt and the next on the hand-offs that have not connected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from reports.hand_off_facts import AS_OF, GAPS, SPACING, STORED, words
from reports.readings.explored import FIRST_TRY, HAND_OFF_KEYS, By
from reports.readings.figures import Row
from reports.readings.scope import Scope
from reports.readings.selection import where


@dataclass(frozen=True, slots=True)
class Spacing:
    """Elapsed seconds between one attempt and the next on the same hand-off; `n` gaps."""

    n: int
    average: float | None
    median: float | None

    def as_json(self) -> dict[str, Any]:
        return {"n": self.n, "average": self.average, "median": self.median}


NO_SPACING = Spacing(0, None, None)

# The first try is joined where it is grouped by alone.
_BY = f"""
SELECT {{key}} AS key, {SPACING} FROM ({{relation}}) f {{join}} CROSS JOIN LATERAL {GAPS} gaps
WHERE f.handed_off_on >= %(start)s AND f.handed_off_on < %(end)s AND {{condition}} GROUP BY 1
"""


def spacing_of(scope: Scope, row: Row) -> Spacing:
    """Return the time between attempts: as stored beside the figures of the row, or else from the attempts."""
    return stored_spacing(row) or _read(scope, "''").get("", NO_SPACING)


def stored_spacing(row: Row) -> Spacing | None:
    """Return the time between attempts that was stored beside the figures of a row; None where they were counted."""
    if "gaps" not in row:
        return None
    return Spacing(n=row["gaps"], average=row["gap_average"], median=row["gap_median"])


def spacing_by(scope: Scope, by: By) -> dict[str, Spacing]:
    """Return the time between attempts of each group that has any, by the keys that `explored` has."""
    return _read(scope, HAND_OFF_KEYS[by], join=FIRST_TRY if by is By.CHANNEL else "")


def _read(scope: Scope, key: str, *, join: str = "") -> dict[str, Spacing]:
    condition, parameters = where(scope.selection)
    statement = _BY.format(
        key=key, relation=AS_OF if scope.moment.is_past else STORED, join=join, condition=condition
    )
    asked = {
        **words(),
        **parameters,
        "now": scope.moment.at,
        "until": scope.moment.at,
        "start": scope.period.start,
        "end": scope.period.end,
        "zone": scope.zone.key,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        rows = cursor.fetchall()
    return {group: Spacing(n, average, median) for group, n, average, median in rows if n}
