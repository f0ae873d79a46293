"""Who works a lead already, or its company: a known lead stays with whom it knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from leads.models import Lead

SHORTEST_COMPANY = 3  # shorter ones are dashes and the like, and name no company

OWNERS_OF_THE_LEAD = """
SELECT DISTINCT ON (h.lead_id) h.lead_id, h.owner_id
FROM unnest(%(leads)s::bigint[], %(leaving)s::bigint[]) AS wanted(lead_id, leaving) JOIN leads_handoff h USING (lead_id)
WHERE h.owner_id IS NOT NULL AND h.owner_id <> wanted.leaving
ORDER BY h.lead_id, h.number DESC
"""
OWNERS_OF_THE_COMPANY = """
SELECT DISTINCT ON (wanted.place) wanted.place, h.owner_id
FROM unnest(%(companies)s::text[], %(leaving)s::bigint[]) WITH ORDINALITY AS wanted(company, leaving, place)
    JOIN leads_lead l ON lower(l.company) = lower(wanted.company) AND l.company <> ''
    JOIN leads_handoff h ON h.lead_id = l.id
WHERE h.owner_id IS NOT NULL AND h.owner_id <> wanted.leaving
ORDER BY wanted.place, (h.closed_at IS NULL) DESC, h.handed_off_at DESC, h.id DESC
"""


def known_owners(leads: Sequence[tuple[Lead, int | None]]) -> dict[int, int]:
    """Return who works the same lead, or else the same company, by the lead's id: on the open hand-off, or the last.

    Beside each lead stands who has it now and does not keep it, if anybody.
    """
    named = [(lead, leaving) for lead, leaving in leads if len(lead.company.strip()) >= SHORTEST_COMPANY]
    found: dict[int, int] = {}
    with connection.cursor() as cursor:
        if named:
            asked: dict[str, Any] = {
                "companies": [lead.company for lead, _ in named],
                "leaving": [leaving or 0 for _, leaving in named],
            }
            cursor.execute(OWNERS_OF_THE_COMPANY, asked)
            found |= {named[place - 1][0].pk: owner for place, owner in cursor.fetchall()}
        asked = {"leads": [lead.pk for lead, _ in leads], "leaving": [leaving or 0 for _, leaving in leads]}
        cursor.execute(OWNERS_OF_THE_LEAD, asked)
        return found | dict(cursor.fetchall())
