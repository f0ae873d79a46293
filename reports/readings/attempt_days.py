"""On which business day each attempt came: the k-th attempts of the hand-offs that depth is about, connected or not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache

from django.db import connection

from agreements.models import CalendarRevision
from reports.attempt_days import LAST, AttemptDays, attempt_days
from reports.hand_off_facts import AS_OF, COUNTED_ATTEMPT, STORED, words
from reports.readings.goals import opens_on
from reports.readings.scope import Scope
from reports.readings.selection import where

# Of attempts at one instant those of which only the day is known come first. Days are those of the agreement's zone, of
# what came under none the company's, which is then the scope's. The attempts are looked up hand-off by hand-off: there
# are many more of other months.
_MADE = f"""
SELECT f.calendar_revision_id, f.handed_off_on, made.k, made.attempted_on, count(*)
FROM ({{relation}}) f LEFT JOIN agreements_agreement g ON g.id = f.agreement_id CROSS JOIN LATERAL (
    SELECT least(row_number() OVER (ORDER BY a.attempted_at, a.is_date_only DESC, a.id), {LAST}) AS k,
        CASE WHEN a.is_date_only THEN a.attempted_on
             ELSE (a.attempted_at AT TIME ZONE coalesce(g.time_zone, %(zone)s))::date END AS attempted_on
    FROM leads_followupattempt a JOIN leads_handoff h ON h.id = a.hand_off_id
    WHERE a.hand_off_id = f.id AND {COUNTED_ATTEMPT}
) made
WHERE f.handed_off_on >= %(start)s AND f.handed_off_on < %(end)s AND f.attempts > 0
    AND NOT f.closed_as = ANY(%(without_depth)s) AND {{condition}}
GROUP BY 1, 2, 3, 4
"""


def attempt_days_of(scope: Scope) -> list[AttemptDays]:
    """Return the rows of the heat table: attempts that count, up to the connection, by their own business hours."""
    condition, parameters = where(scope.selection)
    relation = AS_OF if scope.moment.is_past else STORED
    asked = {
        **words(),
        **parameters,
        "now": scope.moment.at,
        "start": scope.period.start,
        "end": scope.period.end,
        "zone": scope.zone.key,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MADE.format(relation=relation, condition=condition), asked)
        made = cursor.fetchall()
    revisions = CalendarRevision.objects.in_bulk({row[0] for row in made})

    @cache
    def opens(revision: int) -> Callable[[dt.date], bool]:
        return cache(opens_on(revisions[revision]))

    return attempt_days(made, opens)
