"""Who hears what follows a rejection: who decides hears of a dispute, both sides hear how it was decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from agreements.models import Membership
from leads.models import Dispute, HandOff, HandOffEvent
from slaproject.accounts.models import User
from slaproject.outbox.givers import Givers
from slaproject.outbox.kinds import SUBJECT_OF_REJECTION
from slaproject.outbox.models import Alert
from slaproject.outbox.people import Company, people_to_tell
from slaproject.outbox.telling import Telling

Kind = HandOffEvent.Kind


def of_rejections(events: Iterable[HandOffEvent]) -> Iterator[Telling]:
    """Say who is told of these events; nobody of what they did themselves, nor of a dispute that is decided already."""
    events = [one for one in events if one.kind in SUBJECT_OF_REJECTION]
    if not events:
        return
    deciders = _Deciders(one.hand_off for one in events)
    can_sign_in = people_to_tell()
    givers = Givers((one.hand_off for one in events), can_sign_in)
    disputes: dict[int, list[Dispute]] = defaultdict(list)
    for dispute in Dispute.objects.filter(hand_off__in={one.hand_off_id for one in events}).order_by("pk"):
        disputes[dispute.hand_off_id].append(dispute)
    for event in events:
        hand_off = event.hand_off
        told: dict[int, Alert.Place] = {}
        if event.kind == Kind.REJECTION_DISPUTED:
            if hand_off.rejection_answer == HandOff.RejectionAnswer.DISPUTED:
                told = deciders.of(hand_off)
        else:
            told = _of_both_sides(event, disputes[hand_off.pk], givers)
            if event.kind == Kind.REJECTION_WITHDRAWN and hand_off.owner_id is None:
                told = deciders.of(hand_off) | told
        for person, place in told.items():
            if person in can_sign_in and person != event.actor_id:
                yield Telling(
                    person_id=person,
                    kind=str(event.kind),
                    about=event.pk,
                    subject=SUBJECT_OF_REJECTION[event.kind],
                    place=place.value,
                    happened_at=event.recorded_at,
                    hand_off_id=hand_off.pk,
                )


def _of_both_sides(event: HandOffEvent, disputes: list[Dispute], givers: Givers) -> dict[int, Alert.Place]:
    """Return who works the lead, who hears for marketing, and who disputed the rejection last before this event."""
    disputed = [one for one in disputes if one.opened_at <= event.recorded_at]
    people = (
        (event.hand_off.owner_id, Alert.Place.OWNER),
        *givers.of(event.hand_off).items(),
        (disputed[-1].opened_by_id if disputed else None, Alert.Place.DISPUTER),
    )
    told: dict[int, Alert.Place] = {}
    for person, place in people:
        if person is not None:
            told.setdefault(person, place)
    return told


class _Deciders:
    """Who decides disputes about some hand-offs, as `leads.acting` says: who manages any team of the owner, also of one
    who left; of what nobody owns, the receiving team's managers. Where that is nobody, the administrators."""

    def __init__(self, hand_offs: Iterable[HandOff]) -> None:
        self.company = Company.read()
        self.teams: dict[int, set[int]] = defaultdict(set)
        owners = {one.owner_id for one in hand_offs if one.owner_id}
        for owner, team in Membership.objects.filter(user__in=owners).values_list("user_id", "team_id"):
            self.teams[owner].add(team)
        administrators = User.objects.filter(is_active=True, is_superuser=True)
        self.administrators = set(administrators.values_list("pk", flat=True))

    def of(self, hand_off: HandOff) -> dict[int, Alert.Place]:
        if hand_off.owner_id is not None:
            teams = self.teams[hand_off.owner_id]
        elif hand_off.team_id is not None:
            teams = {hand_off.team_id}
        else:
            teams = self.company.sales
        managers = self.company.managers(teams)
        if managers:
            return dict.fromkeys(sorted(managers), Alert.Place.MANAGER)
        return dict.fromkeys(sorted(self.administrators), Alert.Place.ADMINISTRATOR)
