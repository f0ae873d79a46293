"""The lives of the sample leads, day by day: who, from where, worked by whom, and what became of them.

A life is drawn to its end, into the future; who writes it down leaves out what has not happened yet. Pure arithmetic
over calendars: no database, no clock. The same day gives the same lives.
"""

from __future__ import annotations

import datetime as dt
import random
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

from agreements.business_time import Calendar
from slaproject.embedded.sample_company.invented import (
    COMPANY_KINDS,
    FIRST_NAMES,
    JOB_TITLES,
    KOREAN_FAMILY_NAMES,
    LAST_NAMES,
    NOTES,
)
from slaproject.embedded.sample_company.people import NEW_YORK, REPS, SEGMENTS, WARSAW, ZONES, SampleSegment
from slaproject.embedded.sample_company.promises import Promised, version_on
from slaproject.embedded.sample_company.timeline import SALES_SOURCE, SEED, Timeline

BUSINESS_DAY = dt.timedelta(hours=8)
SECOND = dt.timedelta(seconds=1)
# Chance that the first, second … attempt reaches the person.
REACHED = (0.3, 0.23, 0.19, 0.15, 0.12, 0.1, 0.08, 0.06, 0.05)
REACH = 0.68  # of all who are tried as often as agreed, about
INTO_PIPELINE = 0.66  # of those reached
SILENT = {
    "call": ("no_answer", "no_answer", "voicemail", "voicemail", "left_message"),
    "email": ("sent", "sent", "sent", "bounced"),
    "message": ("sent",),
    "social": ("sent",),
}
REASONS = (
    "no_interest: no company behind it",
    "wrong_contact",
    "customer",
    "not_a_fit: student or job seeker",
    "region",
    "duplicate",
)
CHANNELS = {"call": 66.0, "email": 24.0, "social": 6.0, "message": 4.0}


@dataclass(slots=True)
class Attempt:
    """One try; `voided_at` when the person took it back."""

    key: str
    at: dt.datetime
    channel: str
    outcome: str
    by: str
    is_automated: bool = False
    note: str = ""
    voided_at: dt.datetime | None = None


@dataclass(slots=True)
class Episode:
    """One hand-off, how it was worked and how it was closed."""

    number: int
    handed_off_at: dt.datetime
    owner: str
    attempts: list[Attempt] = field(default_factory=list)
    closed_at: dt.datetime | None = None
    closed_as: str = ""
    reason: str = ""

    def close(self, closed_as: str, at: dt.datetime, reason: str = "") -> None:
        self.closed_as, self.closed_at, self.reason = closed_as, at, reason

    @property
    def accepted_at(self) -> dt.datetime | None:
        """When its owner took it on, minutes before the first try; None where nobody tried, or just called."""
        tried = [one.at for one in self.attempts if not one.is_automated and one.at >= self.handed_off_at]
        chance = crc32(f"{self.owner} {self.handed_off_at}".encode()) % 1000
        if not tried or chance < 40:
            return None
        return max(self.handed_off_at, min(tried) - dt.timedelta(minutes=2 + chance % 25))


@dataclass(slots=True)
class SampleDeal:
    """An opportunity: open from `opened_at` on, won or lost at `closed_at`."""

    key: str
    opened_at: dt.datetime
    closed_at: dt.datetime
    amount: int
    is_won: bool
    origin: str


@dataclass(slots=True)
class Life:
    """A lead from its qualification to its end."""

    key: str
    qualified_at: dt.datetime
    origin: str
    source: str
    campaign: str
    segment: str
    team: str
    texts: dict[str, str]
    episodes: list[Episode] = field(default_factory=list)
    deal: SampleDeal | None = None


