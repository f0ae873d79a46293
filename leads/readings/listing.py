"""The list of leads: those that a person may know, narrowed, in order, a page at a time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Segment, Team
from leads.models import HandOff, Lead
from leads.models.hand_offs import HandOffQuerySet, in_pause
from leads.models.leads import LeadQuerySet
from leads.readings.clocks import ClockFace, clock_face, with_calendars
from leads.searched import MOST_WORDS

PAGE = 50
MOST_COUNTED = 1_000
NOBODY = "nobody"
NOT_HANDED_OVER, OPEN, CLOSED = "new", "open", "closed"
TO_RECYCLE, REJECTED, DISPUTED = "to-recycle", "rejected", "disputed"
ORDERS = {
    "newest": (F("qualified_on").desc(), F("qualified_at").desc(), F("pk").desc()),
    "oldest": (F("qualified_on").asc(), F("qualified_at").asc(), F("pk").asc()),
    "due": (F("due_at").asc(nulls_last=True), F("pk").desc()),
    "name": (F("name").asc(), F("company").asc(), F("pk").asc()),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is narrowed to; empty parts narrow nothing. `month` is its first day."""

    text: str = ""
    source: str = ""
    segment: Segment | None = None
    clock: str = ""
    owner: str = ""
    stage: str = ""
    month: dt.date | None = None
    system: str = ""
    order: str = "newest"
    number: int = 1

    @property
    def is_narrowed(self) -> bool:
        return self != Asked(order=self.order, number=self.number)


@dataclass(frozen=True, slots=True)
class Row:
    """A lead with its latest hand-off, if it has one."""

    lead: Lead
    hand_off: HandOff | None
    face: ClockFace | None
    merged_from: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    sentence: str
    rows: list[Row]
    number: int
    has_next: bool


def read_listing(user: Any, asked: Asked, *, now: dt.datetime, is_narrowed: bool) -> Listing:
    """Return one page of the leads that this user may know and that match; they are counted up to a thousand."""
    matching = matching_leads(user, asked, now)
    count = matching.order_by()[: MOST_COUNTED + 1].count()
    start = (asked.number - 1) * PAGE
    ordered = in_order(matching, asked).select_related("segment")
    found = list(ordered[start : start + PAGE + 1])
    return Listing(
        sentence=_sentence(count, is_narrowed),
        rows=_rows(found[:PAGE], asked.text, now),
        number=asked.number,
        has_next=len(found) > PAGE,
    )


def sources_seen_by(user: Any) -> list[str]:
    """Return the sources of the leads that this user may know, a hundred at most."""
    named = Lead.objects.visible_to(user).exclude(source="")
    return list(named.order_by("source").values_list("source", flat=True).distinct()[:100])


def owners() -> list[tuple[str, str]]:
    """Return who can own a hand-off: everybody in sales, by id and name."""
    users = get_user_model().objects.filter(memberships__team__function=Team.Function.SALES)
    return [(str(user.pk), str(user)) for user in users.distinct().order_by("name", "pk")]


def in_order(leads: LeadQuerySet, asked: Asked) -> LeadQuerySet:
    """Return these leads in the order that is asked for."""
    if asked.order == "due":
        due = HandOff.objects.filter(lead=OuterRef("pk"), closed_at=None, first_attempt_at=None)
        leads = leads.annotate(due_at=Subquery(due.values("due_at")[:1]))
    return leads.order_by(*ORDERS[asked.order])


def matching_leads(user: Any, asked: Asked, now: dt.datetime) -> LeadQuerySet:
    """Return the leads that this user may know and that match."""
    words = asked.text.split()[:MOST_WORDS]
    leads = Lead.objects.visible_to(user)
    if words:
        came = Lead.objects.absorbed().with_words(words).values_list("merged_into", flat=True)
        leads = leads.with_words(words, or_among=came.distinct())
    if asked.source:
        leads = leads.filter(source=asked.source)
    if asked.system:
        leads = leads.filter(system=asked.system)
    if asked.segment is not None:
        leads = leads.filter(segment=asked.segment)
    if asked.month is not None:
        following = (asked.month + dt.timedelta(days=31)).replace(day=1)
        leads = leads.filter(qualified_on__gte=asked.month, qualified_on__lt=following)
    if asked.clock:
        leads = leads.filter(_latest(_with_state(asked.clock, now)))
    if asked.owner == NOBODY:
        leads = leads.filter(_latest(HandOff.objects.filter(owner=None, owner_name="")))
    elif asked.owner:
        leads = leads.filter(_latest(HandOff.objects.filter(owner=int(asked.owner))))
    return _at_stage(leads, asked.stage, now)


