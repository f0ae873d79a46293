"""Which terms a hand-off falls under: the agreement, the version in force that day, the clock, the numbers.

The rule, in order: a named agreement wins; otherwise the one agreement with a version in force on that day to
which the receiving team is a party; otherwise, with no team named, the one agreement in force that day. Where
none or several qualify there are no terms, and business time is the company calendar's. With terms, the
calendar is the owner's team's (no owner: the receiving team's), or the agreement's, or the company's; each
promise is the segment's own, or else the one for all leads.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from agreements.models import (
    BusinessCalendar,
    CalendarRevision,
    Commitment,
    Membership,
    Segment,
    Team,
    Version,
)
from agreements.services.calendars import company_calendar

DEFAULT_WINDOW = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed for one hand-off, as of its day. Without a version only the calendar says something."""

    calendar_revision: CalendarRevision
    on: dt.date
    agreement_id: int | None = None
    version_id: int | None = None
    allowance: dt.timedelta | None = None
    at_risk_share: Decimal = Decimal("0.75")
    pause_limit: dt.timedelta | None = None
    attempts: int | None = None
    window: dt.timedelta = DEFAULT_WINDOW
    counts_automated: bool = False
    lead_value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Promised:
    """What one version promises for a hand-off, whatever its day."""

    allowance: dt.timedelta | None
    at_risk_share: Decimal
    pause_limit: dt.timedelta | None
    attempts: int | None
    window: dt.timedelta
    counts_automated: bool


@dataclass(frozen=True, slots=True)
class Promises:
    """A version's promises of speed and depth, each by segment; None is for all leads."""

    speed: dict[int | None, Commitment]
    depth: dict[int | None, Commitment]

    @classmethod
    def among(cls, commitments: Iterable[Commitment]) -> Promises:
        """Find them among all that a version promises."""
        found = cls({}, {})
        for one in commitments:
            if one.kind == Commitment.Kind.SPEED:
                found.speed[one.segment_id] = one
            elif one.kind == Commitment.Kind.DEPTH:
                found.depth[one.segment_id] = one
        return found

    def to(self, segment_id: int | None) -> Promised:
        """Return what is promised for a hand-off of this segment: each promise the segment's own, or that for all."""
        speed = self.speed.get(segment_id) or self.speed.get(None)
        depth = self.depth.get(segment_id) or self.depth.get(None)
        return Promised(
            allowance=speed.allowance if speed else None,
            at_risk_share=speed.at_risk_share if speed else Decimal("0.75"),
            pause_limit=speed.pause_limit if speed else None,
            attempts=depth.attempts if depth else None,
            window=depth.window if depth else DEFAULT_WINDOW,
            counts_automated=bool(depth and depth.counts_automated),
        )


