"""One thing that makes trouble is set aside for an hour, seen by administrators, and keeps none of the others back."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least

from slaproject.outbox.faults import fault_of, whence
from slaproject.outbox.models import SetAside

FOR = dt.timedelta(hours=1)
LOG = logging.getLogger(__name__)


def left_alone(source: SetAside.Source, now: dt.datetime) -> list[int]:
    """Return the ids of what is set aside, and not to be tried before long."""
    return list(SetAside.objects.filter(source=source, try_at__gt=now).values_list("row_id", flat=True))


def do_each(
    source: SetAside.Source,
    ids: Sequence[int],
    work: Callable[[Sequence[int]], Any],
    *,
    now: dt.datetime,
) -> list[int]:
    """Do the work for all of these at once, or where that fails for each alone; return for which it was done.

    What fails alone leaves nothing half done. It is set aside, by no more than the kind of its fault: what a fault
    says may hold names.
    """
    if not ids:
        return []
    try:
        with transaction.atomic():
            work(ids)
            SetAside.objects.filter(source=source, row_id__in=ids).delete()
        return list(ids)
    except Exception as error:
        if len(ids) == 1:
            fault = fault_of(error)
            LOG.error("%s %s is set aside: %s, at %s", source.value, ids[0], fault, whence(error))
            _set_aside(source, ids[0], fault, now)
            return []
    return [one for pk in ids for one in do_each(source, [pk], work, now=now)]


def _set_aside(source: SetAside.Source, row_id: int, fault: str, now: dt.datetime) -> None:
    said = {"tried_at": now, "try_at": now + FOR, "fault": fault[:100]}
    _row, is_new = SetAside.objects.get_or_create(source=source, row_id=row_id, defaults=said)
    if not is_new:
        mine = SetAside.objects.filter(source=source, row_id=row_id)
        mine.update(tries=Least(F("tries") + 1, 1_000), **said)
