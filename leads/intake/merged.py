"""Leads that were merged: what a file says of one goes to the lead that has its hand-offs now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

LOCK = "SELECT id, coalesce(merged_into_id, id) FROM leads_lead WHERE id = ANY(%s) ORDER BY id FOR {strength}"


def locked(
    lead_ids: Iterable[int], cursor: Any, strength: Literal["NO KEY UPDATE", "SHARE"] = "NO KEY UPDATE"
) -> dict[int, int]:
    """Lock these leads, in order of id; return for each the lead that has its hand-offs, which is locked as well.

    One that was merged while this waited leads to a lead that was not asked for.
    """
    survivors: dict[int, int] = {}
    wanted = set(lead_ids)
    while wanted:
        cursor.execute(LOCK.format(strength=strength), [sorted(wanted)])
        survivors |= dict(cursor.fetchall())
        wanted = set(survivors.values()) - set(survivors)
    return {pk: survivors[survivor] for pk, survivor in survivors.items()}
