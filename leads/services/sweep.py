"""The sweep: what stored instants say has come is noted, each once, with an event in the same transaction.

A `Sweep` names one such change. What it `waits` for is a condition on stored columns, with a partial index, and what
it sets makes that condition false: so the conditional UPDATE is the claim, and of two sweepers at once only one finds
the row. Rows that another transaction holds are passed over, and found the next time.

After an outage everything is caught up in one go; an event that is noted more than `clock.LATE_AFTER` after it
happened says so in its data. A row that the database refuses is held back for an hour, and does not stop the others.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, OperationalError, connection, transaction

from leads import clock
from leads.models import HandOffEvent

LOG = logging.getLogger(__name__)
BATCH = 10_000
HELD_BACK_FOR = dt.timedelta(hours=1)
# A statement that is wrong, or lacks a right or a column, is no row's fault.
OF_THE_STATEMENT = "42"


@dataclass(frozen=True, slots=True)
class Sweep:
    """One change that time brings about, in SQL on hand-offs `h`.

    `waits`: it has not happened yet, as the partial index has it; `is_due`: its instant `at` has come by %(now)s;
    `sets`: what is written.
    """

    name: str
    kind: HandOffEvent.Kind
    waits: str
    at: str
    is_due: str
    sets: str

    @property
    def parameters(self) -> dict[str, Any]:
        return {"sweep": self.name, "kind": self.kind.value}


AT_RISK = Sweep(
    name="at_risk",
    kind=HandOffEvent.Kind.AT_RISK,
    waits="h.state = 'running'",
    at="h.at_risk_at",
    is_due="h.at_risk_at <= %(now)s AND h.due_at >= %(now)s",
    sets="state = 'at_risk'",
)
OVERDUE = Sweep(
    name="overdue",
    kind=HandOffEvent.Kind.OVERDUE,
    waits="h.state IN ('running', 'at_risk')",
    at="h.due_at",
    is_due="h.due_at < %(now)s",
    sets="state = 'overdue'",
)
PAUSE_ENDED = Sweep(
    name="pause_ended",
    kind=HandOffEvent.Kind.PAUSE_ENDED,
    waits="h.state = 'paused'",
    at="h.paused_until",
    is_due="h.paused_until <= %(now)s",
    # As clock.state_after_pause says.
    sets="state = CASE WHEN h.at_risk_at <= h.paused_at THEN 'at_risk' ELSE 'running' END",
)
NEXT_TOUCH_DUE = Sweep(
    name="next_touch_due",
    kind=HandOffEvent.Kind.NEXT_TOUCH_DUE,
    waits="h.next_touch_at IS NOT NULL AND h.next_touch_raised_at IS NULL AND h.closed_at IS NULL",
    at="h.next_touch_at",
    is_due="h.next_touch_at <= %(now)s",
    sets="next_touch_raised_at = %(now)s",
)
NOT_ACCEPTED = Sweep(
    name="not_accepted",
    kind=HandOffEvent.Kind.NOT_ACCEPTED,
    waits="h.acceptance = 'waiting'",
    at="h.acceptance_due_at",
    is_due="h.acceptance_due_at < %(now)s",
    sets="acceptance = 'expired'",
)
NO_OUTCOME = Sweep(
    name="no_outcome",
    kind=HandOffEvent.Kind.NO_OUTCOME,
    waits="h.outcome = 'waiting'",
    at="h.outcome_due_at",
    is_due="h.outcome_due_at < %(now)s",
    sets="outcome = 'expired'",
)
# In this order: what one of them brings about, the next ones find.
SWEEPS = (PAUSE_ENDED, AT_RISK, OVERDUE, NEXT_TOUCH_DUE, NOT_ACCEPTED, NO_OUTCOME)

CLAIM = """
SELECT h.id FROM leads_handoff h
WHERE {waits} AND {is_due} AND NOT EXISTS (
    SELECT 1 FROM leads_heldback b WHERE b.sweep = %(sweep)s AND b.hand_off_id = h.id AND b.until_at > %(now)s
)
ORDER BY {at} LIMIT %(limit)s FOR NO KEY UPDATE OF h SKIP LOCKED
"""
MOVE = """
WITH moved AS (
    UPDATE leads_handoff h SET {sets} WHERE h.id = ANY(%(ids)s) AND {waits} AND {is_due}
    RETURNING h.id, {at} AS happened_at
), noted AS (
    INSERT INTO leads_handoffevent (hand_off_id, kind, happened_at, recorded_at, data)
    SELECT id, %(kind)s, happened_at, %(now)s,
        CASE WHEN happened_at < %(late)s THEN '{{"late": true}}'::jsonb ELSE '{{}}' END
    FROM moved ORDER BY happened_at, id
), let_go AS (
    DELETE FROM leads_heldback b USING moved WHERE b.sweep = %(sweep)s AND b.hand_off_id = moved.id
)
SELECT count(*) FROM moved
"""
HOLD_BACK = """
INSERT INTO leads_heldback (hand_off_id, sweep, until_at, times, error)
VALUES (%(id)s, %(sweep)s, %(until)s, 1, %(error)s)
ON CONFLICT (sweep, hand_off_id) DO UPDATE SET
    until_at = excluded.until_at, times = leads_heldback.times + 1, error = excluded.error
"""


def sweep_clocks(*, now: dt.datetime) -> dict[str, int]:
    """Do everything that has come by `now`; return how many hand-offs each sweep changed."""
    return {sweep.name: _sweep(sweep, now) for sweep in SWEEPS}


def _sweep(sweep: Sweep, now: dt.datetime) -> int:
    given = {**sweep.parameters, "now": now, "late": now - clock.LATE_AFTER, "limit": BATCH}
    claim, move = (_of(sweep, statement) for statement in (CLAIM, MOVE))
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(claim, given)
            ids = [pk for (pk,) in cursor.fetchall()]
            total += _move(move, given, ids) if ids else 0
        if len(ids) < BATCH:
            return total


def _move(move: str, given: dict[str, Any], ids: Sequence[int]) -> int:
    """Change these rows, which are locked; where the database refuses one, the others without it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(move, {**given, "ids": list(ids)})
            row = cursor.fetchone()
        return int(row[0]) if row else 0
    except OperationalError:  # of the connection or of the moment, not of a row
        raise
    except DatabaseError as error:
        if _sqlstate(error).startswith(OF_THE_STATEMENT):
            raise
        if len(ids) == 1:
            _hold_back(ids[0], given, error)
            return 0
    middle = len(ids) // 2
    return _move(move, given, ids[:middle]) + _move(move, given, ids[middle:])


def _hold_back(pk: int, given: dict[str, Any], error: DatabaseError) -> None:
    said = f"{type(error).__name__}: {_primary(error)}"[:200]
    LOG.error("sweep %s leaves hand-off %s alone for an hour: %s", given["sweep"], pk, said)
    held = {"id": pk, "sweep": given["sweep"], "until": given["now"] + HELD_BACK_FOR, "error": said}
    with connection.cursor() as cursor:
        cursor.execute(HOLD_BACK, held)


def _primary(error: DatabaseError) -> str:
    """The first line of what the database said: its details would show the row."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "message_primary", None) or ""


def _sqlstate(error: DatabaseError) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""


def _of(sweep: Sweep, statement: str) -> str:
    return statement.format(waits=sweep.waits, at=sweep.at, is_due=sweep.is_due, sets=sweep.sets)
