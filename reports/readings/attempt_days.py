"""On which business day each attempt came: the k-th attempts of the hand-offs that depth is about, connected or not.

Stored figures know it by day, and it adds up; what they cannot know is counted from the hand-offs.
"""

from __future__ import annotations

from django.db import connection

from leads.models import HandOff
from reports.attempt_days import AttemptDays, added_up
from reports.hand_off_facts import AS_OF, BY_BUSINESS_DAY, OPENING, STORED, TRIED, words
from reports.models import PeriodFigure
from reports.opening import opening_of
from reports.readings.scope import Scope
from reports.readings.selection import where

_COUNT = f"""
SELECT {BY_BUSINESS_DAY}
FROM ({{relation}}) f JOIN {OPENING} opening USING (calendar_revision_id, handed_off_on)
    CROSS JOIN LATERAL {TRIED} tried
WHERE f.handed_off_on >= %(start)s AND f.handed_off_on < %(end)s AND {{condition}}
GROUP BY tried.k ORDER BY tried.k
"""


def attempt_days_of(scope: Scope) -> list[AttemptDays]:
    """Return the rows of the heat table: attempts that count, up to the connection, by their own business hours."""
    if scope.moment.is_past or not scope.selection.is_stored:
        return count_attempt_days(scope)
    dimension, key = next(iter(scope.selection.filters().items()), ("", ""))
    stored = PeriodFigure.objects.filter(
        agreement=scope.selection.agreement,
        dimension=dimension,
        key=key,
        grain=PeriodFigure.Grain.DAY,
        starts_on__gte=scope.period.start,
        starts_on__lt=scope.period.end,
    )
    return added_up(stored.exclude(attempt_days=[]).values_list("attempt_days", flat=True))


def count_attempt_days(scope: Scope) -> list[AttemptDays]:
    """Return the same, counted from the attempts."""
    condition, parameters = where(scope.selection)
    in_period = HandOff.objects.filter(
        handed_off_on__gte=scope.period.start, handed_off_on__lt=scope.period.end
    )
    asked = {
        **words(),
        **parameters,
        **opening_of(in_period),
        "now": scope.moment.at,
        "start": scope.period.start,
        "end": scope.period.end,
        "zone": scope.zone.key,
    }
    relation = AS_OF if scope.moment.is_past else STORED
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(relation=relation, condition=condition), asked)
        return added_up([[days for (days,) in cursor.fetchall()]])
