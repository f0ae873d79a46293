"""Who hears of a clock, and when somebody hears of anything: ladder, hours, bundles, caps, new tries.

Definitions. The *ladder* of a hand-off has rungs. Below the due time: *early*, when the agreed share of the allowance
is used, and *at risk*, each for who works the lead. At the due time: *overdue*, also for the managers and directors
whose agreed lag is nothing. Above it: the lag, in business time after the due time, for managers and for directors.
Who works a lead hears of the highest rung reached by then: see ``is_overtaken``.

*Hours* are a calendar: outside of it nobody is disturbed. What comes up *now* goes out at once in them, or at the next
opening; an *hourly* bundle at the next full hour, a *daily* one at the first opening of their
next day. Every answer is an open instant not before the question, and later questions have no earlier answers.

A *digest* has an hour of its own instead, in the zone of who reads it: the nightly one in the evening of a day on which
they work, the weekly one on Monday morning. It is due for some hours, so that a worker that was away catches it up.

A *cap* keeps messages sent at once below a number an hour; what is over it waits, and comes in one message. A message
that could not be sent is tried again after growing pauses, for about a day; then it is *parked* for somebody to see.
Instants are aware; the module reads no clock.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction

from agreements.business_time import Calendar, compiled
from agreements.local_time import resolve_local, start_of_local_day
from agreements.spans import Pauses

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WORKING_DAYS = ("mon", "tue", "wed", "thu", "fri")
USUAL_HOURS = [["08:00", "18:00"]]
AT_ONCE_AN_HOUR = 6
PAUSES_BETWEEN_TRIES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=15),
)
TOLD_IN_TIME = timedelta(minutes=5)
NIGHTLY_AT, NIGHTLY_FOR = time(18), timedelta(hours=4)
WEEKLY_AT, WEEKLY_FOR = time(8), timedelta(hours=14)
MONDAY = 0


class Rung(StrEnum):
    """The steps of the ladder, from the lowest."""

    EARLY = "early"
    AT_RISK = "at_risk"
    OVERDUE = "overdue"
    MANAGER = "overdue_for_managers"
    DIRECTOR = "overdue_for_directors"


class Place(StrEnum):
    """What somebody is to the lead: why they are told."""

    OWNER = "owner"
    MANAGER = "manager"
    DIRECTOR = "director"


class Rhythm(StrEnum):
    """How soon somebody hears by a channel."""

    NOW = "now"
    HOURLY = "hourly"
    DAILY = "daily"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Ladder:
    """What was agreed about who hears when; as made, the ladder of an agreement that says nothing.

    ``early`` is a share of the allowance, above 0 and below 1; the lags are not negative.
    """

    early: Fraction = Fraction(1, 2)
    manager_lag: timedelta = timedelta(0)
    director_lag: timedelta = timedelta(hours=4)

    def hear_at_due(self) -> tuple[Place, ...]:
        """Who hears at the due time itself."""
        lags = ((Place.MANAGER, self.manager_lag), (Place.DIRECTOR, self.director_lag))
        return (Place.OWNER, *(place for place, lag in lags if not lag))

    def rungs(
        self,
        calendar: Calendar,
        *,
        started_at: datetime,
        allowance: timedelta,
        due_at: datetime,
        pauses: Pauses = (),
    ) -> dict[Rung, datetime]:
        """Return when each rung is reached that no event of the clock tells of; one never reached is left out."""
        share = timedelta(microseconds=-(-(allowance // timedelta(microseconds=1)) * self.early // 1))
        reached = {Rung.EARLY: calendar.due(started_at, share, pauses)}
        for rung, lag in ((Rung.MANAGER, self.manager_lag), (Rung.DIRECTOR, self.director_lag)):
            if lag:
                reached[rung] = calendar.due(due_at, lag)
        return {rung: at for rung, at in reached.items() if at is not None}


HEARD_BY = {
    Rung.EARLY: (Place.OWNER,),
    Rung.AT_RISK: (Place.OWNER,),
    Rung.MANAGER: (Place.MANAGER,),
    Rung.DIRECTOR: (Place.DIRECTOR,),
}


def heard_by(rung: Rung, ladder: Ladder) -> tuple[Place, ...]:
    """Return who hears of this rung, as places."""
    return ladder.hear_at_due() if rung is Rung.OVERDUE else HEARD_BY[rung]


def is_overtaken(rung: Rung, now: datetime, *, at_risk_at: datetime | None, due_at: datetime) -> bool:
    """Whether a higher rung for the same people is reached by now, so that they hear of that one alone."""
    if rung not in (Rung.EARLY, Rung.AT_RISK):
        return False
    return now > due_at or (rung is Rung.EARLY and at_risk_at is not None and now >= at_risk_at)


def usual_hours(time_zone: str) -> Calendar:
    """Monday to Friday, 8 to 18, in this zone: the hours of who has none by a team."""
    return compiled({"tz": time_zone, "weekly": dict.fromkeys(WORKING_DAYS, USUAL_HOURS)})


def when_to_send(rhythm: Rhythm, at: datetime, hours: Calendar, zone: zoneinfo.ZoneInfo) -> datetime | None:
    """Return when something that came up at this instant goes out; None: never, by wish or as nobody is ever there."""
    match rhythm:
        case Rhythm.NEVER:
            return None
        case Rhythm.NOW:
            return hours.next_open(at)
        case Rhythm.HOURLY:
            return hours.next_open(next_full_hour(at))
        case Rhythm.DAILY:
            return hours.next_open(start_of_local_day(at.astimezone(zone).date() + DAY, zone))


def next_full_hour(at: datetime) -> datetime:
    """Return the first full hour of UTC after this instant."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + HOUR


def over_the_cap(sent_at: Sequence[datetime], now: datetime) -> datetime | None:
    """Return until when a message has to wait that would be one too many within an hour; None: it may go."""
    lately = sorted(at for at in sent_at if now - HOUR < at <= now)
    return None if len(lately) < AT_ONCE_AN_HOUR else lately[-AT_ONCE_AN_HOUR] + HOUR


def next_try(tries: int, now: datetime) -> datetime | None:
    """Return when to try again after so many tries; None: the message is parked."""
    return now + PAUSES_BETWEEN_TRIES[tries - 1] if tries <= len(PAUSES_BETWEEN_TRIES) else None


def is_late(happened_at: datetime, told_at: datetime) -> bool:
    """Whether somebody is told markedly after it happened, as after an outage."""
    return told_at - happened_at > TOLD_IN_TIME


def nightly_due(now: datetime, hours: Calendar, zone: zoneinfo.ZoneInfo) -> date | None:
    """Return the local day whose nightly digest is due now; None outside of the evening, and on days off."""
    day = now.astimezone(zone).date()
    if not _is_due(now, day, NIGHTLY_AT, NIGHTLY_FOR, zone):
        return None
    start, end = (start_of_local_day(one, zone) for one in (day, day + DAY))
    return day if hours.elapsed(start, end) else None


def weekly_due(now: datetime, zone: zoneinfo.ZoneInfo) -> date | None:
    """Return the Monday whose weekly digest is due now; None at any other time."""
    day = now.astimezone(zone).date()
    is_due = day.weekday() == MONDAY and _is_due(now, day, WEEKLY_AT, WEEKLY_FOR, zone)
    return day if is_due else None


def _is_due(now: datetime, day: date, at: time, length: timedelta, zone: zoneinfo.ZoneInfo) -> bool:
    begins_at = resolve_local(datetime.combine(day, at), zone)
    return begins_at <= now.astimezone(UTC) < begins_at + length
