"""When files that come by themselves are due: at a wall time, once a local day, whatever the clocks do."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.export_times import Every, Times

ZONES = ("UTC", "Europe/Warsaw", "America/New_York", "Australia/Lord_Howe", "Asia/Seoul", "America/Santiago")

START = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def due(every: Every, at: str, zone: str, after: str, n: int, **day: int) -> list[str]:
    times = Times(every, dt.time.fromisoformat(at), zoneinfo.ZoneInfo(zone), **day)
    found, instant = [], utc(after)
    for _ in range(n):
        instant = times.following(instant)
        found.append(f"{instant:%Y-%m-%d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        # Warsaw goes forward on 29 March 2026 and back on 25 October: seven o'clock stays seven o'clock.
        (
            (Every.DAY, "07:00", "Europe/Warsaw", "2026-03-27T12:00", 3),
            ["2026-03-28 06:00", "2026-03-29 05:00", "2026-03-30 05:00"],
        ),
        # 02:30 is skipped there, and comes at 03:30 of summer time: still once on that day.
        (
            (Every.DAY, "02:30", "Europe/Warsaw", "2026-03-28T12:00", 2),
            ["2026-03-29 01:30", "2026-03-30 00:30"],
        ),
        # 02:30 comes twice: the first counts, and the next is a day later.
        (
            (Every.DAY, "02:30", "Europe/Warsaw", "2026-10-24T12:00", 2),
            ["2026-10-25 00:30", "2026-10-26 01:30"],
        ),
        # Midnight is skipped in Santiago on 6 September 2026.
        (
            (Every.DAY, "00:15", "America/Santiago", "2026-09-05T12:00", 2),
            ["2026-09-06 04:15", "2026-09-07 03:15"],
        ),
        (
            (Every.WEEK, "08:00", "Asia/Seoul", "2026-11-22T23:00", 2),
            ["2026-11-29 23:00", "2026-12-06 23:00"],
        ),
    ],
)
def test_the_wall_time_stays_what_it_is(asked, expected):
    assert due(*asked) == expected


def test_a_day_that_a_month_lacks_is_its_last():
    found = due(Every.MONTH, "09:00", "UTC", "2027-12-31T09:00", 4, day=31)
    assert found == ["2028-01-31 09:00", "2028-02-29 09:00", "2028-03-31 09:00", "2028-04-30 09:00"]
    assert due(Every.MONTH, "09:00", "UTC", "2026-11-01T10:00", 1, day=1) == ["2026-12-01 09:00"]


def test_what_passed_meanwhile_is_made_up_for_once():
    times = Times(Every.DAY, dt.time(7), zoneinfo.ZoneInfo("UTC"))
    assert times.newest(utc("2026-11-01T07:00"), utc("2026-11-27T06:59")) == utc("2026-11-26T07:00")
    assert times.newest(utc("2026-11-27T07:00"), utc("2026-11-27T07:00")) == utc("2026-11-27T07:00")


@given(
    every=st.sampled_from(Every),
    at=st.times(max_value=dt.time(23, 59)).map(lambda one: one.replace(second=0, microsecond=0)),
    zone=st.sampled_from(ZONES),
    weekday=st.integers(0, 6),
    day=st.integers(1, 31),
    start=st.integers(0, 15 * 366 * 24 * 60).map(lambda minutes: START + dt.timedelta(minutes=minutes)),
)
def test_each_due_day_has_one_instant_and_none_is_left_out(every, at, zone, weekday, day, start):
    times = Times(every, at, zoneinfo.ZoneInfo(zone), weekday=weekday, day=day)
    instants = [start]
    for _ in range(40):
        instants.append(times.following(instants[-1]))
    assert all(one < other for one, other in pairwise(instants))
    days = [one.astimezone(times.zone).date() for one in instants[1:]]
    apart = {(other - one).days for one, other in pairwise(days)}
    if every == Every.DAY:
        assert apart == {1}
    elif every == Every.WEEK:
        assert apart == {7} and {one.weekday() for one in days} == {weekday}
    else:
        months = [one.year * 12 + one.month for one in days]
        assert all(other - one == 1 for one, other in pairwise(months))
        assert all(one.day == day or ((one + dt.timedelta(1)).day == 1 and one.day < day) for one in days)
