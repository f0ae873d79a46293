"""Due days as arithmetic: month ends, holidays, changes of the clock, spans that begin in the middle of a month."""

import datetime as dt
from random import Random
from zoneinfo import ZoneInfo

import pytest

from agreements.due_days import Cadence, DayOff, Rhythm, due_instant
from tests.oracles.due_day_walk import due_days_by_walking

MONDAY, FRIDAY = 0, 4
YEAR = dt.date(2026, 1, 1), dt.date(2027, 1, 1)


def day(text):
    return dt.date.fromisoformat(f"2026-{text}")


def weekdays(on):
    return on.weekday() < 5


def no_rest(on):
    return True


def days(rhythm, start, end, is_business_day=weekdays):
    return [f"{on:%m-%d}" for on in rhythm.due_days(day(start), day(end), is_business_day)]


def test_a_weekly_duty_falls_on_its_weekday():
    assert days(Rhythm(Cadence.WEEKLY, weekday=FRIDAY), "03-04", "03-28") == [
        "03-06",
        "03-13",
        "03-20",
        "03-27",
    ]


def test_four_a_month_are_the_first_four_in_a_month_of_five():
    four = Rhythm(Cadence.TIMES_A_MONTH, weekday=MONDAY, times=4)
    assert days(four, "03-01", "04-01") == ["03-02", "03-09", "03-16", "03-23"]  # the 30th is a Monday too
    assert len(four.due_days(*YEAR, weekdays)) == 48


def test_the_31st_of_a_shorter_month_is_its_last_day():
    at_the_end = Rhythm(Cadence.MONTHLY, day=31)
    assert days(at_the_end, "01-01", "05-01", no_rest) == ["01-31", "02-28", "03-31", "04-30"]
    assert Rhythm(Cadence.MONTHLY, day=30).due_days(dt.date(2028, 2, 1), dt.date(2028, 3, 1), no_rest) == [
        dt.date(2028, 2, 29)
    ]


def test_the_last_business_day_never_leaves_its_month():
    last = Rhythm(Cadence.MONTHLY, day=None, day_off=DayOff.NEXT)
    assert days(last, "01-01", "06-01") == ["01-30", "02-27", "03-31", "04-30", "05-29"]


@pytest.mark.parametrize(("day_off", "expected"), [(DayOff.NEXT, "03-16"), (DayOff.PREVIOUS, "03-13")])
def test_a_day_off_gives_way_as_agreed(day_off, expected):
    assert days(Rhythm(Cadence.MONTHLY, day=14, day_off=day_off), "03-01", "04-01") == [expected]


def test_quarterly_and_yearly_count_from_their_month():
    assert days(Rhythm(Cadence.QUARTERLY, day=10, month=2), "01-01", "12-31", no_rest) == [
        "02-10",
        "05-10",
        "08-10",
        "11-10",
    ]
    assert days(Rhythm(Cadence.YEARLY, day=5, month=6), "01-01", "12-31", no_rest) == ["06-05"]


def test_two_that_move_to_the_same_day_are_due_once():
    closed = {day("12-21") + dt.timedelta(n) for n in range(14)}
    weekly = Rhythm(Cadence.WEEKLY, weekday=FRIDAY)
    found = weekly.due_days(day("12-14"), dt.date(2027, 1, 15), lambda on: weekdays(on) and on not in closed)
    assert found == [day("12-18"), dt.date(2027, 1, 4), dt.date(2027, 1, 8)]


def test_without_any_business_day_near_it_stays_on_its_day():
    assert days(Rhythm(Cadence.MONTHLY, day=14), "03-01", "04-01", lambda on: False) == ["03-14"]


def test_a_due_day_counts_in_the_span_to_which_it_moved():
    """Saturday the 14th moves to Monday the 16th: on the 15th a new version takes over, and it is due under that."""
    monthly = Rhythm(Cadence.MONTHLY, day=14)
    assert days(monthly, "03-01", "03-15") == []
    assert days(monthly, "03-15", "04-01") == ["03-16"]


def test_a_due_time_is_that_of_the_wall_clock_on_both_sides_of_a_change():
    warsaw = ZoneInfo("Europe/Warsaw")
    instants = [due_instant(day(text), dt.time(16), warsaw) for text in ("03-27", "03-30", "10-23", "10-26")]
    assert [f"{at:%H:%M}" for at in instants] == ["15:00", "14:00", "14:00", "15:00"]
    assert f"{due_instant(day('03-29'), dt.time(2, 30), warsaw).astimezone(warsaw):%H:%M}" == "03:30"


def random_rule(random):
    return {
        "cadence": random.choice([str(one) for one in Cadence]),
        "weekday": random.randrange(7),
        "times": random.randint(1, 4),
        "day": random.choice([None, random.randint(1, 31), random.randint(27, 31)]),
        "month": random.randint(1, 12),
        "day_off": random.choice([str(one) for one in DayOff]),
    }


def rhythm_of(rule):
    return Rhythm(**{**rule, "cadence": Cadence(rule["cadence"]), "day_off": DayOff(rule["day_off"])})


def random_days_off(random, start):
    """Weekends, scattered holidays and now and then weeks without any open day."""
    rest = random.sample(range(7), random.randint(0, 4))
    off = {on for n in range(-110, 900) if (on := start + dt.timedelta(n)).weekday() in rest}
    off |= {start + dt.timedelta(random.randint(-110, 899)) for _ in range(random.choice((0, 5, 60)))}
    for _ in range(random.choice((0, 0, 1, 3))):
        first = random.randint(-110, 800)
        off |= {start + dt.timedelta(first + n) for n in range(random.choice((3, 12, 40, 80)))}
    return off


def check_laws(random):
    rule = random_rule(random)
    start = dt.date(2024, 1, 1) + dt.timedelta(random.randrange(1200))
    end = start + dt.timedelta(random.randrange(500))
    off = random_days_off(random, start)
    rhythm = rhythm_of(rule)
    found = rhythm.due_days(start, end, lambda on: on not in off)
    assert found == due_days_by_walking(rule, start, end, off), rule
    assert found == sorted(set(found))
    cut = start + (end - start) * random.random()
    parts = [rhythm.due_days(a, b, lambda on: on not in off) for a, b in ((start, cut), (cut, end))]
    assert [*parts[0], *parts[1]] == found, "spans that tile time have each due day once"
    assert start == end or rhythm.due_days(end, start, lambda on: on not in off) == []


@pytest.mark.parametrize("seed", range(60))
def test_due_days_are_those_found_by_walking_day_by_day(seed):
    check_laws(Random(seed))


@pytest.mark.proof
def test_due_days_are_those_found_by_walking_however_often():
    for seed in range(5000):
        check_laws(Random(f"proof {seed}"))
