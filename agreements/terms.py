"""Which terms a hand-off falls under: the agreement, the version in force that day, the clock, the numbers.

The rule, in order: a named agreement wins, or the first above it that is in force that day; otherwise the most specific
agreement in force that covers the hand-off: the service agreement of its segment and receiving team, else the team's,
else the company's. Where none or several of one level qualify there are no terms. Each promise is looked up in that
agreement's version, the segment's own and then the one for all leads, then in the same way in the version in force that
day of the agreement that it inherits from, and so on: the rule is worked out in `agreements.levels`. With or without
terms, the calendar is the owner's team's (no owner: the receiving team's), or the agreement's, or that of one above it,
or the company's.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from agreements.levels import InForce, Place, Trees, look_up
from agreements.models import (
    Agreement,
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
MOST_REMEMBERED = 10_000
Kind = Commitment.Kind


@dataclass(frozen=True, slots=True)
class Promised:
    """What one version promises for a hand-off, or inherits."""

    allowance: dt.timedelta | None = None
    at_risk_share: Decimal = Decimal("0.75")
    pause_limit: dt.timedelta | None = None
    attempts: int | None = None
    window: dt.timedelta = DEFAULT_WINDOW
    counts_automated: bool = False
    counts_recycled: bool = False
    counts_sales_origin: bool = False
    acceptance: dt.timedelta | None = None
    outcome: dt.timedelta | None = None

    @classmethod
    def by(cls, found: Callable[[str], Commitment | None]) -> Promised:
        """Take each term from the promise of its kind that holds."""
        usual = cls()
        speed, depth, goal = found(Kind.SPEED), found(Kind.DEPTH), found(Kind.MQL_GOAL)
        acceptance, outcome = found(Kind.ACCEPTANCE), found(Kind.OUTCOME)
        return cls(
            allowance=speed.allowance if speed else None,
            at_risk_share=speed.at_risk_share if speed else usual.at_risk_share,
            pause_limit=speed.pause_limit if speed else None,
            attempts=depth.attempts if depth else None,
            window=depth.window if depth else usual.window,
            counts_automated=bool(depth and depth.counts_automated),
            counts_recycled=bool(goal and goal.counts_recycled),
            counts_sales_origin=bool(goal and goal.counts_sales_origin),
            acceptance=acceptance.allowance if acceptance else None,
            outcome=outcome.allowance if outcome else None,
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed for one hand-off, as of its day. Without a version only the calendar says something."""

    calendar_revision: CalendarRevision
    on: dt.date
    agreement_id: int | None = None
    version_id: int | None = None
    promised: Promised = Promised()
    lead_value: Decimal | None = None

    @property
    def allowance(self) -> dt.timedelta | None:
        return self.promised.allowance

    @property
    def at_risk_share(self) -> Decimal:
        return self.promised.at_risk_share

    @property
    def attempts(self) -> int | None:
        return self.promised.attempts

    @property
    def window(self) -> dt.timedelta:
        return self.promised.window

    @property
    def counts_automated(self) -> bool:
        return self.promised.counts_automated

    @property
    def acceptance(self) -> dt.timedelta | None:
        return self.promised.acceptance

    @property
    def outcome(self) -> dt.timedelta | None:
        return self.promised.outcome


