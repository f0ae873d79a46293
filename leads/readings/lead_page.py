"""One lead: what is known of it, each hand-off with its terms and clock, and everything that happened, newest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from leads import clock, phrases
from leads.acting import Acting, Allowed
from leads.models import Deal, Dispute, FollowUpAttempt, HandOff, HandOffEvent, Lead, Merge, Rating
from leads.readings.clocks import ClockFace, clock_face, with_calendars, zone_of
from leads.readings.deadlines import DeadlineFace, deadline_faces
from leads.readings.life import life_entry
from leads.readings.merges import MergedLead, merged_in, merges_of, told_of
from leads.readings.queue import next_step
from leads.readings.routing_words import why_each
from leads.services.pauses import pause_left, pause_limit

MOST_ENTRIES = 300
# What a lead is rated by: the grade, its word, and a shape beside it.
SIGNS = {Rating.Grade.GOOD: "▲", Rating.Grade.FAIR: "●", Rating.Grade.POOR: "▼"}
GRADES = tuple((grade.value, grade.label, sign) for grade, sign in SIGNS.items())
# The attempts themselves stand in the timeline, so the events that tell of them do not.
SHOWN_AS_ATTEMPTS = (HandOffEvent.Kind.ATTEMPTED, HandOffEvent.Kind.ATTEMPT_VOIDED)
# And of a merge the lead itself tells.
SHOWN_AS_MERGES = (HandOffEvent.Kind.MERGED, HandOffEvent.Kind.SEPARATED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline: an event, an attempt or a deal. `on` where only the day is known."""

    at: dt.datetime
    on: dt.date | None
    text: str
    by: str
    hand_off: HandOff | None = None
    attempt: FollowUpAttempt | None = None
    note: str = ""
    may_undo: bool = False
    may_undo_own: bool = False


@dataclass(frozen=True, slots=True)
class Episode:
    """One hand-off as the page shows it."""

    hand_off: HandOff
    face: ClockFace
    next_step: str
    allowed: Allowed
    why_owner: str
    pause_left: dt.timedelta
    deadlines: list[DeadlineFace]
    disputes: list[Dispute]
    rating: Rating | None = None

    @property
    def may_rate(self) -> bool:
        """Who works it rates it, also once it is closed."""
        return self.allowed.work

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """The reasons that go with the grade given."""
        if self.rating is None:
            return []
        return [(one.value, str(one.label)) for one in Rating.REASONS[Rating.Grade(self.rating.grade)]]


@dataclass(frozen=True, slots=True)
class LeadPage:
    lead: Lead
    sentence: str
    episodes: list[Episode]
    timeline: list[Entry]
    is_cut: bool
    duplicates: list[Lead]
    may_hand_over: bool
    merges: list[MergedLead]
    may_merge: bool


def read_lead_page(lead: Lead, acting: Acting, *, now: dt.datetime) -> LeadPage:
    """Return the page of a lead that this person may know."""
    related = ("owner", "team", "segment", "agreement", "version", "handed_off_by", "rating")
    disputes = Prefetch("disputes", Dispute.objects.select_related("opened_by", "decided_by"))
    hand_offs = list(lead.hand_offs.select_related(*related).prefetch_related(disputes).order_by("-number"))
    hand_offs.sort(
        key=lambda one: one.closed_at is not None
    )  # after a merge the open one need not be the last
    for hand_off in hand_offs:
        hand_off.lead = lead
    with_calendars(hand_offs)
    why = why_each(hand_offs)
    episodes = [_episode(one, acting, why.get(one.pk, ""), now) for one in hand_offs]
    merges = merges_of(lead)
    timeline = _timeline(lead, hand_offs, merges, acting, now)
    is_with_sales = any(
        one.closed_at is None or one.rejection_answer == HandOff.RejectionAnswer.DISPUTED for one in hand_offs
    )
    merged = merged_in(lead, merges, acting, now=now)
    return LeadPage(
        lead=lead,
        sentence=lead_sentence(lead, episodes[0] if episodes else None, now),
        episodes=episodes,
        timeline=timeline[:MOST_ENTRIES],
        is_cut=len(timeline) > MOST_ENTRIES,
        duplicates=possible_duplicates(lead, acting.user, [one.merge.absorbed.email for one in merged]),
        may_hand_over=acting.may_hand_over() and not is_with_sales,
        merges=merged,
        may_merge=acting.may_merge(),
    )


