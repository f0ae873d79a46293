"""Files that come by themselves: asked for, begun once at each due instant, paused, ended.

A due instant is claimed by a conditional update of the schedule, in the transaction that leaves the export for a
worker: killed in between there is neither, and of many at once one claims. The database holds that too: one export a
schedule and instant. Instants that passed while no worker ran are made up for by one file, of the last of them. Who may
have it, and what of it, is asked when it is made.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.rights import rights_of
from agreements.table_files import Format
from leads.exports.kept import mark_of_rights
from leads.exports.lists import has_list, open_list
from leads.models import Export, ExportSchedule

MOST_SCHEDULES = 20
NOT_KEPT = ("format", "list", "page")
"""Parts of a page's address that say nothing of what is listed."""


def what_is_listed(query: QueryDict) -> str:
    """Return the filters and the order of an address, as exports keep them."""
    kept = query.copy()
    for part in NOT_KEPT:
        kept.pop(part, None)
    return kept.urlencode()


def may_use_folder(user: Any) -> bool:
    """Whether this person's files may go to the folder of the server, and there is one."""
    return bool(settings.EXPORT_FOLDER) and rights_of(user).is_administrator


def schedule_export(
    *,
    kind: str,
    form: Format,
    query: str,
    name: str,
    every: str,
    weekday: int,
    day: int,
    at: dt.time,
    goes_to: str,
    by: Any,
    now: dt.datetime,
) -> ExportSchedule:
    """Let a list or report be made into a file again and again, at a wall time of the person's own zone.

    Raises ValidationError for one of a name that there is, or more than a few; NotUnderstood for an address whose page
    complains.
    """
    said = open_list(kind, by, QueryDict(query), now=now).said
    if goes_to == ExportSchedule.GoesTo.FOLDER and not may_use_folder(by):
        raise ValidationError(_("Only administrators can have files put into the folder of the server."))
    with transaction.atomic():
        # Two clicks at once wait for each other here.
        get_user_model()._default_manager.select_for_update(no_key=True).get(pk=by.pk)
        mine = ExportSchedule.objects.filter(by=by)
        if mine.filter(name=name).exists():
            raise ValidationError(_("You have a scheduled file of this name already."))
        if mine.count() >= MOST_SCHEDULES:
            raise ValidationError(
                ngettext(
                    "You have %(n)s scheduled file: end it first.",
                    "You have %(n)s scheduled files: end one first.",
                    MOST_SCHEDULES,
                )
                % {"n": MOST_SCHEDULES}
            )
        made = ExportSchedule(
            name=name,
            kind=kind,
            form=form.value,
            query=query,
            said=said,
            every=every,
            weekday=weekday,
            day=day,
            at=at,
            time_zone=by.time_zone,
            goes_to=goes_to,
            by=by,
            made_at=now,
        )
        made.next_at = made.times.following(now)
        made.save()
    return made


def start_due(*, now: dt.datetime) -> int:
    """Begin every file that is due; return how many were begun."""
    due = ExportSchedule.objects.filter(next_at__lte=now).select_related("by").order_by("next_at", "pk")
    return sum(start(schedule=one, now=now) is not None for one in due)


@transaction.atomic
def start(*, schedule: ExportSchedule, now: dt.datetime) -> Export | None:
    """Begin one that is due, and say when it is due next; None where another was first, or whose it is has left.

    Who has such a list no more is told so once, and it is paused: a mail of every day would say nothing else.
    """
    if schedule.next_at is None:
        return None
    claimed = ExportSchedule.objects.filter(pk=schedule.pk, next_at=schedule.next_at)
    if not schedule.by.is_active:
        claimed.update(next_at=None)
        return None
    due_at = schedule.times.newest(schedule.next_at, now)
    has_it = has_list(schedule.kind, schedule.by)
    if not claimed.update(next_at=schedule.times.following(due_at) if has_it else None):
        return None
    if schedule.runs.filter(due_at=due_at).exists():  # resumed by a clock that is behind
        return None
    is_for_folder = schedule.goes_to == ExportSchedule.GoesTo.FOLDER
    return Export.objects.create(
        kind=schedule.kind,
        form=schedule.form,
        query=schedule.query,
        rights=mark_of_rights(schedule.by),
        by=schedule.by,
        asked_at=now,
        schedule=schedule,
        due_at=due_at,
        placed_as=_file_name(schedule, due_at) if is_for_folder else "",
    )


def pause(*, schedule: ExportSchedule) -> None:
    """Let nothing be due until it is resumed."""
    ExportSchedule.objects.filter(pk=schedule.pk).update(next_at=None)


def resume(*, schedule: ExportSchedule, now: dt.datetime) -> None:
    """Let it be due again from now on; one that is not paused stays as it is."""
    paused = ExportSchedule.objects.filter(pk=schedule.pk, next_at=None)
    paused.update(next_at=schedule.times.following(now))


@transaction.atomic
def remove(*, schedule: ExportSchedule) -> None:
    """End it; what it made stays until it goes like every file. One that just begins is waited for."""
    locked = ExportSchedule.objects.select_for_update().filter(pk=schedule.pk).first()
    if locked is not None:
        locked.delete()


def _file_name(schedule: ExportSchedule, due_at: dt.datetime) -> str:
    """Return what a file is called in the folder: no two schedules' files alike, nor those of two days of one."""
    on = timezone.localdate(due_at, schedule.times.zone)
    return f"{slugify(schedule.name) or schedule.kind}-{schedule.pk}-{on.isoformat()}.{schedule.form}"