class Promises:
    """A version's own promises by kind and segment; None is for all leads."""

    def __init__(self, commitments: Iterable[Commitment]) -> None:
        self._own = {(one.kind, one.segment_id): one for one in commitments}

    def own(self, kind: str, segment_id: int | None) -> Commitment | None:
        return self._own.get((kind, segment_id))


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
        self._versions: dict[int, Version] = {}
        self._promises: dict[int, Promises] = {}
        spans: dict[int, list[InForce]] = defaultdict(list)
        for version in Version.objects.signed().prefetch_related("commitments").order_by("pk"):
            self._versions[version.pk] = version
            self._promises[version.pk] = Promises(version.commitments.all())
            spans[version.agreement_id].append(InForce(version.pk, version.starts_on, version.governs_until))
        self._own_revision: dict[int, CalendarRevision] = {}
        places = []
        for agreement in Agreement.objects.prefetch_related("parties"):
            if agreement.calendar_id in latest:
                self._own_revision[agreement.pk] = latest[agreement.calendar_id]
            places.append(place_of(agreement, spans[agreement.pk]))
        self.trees = Trees(places)
        # Rows of a file have few terms between them: worked out once each, and no more kept than fits.
        remember = lru_cache(MOST_REMEMBERED)
        self._promised_along = remember(self._work_out_promised)
        self._revision = remember(self._work_out_revision)
        self._terms_under = remember(self._work_out_terms)

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

        `agreement_id` with its `agreement_zone` names the agreement; where neither it nor one above it is in force
        that day, it stays the hand-off's agreement, and there are no terms.
        """
        place = (
            self.trees.governing(agreement_id, at, on)
            if agreement_id is not None
            else self.trees.covering(at, on, team_id=team_id, segment_id=segment_id)
        )
        if place is None:
            zone = agreement_zone or zoneinfo.ZoneInfo(self.company_revision.time_zone)
            return Terms(
                calendar_revision=self._revision(agreement_id, team_id, owner_id),
                on=on or at.astimezone(zone).date(),
                agreement_id=agreement_id,
                lead_value=self._value_of(segment_id),
            )
        day = place.day(at, on)
        return self._terms_under(place.id, day, self._revision(place.id, team_id, owner_id), segment_id)

    def _work_out_terms(
        self, agreement_id: int, day: dt.date, revision: CalendarRevision, segment_id: int | None
    ) -> Terms:
        version_id = self.trees.places[agreement_id].version_on(day)
        assert version_id is not None
        return Terms(
            calendar_revision=revision,
            on=day,
            agreement_id=agreement_id,
            version_id=version_id,
            promised=self.promised_by(version_id, segment_id, day),
            lead_value=self._value_of(segment_id),
        )

    def first_day(self, version_id: int) -> dt.date:
        """Return the first day of a signed version."""
        return self._versions[version_id].starts_on

    def promised_by(self, version_id: int, segment_id: int | None, day: dt.date) -> Promised:
        """Return what a signed version promises for a hand-off of this segment, or inherits on this day."""
        return self.promised_along([version_id, *self.above(version_id, day)], segment_id)

    def promised_to(
        self, *, version_id: int, re_dated_under_id: int | None, segment_id: int | None, on: dt.date
    ) -> Promised:
        """Return what was promised to a hand-off: on its day, or on the first day of the version that re-dated it."""
        if re_dated_under_id is not None:
            version_id, on = re_dated_under_id, self.first_day(re_dated_under_id)
        return self.promised_by(version_id, segment_id, on)

    def promised_by_draft(self, draft: Version, segment_id: int | None) -> Promised:
        """Return what a version that need not be signed would promise or inherit on its first day."""
        if draft.pk not in self._promises:
            self._promises[draft.pk] = Promises(draft.commitments.all())
        above = self._in_force_above(draft.agreement_id, draft.starts_on)
        return self.promised_along([draft.pk, *above], segment_id)

    def promised_along(self, versions: Iterable[int], segment_id: int | None) -> Promised:
        """Return what the first of these versions that makes it promises, promise by promise."""
        return self._promised_along(tuple(versions), segment_id)

    def _work_out_promised(self, chain: tuple[int, ...], segment_id: int | None) -> Promised:
        def found(kind: str) -> Commitment | None:
            of_segment = (
                None if kind == Kind.MQL_GOAL else segment_id
            )  # how a goal is counted is said for all leads
            held = look_up(kind, of_segment, chain, self._promises)
            return held[0] if held else None

        return Promised.by(found)

    def above(self, version_id: int, day: dt.date) -> list[int]:
        """Return the versions in force on a day of the agreements above a signed version's, the nearest first."""
        return self._in_force_above(self._versions[version_id].agreement_id, day)

    def team_of(self, owner_id: int) -> int | None:
        """The sales team that receives what this person owns; None unless it is exactly one."""
        teams = self._teams_of.get(owner_id, set())
        return next(iter(teams)) if len(teams) == 1 else None

    def _in_force_above(self, agreement_id: int, day: dt.date) -> list[int]:
        above = (place.version_on(day) for place in self.trees.chain(agreement_id)[1:])
        return [version_id for version_id in above if version_id is not None]

    def _value_of(self, segment_id: int | None) -> Decimal | None:
        return self._lead_value.get(segment_id) if segment_id is not None else None

    def _work_out_revision(
        self, agreement_id: int | None, team_id: int | None, owner_id: int | None
    ) -> CalendarRevision:
        teams = self._teams_of.get(owner_id, set()) if owner_id is not None else set()
        owner_team = team_id if team_id in teams or not teams else min(teams)
        above = self.trees.chain(agreement_id) if agreement_id is not None else ()
        chain = (place.id for place in above)
        agreed = next((self._own_revision[one] for one in chain if one in self._own_revision), None)
        return self._team_revision.get(owner_team or 0) or agreed or self.company_revision


def place_of(agreement: Agreement, versions: Iterable[InForce]) -> Place:
    """Return an agreement, read with its parties, as the rule of levels sees it."""
    return Place(
        id=agreement.pk,
        level=agreement.level,
        parent_id=agreement.parent_id,
        segment_id=agreement.segment_id,
        teams=frozenset(party.team_id for party in agreement.parties.all()),
        zone=agreement.zone,
        versions=tuple(versions),
    )


def company_zone() -> zoneinfo.ZoneInfo:
    """The zone of days that belong to no agreement: the company calendar's."""
    return zoneinfo.ZoneInfo(BusinessCalendar.latest_revision(company_calendar()).time_zone)
