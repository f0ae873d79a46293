"""Random small worlds, the same for the same seed: a few leads around a change of the clock, and questions about them.

Instants fall on each other often, and on due times, closings and opening hours, because that is where rules differ.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from tests.oracles.report_facts import all_facts
from tests.oracles.report_world import (
    CONNECTING,
    RELEASING,
    Agreement,
    Attempt,
    CampaignGoal,
    Deal,
    Depth,
    Goal,
    HandOff,
    Lead,
    Moment,
    Version,
    World,
    first_instant,
)

T = TypeVar("T")
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = (
    "Europe/Warsaw",
    "Asia/Seoul",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "UTC",
    "America/Sao_Paulo",
)
# A day on which a clock changes (Apia leaves out 2011-12-30; Sao Paulo has no midnight on 2018-11-04), or a year does.
TURNS = (
    (date(2025, 3, 30), "Europe/Warsaw"),
    (date(2024, 10, 27), "Europe/Warsaw"),
    (date(2025, 3, 9), "America/New_York"),
    (date(2024, 11, 3), "America/New_York"),
    (date(2025, 4, 6), "Australia/Lord_Howe"),
    (date(2024, 10, 6), "Australia/Lord_Howe"),
    (date(2025, 2, 23), "Africa/Casablanca"),
    (date(2011, 12, 30), "Pacific/Apia"),
    (date(2018, 11, 4), "America/Sao_Paulo"),
    (date(2018, 2, 18), "America/Sao_Paulo"),
    (date(2024, 2, 29), "Asia/Seoul"),
    (date(2024, 12, 31), "UTC"),
)
CALENDARS_PER_TURN = 6
NOT_CONNECTING = ("no_answer", "voicemail", "left_message", "sent", "bounced", "wrong_contact")
SOURCES = ("", "webinar", "fair", "referral")
CAMPAIGNS = ("", "spring", "Herbst '26")
COUNTRIES = ("", "KR", "PL")
SEGMENTS = {"": None, "executive": Decimal("100.00"), "manager": Decimal("40.50"), "other": None}
PEOPLE = {"ann": "north", "ben": "south", "cyd": "east", "dee": None, "ext-eve": None}
TEAMS = ("north", "south", "east")
MEASURES = (None, "handed_off", "qualified", "accepted", "net", "value")


@cache
def calendars_around(turn: int) -> dict[str, dict[str, Any]]:
    """Some business hours for the worlds around one turn; few, so that what the oracle walks is kept."""
    on, zone = TURNS[turn]
    random = Random(f"calendars {turn}")
    return {f"hours-{turn}-{i}": _hours(random, on, zone) for i in range(CALENDARS_PER_TURN)}


def _hours(random: Random, on: date, zone: str) -> dict[str, Any]:
    days = random.choice([WEEKDAYS[:5], WEEKDAYS[:5], WEEKDAYS, WEEKDAYS[1:6], ("tue", "thu", "sun")])
    opening = random.choice(
        [
            [["09:00", "17:00"]],
            [["08:30", "12:00"], ["13:15", "18:00"]],
            [["00:00", "24:00"]],
            [["01:15", "03:45"], ["22:00", "24:00"]],
            [["10:00", "11:00"]],
        ]
    )
    hours: dict[str, Any] = {
        "tz": zone if random.random() < 0.5 else random.choice(ZONES),
        "weekly": dict.fromkeys(days, opening),
        "holidays": sorted(
            {(on + random.randint(-25, 25) * DAY).isoformat() for _ in range(random.randint(0, 4))}
        ),
    }
    if random.random() < 0.3:
        hours["breaks"] = {(on + random.randint(-9, 9) * DAY).isoformat(): [["10:30", "15:00"]]}
    if random.random() < 0.3:
        hours["overrides"] = {(on + random.randint(-9, 9) * DAY).isoformat(): [["02:00", "10:10"]]}
    return hours


def make_world(seed: int, *, leads: int | None = None) -> World:
    """Return the world of that seed, around one of the turns; of so many leads, or of a few."""
    return _Maker(Random(seed), seed).world(leads)


class _Maker:
    def __init__(self, random: Random, seed: int) -> None:
        self.random, self.seed = random, seed
        turn = random.randrange(len(TURNS))
        self.centre, self.zone = TURNS[turn]
        self.calendars = calendars_around(turn)
        self.company = random.choice(sorted(self.calendars))
        noon = datetime(self.centre.year, self.centre.month, self.centre.day, 12, tzinfo=UTC)
        self.noon = noon
        # Often everything is over by now, sometimes the world is looked at in the middle of it.
        after = random.choice([random.randint(25, 45), random.randint(25, 45), random.randint(-3, 20)])
        self.now = noon + after * DAY + random.randint(0, 86_399) * SECOND

    def chance(self, p: float) -> bool:
        return self.random.random() < p

    def maybe(self, value: T, p: float) -> T | None:
        return value if self.chance(p) else None

    def near(self, low: float, high: float) -> datetime:
        """An instant between so many days around the turn; now and then a full hour."""
        at = self.noon + self.random.randint(int(low * 86_400), int(high * 86_400)) * SECOND
        return at.replace(minute=0, second=0) if self.chance(0.2) else at

    def zone_name(self) -> str:
        return self.zone if self.chance(0.5) else self.random.choice(ZONES)

    def day_only(self, at: datetime) -> Moment:
        """The day of that instant as somewhere; a day that the zone left out is moved on."""
        zone = self.zone_name()
        on = at.astimezone(ZoneInfo(zone)).date()
        try:
            first_instant(on, zone)
        except ValueError:
            on += DAY
        return Moment(at=None, on=on, zone=zone)

    # -- what was agreed

    def world(self, leads: int | None) -> World:
        names = sorted(self.calendars)
        teams = {team: self.maybe(self.random.choice(names), 0.5) for team in TEAMS}
        segments = dict(SEGMENTS)
        segments.pop("")
        agreements = {}
        for slug in ("alpha", "beta")[: self.random.choice([0, 1, 1, 1, 2, 2])]:
            agreements[slug] = self.agreement(slug, names)
        if len(agreements) > 1 and Random(f"levels {self.seed}").random() < 0.5:
            agreements["beta"].parent = "alpha"  # what beta does not promise itself, it inherits
        world = World(
            seed=self.seed,
            now=self.now,
            calendars=self.calendars,
            company=self.company,
            teams=teams,
            people=dict(PEOPLE),
            segments=segments,
            agreements=agreements,
            leads=[],
            deals=[],
        )
        number = self.random.choice([0, 1, 2, 3, 4, 5, 8]) if leads is None else leads
        world.leads = [self.lead(world, f"lead-{i}") for i in range(number)]
        pause_some(world)
        self.sharpen(world)
        dispute_some(world)
        world.deals = [self.deal(world, f"deal-{i}") for i in range(self.random.randint(0, 5))]
        _Deadlines(world, self.seed).add()
        _forget_after(world)
        world.worked_out.clear()
        return world

    def agreement(self, slug: str, names: list[str]) -> Agreement:
        parties = sorted(self.random.sample(TEAMS, self.random.randint(1, 3)))
        starts_on = self.centre - self.random.randint(5, 60) * DAY
        versions: list[Version] = []
        for i in range(self.random.choice([1, 1, 2, 3])):
            if i:
                starts_on = versions[-1].starts_on + self.random.randint(1, 25) * DAY
                gap = self.random.randint(1, 4) if self.chance(0.3) else 0
                ends_on = max(starts_on - gap * DAY, versions[-1].starts_on + DAY)
                starts_on = max(starts_on, ends_on)
                versions[-1].ends_on = ends_on
                versions[-1].written_until = ends_on
                if ends_on == starts_on:
                    longer = ends_on + self.random.randint(1, 9) * DAY
                    versions[-1].written_until = self.random.choice([None, ends_on, longer])
            versions.append(self.version(starts_on))
        if self.chance(0.3):
            until = versions[-1].starts_on + self.random.randint(1, 40) * DAY
            versions[-1].ends_on = versions[-1].written_until = until
        for version in versions:
            self.set_goals(version)
        return Agreement(
            slug=slug,
            zone=self.zone_name(),
            calendar=self.maybe(self.random.choice(names), 0.7),
            parties=parties,
            versions=versions,
        )

    def version(self, starts_on: date) -> Version:
        keys = ["", *(name for name in ("executive", "manager") if self.chance(0.4))]
        if self.chance(0.15):
            keys = keys[1:]
        speed = {
            key: timedelta(minutes=self.random.choice([1, 15, 60, 240, 480, 485, 960, 2400])) for key in keys
        }
        depth = {
            key: Depth(
                attempts=self.random.randint(1, 5),
                window=timedelta(hours=self.random.choice([24, 72, 24 * 7, 24 * 14])),
                counts_automated=self.chance(0.3),
            )
            for key in keys
            if self.chance(0.85)
        }
        return Version(starts_on, None, None, speed, depth, {})

    def set_goals(self, version: Version) -> None:
        for key in ("", "executive"):
            if not self.chance(0.85 if key == "" else 0.3):
                continue
            profile = self.random.choice(["calendar_days", "business_days", "weights"])
            weights = {day: self.random.randint(0, 4) for day in WEEKDAYS if self.chance(0.8)}
            weights[self.random.choice(WEEKDAYS)] = 3
            months = {}
            month = version.starts_on.replace(day=1)
            while month <= self.centre + 70 * DAY and (
                version.written_until is None or month < version.written_until
            ):
                if self.chance(0.9):
                    months[month] = Decimal(self.random.randint(0, 40_000)) / self.random.choice([1, 100])
                month = (month + 32 * DAY).replace(day=1)
            version.goals[key] = Goal(
                profile=profile,
                weights=weights if profile == "weights" else {},
                months=months,
                measure=self.random.choice(MEASURES[1:]) or "handed_off",
                counts_recycled=self.chance(0.3),
                counts_sales_origin=self.chance(0.3),
            )

        usual, self.random = self.random, Random(f"campaign goals {self.seed} {version.starts_on}")
        named = [("campaign", one) for one in CAMPAIGNS[1:]] + [("source", one) for one in SOURCES[1:]]
        for of_one in named:
            if self.chance(0.4):
                version.campaign_goals[of_one] = self.campaign_goal(version)
        self.random = usual

    def campaign_goal(self, version: Version) -> CampaignGoal:
        """One of which the version covers a month at least."""
        first_on = self.maybe(version.starts_on.replace(day=1), 0.5)
        length = self.random.choice([None, 0, 1, 3])
        last_on = version.starts_on.replace(day=1)
        for _month in range(length or 0):
            last_on = (last_on + 32 * DAY).replace(day=1)
        return CampaignGoal(self.random.randint(1, 300), first_on, None if length is None else last_on)

    # -- what happened

    def lead(self, world: World, key: str) -> Lead:
        hand_offs = self.hand_offs(world)
        begun = hand_offs[0].when.instant if hand_offs else self.near(-20, 20)
        qualified = begun - self.random.choice([0, 3_600, 86_400, 400_000]) * SECOND
        lead = Lead(
            key=key,
            origin="sales" if self.chance(0.2) else "marketing",
            segment=self.random.choice(sorted(SEGMENTS)),
            source=self.random.choice(SOURCES),
            first_source=self.random.choice(SOURCES),
            qualified=self.day_only(qualified) if self.chance(0.2) else Moment(qualified),
            hand_offs=hand_offs,
            attempts=[],
            campaign=Random(f"{world.seed} campaign {key}").choice(CAMPAIGNS),
            country=Random(f"{world.seed} country {key}").choice(COUNTRIES),
        )
        if hand_offs:
            for i in range(self.random.choice([0, 0, 1, 2, 3, 5, 7])):
                lead.attempts.append(self.attempt(lead, f"{key}-attempt-{i}"))
        return lead

    def hand_offs(self, world: World) -> list[HandOff]:
        found: list[HandOff] = []
        at = self.near(-22, 20)
        for _ in range(self.random.choice([0, 1, 1, 1, 1, 1, 2, 3])):
            when = self.day_only(at) if self.chance(0.12) else Moment(at)
            if found and found[-1].closed_at is not None and when.instant < found[-1].closed_at:
                when = Moment(at)
            hand_off = self.hand_off(world, when)
            found.append(hand_off)
            if hand_off.closed_at is None:
                break
            at = hand_off.closed_at + self.random.choice([0, 1, 7_200, 300_000]) * SECOND
        return found

    def hand_off(self, world: World, when: Moment) -> HandOff:
        begun = when.instant
        people = [*world.people, None, None]
        owner = self.random.choice(people)
        is_external = owner is not None and owner.startswith("ext-")
        assigned_at = None
        if owner is not None:
            wait = self.random.choice([0, 0, 0, 1, 900, 40_000, 200_000]) if not is_external else 0
            assigned_at = begun + wait * SECOND
            if self.chance(0.15):
                assigned_at = None
        hand_off = HandOff(
            when=when,
            agreement=self.maybe(self.random.choice(sorted(world.agreements)), 0.75)
            if world.agreements
            else None,
            team=self.maybe(self.random.choice(TEAMS), 0.6),
            owner=owner,
            has_clock=self.chance(0.9),
            assigned_at=assigned_at,
        )
        if self.chance(0.4):
            hand_off.accepted_at = begun + self.random.choice([0, 60, 5_000, 150_000]) * SECOND
        if self.chance(0.55):
            hand_off.closed_at = begun + self.random.randint(0, 9 * 86_400) * SECOND
            hand_off.closed_as = self.random.choice(
                [*RELEASING, "rejected", "recycled", "recycled", "qualified", "won", "lost", "unreachable"]
            )
        if assigned_at is not None and self.chance(0.2) and not is_external:
            later = assigned_at + self.random.randint(1, 90_000) * SECOND
            hand_off.reassigned = (later, self.random.choice(["ann", "ben", "cyd", "dee"]))
        return hand_off

    def attempt(self, lead: Lead, key: str) -> Attempt:
        around = self.random.choice(lead.hand_offs)
        shift = self.random.choice([0, 1, 30, 900, 3_600, 20_000, 86_400, 200_000, 700_000])
        early = self.chance(0.12)
        at = around.when.instant + (-shift if early else shift) * SECOND
        if self.chance(0.5):
            at += self.random.randint(0, 7_000) * SECOND
        outcome = self.random.choice(CONNECTING if self.chance(0.25) else NOT_CONNECTING)
        return Attempt(
            key=key,
            when=self.day_only(at) if self.chance(0.15) else Moment(at),
            outcome=outcome,
            is_automated=self.chance(0.2),
            is_voided=self.chance(0.15),
            by_service=self.chance(0.4),
        )

    def sharpen(self, world: World) -> None:
        """Move some closings, attempts and hand-offs onto due times, closings and each other."""
        for one in all_facts(world, self.now + 400 * DAY):
            if one.due_at is None:
                continue
            edge = one.due_at + self.random.choice([0, 0, -1, 1]) * SECOND
            hand_off = one.hand_off
            follows = one.lead.hand_offs[one.number] if one.number < len(one.lead.hand_offs) else None
            if self.chance(0.25) and one.lead.attempts:
                moved = self.random.choice(one.lead.attempts)
                if not moved.when.is_date_only:
                    moved.when = Moment(edge)
            if self.chance(0.4) and hand_off.closed_at is not None and edge >= hand_off.when.instant:
                hand_off.closed_at = edge if follows is None else min(edge, follows.when.instant)
            if self.chance(0.2) and hand_off.closed_at is not None and one.lead.attempts:
                moved = self.random.choice(one.lead.attempts)
                if not moved.when.is_date_only:
                    moved.when = Moment(hand_off.closed_at + self.random.choice([0, 0, 1]) * SECOND)
        for lead in world.leads:
            if len(lead.attempts) > 1 and self.chance(0.3):
                moved, other = self.random.sample(lead.attempts, 2)
                moved.when = other.when

    def deal(self, world: World, key: str) -> Deal:
        lead = self.random.choice(world.leads).key if world.leads and self.chance(0.8) else None
        closed = self.near(-20, 45)
        when = None if self.chance(0.15) else self.day_only(closed) if self.chance(0.3) else Moment(closed)
        return Deal(
            key=key,
            lead=lead,
            closed=when,
            amount=self.maybe(Decimal(self.random.randint(0, 900_000)) / 100, 0.8),
            is_won=when is not None and self.chance(0.8),
            origin=self.random.choice(["marketing", "sales", ""]),
        )


def dispute_some(world: World) -> None:
    """Have marketing dispute some rejections of leads that were not handed over again, and sales uphold some."""
    random = Random(f"disputes {world.seed}")
    for one in (lead.hand_offs[-1] for lead in world.leads if lead.hand_offs):
        if one.closed_as == "rejected" and one.closed_at is not None and random.random() < 0.5:
            opened_at = one.closed_at + random.choice([0, 1, 5_000, 200_000]) * SECOND
            upheld_at = opened_at + random.choice([1, 5_000, 400_000]) * SECOND
            one.disputed = (opened_at, upheld_at if random.random() < 0.5 else None)


def pause_some(world: World) -> None:
    """Pause some hand-offs that have a clock, once or several times; some pauses touch, some begin at the hand-off."""
    random = Random(f"pauses {world.seed}")
    for lead in world.leads:
        for one in lead.hand_offs:
            at = one.when.instant
            if one.when.is_date_only or random.random() > 0.3:
                continue
            for _ in range(random.choice([1, 1, 2, 3])):
                at += random.choice([0, 0, 1, 600, 3_600, 40_000]) * SECOND
                until = at + random.choice([1, 900, 3_600, 86_400, 300_000]) * SECOND
                if at <= world.now:  # nobody pauses ahead of time
                    one.pauses.append((at, until))
                at = until


class _Deadlines:
    """Promises by a deadline, drawn apart so that worlds stay what they were without these."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, Random(f"deadlines {seed}")

    def add(self) -> None:
        for agreement in self.world.agreements.values():
            for version in agreement.versions:
                self._promise(version)
        self.world.worked_out.clear()
        for one in all_facts(self.world, self.world.now + 400 * DAY):
            self._sharpen(one.hand_off, one.accept_by, one.come_out_by)

    def _promise(self, version: Version) -> None:
        keys = [key for key, p in (("", 0.8), ("executive", 0.4)) if self.random.random() < p]
        for lengths, shares, minutes in (
            (version.acceptance, version.acceptance_shares, (1, 60, 240, 480, 960)),
            (version.outcome, version.outcome_shares, (60, 480, 960, 2400, 4800)),
        ):
            for key in keys:
                if self.random.random() < 0.8:
                    lengths[key] = timedelta(minutes=self.random.choice(minutes))
                if key in lengths and self.random.random() < 0.9:
                    shares[key] = self.random.choice([Decimal("0.5"), Decimal("0.9"), Decimal(1)])

    def _sharpen(self, hand_off: HandOff, accept_by: datetime | None, come_out_by: datetime | None) -> None:
        """Now and then let the answer or the closing fall on its deadline."""
        shift = self.random.choice([0, 0, -1, 1]) * SECOND
        if accept_by is not None and hand_off.accepted_at is not None and self.random.random() < 0.4:
            hand_off.accepted_at = max(accept_by + shift, hand_off.when.instant)
        if come_out_by is None or hand_off.closed_at is None or hand_off.closed_as == "recycled":
            return
        if self.random.random() < 0.3 and come_out_by + shift >= hand_off.when.instant:
            follows = any(hand_off in lead.hand_offs[:-1] for lead in self.world.leads)
            hand_off.closed_at = hand_off.closed_at if follows else come_out_by + shift


def _forget_after(world: World) -> None:
    """Nothing has happened yet that lies after now, nor after the closing that ended a hand-off's life."""
    now = world.now
    for lead in world.leads:
        lead.hand_offs = [one for one in lead.hand_offs if one.when.instant <= now]
        for one in lead.hand_offs:
            if one.closed_at is not None and one.closed_at > now:
                one.closed_at, one.closed_as = None, ""
            end = min(now, one.closed_at or now)
            if one.assigned_at is not None and one.assigned_at > end:
                one.owner, one.assigned_at, one.reassigned = None, None, None
            if one.reassigned is not None and one.reassigned[0] > end:
                one.reassigned = None
            if one.accepted_at is not None and one.accepted_at > end:
                one.accepted_at = None
        lead.attempts = [one for one in lead.attempts if one.when.instant <= now and lead.hand_offs]
    world.leads = [one for one in world.leads if one.qualified.instant <= now]
    known = {one.key for one in world.leads}
    for deal in world.deals:
        if deal.lead not in known:
            deal.lead = None
    world.deals = [one for one in world.deals if one.closed is None or one.closed.instant <= now]
