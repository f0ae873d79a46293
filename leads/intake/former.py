"""What rows were like before an import changed them, kept so that it can be undone.

Call these in the transaction of the change, before it, with the rows locked. What is new needs no note: it points to
the import that brought it. Of an import that cannot be undone only the ids are kept: they say that a row was changed
after an earlier import, which then leaves it alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from leads.intake.context import Context
from leads.models import ImportChange

TABLES = {
    ImportChange.Kind.LEAD: "leads_lead",
    ImportChange.Kind.HAND_OFF: "leads_handoff",
    ImportChange.Kind.ATTEMPT: "leads_followupattempt",
    ImportChange.Kind.DEAL: "leads_deal",
    ImportChange.Kind.LINK: "leads_deal",
}
WHOLE = frozenset({ImportChange.Kind.LEAD, ImportChange.Kind.HAND_OFF, ImportChange.Kind.DEAL})

NEWEST = """
SELECT jsonb_build_object(
    'event', (SELECT coalesce(max(id), 0) FROM leads_handoffevent),
    'attempt', (SELECT coalesce(max(id), 0) FROM leads_followupattempt),
    'hand_off', (SELECT coalesce(max(id), 0) FROM leads_handoff)
)::text
"""

KEEP = """
INSERT INTO leads_importchange (record_id, kind, row_id, before, since, changed_at)
SELECT %(import)s, %(kind)s, t.id, {before}, %(since)s::jsonb, %(now)s FROM {table} t WHERE t.id = ANY(%(ids)s)
ORDER BY t.id
"""

KEEP_NOTES = """
INSERT INTO leads_importchange (record_id, kind, row_id, before, since, changed_at)
SELECT %(import)s, 'note', a.id, jsonb_build_object('text', n.text), '{}', %(now)s
FROM leads_followupattempt a LEFT JOIN leads_attemptnote n ON n.attempt_id = a.id WHERE a.id = ANY(%(ids)s)
"""


def newest(cursor: Any) -> str:
    """Return the newest event, attempt and hand-off, as JSON: what has a higher id comes later."""
    cursor.execute(NEWEST)
    return str(cursor.fetchone()[0])


def keep(
    context: Context, kind: ImportChange.Kind, ids: Iterable[int], cursor: Any, *, since: str = "{}"
) -> None:
    """Keep these rows as they are."""
    wanted = list(ids)
    if not wanted:
        return
    before = "to_jsonb(t)" if kind in WHOLE and context.is_undoable else "'{}'::jsonb"
    cursor.execute(
        KEEP.format(table=TABLES[kind], before=before),
        {"import": context.import_id, "kind": kind, "ids": wanted, "since": since, "now": context.now},
    )


def keep_notes(context: Context, attempt_ids: Iterable[int], cursor: Any) -> None:
    """Keep the notes on these attempts as they are."""
    cursor.execute(KEEP_NOTES, {"import": context.import_id, "ids": list(attempt_ids), "now": context.now})
