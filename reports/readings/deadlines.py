"""Promises by a deadline: how many hand-offs were answered in time, or came to an outcome in time.

The rules are those of `leads.clock`. Like speed, a deadline is judged on the hand-offs whose due time has passed; the
others are shown apart, also those done early: counting these alone would flatter. Counted from the hand-offs whenever
it is asked, of events up to the instant of the report.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from agreements.models import Commitment
from leads.models import HandOff
from reports.readings.scope import Scope
from reports.readings.selection import where
from reports.shares import Share, share

Kind = Commitment.Kind


@dataclass(frozen=True, slots=True)
class InTime:
    """Kept of those due by now; and those whose deadline is still ahead, done already or open."""

    kept: int = 0
    due: int = 0
    done_not_yet_due: int = 0
    open_not_yet_due: int = 0

    @property
    def share(self) -> Share:
        return share(self.kept, self.due)

    @property
    def not_yet_due(self) -> int:
        return self.done_not_yet_due + self.open_not_yet_due

    def __add__(self, other: InTime) -> InTime:
        return InTime(
            self.kept + other.kept,
            self.due + other.due,
            self.done_not_yet_due + other.done_not_yet_due,
            self.open_not_yet_due + other.open_not_yet_due,
        )


CLOSED = "CASE WHEN h.closed_at <= %(now)s THEN h.closed_at END"
DONE = {
    Kind.ACCEPTANCE: f"""least(
        CASE WHEN h.accepted_at <= %(now)s THEN h.accepted_at END,
        CASE WHEN h.first_attempt_at <= %(now)s THEN h.first_attempt_at END,
        CASE WHEN NOT h.closed_as = ANY(%(without_answer)s) THEN {CLOSED} END)""",
    Kind.OUTCOME: f"CASE WHEN h.closed_as = ANY(%(outcomes)s) THEN {CLOSED} END",
}
COUNT = """
SELECT f.segment,
    count(*) FILTER (WHERE f.due_at < %(now)s AND f.done_at <= f.due_at),
    count(*) FILTER (WHERE f.due_at < %(now)s
        AND (f.done_at IS NOT NULL OR f.closed_at IS NULL OR f.closed_at > f.due_at)),
    count(*) FILTER (WHERE f.due_at >= %(now)s AND f.done_at IS NOT NULL),
    count(*) FILTER (WHERE f.due_at >= %(now)s AND f.done_at IS NULL AND f.closed_at IS NULL)
FROM (
    SELECT h.id, h.agreement_id, h.handed_off_on, h.{name}_due_at AS due_at, {done} AS done_at, {closed} AS closed_at,
        coalesce(h.segment_id::text, '') AS segment, coalesce(h.owner_id::text, 'name:' || h.owner_name) AS owner,
        h.owner_id, h.owner_name, h.segment_id,
        (SELECT l.source FROM leads_lead l WHERE l.id = h.lead_id) AS source
    FROM leads_handoff h
    WHERE h.{name}_due_at IS NOT NULL AND h.handed_off_at <= %(now)s
) f
WHERE f.handed_off_on >= %(start)s AND f.handed_off_on < %(end)s AND {condition}
GROUP BY 1
"""


def deadlines_by_segment(scope: Scope, kind: str) -> dict[str, InTime]:
    """Return what became of the deadlines of one kind, by the segment's key; read once for a scope."""
    name = f"deadlines-{kind}"
    if name not in scope.read:
        condition, parameters = where(scope.selection)
        done = DONE[Kind(kind)]
        statement = COUNT.format(name=Kind(kind).value, done=done, closed=CLOSED, condition=condition)
        parameters |= {
            "now": scope.moment.at,
            "start": scope.period.start,
            "end": scope.period.end,
            "without_answer": list(HandOff.WITHOUT_ANSWER),
            "outcomes": list(HandOff.OUTCOMES),
        }
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            scope.read[name] = {key: InTime(*numbers) for key, *numbers in cursor.fetchall()}
    found: dict[str, InTime] = scope.read[name]
    return found


def deadline_of(scope: Scope, promise: Commitment) -> InTime:
    """Return what a promise by a deadline is judged by: its segment's hand-offs, or all."""
    found = deadlines_by_segment(scope, promise.kind)
    if promise.segment_id is not None:
        return found.get(str(promise.segment_id), InTime())
    return together(found.values())


def together(parts: Iterable[InTime]) -> InTime:
    return sum(parts, InTime())