def _episode(hand_off: HandOff, acting: Acting, why: str, now: dt.datetime) -> Episode:
    allowed = acting.on(hand_off)
    left = pause_left(hand_off, pause_limit(hand_off)) if allowed.pause else dt.timedelta(0)
    disputes, rating = list(hand_off.disputes.all()), getattr(hand_off, "rating", None)
    face, deadlines = clock_face(hand_off, now), deadline_faces(hand_off, now)
    step = next_step(hand_off)
    return Episode(hand_off, face, step, allowed, why, left, deadlines, disputes, rating)


def possible_duplicates(lead: Lead, user: Any, more: Iterable[str] = ()) -> list[Lead]:
    """Return other leads with the same e-mail address, or one of `more`, that this user may know, ten at most.

    A lead is known by the addresses of those that were merged into it as well.
    """
    addresses = {lead.email, *more} - {""}
    if not addresses:
        return []
    is_same = Q(pk=None)
    for address in addresses:
        is_same |= Q(email__iexact=address)
    alike = Lead.objects.filter(is_same)
    same = Lead.objects.visible_to(user).exclude(pk=lead.pk)
    found = same.filter(Q(pk__in=alike.values("pk")) | Q(pk__in=alike.values("merged_into")))
    return list(found.order_by("-qualified_at", "-pk")[:10])


def lead_sentence(lead: Lead, latest: Episode | None, now: dt.datetime) -> str:
    """Say how things stand with a lead."""
    if latest is None:
        day = phrases.day(lead.qualified_on, today=timezone.localtime(now).date())
        return _("%(lead)s was qualified on %(day)s and is not handed over yet.") % {"lead": lead, "day": day}
    hand_off, face = latest.hand_off, latest.face
    said: dict[str, object] = {"lead": lead, "next": latest.next_step}
    if hand_off.closed_at is not None:
        said |= {
            "how": hand_off.get_closed_as_display(),
            "at": phrases.moment(hand_off.closed_at, now=now),
            "reason": hand_off.rejection_said,
        }
        if hand_off.rejection_reason:
            return _("%(lead)s was closed as %(how)s, %(at)s: %(reason)s.") % said
        return _("%(lead)s was closed as %(how)s, %(at)s.") % said
    if hand_off.due_at is not None:
        said |= {
            "due": phrases.moment(hand_off.due_at, now=now, zone=zone_of(hand_off)),
            "length": phrases.length(face.length or dt.timedelta(0)),
        }
    if hand_off.connected_at is not None:
        said["at"] = phrases.moment(hand_off.connected_at, now=now)
        return _("Connected with %(lead)s, %(at)s: close it once it is decided.") % said
    match face.state:
        case clock.State.OVERDUE:
            return (
                _("Overdue since %(due)s: the first attempt on %(lead)s is %(length)s late (business).")
                % said
            )
        case clock.State.AT_RISK:
            return (
                _("At risk: the first attempt on %(lead)s is due %(due)s, in %(length)s (business).") % said
            )
        case clock.State.PAUSED if hand_off.paused_until is not None:
            said["until"] = phrases.moment(hand_off.paused_until, now=now, zone=zone_of(hand_off))
            return _("%(lead)s is paused until %(until)s; the first attempt is then due %(due)s.") % said
        case clock.State.RUNNING:
            return _("The first attempt on %(lead)s is due %(due)s, in %(length)s (business).") % said
    seconds = hand_off.first_attempt_business_seconds
    if seconds is None:
        return _("%(lead)s is with sales, without a clock. Next: %(next)s.") % said
    said["speed"] = phrases.business(dt.timedelta(seconds=seconds))
    if face.state == clock.State.MET:
        return _("First attempt on %(lead)s in time, after %(speed)s. Next: %(next)s.") % said
    if face.state == clock.State.MISSED:
        return _("First attempt on %(lead)s too late, after %(speed)s. Next: %(next)s.") % said
    return _("First attempt on %(lead)s after %(speed)s. Next: %(next)s.") % said


