"""How a month was restated: leads stand on the day of their hand-off, whenever they are accepted or rejected."""

from __future__ import annotations

import datetime as dt

from django.db import connection

from agreements.models import Commitment
from reports.hand_off_facts import AS_OF, STORED, words
from reports.readings.scope import Scope
from reports.readings.selection import where

Measure = Commitment.Measure
LATELY = dt.timedelta(days=7)
# What moved a lead off the curve, or onto it, on a day after the one that it stands on.
MOVED = {
    Measure.NET: ("f.closed_at", "f.closed_as = 'rejected' AND NOT f.is_disputed"),
    Measure.ACCEPTED: ("f.accepted_at", "true"),
}
RESTATED = """
SELECT count(*) FROM ({relation}) f
WHERE f.is_counted AND f.handed_off_on >= %(start)s AND f.handed_off_on < %(end)s AND {condition}
    AND {moved_at} > %(since)s AND {moved_at} <= %(now)s AND {was_moved}
    AND ({moved_at} AT TIME ZONE %(zone)s)::date > f.handed_off_on
"""


def restated_lately(scope: Scope, measure: str) -> int:
    """Return how many leads left the month's curve (net), or joined it (accepted), within the last seven days.

    Those that did so on the day of their hand-off restated nothing. Other measures are not restated.
    """
    if measure not in MOVED:
        return 0
    moved_at, was_moved = MOVED[Measure(measure)]
    condition, parameters = where(scope.selection)
    statement = RESTATED.format(
        relation=AS_OF if scope.moment.is_past else STORED,
        condition=condition,
        moved_at=moved_at,
        was_moved=was_moved,
    )
    asked = {
        **words(),
        **parameters,
        "now": scope.moment.at,
        "since": scope.moment.at - LATELY,
        "start": scope.period.start,
        "end": scope.period.end,
        "zone": scope.zone.key,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return int(cursor.fetchone()[0])
