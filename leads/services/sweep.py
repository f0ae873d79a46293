"""The sweep: clocks whose stored instants have passed change their state, each once, with an event."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

# The conditional UPDATE is the claim: of two sweeps at once, only one finds a row in its old state.
CLAIM = """
WITH claimed AS (
    UPDATE leads_handoff SET state = %(to)s
    WHERE id IN (
        SELECT id FROM leads_handoff WHERE state = ANY(%(from)s) AND {passed}
        ORDER BY {by} LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    )
    RETURNING id, {by} AS passed_at
), noted AS (
    INSERT INTO leads_handoffevent (hand_off_id, kind, happened_at, recorded_at, data)
    SELECT id, %(to)s, passed_at, %(now)s, '{{}}' FROM claimed
)
SELECT count(*) FROM claimed
"""

AT_RISK = CLAIM.format(passed="at_risk_at <= %(now)s AND due_at >= %(now)s", by="at_risk_at")
OVERDUE = CLAIM.format(passed="due_at < %(now)s", by="due_at")

BATCH = 10_000


def sweep_clocks(*, now: dt.datetime) -> dict[str, int]:
    """Move running clocks to at risk, and those past `due_at` to overdue; return how many of each."""
    return {
        "at_risk": _sweep(AT_RISK, ["running"], "at_risk", now),
        "overdue": _sweep(OVERDUE, ["running", "at_risk"], "overdue", now),
    }


def _sweep(statement: str, before: list[str], after: str, now: dt.datetime) -> int:
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, {"from": before, "to": after, "now": now, "limit": BATCH})
            row = cursor.fetchone()
        claimed = int(row[0]) if row else 0
        total += claimed
        if claimed < BATCH:
            return total
