"""Undoing an import of leads.

A lead is undone as a whole, with what the import did to its hand-offs, or it stays as a whole: where somebody, or a
later import, did something with it since. A hand-off that nobody worked on goes with its events: it never was. One
that was there before goes back to what it was, with an event that says so. What only time or a routing rule did since
is no work.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Model

from agreements.models import Excuse
from leads.intake.episodes import ASSIGNED, CORRECTED
from leads.intake.lead_rows import SAID
from leads.intake.undone import Left, Steps, Undone, Why, in_pieces
from leads.models import HandOff, HandOffEvent, Import, ImportChange, Lead
from leads.services.facts import rebind_attempts, refresh_facts
from leads.services.locks import hold_leads
from leads.services.turns import give_turns_back

Kind = HandOffEvent.Kind
WORK = (
    Kind.HANDED_OFF,
    Kind.ASSIGNED,
    Kind.ACCEPTED,
    Kind.ATTEMPTED,
    Kind.ATTEMPT_VOIDED,
    Kind.PAUSED,
    Kind.RESUMED,
    Kind.NEXT_TOUCH_PLANNED,
    Kind.REJECTION_AGREED,
    Kind.REJECTION_DISPUTED,
    Kind.REJECTION_UPHELD,
    Kind.REJECTION_WITHDRAWN,
    Kind.CLOSED,
    Kind.CORRECTED,
    Kind.RE_DATED,
    Kind.RATED,
)

TOUCHED = """
CREATE TEMPORARY TABLE undo_lead ON COMMIT DROP AS
WITH kept AS (
    SELECT DISTINCT ON (row_id) row_id, id, (since->>'event')::bigint AS event, (since->>'attempt')::bigint AS attempt,
        (since->>'hand_off')::bigint AS hand_off
    FROM leads_importchange WHERE record_id = %(import)s AND kind = 'lead' ORDER BY row_id, id
), new AS (
    SELECT DISTINCT h.lead_id FROM leads_handoff h LEFT JOIN kept ON kept.row_id = h.lead_id
    WHERE h.recorded_by_id = %(import)s AND (h.number = 1 OR EXISTS (
            SELECT FROM leads_merge m WHERE m.survivor_id = h.lead_id AND m.made_at >= %(started)s))
        AND (kept.row_id IS NULL OR kept.hand_off >= h.id)
)
SELECT lead_id, true AS is_new, 0::bigint AS change, 0::bigint AS event, 0::bigint AS attempt, 0::bigint AS hand_off
FROM new
UNION ALL
SELECT row_id, false, id, event, attempt, hand_off FROM kept WHERE row_id NOT IN (SELECT lead_id FROM new)
"""

# Each says which leads stay. The attempts of an import that was undone are history that nobody made; but attempts are
# never deleted, so a hand-off stays where they have no other one of their lead to go to.
STAYS: dict[Why, str] = {
    Why.MERGED: """
        SELECT u.lead_id FROM undo_lead u
        WHERE EXISTS (SELECT FROM leads_merge m WHERE u.lead_id IN (m.survivor_id, m.absorbed_id)
            AND m.made_at >= %(started)s)
            OR u.is_new AND EXISTS (SELECT FROM leads_merge m WHERE u.lead_id IN (m.survivor_id, m.absorbed_id))
    """,
    Why.IMPORTED: """
        SELECT u.lead_id FROM undo_lead u
        WHERE EXISTS (SELECT FROM leads_importchange c WHERE c.kind = 'lead' AND c.row_id = u.lead_id
            AND c.record_id <> %(import)s AND c.id > u.change)
    """,
    Why.ATTEMPTED: """
        SELECT DISTINCT u.lead_id FROM undo_lead u JOIN leads_handoff h ON h.lead_id = u.lead_id
            JOIN leads_followupattempt a ON a.hand_off_id = h.id LEFT JOIN leads_import i ON i.id = a.recorded_by_id
        WHERE (a.id > u.attempt AND (u.is_new OR a.logged_at >= %(started)s)
                AND (a.voided_at IS NULL OR i.undone_at IS NULL))
            OR NOT EXISTS (SELECT FROM leads_handoff o
                WHERE o.lead_id = u.lead_id AND o.recorded_by_id IS DISTINCT FROM %(import)s)
    """,
    Why.HANDED_OVER: """
        SELECT DISTINCT u.lead_id FROM undo_lead u JOIN leads_handoff h ON h.lead_id = u.lead_id
        WHERE h.id > u.hand_off AND h.recorded_by_id IS DISTINCT FROM %(import)s
    """,
    Why.WORKED: """
        SELECT DISTINCT u.lead_id FROM undo_lead u JOIN leads_handoff h ON h.lead_id = u.lead_id
            JOIN leads_handoffevent e ON e.hand_off_id = h.id
            LEFT JOIN leads_import i ON i.id = (e.data->>'import')::bigint
        WHERE e.id > u.event AND e.kind = ANY(%(work)s) AND i.undone_at IS NULL
            AND (i.id IS NULL OR i.id <> %(import)s)
            AND NOT (e.kind = 'assigned' AND e.data ? 'routed' AND NOT e.data ? 'from')
    """,
    Why.DEAL: """
        SELECT DISTINCT u.lead_id FROM undo_lead u JOIN leads_deal d ON d.lead_id = u.lead_id
        WHERE u.is_new AND NOT EXISTS (SELECT FROM leads_importchange c
            WHERE c.record_id = %(import)s AND c.kind = 'link' AND c.row_id = d.id)
    """,
    Why.EXCUSED: """
        SELECT DISTINCT u.lead_id FROM undo_lead u JOIN leads_handoff h ON h.lead_id = u.lead_id
        WHERE h.id = ANY(%(excused)s)
    """,
    Why.EDITED: "SELECT u.lead_id FROM undo_lead u WHERE u.lead_id = ANY(%(edited)s)",
}

TO_THE_ONE_BEFORE = """
UPDATE leads_followupattempt a SET hand_off_id = (
    SELECT e.id FROM leads_handoff e WHERE e.lead_id = h.lead_id AND NOT e.id = ANY(%(ids)s)
    ORDER BY e.number DESC LIMIT 1)
