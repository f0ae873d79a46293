"""Reading what the apps left, each row once: claimed, told of and taken away in one transaction.

Rows that another reader holds are skipped, and a row that cannot be read is noted, stands behind the others and keeps
none of them back. A reader that is killed leaves everything as it was.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.db.models.functions import Least

from agreements.models import AgreementEvent, Notice, Party, Signature
from leads.models import Export, HandOffEvent
from slaproject.outbox.clocks import is_answered, is_done_since, lay_out_rungs, noted_at, tellings_of
from slaproject.outbox.editions import of_editions
from slaproject.outbox.faults import fault_of, whence
from slaproject.outbox.givers import Givers
from slaproject.outbox.handed_on import heir_of
from slaproject.outbox.hearing import Place as ClockPlace
from slaproject.outbox.hearing import Rung
from slaproject.outbox.kinds import (
    SUBJECT_OF_AGREEMENT,
    SUBJECT_OF_DATE,
    SUBJECT_OF_DEADLINE,
    SUBJECT_OF_FILE,
    SUBJECT_OF_HANDING_ON,
    SUBJECT_OF_LEAD,
    SUBJECT_OF_SCHEDULED,
    Subject,
)
from slaproject.outbox.models import Alert, Arrival, SetAside
from slaproject.outbox.people import Company, people_to_answer, people_to_tell
from slaproject.outbox.rejections import of_rejections
from slaproject.outbox.setting_aside import do_each, left_alone
from slaproject.outbox.telling import Telling, tell

BATCH = 5_000
# What happened longer ago than this is told to nobody: so an import of events, or a worker that was away for weeks,
# does not bury people. Clocks have a rule of their own: what is overdue and still waits is told however late.
STILL_TOLD = dt.timedelta(days=7)
LOG = logging.getLogger(__name__)
# By the words of HandOffEvent.Kind.
DEADLINES = {
    "not_accepted": (ClockPlace.OWNER, ClockPlace.MANAGER),
    "no_outcome": (ClockPlace.OWNER, ClockPlace.MANAGER),
    "pause_ended": (ClockPlace.OWNER,),
    "next_touch_due": (ClockPlace.OWNER,),
}
OF_ITS_OWNER = ("pause_ended", "next_touch_due")  # again and again in the life of a hand-off: by event
Kind, Source, Place = HandOffEvent.Kind, Arrival.Source, Alert.Place
GIVES = (Kind.HANDED_OFF, Kind.ASSIGNED)


def read_arrivals(*, now: dt.datetime) -> int:
    """Read all that arrived; return how many rows."""
    total = 0
    while True:
        read, is_last = _read_batch(now)
        total += read
        if is_last:
            return total


@transaction.atomic
def _read_batch(now: dt.datetime) -> tuple[int, bool]:
    claimed = list(Arrival.objects.order_by("tries", "id").select_for_update(skip_locked=True)[:BATCH])
    fresh = [one for one in claimed if one.tries == 0]
    if fresh and _can_read(fresh, now):
        return len(fresh), len(claimed) == len(fresh) < BATCH
    read = sum(_can_read([one], now) for one in claimed)
    return read, True  # what could not be read is tried again the next time


def _can_read(arrivals: list[Arrival], now: dt.datetime) -> bool:
    """Read these rows and take them away; when something is wrong with one, all stay as they were."""
    ids = [one.pk for one in arrivals]
    try:
        with transaction.atomic():
            for source, read in READERS.items():
                read([one.row_id for one in arrivals if one.source == source], now)
            Arrival.objects.filter(pk__in=ids).delete()
        return True
    except Exception as error:
        if len(arrivals) == 1:
            LOG.error("Arrival %s cannot be read: %s, at %s", arrivals[0], fault_of(error), whence(error))
            Arrival.objects.filter(pk__in=ids).update(tries=Least(F("tries") + 1, 1_000))
        return False


def _read_clocks(ids: list[int], now: dt.datetime) -> None:
    if ids:
        lay_out_rungs(ids)


def _read_leads(ids: list[int], now: dt.datetime) -> None:
    events = list(HandOffEvent.objects.filter(pk__in=ids).select_related("hand_off__lead").order_by("pk"))
    reached = [
        (one.hand_off_id, Rung(one.kind), one) for one in events if one.kind in (Kind.AT_RISK, Kind.OVERDUE)
    ]
    tell(
        [
            *tellings_of(list(reached), now),
            *_of_deadlines(events),
            *_of_lives(events, now),
            *of_rejections([one for one in events if one.recorded_at > now - STILL_TOLD]),
        ],
        now=now,
    )


def _of_deadlines(events: list[HandOffEvent]) -> Iterator[Telling]:
    """Who hears that an acceptance or an outcome did not come in time, or that a pause is over."""
    events = [one for one in events if one.kind in DEADLINES]
    if not events:
        return
    company, can_sign_in = Company.read(), people_to_tell()
    noted = noted_at(one.hand_off_id for one in events)
    touched = {one.hand_off_id for one in events if one.kind == Kind.NEXT_TOUCH_DUE}
    for event in events:
        hand_off, kind = event.hand_off, str(event.kind)
        is_history = event.happened_at < noted.get(hand_off.pk, event.happened_at)
        if hand_off.closed_at is not None or is_history:
            continue
        if kind == "pause_ended" and hand_off.pk in touched:
            continue  # the next touch was set to that end, and says so
        if kind == "not_accepted" and is_answered(hand_off):
            continue
        if kind in OF_ITS_OWNER and (hand_off.owner_id is None or is_done_since(hand_off, event.happened_at)):
            continue
        for person, place in company.told(hand_off, DEADLINES[kind], can_sign_in).items():
            yield Telling(
                person_id=person,
                kind=kind,
                about=event.pk if kind in OF_ITS_OWNER else hand_off.pk,
                subject=SUBJECT_OF_DEADLINE[kind] if place == "owner" else Subject.TEAM,
                place=place.value,
                happened_at=event.happened_at,
                hand_off_id=hand_off.pk,
            )


def _of_lives(events: list[HandOffEvent], now: dt.datetime) -> Iterator[Telling]:
    """Who was given a lead, and whose lead came back; nobody of what they did themselves."""
    can_sign_in = people_to_tell()
    given = [one.hand_off_id for one in events if one.kind in GIVES]
    last_given = set(
        HandOffEvent.objects.filter(hand_off__in=given, kind__in=GIVES)
        .values("hand_off")
        .annotate(last=Max("pk"))
        .values_list("last", flat=True)
    )
    events = [one for one in events if one.recorded_at > now - STILL_TOLD]
    givers = Givers((one.hand_off for one in events if _came_back(one)), can_sign_in)
    for event in events:
        hand_off, kind = event.hand_off, str(event.kind)
        told: dict[int, Alert.Place] = {}
        if event.pk in last_given and hand_off.owner_id is not None:
            # Whose it still is; where it went on since, a later event tells.
            is_theirs = event.kind == Kind.ASSIGNED and _data_of(event).get("owner") == hand_off.owner_id
            if is_theirs or (event.kind == Kind.HANDED_OFF and hand_off.accepted_at is None):
                told = {hand_off.owner_id: Place.OWNER}
        elif came := _came_back(event):
            kind, told = came, givers.of(hand_off)
        for person, place in told.items():
            if person in can_sign_in and person != event.actor_id:
                yield Telling(
                    person_id=person,
                    kind=kind,
                    about=event.pk,
                    subject=SUBJECT_OF_LEAD[kind],
                    place=place.value,
                    happened_at=event.recorded_at,
                    hand_off_id=hand_off.pk,
                )


def _came_back(event: HandOffEvent) -> str:
    """Return how a lead came back to marketing by this event; empty where it did not."""
    closed_as = str(_data_of(event).get("closed_as", "")) if event.kind == Kind.CLOSED else ""
    return closed_as if closed_as in ("rejected", "recycled") else ""


def _data_of(event: HandOffEvent) -> dict[str, Any]:
    return event.data if isinstance(event.data, dict) else {}


def _read_agreements(ids: list[int], now: dt.datetime) -> None:
    events = list(
        AgreementEvent.objects.filter(pk__in=ids, happened_at__gt=now - STILL_TOLD)
        .select_related("version")
        .order_by("pk")
    )
    told = [one for one in events if one.kind in SUBJECT_OF_AGREEMENT]
    if told:
        tell(_of_agreements(told), now=now)
    tell(of_editions(events), now=now)


FOR_ALL = ("in_force", "cancelled")
PLACES = {
    **dict.fromkeys(SUBJECT_OF_HANDING_ON, Place.HEIR),
    str(AgreementEvent.Kind.WATERMELON): Place.PARTY_DIRECTOR,
}
FOR_WRITERS = ("submitted", "changes_asked", "commented", "answered", "withdrawn", "renewed")


def _of_agreements(events: list[AgreementEvent]) -> Iterator[Telling]:
    """Who hears of an agreement: all of its teams, who writes its drafts, is to sign, directs, or answers for it."""
    company, can_sign_in = Company.read(), people_to_tell()
    parties: dict[int, list[Party]] = {}
    for party in Party.objects.filter(agreement__in={one.agreement_id for one in events}):
        parties.setdefault(party.agreement_id, []).append(party)
    signed = set(
        Signature.objects.filter(version__in={one.version_id for one in events}).values_list(
            "version_id", "party_id"
        )
    )
    for event in events:
        of_agreement = parties.get(event.agreement_id, [])
        teams = [one.team_id for one in of_agreement]
        signatories = {one.signatory_id for one in of_agreement if one.signatory_id}
        if event.kind in FOR_ALL:
            people = company.everybody(teams) | signatories
        elif event.kind == "signed":
            people = {
                one.signatory_id
                for one in of_agreement
                if one.signatory_id and (event.version_id, one.pk) not in signed
            }
        elif event.kind in FOR_WRITERS:
            people = company.leaders(teams) | signatories
        elif event.kind in SUBJECT_OF_HANDING_ON:
            people = heir_of(event)
            if event.version is not None and event.version.is_open:
                people &= company.leaders(teams) | signatories  # who may read a draft
        elif event.kind == AgreementEvent.Kind.WATERMELON:
            people = company.heads(teams) if _is_flagged(event) else set()
        else:
            people = company.leaders(teams)
        place = Place.PARTY if event.kind in FOR_ALL else PLACES.get(event.kind, Place.SIGNATORY)
        for person in sorted((people & can_sign_in) - {event.actor_id}):
            yield Telling(
                person_id=person,
                kind=event.kind,
                about=event.pk,
                subject=SUBJECT_OF_AGREEMENT[event.kind],
                place=place.value,
                happened_at=event.happened_at,
                agreement_id=event.agreement_id,
            )


def _is_flagged(event: AgreementEvent) -> bool:
    """Whether a month is called a watermelon that was none; another reason for the same is no news."""
    return bool(event.data.get("to")) and not event.data.get("from")


def _read_exports(ids: list[int], now: dt.datetime) -> None:
    """Whoever asked for a file hears that it is ready, or that it will not be; of one in the folder only the latter."""
    can_sign_in = people_to_answer()
    subjects = SUBJECT_OF_FILE | SUBJECT_OF_SCHEDULED
    ended = Export.objects.filter(pk__in=ids, ended_at__gt=now - STILL_TOLD).order_by("pk")
    told = [
        Telling(
            person_id=one.by_id,
            kind=_kind_of_file(one),
            about=one.pk,
            subject=subjects[_kind_of_file(one)],
            place=Place.ASKER.value,
            happened_at=one.ended_at,
        )
        for one in ended
        if one.ended_at is not None and one.by_id in can_sign_in
        if not (one.placed_as and one.state == Export.State.DONE)
    ]
    if told:
        tell(told, now=now)


def _kind_of_file(export: Export) -> str:
    return f"file_{export.state}" if export.due_at is None else f"scheduled_{export.state}"


READERS: dict[str, Callable[[list[int], dt.datetime], None]] = {
    Source.CLOCK: _read_clocks,
    Source.LEAD: _read_leads,
    Source.AGREEMENT: _read_agreements,
    Source.EXPORT: _read_exports,
}


@transaction.atomic
def read_notices(*, now: dt.datetime) -> int:
    """Tell of the dates that `agreements` noticed; return how many notices that settled.

    One that cannot be told is set aside, and the others are told all the same.
    """
    waiting = {
        one.pk: one
        for one in Notice.objects.filter(settled_at=None)
        .exclude(pk__in=left_alone(SetAside.Source.NOTICE, now))
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("pk")
    }
    can_sign_in = people_to_tell()

    def settle(ids: Sequence[int]) -> None:
        told = [one for pk in ids if (one := waiting[pk]).person_id in can_sign_in]
        tell([_of_notice(one) for one in told], now=now)
        Notice.objects.filter(pk__in=ids).update(settled_at=now)

    return len(do_each(SetAside.Source.NOTICE, list(waiting), settle, now=now))


def _of_notice(notice: Notice) -> Telling:
    kind = "date_overdue" if notice.kind == Notice.Kind.OVERDUE else str(notice.kind)
    return Telling(
        person_id=notice.person_id,
        kind=kind,
        about=notice.pk if notice.period_on else notice.about,  # a measure has a value for each period
        subject=SUBJECT_OF_DATE[kind],
        place=Place.DUTY.value,
        happened_at=notice.made_at,
        agreement_id=notice.agreement_id,
    )
