"""Files that come by themselves, as their page tells of them: when each comes, and what became of the last ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from leads.models import Export, ExportSchedule

MOST_RUNS = 5
Every = ExportSchedule.Every


@dataclass(frozen=True, slots=True)
class Run:
    """One file that came, or did not."""

    export: Export
    may_fetch: bool


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One of a person's files that come by themselves."""

    schedule: ExportSchedule
    when: str
    runs: list[Run]


def read_schedules(user: Any, *, may_fetch: Callable[[Export, Any], bool]) -> list[Scheduled]:
    """Return what comes to this person by itself, each with its last runs, newest first."""
    schedules = list(ExportSchedule.objects.visible_to(user))
    place = Window(RowNumber(), partition_by=F("schedule"), order_by=F("due_at").desc())
    newest = Export.objects.filter(schedule__in=schedules).alias(place=place)
    runs: dict[int | None, list[Run]] = {}
    for export in newest.filter(place__lte=MOST_RUNS).order_by("-due_at"):
        runs.setdefault(export.schedule_id, []).append(Run(export, may_fetch(export, user)))
    return [Scheduled(one, when_it_comes(one), runs.get(one.pk, [])) for one in schedules]


def when_it_comes(schedule: ExportSchedule) -> str:
    """Say how often and when, in the zone of the schedule."""
    said = {"time": time_format(schedule.at, "H:i"), "zone": schedule.time_zone}
    if schedule.every == Every.DAY:
        return _("every day at %(time)s (%(zone)s)") % said
    if schedule.every == Every.WEEK:
        return _("every %(day)s at %(time)s (%(zone)s)") % (said | {"day": schedule.get_weekday_display()})
    return _("on day %(day)s of each month at %(time)s (%(zone)s)") % (said | {"day": schedule.day})
