"""The order in which leads are locked by who merges them or takes them away."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

# Who works a hand-off holds it, and at the end refers to its lead (its foreign key is looked at again). So leads are
# closed to references only once nobody has a hand-off of theirs: else each would wait for the other.
STEPS = (
    "SELECT id FROM leads_lead WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
    "SELECT id FROM leads_handoff WHERE lead_id = ANY(%s) ORDER BY id FOR UPDATE",
    "SELECT id FROM leads_lead WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
)


def hold_leads(lead_ids: Iterable[int]) -> None:
    """Lock these leads and their hand-offs, in order of id, until the transaction ends; nothing new refers to them."""
    ids = sorted(set(lead_ids))
    with connection.cursor() as cursor:
        for step in STEPS:
            cursor.execute(step, [ids])