@dataclass(frozen=True)
class World:
    """What lives are drawn from."""

    timeline: Timeline
    versions: Sequence[Promised]
    hours: Mapping[str, Calendar]

    def lives_of(self, day: dt.date, marketing_leads: int, sales_leads: float) -> Iterator[Life]:
        """Yield the leads handed over on that day."""
        rng = random.Random(f"{SEED} {day} leads")
        own = int(sales_leads + rng.random()) if day.weekday() < 5 else 0
        for n in range(marketing_leads + own):
            is_own = n >= marketing_leads
            team = WARSAW if rng.random() < 0.54 else NEW_YORK
            handed_off_at = self._instant(rng, day, team, is_own)
            segment = rng.choices(SEGMENTS, [s.part_of_leads for s in SEGMENTS])[0]
            if is_own and segment.slug == "demo-requests":
                segment = SEGMENTS[1]  # whom sales finds did not ask for a demo
            source = SALES_SOURCE if is_own else _weighted(rng, self.timeline.sources(day))
            waited = dt.timedelta(minutes=rng.choice((0, 0, 0, 5, 20, 45)))
            life = Life(
                key=f"{'S' if is_own else 'L'}-{day:%y%m%d}-{n + 1:03}",
                qualified_at=handed_off_at - (dt.timedelta(0) if is_own else waited),
                origin="sales" if is_own else "marketing",
                source=source,
                campaign="" if is_own or source == "Referral" else f"{source} {day:%Y-%m}",
                segment=segment.slug,
                team=team,
                texts=identity(rng, team, f"{day:%y%m%d}{n + 1:03}"),
            )
            self._live(rng, life, segment)
            yield life

    def deals_without_a_lead(self, day: dt.date, a_day: float) -> Iterator[SampleDeal]:
        """Yield orders of customers whom sales knows anyhow."""
        rng = random.Random(f"{SEED} {day} customers")
        if day.weekday() < 5:
            for n in range(int(a_day + rng.random())):
                at = dt.datetime.combine(day, dt.time(9 + n, rng.randrange(60)), dt.UTC)
                yield SampleDeal(f"C-{day:%y%m%d}-{n + 1}", at, at, _amount(rng, 14_000), True, "sales")

    def first_attempt_after(
        self, rng: random.Random, at: dt.datetime, team: str, segment: str, pace: float
    ) -> dt.datetime:
        """Return when a rep gets to a hand-off: mostly within the allowance, in business time."""
        day = at.astimezone(zoneinfo.ZoneInfo(ZONES[WARSAW])).date()
        allowance = version_on(self.versions, day).allowance(segment)
        slow = self.timeline.slowness(day, is_new_york=team == NEW_YORK) * pace
        return self._later(team, at, allowance * (rng.lognormvariate(-1.05, 0.72) * slow))

    # One lead

    def _instant(self, rng: random.Random, day: dt.date, team: str, is_own: bool) -> dt.datetime:
        """An instant that lies on `day` in New York and in Warsaw alike, by day more often than by night."""
        if is_own:
            hour = rng.uniform(9.2, 16.8)
        elif team == NEW_YORK:
            hour = rng.triangular(7, 17.4, 11.5)
        else:
            hour = rng.triangular(8, 19, 11) if rng.random() < 0.86 else rng.uniform(0.2, 23.8)
        wall = dt.datetime.combine(day, dt.time()) + dt.timedelta(hours=hour)
        return wall.replace(microsecond=0, tzinfo=zoneinfo.ZoneInfo(ZONES[team])).astimezone(dt.UTC)

    def _live(self, rng: random.Random, life: Life, segment: SampleSegment) -> None:
        episode = self._hand_over(rng, life, life.qualified_at if life.origin == "sales" else None)
        self._work(rng, life, episode, segment)
        if episode.closed_as == "recycled" and episode.closed_at and rng.random() < 0.45:
            again = episode.closed_at + dt.timedelta(days=rng.uniform(40, 120))
            at = self._later(life.team, again, dt.timedelta(minutes=rng.uniform(5, 400)))
            self._work(rng, life, self._hand_over(rng, life, at), segment)

    def _hand_over(self, rng: random.Random, life: Life, at: dt.datetime | None) -> Episode:
        number = len(life.episodes) + 1
        if at is None:
            at = life.qualified_at
            at += dt.timedelta(minutes=rng.choice((0, 0, 2, 15)))
        reps = REPS[life.team]
        if life.team == NEW_YORK and self.timeline.is_short_of_people(at.date()):
            reps = reps[:6]
        episode = Episode(number, at, rng.choice(reps).email)
        life.episodes.append(episode)
        return episode

    def _work(self, rng: random.Random, life: Life, episode: Episode, segment: SampleSegment) -> None:
        at, team = episode.handed_off_at, life.team
        key = f"{life.key}-{episode.number}"
        is_new_york = team == NEW_YORK
        short = is_new_york and self.timeline.is_short_of_people(at.date())
        if life.origin == "marketing" and rng.random() < 0.4:
            sent_at = at + dt.timedelta(seconds=rng.randrange(40, 200))
            episode.attempts.append(Attempt(f"{key}-auto", sent_at, "email", "sent", "", is_automated=True))
        if rng.random() < 0.004:
            early = at - dt.timedelta(hours=rng.uniform(3, 70))
            episode.attempts.append(
                Attempt(f"{key}-early", _second(early), "call", "no_answer", episode.owner)
            )
        fate = rng.random()
        if fate < (0.09 if short else 0.011):  # nobody gets to it
            episode.close("cancelled", self._later(team, at, BUSINESS_DAY * rng.uniform(11, 17)))
            return
        if 0.095 < fate < 0.12 and life.origin == "marketing":  # seen to be nothing at first sight
            seen_at = self._later(team, at, dt.timedelta(minutes=rng.uniform(10, 90)))
            episode.close("rejected", seen_at, rng.choice(REASONS))
            return
        pace = next(rep.pace for rep in REPS[team] if rep.email == episode.owner)
        tried_at = self.first_attempt_after(rng, at, team, life.segment, pace)
        if rng.random() < 0.02:  # from home, after hours
            tried_at = min(tried_at, _second(at + dt.timedelta(minutes=rng.uniform(10, 50))))
        first_at = tried_at
        day = at.date()
        agreed = version_on(self.versions, day).attempts
        tries = max(1, round(rng.gauss(agreed + self.timeline.stamina(day, is_new_york=is_new_york), 1.1)))
        for n in range(tries):
            reached = rng.random() < REACHED[min(n, len(REACHED) - 1)] * (
                1.1 if segment.priority == 10 else 1
            )
            self._try(rng, episode, f"{key}-{n + 1}", tried_at, reached)
            if reached:
                self._talked(rng, life, episode, segment, first_at, tried_at)
                return
            gap = BUSINESS_DAY * rng.uniform(0.5, 1.9 if n < 4 else 2.3)
            tried_at = self._later(team, tried_at, gap)
        episode.close("unreachable", tried_at)

    def _try(self, rng: random.Random, episode: Episode, key: str, at: dt.datetime, reached: bool) -> None:
        channel = _weighted(rng, CHANNELS)
        if reached:
            outcome = rng.choices(
                ("connected", "callback_requested", "meeting_booked", "not_interested"), (48, 14, 22, 16)
            )[0]
        else:
            outcome = rng.choice(SILENT[channel])
            if rng.random() < 0.02:
                outcome = "wrong_contact"
        note = rng.choice(NOTES[outcome]) if outcome in NOTES and rng.random() < 0.25 else ""
        attempt = Attempt(key, at, channel, outcome, episode.owner, note=note)
        episode.attempts.append(attempt)
        if rng.random() < 0.002:
            twice = Attempt(f"{key}-again", at + 95 * SECOND, channel, outcome, episode.owner)
            twice.voided_at = twice.at + 140 * SECOND
            episode.attempts.append(twice)

    def _talked(
        self,
        rng: random.Random,
        life: Life,
        episode: Episode,
        segment: SampleSegment,
        first_at: dt.datetime,
        at: dt.datetime,
    ) -> None:
        soon = self._later(life.team, at, dt.timedelta(minutes=rng.uniform(5, 240)))
        fate = rng.random()
        if episode.attempts[-1].outcome == "not_interested" or fate < 0.1:
            episode.close("lost", soon)
        elif fate < 0.2:
            episode.close("recycled", soon)
        elif fate < 0.23 and life.origin == "marketing":
            episode.close("rejected", soon, rng.choice(REASONS[2:]))
        else:
            quick = first_at - episode.handed_off_at < dt.timedelta(hours=6)
            chance = float(segment.close_rate) / (REACH * INTO_PIPELINE) * (1.12 if quick else 0.88)
            if life.origin == "sales":
                chance *= 1.9
            opened_at = self._later(life.team, at, BUSINESS_DAY * rng.uniform(0.5, 4))
            weeks = rng.lognormvariate(1.25 if segment.slug != "enterprise" else 1.7, 0.5)
            closed_at = self._later(life.team, opened_at + dt.timedelta(weeks=weeks), 90 * 60 * SECOND)
            amount = _amount(
                rng, int(segment.average_deal) * (10 if life.origin == "marketing" else 16) // 10
            )
            deal = SampleDeal(f"D-{life.key}", opened_at, closed_at, amount, rng.random() < chance, "")
            life.deal = deal
            if rng.random() < 0.6:
                episode.close("qualified", opened_at)
            else:
                episode.close("won" if deal.is_won else "lost", closed_at)

    def _later(self, team: str, at: dt.datetime, business: dt.timedelta) -> dt.datetime:
        due = self.hours[team].due(at, business)
        assert due is not None  # offices open on weekdays
        return _second(due)


