"""Who is to be told: people by their places in teams, with their hours and what they chose."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet

from agreements.business_time import Calendar
from agreements.models import BusinessCalendar, Membership, Team
from leads.models import HandOff
from slaproject.accounts.models import User
from slaproject.outbox.hearing import Place, Rhythm, usual_hours, when_to_send
from slaproject.outbox.kinds import DIGESTS, Channel, Subject, usual
from slaproject.outbox.models import Address, Preference

Role = Membership.Role


@dataclass(slots=True)
class Company:
    """Everybody's place, read once for many events: team → role → people, and the teams of sales and of marketing."""

    by_team: dict[int, dict[str, set[int]]] = field(default_factory=dict)
    teams_of: dict[int, set[int]] = field(default_factory=dict)
    sales: set[int] = field(default_factory=set)
    marketing: set[int] = field(default_factory=set)

    @classmethod
    def read(cls) -> Company:
        """Read the places of all who can sign in and take part in a team."""
        company = cls()
        for pk, function in Team.objects.values_list("pk", "function"):
            company.by_team[pk] = defaultdict(set)
            if function == Team.Function.SALES:
                company.sales.add(pk)
            elif function == Team.Function.MARKETING:
                company.marketing.add(pk)
        places = Membership.objects.filter(user__in=people_to_tell())
        for user, team, role in places.values_list("user_id", "team_id", "role"):
            company.by_team[team][role].add(user)
            company.teams_of.setdefault(user, set()).add(team)
        return company

    def directors(self, teams: Iterable[int]) -> set[int]:
        return {one for team in teams for one in self.by_team[team][Role.DIRECTOR]}

    def managers(self, teams: Iterable[int]) -> set[int]:
        """Return who manages these teams; of a team without a manager, its directors."""
        found: set[int] = set()
        for team in teams:
            found |= self.by_team[team][Role.MANAGER] or self.by_team[team][Role.DIRECTOR]
        return found

    def leaders(self, teams: Iterable[int]) -> set[int]:
        """Return managers and directors alike."""
        wanted = set(teams)
        return self.managers(wanted) | self.directors(wanted)

    def heads(self, teams: Iterable[int]) -> set[int]:
        """Return who directs these teams; of a team without a director, its managers."""
        found: set[int] = set()
        for team in teams:
            found |= self.by_team[team][Role.DIRECTOR] or self.by_team[team][Role.MANAGER]
        return found

    def everybody(self, teams: Iterable[int]) -> set[int]:
        return {one for team in teams for role in Role.values for one in self.by_team[team][role]}

    def teams_that_work(self, hand_off: HandOff) -> set[int]:
        """Return the teams whose business a hand-off is: its receiving team if its owner is there, else the owner's."""
        teams = self.teams_of.get(hand_off.owner_id or 0, set()) & self.sales
        if hand_off.team_id is not None and (hand_off.team_id in teams or not teams):
            return {hand_off.team_id}
        return teams or self.sales

    def told(self, hand_off: HandOff, places: Iterable[Place], can_sign_in: set[int]) -> dict[int, Place]:
        """Return who hears of a clock, each by the first of their places; a lead that nobody owns is its managers'."""
        teams = self.teams_that_work(hand_off)
        told: dict[int, Place] = {}
        for place in places:
            if place is Place.OWNER and hand_off.owner_id is not None:
                people = {hand_off.owner_id} & can_sign_in
            elif place is Place.DIRECTOR:
                people = self.directors(teams)
            else:
                people, place = self.managers(teams), Place.MANAGER
            for person in people:
                told.setdefault(person, place)
        return told


def people_to_tell() -> set[int]:
    """Return the ids of who can sign in and is a person with a part in it."""
    looking_on = (User.Role.VIEWER, User.Role.AUDITOR)
    return {
        pk
        for pk, role, is_administrator in _people().values_list("pk", "role", "is_superuser")
        if is_administrator or role not in looking_on
    }


def people_to_answer() -> set[int]:
    """Return the ids of every person who can sign in: who only looks on hears of what they asked for."""
    return set(_people().values_list("pk", flat=True))


def _people() -> QuerySet[User]:
    return User.objects.filter(is_active=True).exclude(role=User.Role.INTEGRATION)


@dataclass(frozen=True, slots=True)
class Reach:
    """How one person is reached: when they are there, what they chose, where their chat and webhook are."""

    hours: Calendar
    zone: zoneinfo.ZoneInfo
    chosen: dict[tuple[str, str], str]
    addressed: frozenset[str]

    def rhythm(self, subject: Subject, channel: Channel) -> Rhythm:
        """Return how soon the person hears; never by a chat or webhook that they did not name."""
        if channel in (Channel.CHAT, Channel.WEBHOOK) and channel not in self.addressed:
            return Rhythm.NEVER
        chosen = self.chosen.get((subject, channel))
        return Rhythm(chosen) if chosen else usual(subject, channel)

    def send_at(self, subject: Subject, channel: Channel, at: dt.datetime) -> dt.datetime | None:
        """Return when what came up at this instant goes out by a channel; None: it does not.

        A digest is told when its hour has come, and goes out then.
        """
        if subject in DIGESTS:
            return None if self.rhythm(subject, channel) is Rhythm.NEVER else at
        return when_to_send(self.rhythm(subject, channel), at, self.hours, self.zone)

    def hears(self, subject: Subject) -> bool:
        """Whether the person hears of a subject by any way at all."""
        return any(self.rhythm(subject, channel) is not Rhythm.NEVER for channel in Channel)

    def next_open(self, at: dt.datetime) -> dt.datetime:
        """Return when the person is there, from this instant on."""
        found = self.hours.next_open(at)
        assert found is not None  # `reach_of` gives nobody hours that never come
        return found


def reach_of(people: Iterable[int], now: dt.datetime) -> dict[int, Reach]:
    """Return how these people are reached, in the hours of their first team that has some, or the usual ones."""
    ids = set(people)
    chosen: dict[int, dict[tuple[str, str], str]] = defaultdict(dict)
    for one in Preference.objects.filter(person__in=ids):
        chosen[one.person_id][one.subject, one.channel] = one.rhythm
    addressed: dict[int, set[str]] = defaultdict(set)
    for person, channel in Address.objects.filter(person__in=ids).values_list("person_id", "channel"):
        addressed[person].add(channel)
    hours = _hours_of_teams()
    of_person: dict[int, Calendar] = {}
    places = Membership.objects.filter(user__in=ids, team__calendar__isnull=False).order_by("team_id")
    for person, calendar in places.values_list("user_id", "team__calendar_id"):
        if (found := hours.get(calendar)) is not None and found.next_open(now) is not None:
            of_person.setdefault(person, found)
    return {
        person.pk: Reach(
            hours=of_person.get(person.pk) or usual_hours(person.time_zone),
            zone=zoneinfo.ZoneInfo(person.time_zone),
            chosen=chosen[person.pk],
            addressed=frozenset(addressed[person.pk]),
        )
        for person in User.objects.filter(pk__in=ids).only("pk", "time_zone")
    }


def _hours_of_teams() -> dict[int, Calendar]:
    calendars = BusinessCalendar.objects.filter(teams__isnull=False).distinct()
    newest: dict[int, Calendar] = {}
    for calendar in calendars:
        revision = calendar.revisions.order_by("-number").first()
        if revision is not None:
            newest[calendar.pk] = revision.compiled()
    return newest
