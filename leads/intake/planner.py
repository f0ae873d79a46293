"""What PostgreSQL's planner knows of the tables that an import fills."""

from __future__ import annotations

from django.db import connection

GROWING = {"leads": "leads_lead", "attempts": "leads_followupattempt", "deals": "leads_deal"}
GROWN = 0.1


def is_news(kind: str, created: int) -> bool:
    """Whether `created` rows of a kind are a tenth or more of those that the planner knows of.

    That is autovacuum's own rule: what is less is left to it. A table that nobody has looked at yet has -1 rows.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [GROWING[kind]])
        (known,) = cursor.fetchone() or (-1,)
    return bool(created >= GROWN * known)


def tell_the_planner() -> None:
    """Let PostgreSQL know how large the tables have become: until it does, it plans reports for small ones."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE leads_lead, leads_handoff, leads_followupattempt, leads_handoffevent, leads_deal"
        )
