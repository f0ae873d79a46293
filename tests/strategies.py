"""Calendars and instants to try: a seeded generator of hard cases, and the same as hypothesis strategies.

Instants gather where errors live: changes of the clock, openings and closings, midnight, and the day that
Apia skipped. Everything is of whole minutes unless it says otherwise.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

ZONES = (
    "Europe/Warsaw",
    "Asia/Seoul",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "UTC",
)
# Days, in UTC, around which the clocks of these zones change; other zones get them too, as plain days.
CHANGES = {
    "Europe/Warsaw": [date(2025, 3, 30), date(2025, 10, 26), date(2026, 3, 29), date(2026, 10, 25)],
    "Asia/Seoul": [date(1988, 5, 7), date(1988, 10, 8)],
    "America/New_York": [date(2025, 3, 9), date(2025, 11, 2), date(2026, 3, 8), date(2026, 11, 1)],
    "Australia/Lord_Howe": [date(2025, 4, 5), date(2025, 10, 4), date(2026, 4, 4), date(2026, 10, 3)],
    "Pacific/Apia": [date(2011, 12, 30), date(2011, 9, 24), date(2012, 4, 1), date(2012, 9, 29)],
    "Africa/Casablanca": [date(2025, 2, 23), date(2025, 4, 6), date(2026, 2, 15), date(2026, 3, 22)],
    "UTC": [date(2024, 2, 29), date(2025, 12, 31)],
}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _minute_of_day(random: Random) -> int:
    """A minute of a day, most often on the hour and often in the hours in which clocks change."""
    return random.choice(
        (
            random.randrange(0, 24) * 60,
            random.randrange(0, 8) * 30,
            random.randrange(0, 240),
            random.randrange(1440),
        )
    )


def _intervals(random: Random) -> list[list[str]]:
    if random.random() < 0.12:
        return [["00:00", "24:00"]]
    edges = sorted({_minute_of_day(random) for _ in range(2 * random.randint(1, 3))})
    if random.random() < 0.15:
        edges[-1] = 1440
    return [[clock(a), clock(b)] for a, b in zip(edges[::2], edges[1::2], strict=False)]


def calendar_near(random: Random, zone: str, around: date) -> dict[str, Any]:
    """A calendar in plain form with exceptions near that day. It may be closed for ever."""
    shape = random.random()
    if shape < 0.1:
        weekly = {day: [["00:00", "24:00"]] for day in WEEKDAYS}
    elif shape < 0.35:
        hours = [["09:00", "13:00"], ["14:00", "17:30"]] if random.random() < 0.5 else [["09:00", "17:00"]]
        weekly = dict.fromkeys(WEEKDAYS[:5], hours)
    else:
        weekly = {day: _intervals(random) for day in WEEKDAYS if random.random() < 0.8}

    def some_day() -> str:
        return (around + timedelta(random.randint(-6, 6))).isoformat()

    calendar: dict[str, Any] = {"tz": zone, "weekly": weekly}
    if random.random() < 0.5:
        calendar["holidays"] = [some_day() for _ in range(random.randint(1, 3))]
    if random.random() < 0.2:
        calendar["holidays_every_year"] = [some_day()[5:]]
    if random.random() < 0.4:
        calendar["breaks"] = {some_day(): _intervals(random) for _ in range(random.randint(1, 2))}
    if random.random() < 0.4:
        calendar["overrides"] = {
            some_day(): _intervals(random) if random.random() < 0.8 else []
            for _ in range(random.randint(1, 3))
        }
    return calendar


def day_near(random: Random, zone: str) -> date:
    """A day within a day or two of a change of the clock, or, one time in five, any day of 2024 to 2027."""
    if random.random() < 0.2:
        return date(2024, 1, 1) + timedelta(random.randrange(1400))
    return random.choice(CHANGES[zone]) + timedelta(random.randint(-2, 2))


def edges_of(calendar: dict[str, Any], around: date, days: int) -> list[datetime]:
    """Instants at midnight and at every opening and closing, wherever it may lie, of the days around that one."""
    tz = ZoneInfo(calendar["tz"])
    out = []
    for shift in range(-days, days + 1):
        day = around + timedelta(shift)
        hours = [*calendar["weekly"].get(WEEKDAYS[day.weekday()], [])]
        for key in ("breaks", "overrides"):
            hours += calendar.get(key, {}).get(day.isoformat(), [])
        for text in {"00:00", *(text for pair in hours for text in pair if text != "24:00")}:
            wall = datetime.fromisoformat(f"{day}T{text}").replace(tzinfo=tz)
            out += [wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)]
    return out


def instant_near(random: Random, edges: list[datetime]) -> datetime:
    """An instant at, or within some minutes of, one of those."""
    return random.choice(edges) + timedelta(
        minutes=random.choice((0, 0, 0, -1, 1, random.randint(-200, 200)))
    )


def scenes() -> st.SearchStrategy[tuple[dict[str, Any], list[datetime]]]:
    """A calendar, and instants in order near its edges, exact to the microsecond in one case of three."""

    @st.composite
    def build(draw: st.DrawFn) -> tuple[dict[str, Any], list[datetime]]:
        random = Random(draw(st.integers(0, 2**32)))
        zone = draw(st.sampled_from(ZONES))
        day = day_near(random, zone)
        calendar = calendar_near(random, zone, day)
        edges = edges_of(calendar, day, 3)
        instants = sorted(instant_near(random, edges) for _ in range(6))
        if draw(st.integers(0, 2)) == 0:
            instants = sorted(i + timedelta(microseconds=random.randrange(60_000_000)) for i in instants)
        return calendar, instants

    return build()


def durations() -> st.SearchStrategy[timedelta]:
    """Lengths above zero up to some days, of whole seconds or not."""
    return st.one_of(
        st.sampled_from(
            [timedelta(microseconds=1), timedelta(seconds=1), timedelta(hours=1), timedelta(hours=8)]
        ),
        st.integers(1, 72 * 60).map(lambda minutes: timedelta(minutes=minutes)),
        st.timedeltas(timedelta(microseconds=1), timedelta(days=4)),
    )