FROM leads_handoff h
WHERE h.id = ANY(%(ids)s) AND a.hand_off_id = h.id
    AND EXISTS (SELECT FROM leads_handoff e WHERE e.lead_id = h.lead_id AND NOT e.id = ANY(%(ids)s))
RETURNING a.hand_off_id
"""
UNLINK = """
UPDATE leads_deal d SET lead_id = NULL FROM leads_importchange c
WHERE c.record_id = %(import)s AND c.kind = 'link' AND c.row_id = d.id AND d.lead_id = ANY(%(leads)s)
"""

FIRST_KEPT = """
(SELECT DISTINCT ON (row_id) row_id, before FROM leads_importchange
 WHERE record_id = %(import)s AND kind = '{kind}' AND row_id = ANY(%(ids)s) ORDER BY row_id, id)
"""
RESTORE_LEADS = f"""
UPDATE leads_lead l SET ({", ".join(SAID)}) = (
    SELECT {", ".join(f"b.{name}" for name in SAID)} FROM jsonb_populate_record(NULL::leads_lead, c.before) b)
FROM {FIRST_KEPT.format(kind="lead")} c
WHERE c.row_id = l.id
"""

# Where a clock runs on, so does its state: the facts are worked out anew right afterwards.
STATES = {"state": "due_at", "acceptance": "acceptance_due_at", "outcome": "outcome_due_at"}
GOES_BACK = [name for name in (*CORRECTED, *ASSIGNED) if name not in STATES]
RESTORE_HAND_OFFS = f"""
UPDATE leads_handoff h SET {", ".join(f"{name} = b.{name}" for name in GOES_BACK)}, {
    ", ".join(
        f"{name} = CASE WHEN h.{due} IS NULL OR b.{due} IS NULL THEN b.{name} ELSE h.{name} END"
        for name, due in STATES.items()
    )
}
FROM {
    FIRST_KEPT.format(kind="hand_off")
} c, jsonb_populate_record(NULL::leads_handoff, c.before) b, leads_handoff was
WHERE c.row_id = h.id AND was.id = h.id
RETURNING h.id, was.handed_off_at, h.handed_off_at, (was.owner_id, was.owner_name) IS DISTINCT FROM
    (h.owner_id, h.owner_name), h.owner_id
