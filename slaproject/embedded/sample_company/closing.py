"""Many hand-offs closed at once: row for row what `leads.services.hand_offs.close` writes, in a few statements.

Closing ten thousand one after the other takes minutes; a first start of the demo does not wait for that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection, transaction

from leads.models import HandOff, HandOffEvent
from leads.services.facts import refresh_facts

CLOSE = """
WITH said AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(ways)s::text[], %(instants)s::timestamptz[], %(reasons)s::text[])
        AS s(id, closed_as, closed_at, reason)
), locked AS (
    SELECT h.id FROM leads_handoff h JOIN said s ON s.id = h.id
    WHERE h.closed_at IS NULL AND s.closed_at >= h.handed_off_at ORDER BY h.id FOR UPDATE OF h
)
UPDATE leads_handoff h SET closed_as = s.closed_as, closed_at = s.closed_at, rejection_reason = s.reason
FROM said s JOIN locked USING (id) WHERE h.id = s.id
RETURNING h.id
"""


class Closing(NamedTuple):
    """How one hand-off ends."""

    hand_off_id: int
    closed_as: str
    at: dt.datetime
    by_id: int | None
    reason: str = ""


@transaction.atomic
def close_together(closings: Sequence[Closing], *, now: dt.datetime) -> int:
    """Close those that are open still, and work out their facts anew; return how many were closed."""
    with connection.cursor() as cursor:
        cursor.execute(
            CLOSE,
            {
                "ids": [closing.hand_off_id for closing in closings],
                "ways": [HandOff.ClosedAs(closing.closed_as).value for closing in closings],
                "instants": [closing.at for closing in closings],
                "reasons": [closing.reason for closing in closings],
            },
        )
        closed = {pk for (pk,) in cursor.fetchall()}
    refresh_facts(closed, now=now)
    early = set(HandOff.objects.filter(pk__in=closed, stopped_early=True).values_list("pk", flat=True))
    HandOffEvent.objects.bulk_create(
        HandOffEvent(
            hand_off_id=closing.hand_off_id,
            kind=HandOffEvent.Kind.CLOSED,
            happened_at=closing.at,
            recorded_at=now,
            actor_id=closing.by_id,
            data={"closed_as": closing.closed_as, "reason": closing.reason}
            | ({"stopped_early": True} if closing.hand_off_id in early else {}),
        )
        for closing in closings
        if closing.hand_off_id in closed
    )
    return len(closed)