def _timeline(
    lead: Lead, hand_offs: Sequence[HandOff], merges: list[Merge], acting: Acting, now: dt.datetime
) -> list[Entry]:
    by_id = {one.pk: one for one in hand_offs}
    events = list(
        HandOffEvent.objects.filter(hand_off__in=hand_offs)
        .exclude(kind__in=(*SHOWN_AS_ATTEMPTS, *SHOWN_AS_MERGES))
        .select_related("actor")
        .order_by("-happened_at", "-pk")[: MOST_ENTRIES + 1]
    )
    attempts = (
        FollowUpAttempt.objects.filter(hand_off__in=hand_offs)
        .select_related("by", "voided_by", "note")
        .order_by("-attempted_at", "-pk")[: MOST_ENTRIES + 1]
    )
    people = get_user_model().objects.in_bulk(_people_named(events))
    entries = [_of_event(event, by_id[event.hand_off_id], people, now) for event in events]
    entries += [_of_attempt(attempt, by_id[attempt.hand_off_id], acting, now) for attempt in attempts]
    entries += [_of_deal(deal) for deal in lead.deals.filter(closed_at__isnull=False)[:MOST_ENTRIES]]
    entries += [Entry(at, None, text, by) for at, text, by in told_of(lead, merges)]
    qualified_on = lead.qualified_on if lead.is_qualified_date_only else None
    entries.append(Entry(lead.qualified_at, qualified_on, _("Qualified"), ""))
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _people_named(events: Iterable[HandOffEvent]) -> set[int]:
    named = (
        event.data.get(name) for event in events for name in ("owner", "from") if isinstance(event.data, dict)
    )
    return {person for person in named if isinstance(person, int)}


def _of_event(event: HandOffEvent, hand_off: HandOff, people: dict[int, Any], now: dt.datetime) -> Entry:
    kind, data = HandOffEvent.Kind(event.kind), event.data if isinstance(event.data, dict) else {}
    by = str(event.actor) if event.actor else ""
    match kind:
        case HandOffEvent.Kind.ASSIGNED if data.get("owner") in people:
            text = _("Given to %(name)s") % {"name": people[data["owner"]]}
            if "routed" in data and not by:
                by = _("routing")
        case HandOffEvent.Kind.ASSIGNED if data.get("from") in people and data.get("owner") is None:
            text = _("With %(name)s no more: free in the team") % {"name": people[data["from"]]}
        case HandOffEvent.Kind.HANDED_OFF:
            text = _("Handed over to %(team)s") % {"team": hand_off.team or _("sales")}
        case HandOffEvent.Kind.RE_DATED if "version" in data:
            text = _("Re-dated by version %(number)s of the agreement") % {"number": data["version"]}
        case HandOffEvent.Kind.RE_DATED:
            text = _("Re-dated by new business hours")
        case HandOffEvent.Kind.RATED if "to" in data:
            text = _rated(data)
        case HandOffEvent.Kind.CLOSED:
            text = _("Closed as %(how)s") % {"how": _closed_as(data, hand_off)}
            if data.get("stopped_early"):
                text = _("%(closed)s, stopped too early") % {"closed": text}
        case _:
            text = life_entry(kind, data, hand_off, now) or capfirst(str(kind.label))
    if data.get("late"):
        text = _("%(event)s (noted later)") % {"event": text}
    return Entry(event.happened_at, None, text, by, hand_off)


def _closed_as(data: dict[str, Any], hand_off: HandOff) -> str:
    """How it was closed then: it may have been opened again since."""
    how = data.get("closed_as")
    return (
        str(HandOff.ClosedAs(how).label)
        if how in HandOff.ClosedAs.values
        else hand_off.get_closed_as_display()
    )


def _rated(data: dict[str, Any]) -> str:
    """Say a grade, and what it was before."""
    grades = dict(Rating.Grade.choices)
    said = {"to": grades.get(data["to"][0], ""), "from": grades.get((data.get("from") or [""])[0], "")}
    reason = dict(Rating.Reason.choices).get(data["to"][1], "")
    text = _("Rated %(to)s, before: %(from)s") % said if said["from"] else _("Rated %(to)s") % said
    return f"{text} ({reason})" if reason else text


def _of_attempt(attempt: FollowUpAttempt, hand_off: HandOff, acting: Acting, now: dt.datetime) -> Entry:
    attempt.hand_off = hand_off
    note = getattr(attempt, "note", None)
    stands = attempt.voided_at is None
    return Entry(
        at=attempt.attempted_at,
        on=attempt.attempted_on if attempt.is_date_only else None,
        text=capfirst(str(attempt)),
        by=str(attempt.by) if attempt.by else attempt.by_name,
        hand_off=hand_off,
        attempt=attempt,
        note=note.text if note else "",
        may_undo=stands and acting.may_undo(attempt, now=now),
        may_undo_own=stands and acting.may_undo_own(attempt, now=now),
    )


def _of_deal(deal: Deal) -> Entry:
    assert deal.closed_at is not None
    text = _("Deal won") if deal.is_won else _("Deal lost")
    if deal.amount is not None:
        text = _("%(deal)s: %(amount)s %(currency)s") % {
            "deal": text,
            "amount": phrases.amount(deal.amount),
            "currency": deal.currency,
        }
    return Entry(deal.closed_at, deal.closed_on if deal.is_date_only else None, text, "")