def _at_stage(leads: LeadQuerySet, stage: str, now: dt.datetime) -> LeadQuerySet:
    of_lead = HandOff.objects.filter(lead=OuterRef("pk"))
    if stage == NOT_HANDED_OVER:
        return leads.filter(~Exists(of_lead))
    if stage == OPEN:
        return leads.filter(Exists(of_lead.filter(closed_at=None)))
    if stage == CLOSED:
        return leads.filter(Exists(of_lead), ~Exists(of_lead.filter(closed_at=None)))
    if stage == REJECTED:
        rejected = HandOff.objects.filter(closed_as=HandOff.ClosedAs.REJECTED, rejection_answer="")
        return leads.filter(_latest(rejected))
    if stage == DISPUTED:
        disputed = HandOff.objects.filter(rejection_answer=HandOff.RejectionAnswer.DISPUTED)
        return leads.filter(_latest(disputed))
    if stage == TO_RECYCLE:
        return leads.filter(_latest(HandOff.objects.filter(returns_on__lte=timezone.localdate(now))))
    return leads


def _latest(hand_offs: HandOffQuerySet) -> Exists:
    """Whether the lead's latest hand-off is one of these."""
    return Exists(hand_offs.last_of_their_lead().filter(lead=OuterRef("pk")))


def _with_state(state: str, now: dt.datetime) -> HandOffQuerySet:
    """Hand-offs whose clock is in that state at `now`, whatever the last sweep had seen."""
    hand_offs = HandOff.objects
    owed = hand_offs.unanswered().filter(due_at__isnull=False)
    match state:
        case HandOff.State.OVERDUE:
            return hand_offs.overdue(now)
        case HandOff.State.AT_RISK:
            return hand_offs.at_risk(now)
        case HandOff.State.RUNNING:
            runs = owed.filter(Q(at_risk_at=None) | Q(at_risk_at__gt=now), due_at__gte=now)
            return runs.exclude(in_pause(now))
        case HandOff.State.PAUSED:
            return owed.filter(in_pause(now), due_at__gte=now)
    return hand_offs.filter(state=state)


def _rows(leads: list[Lead], text: str, now: dt.datetime) -> list[Row]:
    newest = HandOff.objects.filter(lead__in=leads).one_of_each_lead()
    hand_offs = {one.lead_id: one for one in newest.select_related("owner", "team")}
    with_calendars(hand_offs.values())
    merged_from = _merged_from(leads, text)
    rows = []
    for lead in leads:
        hand_off = hand_offs.get(lead.pk)
        face = clock_face(hand_off, now) if hand_off else None
        rows.append(Row(lead, hand_off, face, merged_from.get(lead.pk, "")))
    return rows


def _merged_from(leads: list[Lead], text: str) -> dict[int, str]:
    """Return of these leads those into which one was merged in which the words are found, with what that was called."""
    if not text:
        return {}
    came = Lead.objects.filter(merged_into__in=leads).with_words(text.split()[:MOST_WORDS])
    return {one.merged_into_id: str(one) for one in came.order_by("pk") if one.merged_into_id is not None}


def _sentence(count: int, is_narrowed: bool) -> str:
    if count > MOST_COUNTED:
        shown = {"n": number_format(MOST_COUNTED, force_grouping=True)}
        if is_narrowed:
            return _("More than %(n)s leads match.") % shown
        return _("You work with more than %(n)s leads.") % shown
    shown = {"n": number_format(count, force_grouping=True)}
    if is_narrowed:
        if not count:
            return _("No lead matches.")
        return ngettext("%(n)s lead matches.", "%(n)s leads match.", count) % shown
    if not count:
        return _("There is no lead for you yet.")
    return ngettext("You work with %(n)s lead.", "You work with %(n)s leads.", count) % shown
