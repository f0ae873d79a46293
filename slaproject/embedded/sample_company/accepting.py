"""Many hand-offs accepted at once, each by its owner: row for row what `leads.services.hand_offs.accept` writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection, transaction

from leads.models import HandOffEvent
from leads.services.facts import refresh_facts

ACCEPT = """
WITH said AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(instants)s::timestamptz[]) AS s(id, accepted_at)
), locked AS (
    SELECT h.id FROM leads_handoff h JOIN said s ON s.id = h.id
    WHERE h.accepted_at IS NULL AND h.closed_at IS NULL AND h.owner_id IS NOT NULL AND s.accepted_at >= h.handed_off_at
    ORDER BY h.id FOR UPDATE OF h
)
UPDATE leads_handoff h SET accepted_at = s.accepted_at FROM said s JOIN locked USING (id) WHERE h.id = s.id
RETURNING h.id, h.accepted_at, h.owner_id
"""


class Accepting(NamedTuple):
    """When the owner of one hand-off takes it on."""

    hand_off_id: int
    at: dt.datetime


@transaction.atomic
def accept_together(acceptings: Sequence[Accepting], *, now: dt.datetime) -> int:
    """Accept those that are open and accepted by nobody, with their facts; return how many were accepted."""
    with connection.cursor() as cursor:
        cursor.execute(
            ACCEPT,
            {"ids": [one.hand_off_id for one in acceptings], "instants": [one.at for one in acceptings]},
        )
        accepted = cursor.fetchall()
    refresh_facts([pk for pk, _at, _owner in accepted], now=now)
    HandOffEvent.objects.bulk_create(
        HandOffEvent(
            hand_off_id=pk,
            kind=HandOffEvent.Kind.ACCEPTED,
            happened_at=at,
            recorded_at=now,
            actor_id=owner_id,
            data={},
        )
        for pk, at, owner_id in accepted
    )
    return len(accepted)
