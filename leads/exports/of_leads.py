"""The list of leads as a file, and what belongs to its leads: their hand-offs, the attempts on them, their deals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from agreements.table_files import Cell
from leads.exports.columns import (
    ATTEMPT,
    CHUNK,
    DEAL,
    HAND_OFF,
    LATEST_HAND_OFF,
    LEAD,
    Column,
    Reader,
    headings_of,
)
from leads.exports.table import ListFile, NotUnderstood, said_together
from leads.intake.mapping import FIELDS
from leads.list_form import ListForm, read_asked
from leads.models import Deal, FollowUpAttempt, HandOff
from leads.models.leads import LeadQuerySet
from leads.readings.listing import Asked, in_order, matching_leads, owners

# As an import of leads has them; then what says where each stands.
LEAD_HEADINGS = tuple(dict.fromkeys((*FIELDS["leads"], *headings_of(LEAD), *headings_of(LATEST_HAND_OFF))))


def leads_file(user: Any, query: QueryDict, now: dt.datetime) -> ListFile:
    """Return the leads that the page of this address lists, all pages of it."""
    asked, said = _asked(query, with_order=True)
    leads = matching_leads(user, asked, now)
    return ListFile(list(LEAD_HEADINGS), leads.count, lambda: _lead_rows(in_order(leads, asked)), said)


def hand_offs_file(user: Any, query: QueryDict, now: dt.datetime) -> ListFile:
    """Return the hand-offs of the leads that the page of this address lists."""
    asked, said = _asked(query)
    found = HandOff.objects.filter(lead__in=matching_leads(user, asked, now))
    return _of(HAND_OFF, found.order_by("handed_off_at", "pk"), said)


def attempts_file(user: Any, query: QueryDict, now: dt.datetime) -> ListFile:
    """Return the attempts on the leads that the page of this address lists, but for those that were undone."""
    asked, said = _asked(query)
    leads = matching_leads(user, asked, now)
    found = FollowUpAttempt.objects.standing().filter(hand_off__lead__in=leads)
    return _of(ATTEMPT, found.order_by("attempted_at", "pk"), said)


def deals_file(user: Any, query: QueryDict, now: dt.datetime) -> ListFile:
    """Return the deals of the leads that the page of this address lists; where it lists all, all deals."""
    asked, said = _asked(query)
    found = Deal.objects.visible_to(user)
    if asked.is_narrowed:
        found = found.filter(lead__in=matching_leads(user, asked, now))
    return _of(DEAL, found.order_by("closed_at", "pk"), said)


def _asked(query: QueryDict, *, with_order: bool = False) -> tuple[Asked, str]:
    """What the address asks for, and that in words; the order, too, where the file is in it."""
    form = ListForm(query, owners=owners(), sources=[])
    asked, chips, complaints = read_asked(form)
    if complaints:
        raise NotUnderstood
    said = [f"{chip.name}: {chip.value}" for chip in chips]
    return asked, said_together([*said, form.said_order() if with_order else ""])


def _of(columns: tuple[Column, ...], found: QuerySet[Any], said: str) -> ListFile:
    return ListFile(headings_of(columns), found.count, lambda: Reader(columns).rows(found), said)


def _lead_rows(leads: LeadQuerySet) -> Iterator[list[Cell]]:
    lead, hand_off = Reader(LEAD, "pk"), Reader(LATEST_HAND_OFF, "lead")
    place = {heading: number for number, heading in enumerate(headings_of((*LEAD, *LATEST_HAND_OFF)))}
    order = [place[heading] for heading in LEAD_HEADINGS]
    nothing: list[Cell] = [None] * len(LATEST_HAND_OFF)
    read = lead.values(leads)
    while chunk := list(islice(read, CHUNK)):
        newest = HandOff.objects.filter(lead__in=[pk for pk, *_ in chunk]).one_of_each_lead()
        latest = {values[0]: hand_off.cells(values) for values in hand_off.values(newest)}
        for values in chunk:
            cells = [*lead.cells(values), *latest.get(values[0], nothing)]
            yield [cells[number] for number in order]
