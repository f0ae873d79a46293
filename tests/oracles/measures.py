"""What custom measures came to, month by month, from a plain story of what was promised, entered and voided."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal


@dataclass
class Measure:
    name: str
    at_least: bool
    target: Decimal
    months: int  # 1, or 3 for a quarter


@dataclass
class Version:
    """Promised for the days [starts_on, ends_on); `signed_on` is when the last party signed."""

    starts_on: date
    ends_on: date
    measures: list[Measure]
    signed_on: date


@dataclass
class Entered:
    name: str
    period_on: date
    value: Decimal
    at: datetime
    voided_at: datetime | None = None


@dataclass
class Story:
    now: datetime
    versions: list[Version]
    entered: list[Entered] = field(default_factory=list)
    excused: set[date] = field(default_factory=set)


def months_of(period_on: date, n: int) -> list[date]:
    found = [period_on]
    while len(found) < n:
        found.append((found[-1] + timedelta(days=32)).replace(day=1))
    return found


def day_after(period_on: date, n: int) -> date:
    return (months_of(period_on, n)[-1] + timedelta(days=32)).replace(day=1)


def judged(story: Story, month: date, today: date) -> tuple[dict[str, tuple[str, Decimal]], int]:
    """The word and the value of each measure whose period ends with this month, and how many are waited for."""
    found: dict[str, tuple[str, Decimal]] = {}
    waiting = 0
    end = day_after(month, 1)
    last = end - timedelta(days=1)
    governing = [one for one in story.versions if one.starts_on <= last < one.ends_on]
    for version, measure in [(one, measure) for one in governing for measure in one.measures]:
        if measure.months == 3 and month.month % 3:
            continue
        period_on = month if measure.months == 1 else date(month.year, month.month - 2, 1)
        due = day_after(end, 1)  # a month for saying it
        mine = [one for one in story.entered if (one.name, one.period_on) == (measure.name, period_on)]
        mine = [one for one in mine if one.at <= story.now]
        standing = [one for one in mine if one.voided_at is None or one.voided_at > story.now]
        is_owed = version.signed_on < due
        # One taken back after its time was taken back with the other side's consent: another may stand for it.
        replaces = any(one.at.date() < due and one.voided_at and one.voided_at.date() >= due for one in mine)
        if standing and (standing[0].at.date() < due or not is_owed or replaces):
            value = standing[0].value
            is_kept = value >= measure.target if measure.at_least else value <= measure.target
            word = "met" if is_kept else "missed"
        elif today < due and is_owed:
            waiting += 1
            continue
        else:
            word, value = ("missed" if is_owed else "nothing"), Decimal(0)
        day, all_excused = period_on, True
        while day < end:
            all_excused = all_excused and day in story.excused
            day += timedelta(days=1)
        found[measure.name] = ("excused" if word == "missed" and all_excused else word, value)
    return found, waiting
