"""Undoing an import within a day: what it brought is taken away, and what it changed goes back.

What somebody, or a later import, worked on since stays, and is listed with the reason. It is one transaction: figures
follow from the days that it notes, as with any other change. An import that is still running finds that it was undone,
and ends; one that was stopped can be described and tried anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.utils.translation import gettext as _
from psycopg.errors import DeadlockDetected

from leads.intake.undo_leads import undo_leads
from leads.intake.undo_rows import undo_attempts, undo_deals
from leads.intake.undone import Steps, Undone
from leads.models import Import, ImportChange, ImportUndo, Upload

TRIES = 3
FORGOTTEN_AFTER = dt.timedelta(hours=48)  # an import that ran for long can be undone for longer than a day

UNDO: dict[str, Callable[..., Undone]] = {
    Import.Kind.LEADS: undo_leads,
    Import.Kind.ATTEMPTS: undo_attempts,
    Import.Kind.DEALS: undo_deals,
}


@transaction.atomic
def what_an_undo_would_do(*, record: Import) -> Undone:
    """Return what would be taken away, go back, and stay; nothing is written."""
    return UNDO[record.kind](record, None, record.started_at, is_trial=True, steps=Steps())


def undo_import(
    *,
    record: Import,
    by: Any,
    now: dt.datetime,
    asked_at: dt.datetime | None = None,
    steps: Steps | None = None,
    at_the_end: Callable[[], None] = lambda: None,
) -> Undone:
    """Undo an import; of two who do so at once one does it. `at_the_end` is done in the same transaction.

    Whether its day is over goes by `asked_at`, if somebody asked for it before.

    Raises ValidationError for one that was undone already, whose day is over, that no file brought, or that the
    worker has in its hands.
    """
    for left in reversed(range(TRIES)):
        try:
            return _undo(record.pk, by, now, asked_at or now, steps or Steps(), at_the_end)
        except OperationalError as error:
            if not left or not isinstance(error.__cause__, DeadlockDetected):
                raise
    raise AssertionError("the last try returns or raises")


def why_not(record: Import, now: dt.datetime) -> str:
    """Say why an import cannot be undone; "" where it can."""
    if record.undone_at is not None:
        return _("This import was undone already, and cannot be undone twice.")
    if record.undoable_until is None:
        return _(
            "Only what came in by a file can be undone: this was sent by a program, or came in long ago."
        )
    if now > record.undoable_until:
        return _("An import can be undone for 24 hours; these are over.")
    upload = Upload.objects.filter(record=record).only("state").first()
    if upload is not None and upload.is_worked_on:
        return _("This file is being imported: stop that first.")
    return ""


@transaction.atomic
def _undo(
    pk: int,
    by: Any,
    now: dt.datetime,
    asked_at: dt.datetime,
    steps: Steps,
    at_the_end: Callable[[], None],
) -> Undone:
    record = Import.objects.select_for_update(no_key=True).get(pk=pk)
    list(Upload.objects.select_for_update().filter(record=record).values_list("pk"))
    if refusal := why_not(record, asked_at):
        raise ValidationError(refusal)
    undone = UNDO[record.kind](record, by, now, is_trial=False, steps=steps)
    Import.objects.filter(pk=pk).update(undone_at=now, undone_by=by, undone=undone.as_json())
    Upload.objects.filter(record=record, state__in=Upload.CHANGEABLE).update(
        state=Upload.State.DRAFT, record=None, outcome={}, fault="", changed_at=now
    )
    at_the_end()
    return undone


def forget_what_rows_were(*, now: dt.datetime) -> int:
    """Take away what rows were like before imports that can be undone no more; return of how many.

    One whose undo was asked for in time and still waits for a worker needs them.
    """
    old = ImportChange.objects.filter(changed_at__lt=now - FORGOTTEN_AFTER)
    asked = ImportUndo.objects.filter(state=ImportUndo.State.WAITING).values("record")
    return old.exclude(record__in=asked).delete()[0]
