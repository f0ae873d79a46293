"""What each hand-off of a world came to, of the events up to an instant, as known now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.oracles.levels import Asked, Found, Levelled, Signed, terms_found
from tests.oracles.open_seconds import OpenSeconds, Paused, open_seconds
from tests.oracles.report_world import (
    CONNECTING,
    RELEASING,
    Agreement,
    Attempt,
    Goal,
    HandOff,
    Lead,
    Version,
    World,
)

WINDOW = timedelta(days=14)


@dataclass
class Facts:
    """One hand-off; business lengths in seconds."""

    lead: Lead
    hand_off: HandOff
    number: int
    agreement: str | None
    day: date
    at: datetime
    version: Version | None
    goal: Goal | None
    walker: OpenSeconds | Paused
    due_at: datetime | None
    agreed: int | None
    window_ends_at: datetime | None
    value: Decimal | None
    owner: str | None
    assigned_at: datetime | None
    accepted: bool
    closed_as: str
    closed_at: datetime | None
    first_at: datetime | None
    connected_at: datetime | None
    attempts: int
    tried_at: list[datetime]
    tried_on: list[date]
    early: int
    accepted_at: datetime | None
    accept_by: datetime | None
    come_out_by: datetime | None
    unpaused: OpenSeconds

    @property
    def is_released(self) -> bool:
        return self.closed_as in RELEASING

    def is_disputed(self, as_of: datetime) -> bool:
        """Whether its rejection was disputed then, and not upheld yet."""
        if self.hand_off.disputed is None:
            return False
        opened_at, upheld_at = self.hand_off.disputed
        return opened_at <= as_of and (upheld_at is None or upheld_at > as_of)

    @property
    def is_open(self) -> bool:
        return self.first_at is None and not self.is_released

    @property
    def business(self) -> int:
        assert self.first_at is not None
        return self.walker.elapsed(self.at, self.first_at)

    def is_met_under(self, allowance: int, at: datetime) -> bool:
        """Whether `at` is no later than the due time that this many seconds would have given."""
        due_at = self.walker.due(self.at, allowance)
        return due_at is None or at <= due_at

    @property
    def least_allowance(self) -> int | None:
        """The lowest number of seconds under which what ended the wait was in time, tried one after the other."""
        return self.least(self.first_at or (self.closed_at if self.is_released else None), self.walker)

    @property
    def answered_at(self) -> datetime | None:
        """When sales first did something with it: took it, tried it, or closed it for a reason of its own."""
        did = [at for at in (self.accepted_at, self.first_at) if at is not None]
        if self.closed_at is not None and self.closed_as not in ("cancelled", "excused"):
            did.append(self.closed_at)
        return min(did) if did else None

    @property
    def came_out_at(self) -> datetime | None:
        return self.closed_at if self.closed_as in ("qualified", "won", "lost", "unreachable") else None

    def least(self, ended_at: datetime | None, walker: OpenSeconds | Paused | None = None) -> int | None:
        """The lowest number of seconds under which what ended a wait was in time; deadlines know no pauses."""
        walker = walker or self.unpaused
        if ended_at is None or self.hand_off.when.is_date_only:
            return None
        seconds = max(0, walker.elapsed(self.at, ended_at) - 2)
        while (due_at := walker.due(self.at, seconds)) is not None and ended_at > due_at:
            seconds += 1
        return seconds

    @property
    def wall(self) -> int:
        assert self.first_at is not None
        return int((self.first_at - self.at).total_seconds())


def zone_of(world: World, agreement: str | None) -> str:
    """The agreement's zone; the company calendar's where there is none."""
    return world.agreements[agreement].zone if agreement else str(world.calendars[world.company]["tz"])


def version_on(agreement: Agreement, day: date) -> Version | None:
    for version in agreement.versions:
        if version.starts_on <= day and (version.ends_on is None or day < version.ends_on):
            return version
    return None


def upwards(world: World, slug: str | None) -> list[str]:
    """An agreement, the one above it, and so on."""
    found = []
    while slug is not None:
        found.append(slug)
        slug = world.agreements[slug].parent
    return found


def agreement_of(world: World, hand_off: HandOff) -> str | None:
    """The one whose terms it has; without terms the one that was named."""
    found = found_for(world, hand_off, "")
    return found.agreement if found is not None else hand_off.agreement


def levelled(world: World) -> dict[str, Levelled]:
    """The agreements as the rule of levels sees them: alone, or one below another."""
    return {
        one.slug: Levelled(
            name=one.slug,
            level="team" if one.parent else "corporate",
            parent=one.parent,
            segment="",
            zone=one.zone,
            parties=set(one.parties),
            versions=[
                Signed(
                    version.starts_on,
                    version.ends_on,
                    {("speed", key): said for key, said in version.speed.items()}
                    | {("depth", key): said for key, said in version.depth.items()}
                    | {("acceptance", key): said for key, said in version.acceptance.items()}
                    | {("outcome", key): said for key, said in version.outcome.items()}
                    | {("mql_goal", key): said for key, said in version.goals.items() if key == ""},
                )
                for version in one.versions
            ],
        )
        for one in world.agreements.values()
    }


def found_for(world: World, hand_off: HandOff, segment: str) -> Found | None:
    """What the rule of levels finds for it."""
    asked = Asked(
        at=hand_off.when.instant,
        on=hand_off.when.on,
        team=receiving_team(world, hand_off) or "",
        segment=segment,
        named=hand_off.agreement,
    )
    return terms_found(levelled(world), asked)


def receiving_team(world: World, hand_off: HandOff) -> str | None:
    owner = first_owner(hand_off)
    return hand_off.team or (world.people[owner] if owner is not None else None)


def calendar_of(world: World, hand_off: HandOff, agreement: str | None) -> str:
    """Owner's team's, for want of one the receiving team's; then the agreement's or one above it's; the company's."""
    owner = first_owner(hand_off)
    team = world.people[owner] if owner is not None and world.people[owner] else hand_off.team
    agreed = [world.agreements[slug].calendar for slug in upwards(world, agreement)]
    own = world.teams[team] if team is not None else None
    return own or next((one for one in agreed if one), world.company)


def first_owner(hand_off: HandOff) -> str | None:
    """Who had it when it was handed off: nobody, if it was assigned later."""
    if hand_off.assigned_at is not None and hand_off.assigned_at > hand_off.when.instant:
        return None
    return hand_off.owner


def episode_of(world: World, lead: Lead, attempt: Attempt) -> int:
    """The latest hand-off that began by then, else the first, by index; where only a day is known, by that day."""
    begun = [0]
    for index, one in enumerate(lead.hand_offs):
        if attempt.when.on is not None:
            has_begun = one.when.day(zone_of(world, agreement_of(world, one))) <= attempt.when.on
        else:
            has_begun = one.when.instant <= attempt.when.instant
        if has_begun:
            begun.append(index)
    return begun[-1]


def all_facts(world: World, as_of: datetime) -> list[Facts]:
    """Every hand-off that had happened by `as_of`; kept with the world, which must not change after."""
    if as_of not in world.worked_out:
        world.worked_out[as_of] = _all_facts(world, as_of)
    return list(world.worked_out[as_of])


def _all_facts(world: World, as_of: datetime) -> list[Facts]:
    return [
        _facts(world, lead, index, as_of)
        for lead in world.leads
        for index, hand_off in enumerate(lead.hand_offs)
        if hand_off.when.instant <= as_of
    ]


def _facts(world: World, lead: Lead, index: int, as_of: datetime) -> Facts:
    hand_off = lead.hand_offs[index]
    slug = agreement_of(world, hand_off)
    day = hand_off.when.day(zone_of(world, slug))
    at = hand_off.when.instant
    found = found_for(world, hand_off, lead.segment)
    version = world.agreements[found.agreement].versions[found.number] if found is not None else None
    promises = found.promises if found is not None else {}
    hours = open_seconds(world.calendars[calendar_of(world, hand_off, slug)])
    begun = [pause for pause in hand_off.pauses if pause[0] <= as_of]
    walker = Paused(hours, begun) if begun else hours
    allowance: timedelta | None = promises["speed"][2] if "speed" in promises else None
    depth = promises["depth"][2] if "depth" in promises else None
    due = {}
    for name in ("acceptance", "outcome"):
        length = promises[name][2] if name in promises else None
        is_timed = hand_off.has_clock and not hand_off.when.is_date_only
        due[name] = hours.due(at, int(length.total_seconds())) if length is not None and is_timed else None
    has_clock = hand_off.has_clock and allowance is not None and not hand_off.when.is_date_only
    is_closed = hand_off.closed_at is not None and hand_off.closed_at <= as_of
    closed_at = hand_off.closed_at if is_closed else None
    closed_as = hand_off.closed_as if is_closed else ""

    early, counted = 0, []
    for attempt in lead.attempts:
        if attempt.is_voided or attempt.when.instant > as_of or episode_of(world, lead, attempt) != index:
            continue
        given = attempt.when.on
        if given < day if given is not None else attempt.when.instant < at:
            early += 1
        elif closed_at is None or closed_as not in RELEASING or attempt.when.instant <= closed_at:
            counted.append(attempt)
    by_people = [one for one in counted if not one.is_automated]
    timed = [one.when.instant for one in by_people if not one.when.is_date_only]
    connections = [one.when.instant for one in by_people if one.outcome in CONNECTING]
    connected_at = min(connections, default=None)
    made = counted if depth is not None and depth.counts_automated else by_people
    up_to_connection = [one for one in made if connected_at is None or one.when.instant <= connected_at]
    in_order = sorted(up_to_connection, key=lambda one: (one.when.instant, not one.when.is_date_only))
    assigned_at = hand_off.assigned_at
    return Facts(
        lead=lead,
        hand_off=hand_off,
        number=index + 1,
        agreement=slug,
        day=day,
        at=at,
        version=version,
        goal=promises["mql_goal"][2] if "mql_goal" in promises else None,
        walker=walker,
        due_at=walker.due(at, int(allowance.total_seconds())) if has_clock and allowance else None,
        agreed=depth.attempts if depth is not None else None,
        window_ends_at=at + (depth.window if depth is not None else WINDOW) if version is not None else None,
        value=world.segments[lead.segment] if lead.segment else None,
        owner=hand_off.reassigned[1] if hand_off.reassigned is not None else hand_off.owner,
        assigned_at=assigned_at if assigned_at is not None and assigned_at <= as_of else None,
        accepted=hand_off.accepted_at is not None and hand_off.accepted_at <= as_of,
        closed_as=closed_as,
        closed_at=closed_at,
        first_at=None if hand_off.when.is_date_only else min(timed, default=None),
        connected_at=connected_at,
        attempts=len(in_order),
        tried_at=[one.when.instant for one in in_order if not one.when.is_date_only],
        tried_on=[one.when.day(zone_of(world, slug)) for one in in_order],
        early=early,
        accepted_at=hand_off.accepted_at
        if hand_off.accepted_at is not None and hand_off.accepted_at <= as_of
        else None,
        accept_by=due["acceptance"],
        come_out_by=due["outcome"],
        unpaused=hours,
    )
