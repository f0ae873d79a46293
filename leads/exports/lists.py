"""Every list of leads and of work that there is as a file, and the reports that the project adds to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.module_loading import import_string

from agreements.rights import rights_of
from leads.exports import of_leads, of_work
from leads.exports.table import ListFile
from leads.models import Export

Kind = Export.Kind
OF_LEADS = (Kind.LEADS, Kind.HAND_OFFS, Kind.ATTEMPTS, Kind.DEALS)
Opener = Callable[[Any, QueryDict, dt.datetime], ListFile]
FILES: dict[str, Opener] = {
    Kind.LEADS: of_leads.leads_file,
    Kind.HAND_OFFS: of_leads.hand_offs_file,
    Kind.ATTEMPTS: of_leads.attempts_file,
    Kind.DEALS: of_leads.deals_file,
    Kind.QUEUE: of_work.queue_file,
    Kind.TEAM: of_work.team_file,
    Kind.HANDED_OVER: of_work.handed_over_file,
    Kind.BOARD: of_work.board_file,
}


def open_list(kind: str, user: Any, query: QueryDict, *, now: dt.datetime) -> ListFile:
    """Return what the page of this address lists for this person; NotUnderstood where the page complains."""
    return every_file()[kind](user, query, now)


def has_list(kind: str, user: Any) -> bool:
    """Whether this person has such a list: a report has everybody who reads it, other lists who works leads."""
    rights = rights_of(user)
    return kind in every_file() and not rights.is_nobody and (rights.may_work_leads or kind not in FILES)


@cache
def every_file() -> dict[str, Opener]:
    """Return what opens each list and each report: which there are is the project's to say."""
    found: dict[str, Opener] = {}
    for path in settings.EXPORT_FILES:
        found |= import_string(path)
    return found
