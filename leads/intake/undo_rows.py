"""Undoing an import of attempts, or of deals.

Attempts are append-only: those that came are voided, and what they replaced is logged again as it was. A deal that
came is taken away; one that was changed goes back.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from leads.intake.undo_leads import edited_by_hand
from leads.intake.undone import Left, Steps, Undone, Why, in_pieces
from leads.models import Deal, Import, ImportChange
from leads.services.facts import refresh_facts

# An attempt that the import brought, and what is to be said of it; and whose note it changed.
ATTEMPTS = """
SELECT a.id, a.external_id, CASE
    WHEN EXISTS (SELECT FROM leads_importchange c WHERE c.kind IN ('attempt', 'note') AND c.row_id = a.id
        AND c.record_id <> %(import)s AND c.id > coalesce(n.change, 0)) THEN 'imported'
    WHEN a.voided_at IS NOT NULL THEN 'voided'
    WHEN EXISTS (SELECT FROM leads_handoffevent e WHERE e.hand_off_id = a.hand_off_id AND e.kind = 'closed'
        AND e.recorded_at >= %(started)s) THEN 'closed'
    END, a.recorded_by_id IS NOT DISTINCT FROM %(import)s
FROM leads_followupattempt a LEFT JOIN (
    SELECT row_id, min(id) AS change FROM leads_importchange WHERE record_id = %(import)s AND kind = 'note'
    GROUP BY row_id) n ON n.row_id = a.id
WHERE (a.recorded_by_id = %(import)s OR n.row_id IS NOT NULL)
    AND NOT EXISTS (SELECT FROM leads_followupattempt s WHERE s.system = a.system AND s.external_id = a.external_id
        AND s.recorded_by_id = a.recorded_by_id AND s.id > a.id)
ORDER BY a.id
"""
LOCK = """
SELECT h.id FROM leads_handoff h WHERE h.id IN (
    SELECT a.hand_off_id FROM leads_followupattempt a WHERE a.recorded_by_id = %(import)s
    UNION SELECT a.hand_off_id FROM leads_followupattempt a JOIN leads_importchange c ON c.row_id = a.id
        WHERE c.record_id = %(import)s AND c.kind IN ('attempt', 'note'))
ORDER BY h.id FOR UPDATE
"""
VOID = """
UPDATE leads_followupattempt SET voided_at = %(now)s, voided_by_id = %(by)s, void_reason = %(reason)s
WHERE id = ANY(%(ids)s) RETURNING hand_off_id
"""
AS_IT_WAS = (
    "system, external_id, attempted_at, attempted_on, is_date_only, channel, outcome, is_automated, by_id, by_name, "
    "logged_at, recorded_by_id"
)
HOW_MANY_REPLACED = """
SELECT count(DISTINCT v.id) FROM leads_importchange c JOIN leads_followupattempt o ON o.id = c.row_id
    JOIN leads_followupattempt v ON v.system = o.system AND v.external_id = o.external_id
WHERE c.record_id = %(import)s AND c.kind = 'attempt' AND v.id = ANY(%(ids)s)
    AND o.recorded_by_id IS DISTINCT FROM %(import)s
"""
# The lead may have another episode by now: it falls where it stands.
REPLACED = """
SELECT DISTINCT ON (o.system, o.external_id) o.id, o.hand_off_id
FROM leads_importchange c JOIN leads_followupattempt o ON o.id = c.row_id
    JOIN leads_followupattempt v ON v.system = o.system AND v.external_id = o.external_id
WHERE c.record_id = %(import)s AND c.kind = 'attempt' AND v.id = ANY(%(ids)s)
    AND o.recorded_by_id IS DISTINCT FROM %(import)s
    AND NOT EXISTS (SELECT FROM leads_followupattempt s
        WHERE s.system = o.system AND s.external_id = o.external_id AND s.voided_at IS NULL)
ORDER BY o.system, o.external_id, c.id
"""
LOG_AGAIN = f"""
WITH again AS (
    INSERT INTO leads_followupattempt (hand_off_id, void_reason, {AS_IT_WAS})
    SELECT hand_off_id, '', {AS_IT_WAS} FROM leads_followupattempt WHERE id = ANY(%(ids)s) ORDER BY id
    RETURNING id, system, external_id
)
INSERT INTO leads_attemptnote (attempt_id, text)
SELECT again.id, n.text FROM again
    JOIN leads_followupattempt o ON o.system = again.system AND o.external_id = again.external_id
        AND o.id = ANY(%(ids)s)
    JOIN leads_attemptnote n ON n.attempt_id = o.id
"""
FIRST_NOTES = """
FROM (SELECT DISTINCT ON (row_id) row_id, before->>'text' AS text FROM leads_importchange
    WHERE record_id = %(import)s AND kind = 'note' AND row_id = ANY(%(ids)s) ORDER BY row_id, id) c
