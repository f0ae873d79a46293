"""Every list of leads and of work that there is as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.http import QueryDict

from leads.exports import of_leads, of_work
from leads.exports.table import ListFile
from leads.models import Export

Kind = Export.Kind
OF_LEADS = (Kind.LEADS, Kind.HAND_OFFS, Kind.ATTEMPTS, Kind.DEALS)
FILES: dict[str, Callable[[Any, QueryDict, dt.datetime], ListFile]] = {
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
    """Return the list that the page of this address shows to this person; NotUnderstood where the page complains."""
    return FILES[kind](user, query, now)