"""


def leads_left(record: Import, cursor: Any) -> dict[int, Why]:
    """Say which leads stay, and why; which ones are concerned stands in the table `undo_lead` afterwards."""
    parameters = {
        "import": record.pk,
        "started": record.started_at,
        "work": list(WORK),
        "excused": [
            pk
            for ids in Excuse.objects.filter(proposed_at__gte=record.started_at).values_list(
                "hand_offs", flat=True
            )
            for pk in ids
        ],
        "edited": edited_by_hand(Lead, record.started_at),
    }
    cursor.execute("DROP TABLE IF EXISTS pg_temp.undo_lead")
    cursor.execute(TOUCHED, parameters)
    cursor.execute("ANALYZE undo_lead")
    left: dict[int, Why] = {}
    for why, sql in STAYS.items():
        cursor.execute(sql, parameters)
        for (lead_id,) in cursor.fetchall():
            left.setdefault(lead_id, why)
    return left


def edited_by_hand(model: type[Model], since: dt.datetime) -> list[int]:
    """Return the rows of this model that somebody changed on the pages of the administration since."""
    changed = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(model), action_time__gte=since
    )
    return [int(pk) for pk in changed.values_list("object_id", flat=True) if pk]


def undo_leads(record: Import, by: Any, now: dt.datetime, *, is_trial: bool, steps: Steps) -> Undone:
    """Take away and bring back what can be; say what stays."""
    with connection.cursor() as cursor:
        if not is_trial:
            _lock(record, cursor)
        left = leads_left(record, cursor)
        cursor.execute("SELECT lead_id, is_new FROM undo_lead ORDER BY lead_id")
        concerned = cursor.fetchall()
        new = [pk for pk, is_new in concerned if is_new and pk not in left]
        known = [pk for pk, is_new in concerned if not is_new and pk not in left]
        if not is_trial:
            touched = _take_away_hand_offs(record, new, known, cursor, now, steps)
            _take_away_leads(record, new, cursor, steps)
            touched |= _bring_back(record, known, cursor, by, now, steps)
            refresh_facts(touched, now=now, actor=by)
            _forget(record, new + known)
    names = dict(Lead.objects.filter(pk__in=left).values_list("pk", "external_id"))
    return Undone(len(new), len(known), Left.of((why, names[pk]) for pk, why in sorted(left.items())))


def _lock(record: Import, cursor: Any) -> None:
    cursor.execute(
        """SELECT lead_id FROM leads_handoff WHERE recorded_by_id = %(import)s
        UNION SELECT row_id FROM leads_importchange WHERE record_id = %(import)s AND kind = 'lead'""",
        {"import": record.pk},
    )
    hold_leads(pk for (pk,) in cursor.fetchall())


def _take_away_hand_offs(
    record: Import, new: list[int], known: list[int], cursor: Any, now: dt.datetime, steps: Steps
) -> set[int]:
    """Take away those that the import began; return the others whose attempts are more now."""
    begun = HandOff.objects.filter(recorded_by=record).order_by("pk")
    again = dict(begun.filter(lead__in=known).values_list("pk", "lead_id"))
    begun_again = sorted(set(again.values()))
    moved: set[int] = set()
    if again:
        cursor.execute(TO_THE_ONE_BEFORE, {"ids": list(again)})
        moved = {pk for (pk,) in cursor.fetchall()}
    ids = sorted({*again, *begun.filter(lead__in=new).values_list("pk", flat=True)})
    steps.begin(len(ids) + len(new) + len(known))
    for piece in in_pieces(ids):
        here = HandOff.objects.filter(pk__in=piece)
        give_turns_back(hand_offs=here.filter(routing_decisions__isnull=False).distinct(), now=now)
        here.delete()
        steps.did(len(piece))
    return moved | rebind_attempts(begun_again) if begun_again else set()


def _take_away_leads(record: Import, new: list[int], cursor: Any, steps: Steps) -> None:
    cursor.execute(UNLINK, {"import": record.pk, "leads": new})
    for piece in in_pieces(new):
        cursor.execute("DELETE FROM leads_lead WHERE id = ANY(%s)", [piece])
        steps.did(len(piece))


def _bring_back(
    record: Import, known: list[int], cursor: Any, by: Any, now: dt.datetime, steps: Steps
) -> set[int]:
    hand_offs: list[tuple[Any, ...]] = []
    for piece in in_pieces(known):
        cursor.execute(RESTORE_LEADS, {"import": record.pk, "ids": piece})
        ids = list(HandOff.objects.filter(lead__in=piece).values_list("pk", flat=True))
        cursor.execute(RESTORE_HAND_OFFS, {"import": record.pk, "ids": ids})
        hand_offs += cursor.fetchall()
        steps.did(len(piece))
    events, moved = [], []
    for pk, was_at, is_at, has_other_owner, owner_id in hand_offs:
        moved.append(pk)
        said: list[tuple[HandOffEvent.Kind, dict[str, Any]]] = []
        if was_at != is_at:
            said.append((Kind.CORRECTED, {"from": was_at.isoformat(), "to": is_at.isoformat()}))
        if has_other_owner:
            said.append((Kind.ASSIGNED, {"owner": owner_id}))
        events += [
            HandOffEvent(
                hand_off_id=pk,
                kind=kind,
                happened_at=now,
                recorded_at=now,
                actor=by,
                data={**data, "import": record.pk, "undone": True},
            )
            for kind, data in said
        ]
    HandOffEvent.objects.bulk_create(events)
    leads = HandOff.objects.filter(pk__in=moved).values_list("lead_id", flat=True)
    return {*moved, *rebind_attempts(set(leads))} if moved else set()


def _forget(record: Import, lead_ids: list[int]) -> None:
    kept = ImportChange.objects.filter(record=record)
    hand_offs = HandOff.objects.filter(lead__in=lead_ids).values("pk")
    kept.filter(kind=ImportChange.Kind.LEAD, row_id__in=lead_ids).delete()
    kept.filter(kind=ImportChange.Kind.HAND_OFF, row_id__in=hand_offs).delete()
