"""The worker's part in undoing an import: asked for by a page, claimed, done in one transaction, and watched.

How far it is is noted by another connection, since nothing of the transaction is seen before its end; that end and the
undo are one. A worker that is killed leaves the import as it was: another claims it after LEASE, and begins anew.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from agreements.rights import rights_of
from leads.intake.undoing import undo_import, why_not
from leads.intake.undone import Steps
from leads.intake.upload_work import another_connection
from leads.models import Import, ImportUndo
from leads.services.claims import ClaimLost, break_off, claim_next, end_claimed

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=300)  # to find what stays of a large import is one query each
MOST_PASSES = 3
State = ImportUndo.State
NOTE = """
UPDATE leads_importundo SET rows_done = %s, rows_total = %s, seen_at = %s WHERE id = %s AND claim = %s RETURNING id
"""


@transaction.atomic
def ask_to_undo(*, record: Import, by: Any, now: dt.datetime) -> ImportUndo:
    """Let a worker undo an import; asked twice while it waits, it is done once.

    Raises ValidationError for what `undo_import` would refuse.
    """
    record = Import.objects.select_for_update(no_key=True).get(pk=record.pk)
    if refusal := why_not(record, now):
        raise ValidationError(refusal)
    asked = ImportUndo.objects.filter(record=record).first()
    if asked is not None and asked.is_waiting:
        return asked
    anew = {"by": by, "asked_at": now, "state": State.WAITING, "passes": 0, "fault": ""}
    return ImportUndo.objects.update_or_create(
        record=record, defaults=anew | {"rows_done": 0, "rows_total": 0}
    )[0]


def undo_next(*, now: dt.datetime) -> bool:
    """Undo the import that waits longest for it; False when there is none, or another worker is at one."""
    waiting = ImportUndo.objects.filter(state=State.WAITING).order_by("asked_at", "pk")
    asked = claim_next(waiting, lease=LEASE, now=now, rows_done=0)
    if asked is None:
        return False
    with contextlib.suppress(ClaimLost):
        if asked.passes > MOST_PASSES:
            end_claimed(asked, state=State.FAILED)
        elif not (asked.by.is_active and rights_of(asked.by).is_administrator):
            end_claimed(asked, state=State.REFUSED, fault=_("Who asked for it is no administrator any more."))
        else:
            with translation.override(asked.by.language):
                _undo(asked, now)
    return True


def _undo(asked: ImportUndo, began: dt.datetime) -> None:
    started = time.monotonic()

    def now() -> dt.datetime:
        return began + dt.timedelta(seconds=time.monotonic() - started)

    with another_connection() as way:

        def note(done: int, total: int) -> None:
            with way.cursor() as cursor:
                cursor.execute(NOTE, [done, total, now(), asked.pk, asked.claim])
                if cursor.fetchone() is None:
                    raise ClaimLost

        try:
            undo_import(
                record=asked.record,
                by=asked.by,
                now=began,
                asked_at=asked.asked_at,
                steps=Steps(note),
                at_the_end=lambda: end_claimed(asked, state=State.DONE),
            )
        except ValidationError as error:
            end_claimed(asked, state=State.REFUSED, fault=error.messages[0])
        except ClaimLost:
            raise
        except Exception as error:
            logger.error(
                "undo of import %d: pass %d: %s", asked.record_id, asked.passes, type(error).__name__
            )
            break_off(asked, seen_at=None)
            raise
