"""Every list of leads and of work that there is as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from leads.exports import of_leads, of_work
from leads.exports.table import ListFile


class Kind(TextChoices):
    """Which list; its word is part of the file's name."""

    LEADS = "leads", _("Leads")
    HAND_OFFS = "hand-offs", _("Hand-offs")
    ATTEMPTS = "attempts", _("Attempts")
    DEALS = "deals", _("Deals")
    QUEUE = "queue", _("Queue")
    TEAM = "team", _("Team now")
    HANDED_OVER = "handed-over", _("Handed over")
    BOARD = "board", _("Board")


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
