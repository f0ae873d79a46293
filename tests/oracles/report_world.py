"""A small world in plain words: agreements with their versions, leads, attempts, deals, and a question about them.

The oracle of the reports reads it; it imports nothing of the product. Instants are aware, of whole seconds, in UTC;
`zone` is where a value that is only a date was written down.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

RELEASING = ("rejected", "recycled", "cancelled", "excused")
CONNECTING = ("connected", "callback_requested", "meeting_booked", "not_interested")


@dataclass
class Moment:
    """An instant, or only a day as written in `zone`."""

    at: datetime | None
    on: date | None = None
    zone: str = "UTC"

    @property
    def is_date_only(self) -> bool:
        return self.at is None

    @property
    def instant(self) -> datetime:
        if self.at is not None:
            return self.at
        assert self.on is not None
        return first_instant(self.on, self.zone)

    def day(self, zone: str) -> date:
        """The day given, or the local day of the instant in `zone`."""
        if self.at is None:
            assert self.on is not None
            return self.on
        return self.at.astimezone(ZoneInfo(zone)).date()


def channel_at(at: datetime) -> str:
    """The channel of whatever was tried at that instant."""
    return ("call", "email", "meeting")[int(at.timestamp()) % 3]


@cache
def first_instant(day: date, zone: str) -> datetime:
    """The first instant whose wall clock in `zone` shows that date, searched minute by minute."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    tz = ZoneInfo(zone)
    for _ in range(60 * 30):
        if at.astimezone(tz).date() == day:
            return at
        at += timedelta(minutes=1)
    raise ValueError(f"{day} does not exist in {zone}")


@dataclass
class Depth:
    attempts: int
    window: timedelta
    counts_automated: bool


@dataclass
class Goal:
    profile: str
    weights: dict[str, int]
    months: dict[date, Decimal]
    measure: str = "handed_off"
    counts_recycled: bool = False
    counts_sales_origin: bool = False


@dataclass
class CampaignGoal:
    """So many leads in each month from the first to the last, by their first days; None has no end."""

    leads: int
    first_on: date | None
    last_on: date | None


@dataclass
class Version:
    """Terms for the days [starts_on, ends_on); the key "" of speed, depth and goals stands for all leads.

    Campaign goals have keys like ("campaign", "spring") and ("source", "fair").

    `written_until` is what the text says where a later version took over before that.
    """

    starts_on: date
    ends_on: date | None
    written_until: date | None
    speed: dict[str, timedelta]
    depth: dict[str, Depth]
    goals: dict[str, Goal]
    campaign_goals: dict[tuple[str, str], CampaignGoal] = field(default_factory=dict)
    acceptance: dict[str, timedelta] = field(default_factory=dict)
    outcome: dict[str, timedelta] = field(default_factory=dict)
    acceptance_shares: dict[str, Decimal] = field(default_factory=dict)
    outcome_shares: dict[str, Decimal] = field(default_factory=dict)


@dataclass
class Agreement:
    slug: str
    zone: str
    calendar: str | None
    parties: list[str]
    versions: list[Version]
    parent: str | None = None


@dataclass
class Attempt:
    """How it is written down (`by_service`) must not matter for any figure."""

    key: str
    when: Moment
    outcome: str
    is_automated: bool
    is_voided: bool
    by_service: bool = False


@dataclass
class HandOff:
    """`agreement` is the one that was named; an owner without a team may be somebody outside the product."""

    when: Moment
    agreement: str | None
    team: str | None
    owner: str | None
    has_clock: bool = True
    assigned_at: datetime | None = None
    reassigned: tuple[datetime, str] | None = None
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    closed_as: str = ""
    pauses: list[tuple[datetime, datetime]] = field(default_factory=list)
    disputed: tuple[datetime, datetime | None] | None = None  # from when, until when it was upheld


@dataclass
class Lead:
    key: str
    origin: str
    segment: str
    source: str
    qualified: Moment
    first_source: str
    hand_offs: list[HandOff]
    attempts: list[Attempt]
    campaign: str = ""
    country: str = ""


@dataclass
class Deal:
    key: str
    lead: str | None
    closed: Moment | None
    amount: Decimal | None
    is_won: bool
    origin: str


@dataclass
class World:
    seed: int
    now: datetime
    calendars: dict[str, dict[str, Any]]
    company: str
    teams: dict[str, str | None]
    people: dict[str, str | None]
    segments: dict[str, Decimal | None]
    agreements: dict[str, Agreement]
    leads: list[Lead]
    deals: list[Deal]
    worked_out: dict[datetime, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass
class Question:
    """What a reader asks of which reports; None: not limited. `goal` is a count given by hand."""

    starts_on: date
    ends_on: date
    as_of: datetime
    by: str = "month"
    agreement: str | None = None
    segment: str | None = None
    source: str | None = None
    owner: str | None = None
    campaign: str | None = None
    country: str | None = None
    channel: str | None = None
    hour: str | None = None
    outcome: str | None = None
    measure: str | None = None
    goal: Decimal | None = None
    reports: tuple[str, ...] = ("speed", "depth", "waterfall", "recalibration")