WHERE c.row_id = n.attempt_id
"""
RESTORE_NOTES = f"UPDATE leads_attemptnote n SET text = c.text {FIRST_NOTES} AND c.text IS NOT NULL"
TAKE_NOTES_AWAY = f"DELETE FROM leads_attemptnote n USING {FIRST_NOTES.strip()[5:]} AND c.text IS NULL"

DEALS = """
SELECT d.id, d.external_id, d.recorded_by_id IS NOT DISTINCT FROM %(import)s, CASE
    WHEN EXISTS (SELECT FROM leads_importchange c WHERE c.kind = 'deal' AND c.row_id = d.id
        AND c.record_id <> %(import)s AND c.id > coalesce(n.change, 0)) THEN 'imported'
    WHEN d.id = ANY(%(edited)s) THEN 'edited'
    END
FROM leads_deal d LEFT JOIN (
    SELECT row_id, min(id) AS change FROM leads_importchange WHERE record_id = %(import)s AND kind = 'deal'
    GROUP BY row_id) n ON n.row_id = d.id
WHERE d.recorded_by_id = %(import)s OR n.row_id IS NOT NULL
ORDER BY d.id
"""
RESTORED = (
    "lead_external_id", "closed_at", "closed_on", "is_date_only", "amount", "currency", "is_won", "origin",
)  # fmt: skip
# A lead that came or went since by its id is looked up anew.
RESTORE_DEALS = f"""
UPDATE leads_deal d SET {", ".join(f"{name} = b.{name}" for name in RESTORED)}, lead_id = CASE
    WHEN b.lead_external_id = '' THEN b.lead_id
    ELSE (SELECT coalesce(l.merged_into_id, l.id) FROM leads_lead l
        WHERE l.system = d.system AND l.external_id = b.lead_external_id) END
FROM (SELECT DISTINCT ON (row_id) row_id, before FROM leads_importchange
    WHERE record_id = %(import)s AND kind = 'deal' ORDER BY row_id, id) c,
    jsonb_populate_record(NULL::leads_deal, c.before) b
WHERE c.row_id = d.id AND d.id = ANY(%(ids)s)
"""


def undo_attempts(record: Import, by: Any, now: dt.datetime, *, is_trial: bool, steps: Steps) -> Undone:
    """Void what came, and log again what it replaced; say what stays."""
    parameters: dict[str, Any] = {"import": record.pk, "started": record.started_at}
    with connection.cursor() as cursor:
        if not is_trial:
            cursor.execute(LOCK, parameters)
        cursor.execute(ATTEMPTS, parameters)
        rows = cursor.fetchall()
        free = [(pk, is_new) for pk, _id, why, is_new in rows if why is None]
        new = [pk for pk, is_new in free if is_new]
        noted = [pk for pk, is_new in free if not is_new]
        cursor.execute(HOW_MANY_REPLACED, {**parameters, "ids": new})
        replaced = cursor.fetchone()[0]
        if not is_trial:
            reason = _("its import was undone")
            touched: set[int] = set()
            steps.begin(len(new))
            for piece in in_pieces(new):
                said = {"ids": piece, "now": now, "by": by and by.pk, "reason": reason}
                cursor.execute(VOID, said)
                touched |= {hand_off_id for (hand_off_id,) in cursor.fetchall()}
                cursor.execute(REPLACED, {**parameters, "ids": piece})
                again = cursor.fetchall()
                touched |= {hand_off_id for _pk, hand_off_id in again}
                cursor.execute(LOG_AGAIN, {"ids": [pk for pk, _hand_off in again]})
                steps.did(len(piece))
            cursor.execute(RESTORE_NOTES, {**parameters, "ids": noted})
            cursor.execute(TAKE_NOTES_AWAY, {**parameters, "ids": noted})
            refresh_facts(touched, now=now, actor=by)
            ImportChange.objects.filter(record=record, row_id__in=noted).delete()
    left = Left.of((Why(why), external_id) for _pk, external_id, why, _is_new in rows if why is not None)
    return Undone(len(new) - replaced, len(noted) + replaced, left)


def undo_deals(record: Import, by: Any, now: dt.datetime, *, is_trial: bool, steps: Steps) -> Undone:
    """Take away the deals that came, and bring back those that were changed; say what stays."""
    parameters: dict[str, Any] = {"import": record.pk, "edited": edited_by_hand(Deal, record.started_at)}
    with connection.cursor() as cursor:
        if not is_trial:
            cursor.execute(
                "SELECT id FROM leads_deal WHERE recorded_by_id = %(import)s OR id IN (SELECT row_id FROM "
                "leads_importchange WHERE record_id = %(import)s AND kind = 'deal') ORDER BY id FOR UPDATE",
                parameters,
            )
        cursor.execute(DEALS, parameters)
        rows = cursor.fetchall()
        new = [pk for pk, _id, is_new, why in rows if is_new and why is None]
        known = [pk for pk, _id, is_new, why in rows if not is_new and why is None]
        if not is_trial:
            steps.begin(len(new) + len(known))
            cursor.execute("DELETE FROM leads_deal WHERE id = ANY(%s)", [new])
            steps.did(len(new))
            cursor.execute(RESTORE_DEALS, {**parameters, "ids": known})
            steps.did(len(known))
            ImportChange.objects.filter(record=record, kind=ImportChange.Kind.DEAL, row_id__in=known).delete()
    left = Left.of((Why(why), external_id) for _pk, external_id, _is_new, why in rows if why is not None)
    return Undone(len(new), len(known), left)