def identity(rng: random.Random, team: str, number: str) -> dict[str, str]:
    """Return who the lead is: invented, and told as a sample by company, address and telephone number."""
    names = "us" if team == NEW_YORK else "pl" if rng.random() < 0.6 else "eu"
    country = {"us": "US", "pl": "PL"}.get(names) or rng.choice(("DE", "CZ", "SE", "PT"))
    first, last = rng.choice(FIRST_NAMES[names]), rng.choice(LAST_NAMES[names])
    return {
        "name": f"{rng.choice(KOREAN_FAMILY_NAMES)}{first}" if first >= "가" else f"{first} {last}",
        "company": f"Sample {rng.choice(COMPANY_KINDS)} {rng.randrange(1, 400)}",
        "job_title": rng.choice(JOB_TITLES),
        "email": f"lead.{number}@example.com",
        "phone": f"+1 202 555 01{int(number) % 100:02}"
        if names == "us"
        else f"+48 00 000 {int(number) % 10000:04}",
        "country": country,
    }


def _amount(rng: random.Random, average: int) -> int:
    return max(100, round(average * rng.lognormvariate(-0.08, 0.4) / 10) * 10)


def _weighted(rng: random.Random, weights: Mapping[str, float]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def _second(at: dt.datetime) -> dt.datetime:
    return at.replace(microsecond=0)
