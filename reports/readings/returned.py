"""What came back of marketing's leads, and from which sources fewer come than usual."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from django.db import connection
from django.utils.translation import gettext as _

from leads.models import HandOff
from reports.hand_off_facts import AS_OF, STORED, words
from reports.models import PeriodFigure
from reports.periods import Grain
from reports.readings.scope import Scope
from reports.readings.selection import where

MOST_REASONS = 5
MONTHS_BEFORE = 3
BELOW = Fraction(9, 10)

# What somebody wrote in their own words may be about a person and stays with those who may know the lead: here a reason
# is a usual one, one that the version named, or another one.
REASONS = """
SELECT CASE WHEN h.rejection_reason = '' OR h.rejection_label <> ''
        OR split_part(h.rejection_reason, ': ', 1) = ANY(%(agreed)s)
    THEN split_part(h.rejection_reason, ': ', 1) ELSE %(other)s END AS reason,
    h.rejection_label AS label, count(*), sum(count(*)) OVER ()
FROM ({relation}) f JOIN leads_handoff h ON h.id = f.id
WHERE f.is_counted AND f.closed_as = 'rejected' AND f.handed_off_on >= %(start)s AND f.handed_off_on < %(end)s
    AND {condition}
GROUP BY reason, label ORDER BY count(*) DESC, reason, label LIMIT %(most)s
"""


DISPUTED = """
SELECT count(*) FROM ({relation}) f
WHERE f.is_counted AND f.closed_as = 'rejected' AND f.is_disputed AND f.handed_off_on >= %(start)s
    AND f.handed_off_on < %(end)s AND {condition}
"""


@dataclass(frozen=True, slots=True)
class Reason:
    """An agreed reason of rejection and how often it was given; its word is "" where none was.

    `own` is its sentence where a version named it beside the usual ones.
    """

    word: str
    own: str
    count: int

    @property
    def label(self) -> str:
        if self.own:
            return self.own
        return str(HandOff.RejectionReason(self.word).label) if self.word else _("no reason given")


@dataclass(frozen=True, slots=True)
class Pace:
    """A source with what it brought, and what it usually had brought by now: the months before, mean × part gone."""

    source: str
    actual: int
    usual: Fraction


def rejection_reasons(scope: Scope, *, most: int = MOST_REASONS) -> tuple[list[Reason], int]:
    """Return the reasons given most often for the month's rejected leads, and how many were rejected."""
    condition, parameters = where(scope.selection)
    with connection.cursor() as cursor:
        cursor.execute(
            REASONS.format(relation=AS_OF if scope.moment.is_past else STORED, condition=condition),
            {
                **words(),
                **parameters,
                "now": scope.moment.at,
                "start": scope.period.start,
                "end": scope.period.end,
                "most": most,
                "agreed": HandOff.RejectionReason.values,
                "other": HandOff.RejectionReason.OTHER.value,
            },
        )
        rows = cursor.fetchall()
    reasons = [Reason(word, own, count) for word, own, count, _all in rows]
    return reasons, int(rows[0][3]) if rows else 0


def disputed_rejections(scope: Scope) -> int:
    """Return how many of the month's rejections are disputed and not decided: net counts their leads until they are."""
    condition, parameters = where(scope.selection)
    with connection.cursor() as cursor:
        cursor.execute(
            DISPUTED.format(relation=AS_OF if scope.moment.is_past else STORED, condition=condition),
            {
                **words(),
                **parameters,
                "now": scope.moment.at,
                "start": scope.period.start,
                "end": scope.period.end,
            },
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def sources_below_usual(scope: Scope, part_gone: Fraction) -> list[Pace]:
    """Return the sources that brought less than nine tenths of their usual, by a lead at least, the worst first."""
    index = scope.period.start.year * 12 + scope.period.start.month - 1 - MONTHS_BEFORE
    first = dt.date(index // 12, index % 12 + 1, 1)
    found = PeriodFigure.objects.filter(
        agreement=scope.selection.agreement,
        dimension=PeriodFigure.Dimension.SOURCE,
        grain=Grain.MONTH.value,
        starts_on__gte=first,
        starts_on__lte=scope.period.start,
    ).values_list("key", "starts_on", "counted")
    now: dict[str, int] = {}
    before: dict[str, int] = {}
    for source, starts_on, counted in found:
        counts = now if starts_on == scope.period.start else before
        counts[source] = counts.get(source, 0) + counted
    paces = [
        Pace(source, now.get(source, 0), Fraction(total, MONTHS_BEFORE) * part_gone)
        for source, total in before.items()
    ]
    return sorted(_below(paces), key=lambda pace: (pace.actual - pace.usual, pace.source))


def _below(paces: list[Pace]) -> Iterator[Pace]:
    return (pace for pace in paces if pace.actual < pace.usual * BELOW and pace.usual - pace.actual >= 1)
