"""Long work that one worker has at a time: claimed by a conditional update, kept by signs of life, claimed anew.

The work is a row with `claim`, the pass of the worker that has it, `seen_at`, its last sign of life, and `passes`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F, Model, Q, QuerySet

Work = TypeVar("Work", bound=Model)


class ClaimLost(Exception):
    """Another worker has the work by now, or nobody wants it any more."""


def claim_next(
    waiting: QuerySet[Work], *, lease: dt.timedelta, now: dt.datetime, **noted: Any
) -> Work | None:
    """Claim the first of what waits, in its order, and note these values; None when there is none.

    None also while another worker gives signs of life at one of them: alerts and figures need a worker too.
    """
    is_alive = Q(seen_at__gte=now - lease)
    if waiting.filter(is_alive).exists():
        return None
    with transaction.atomic():
        work = waiting.exclude(is_alive).select_for_update(skip_locked=True, of=("self",)).first()
        if work is None:
            return None
        claimed = {"claim": uuid.uuid4(), "seen_at": now, "passes": F("passes") + 1, **noted}
        type(work)._default_manager.filter(pk=work.pk).update(**claimed)
        work.refresh_from_db()
    return work


def note_claimed(work: Any, now: dt.datetime, **noted: Any) -> None:
    """Give a sign of life, and note how far the work is; ClaimLost when another has it."""
    if not _claimed(work).update(seen_at=now, **noted):
        raise ClaimLost


def end_claimed(work: Any, **noted: Any) -> None:
    """Let go of work that ended, and note what it came to; ClaimLost when another has it."""
    if not _claimed(work).update(claim=None, seen_at=None, **noted):
        raise ClaimLost


def break_off(work: Any, **noted: Any) -> None:
    """Let go of work that went wrong: it is claimed again once the lease has run out, at once with `seen_at=None`."""
    _claimed(work).update(claim=None, **noted)


def _claimed(work: Any) -> QuerySet[Any]:
    mine: QuerySet[Any] = type(work)._default_manager.filter(pk=work.pk, claim=work.claim)
    return mine