class TermsBook:
    """All terms in force, read once, so that a file of a million hand-offs asks the database nothing more."""

    def __init__(self) -> None:
        company = company_calendar()
        latest: dict[int, CalendarRevision] = {}
        for revision in CalendarRevision.objects.order_by("number"):
            latest[revision.calendar_id] = revision
        self.company_revision = latest[company.pk]
        self._team_revision = {
            team_id: latest[calendar_id]
            for team_id, calendar_id in Team.objects.filter(calendar__isnull=False).values_list(
                "pk", "calendar_id"
            )
            if calendar_id in latest
        }
        self._teams_of: dict[int, set[int]] = defaultdict(set)
        memberships = Membership.objects.filter(team__function=Team.Function.SALES).order_by("team_id")
        for user_id, team_id in memberships.values_list("user_id", "team_id"):
            self._teams_of[user_id].add(team_id)
        self._lead_value = dict(Segment.objects.values_list("pk", "lead_value"))
        self._versions: dict[int, list[Version]] = defaultdict(list)
        self._promises: dict[int, Promises] = {}
        self._first_days: dict[int, dt.date] = {}
        self._agreement_revision: dict[int, CalendarRevision] = {}
        self._zones: dict[int, zoneinfo.ZoneInfo] = {}
        self._party_teams: dict[int, set[int]] = {}
        versions = Version.objects.signed().select_related("agreement")
        for version in versions.prefetch_related("commitments", "agreement__parties").order_by("pk"):
            agreement = version.agreement
            self._versions[agreement.pk].append(version)
            self._first_days[version.pk] = version.starts_on
            self._zones[agreement.pk] = agreement.zone
            self._party_teams[agreement.pk] = {party.team_id for party in agreement.parties.all()}
            if agreement.calendar_id in latest:
                self._agreement_revision[agreement.pk] = latest[agreement.calendar_id]
            self._promises[version.pk] = Promises.among(version.commitments.all())

    def terms(
        self,
        *,
        at: dt.datetime,
        on: dt.date | None = None,
        agreement_id: int | None = None,
        agreement_zone: zoneinfo.ZoneInfo | None = None,
        team_id: int | None = None,
        owner_id: int | None = None,
        segment_id: int | None = None,
    ) -> Terms:
        """Return the terms of a hand-off at the aware instant `at`, or on the day `on` where only that is known.

        `agreement_id` with its `agreement_zone` names the agreement; it may have no version in force that day.
        """
        zone = agreement_zone
        if agreement_id is None:
            agreement_id = self._only_agreement(at, on, team_id)
        if agreement_id is not None:
            zone = zone or self._zones[agreement_id]
        zone = zone or zoneinfo.ZoneInfo(self.company_revision.time_zone)
        day = on or at.astimezone(zone).date()
        version = self._in_force(agreement_id, day) if agreement_id is not None else None
        if version is None:
            return Terms(
                calendar_revision=self.company_revision,
                on=day,
                agreement_id=agreement_id,
                lead_value=self._value_of(segment_id),
            )
        promised = self.promised_by(version.pk, segment_id)
        return Terms(
            calendar_revision=self._revision(version.agreement_id, team_id, owner_id),
            on=day,
            agreement_id=version.agreement_id,
            version_id=version.pk,
            allowance=promised.allowance,
            at_risk_share=promised.at_risk_share,
            pause_limit=promised.pause_limit,
            attempts=promised.attempts,
            window=promised.window,
            counts_automated=promised.counts_automated,
            lead_value=self._value_of(segment_id),
        )

    def first_day(self, version_id: int) -> dt.date:
        """Return the first day of a signed version."""
        return self._first_days[version_id]

    def promised_by(self, version_id: int, segment_id: int | None) -> Promised:
        """Return what a signed version promises for a hand-off of this segment, whatever its day."""
        return self._promises[version_id].to(segment_id)

    def team_of(self, owner_id: int) -> int | None:
        """The sales team that receives what this person owns; None unless it is exactly one."""
        teams = self._teams_of.get(owner_id, set())
        return next(iter(teams)) if len(teams) == 1 else None

    def _value_of(self, segment_id: int | None) -> Decimal | None:
        return self._lead_value.get(segment_id) if segment_id is not None else None

    def _only_agreement(self, at: dt.datetime, on: dt.date | None, team_id: int | None) -> int | None:
        candidates = [
            agreement_id
            for agreement_id, zone in self._zones.items()
            if (team_id is None or team_id in self._party_teams[agreement_id])
            and self._in_force(agreement_id, on or at.astimezone(zone).date())
        ]
        return candidates[0] if len(candidates) == 1 else None

    def _in_force(self, agreement_id: int, day: dt.date) -> Version | None:
        for version in self._versions.get(agreement_id, ()):
            ends_on = version.governs_until
            if version.starts_on <= day and (ends_on is None or day < ends_on):
                return version
        return None

    def _revision(self, agreement_id: int, team_id: int | None, owner_id: int | None) -> CalendarRevision:
        teams = self._teams_of.get(owner_id, set()) if owner_id is not None else set()
        owner_team = team_id if team_id in teams or not teams else min(teams)
        return (
            self._team_revision.get(owner_team or 0)
            or self._agreement_revision.get(agreement_id)
            or self.company_revision
        )


def company_zone() -> zoneinfo.ZoneInfo:
    """The zone of days that belong to no agreement: the company calendar's."""
    return zoneinfo.ZoneInfo(BusinessCalendar.latest_revision(company_calendar()).time_zone)
