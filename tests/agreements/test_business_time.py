"""The rules of business time, one by one; each clock rule on a spring and on an autumn change of the clock."""

import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from agreements.business_time import (
    CalendarError,
    Kind,
    NegativeDuration,
    OutOfRange,
    Reason,
    Span,
    check_calendar,
    compile_calendar,
    compiled,
    resolve_local,
    start_of_local_day,
)

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
TICK = timedelta(microseconds=1)
WEEK = ("mon", "tue", "wed", "thu", "fri")
ALL_DAYS = (*WEEK, "sat", "sun")
NINE_TO_FIVE = {day: [["09:00", "17:00"]] for day in WEEK}
ALWAYS = {day: [["00:00", "24:00"]] for day in ALL_DAYS}
WARSAW = {"tz": "Europe/Warsaw", "weekly": NINE_TO_FIVE}


def at(text: str, tz: str = "Europe/Warsaw") -> datetime:
    """The wall time of that zone; a fold is written with its offset."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(tz))


@pytest.fixture(scope="module")
def warsaw():
    return compile_calendar(WARSAW)


@pytest.fixture(scope="module")
def sundays():
    """Open on Sunday from 01:00 to 04:00, around the change of the clock at 02:00 and 03:00."""
    return compile_calendar({"tz": "Europe/Warsaw", "weekly": {"sun": [["01:00", "04:00"]]}})


SPRING, AUTUMN = "2026-03-29", "2026-10-25"


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 2), (AUTUMN, 4)])
def test_a_changing_day_counts_the_hours_that_exist(sundays, day, hours):
    assert sundays.elapsed(at(f"{day}T00:00"), at(f"{day}T12:00")) == hours * HOUR


@pytest.mark.parametrize(("day", "until"), [(SPRING, "03:30+02:00"), (AUTUMN, "02:30+02:00")])
def test_due_counts_the_hours_that_exist(sundays, day, until):
    assert sundays.due(at(f"{day}T01:00"), 90 * MINUTE) == at(f"{day}T{until}")


@pytest.mark.parametrize(("day", "since"), [(SPRING, "01:30+01:00"), (AUTUMN, "02:30+01:00")])
def test_due_back_counts_the_hours_that_exist(sundays, day, since):
    assert sundays.due_back(at(f"{day}T04:00"), 90 * MINUTE) == at(f"{day}T{since}")


def test_open_and_close_around_the_spring_gap():
    calendar = compile_calendar({"tz": "Europe/Warsaw", "weekly": {"sun": [["02:15", "03:10"]]}})
    assert calendar.next_open(at(f"{SPRING}T00:00")) == at(f"{SPRING}T03:00")
    assert calendar.prev_close(at(f"{SPRING}T12:00")) == at(f"{SPRING}T03:10")
    assert not calendar.is_open(at(f"{SPRING}T01:59"))


def test_open_and_close_around_the_autumn_fold():
    calendar = compile_calendar({"tz": "Europe/Warsaw", "weekly": {"sun": [["02:15", "02:45"]]}})
    first, second = at(f"{AUTUMN}T02:15+02:00"), at(f"{AUTUMN}T02:15+01:00")
    assert calendar.next_open(at(f"{AUTUMN}T00:00")) == first
    assert calendar.next_open(first + 30 * MINUTE) == second
    assert calendar.prev_close(second) == first + 30 * MINUTE
    assert calendar.is_open(first)
    assert calendar.is_open(second)
    assert not calendar.is_open(first + 45 * MINUTE)


@pytest.mark.parametrize(("day", "open_for"), [(SPRING, HOUR), (AUTUMN, 3 * HOUR)])
def test_a_pause_takes_the_hours_that_exist(sundays, day, open_for):
    pause = [(at(f"{day}T03:00+{'02' if day == SPRING else '01'}:00"), at(f"{day}T23:00"))]
    assert sundays.elapsed(at(f"{day}T00:00"), at(f"{day}T12:00"), pause) == open_for


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_an_explanation_adds_up_on_a_changing_day(sundays, day):
    start, end = at(f"{day}T00:00"), at(f"{day}T12:00")
    counted = [s for s in sundays.explain(start, end) if s.kind is Kind.OPEN]
    assert len(counted) == 1
    assert counted[0].span.length == sundays.elapsed(start, end)


def test_weekends_do_not_run_the_clock(warsaw):
    assert warsaw.elapsed(at("2026-03-06T17:00"), at("2026-03-09T09:00")) == timedelta(0)
    assert warsaw.due(at("2026-03-06T16:30"), HOUR) == at("2026-03-09T09:30")


def test_a_full_day_is_due_at_closing_time(warsaw):
    assert warsaw.due(at("2026-03-06T09:00"), 8 * HOUR) == at("2026-03-06T17:00")
    assert warsaw.due(at("2026-03-06T09:00"), 8 * HOUR + TICK) == at("2026-03-09T09:00") + TICK


def test_nothing_is_due_at_once_and_less_is_refused(warsaw):
    night = at("2026-03-06T23:00:00.5")
    assert warsaw.due(night, timedelta(0)) == warsaw.due_back(night, timedelta(0)) == night
    assert warsaw.due_epoch(5, 0) == 5
    for refused in (warsaw.due, warsaw.due_back):
        with pytest.raises(NegativeDuration):
            refused(night, -TICK)
    with pytest.raises(NegativeDuration):
        warsaw.due(night, -TICK, [(night, night + HOUR)])
    with pytest.raises(NegativeDuration):
        warsaw.due_epoch(5, -1)


def test_microseconds_are_exact(warsaw):
    start = at("2026-03-06T16:59:59.999999")
    assert warsaw.elapsed(start, at("2026-03-06T17:00:00.000001")) == TICK
    assert warsaw.due(start, 2 * TICK) == at("2026-03-09T09:00:00.000001")
    assert warsaw.due_back(at("2026-03-09T09:00:00.000001"), 2 * TICK) == start
    assert warsaw.prev_close(at("2026-03-09T09:00") + TICK) == at("2026-03-09T09:00") + TICK


def test_answers_are_in_utc_whatever_zone_is_asked(warsaw):
    for answer in (
        warsaw.due(at("2026-03-06T10:00", "Asia/Seoul"), HOUR),
        warsaw.next_open(at("2026-03-06T20:00", "Asia/Seoul")),
        warsaw.prev_close(at("2026-03-06T20:00", "Asia/Seoul")),
        warsaw.due(at("2026-03-06T10:00", "Asia/Seoul"), timedelta(0)),
    ):
        assert answer.tzinfo is UTC


def test_wall_times_of_one_zone_are_not_subtracted_as_walls():
    calendar = compile_calendar({"tz": "Europe/Lisbon", "weekly": ALWAYS})
    lisbon = ZoneInfo("Europe/Lisbon")
    start, end = datetime(2025, 3, 30, 0, 30, tzinfo=lisbon), datetime(2025, 3, 30, 9, 0, tzinfo=lisbon)
    assert calendar.elapsed(start, end) == timedelta(hours=7, minutes=30)


def test_naive_datetimes_are_no_instants(warsaw):
    naive = datetime(2026, 3, 6, 10)  # noqa: DTZ001
    for ask in (warsaw.is_open, warsaw.next_open, warsaw.prev_close):
        with pytest.raises(TypeError):
            ask(naive)
    with pytest.raises(TypeError):
        warsaw.elapsed(naive, naive)
    with pytest.raises(TypeError):
        warsaw.due(naive, HOUR)


def test_a_reversed_span_counts_nothing(warsaw):
    late, early = at("2026-03-06T15:00"), at("2026-03-06T10:00")
    assert warsaw.elapsed(late, early) == timedelta(0)
    assert warsaw.elapsed(late + TICK, late) == timedelta(0)
    assert warsaw.elapsed_seconds(100, 50) == 0
    assert warsaw.explain(late, early) == []
    assert Span.between(late, early) is None


def test_a_calendar_that_never_opens_again_is_never_due():
    closed = compile_calendar({"tz": "UTC", "weekly": {}})
    past = compile_calendar({"tz": "UTC", "overrides": {"2020-01-01": [["09:00", "17:00"]]}})
    now = at("2026-03-06T10:00")
    for calendar in (closed, past):
        assert calendar.due(now, TICK) is None
        assert calendar.due_epoch(int(now.timestamp()), 1) is None
        assert calendar.next_open(now) is None
        assert calendar.elapsed(now, now + timedelta(days=400)) == timedelta(0)
        assert not calendar.is_open(now)
    assert closed.prev_close(now) is None
    assert closed.due_back(now, TICK) is None
    assert past.prev_close(now) == at("2020-01-01T17:00+00:00")
    assert past.due_back(now, 8 * HOUR) == at("2020-01-01T09:00+00:00")
    assert past.due_back(now, 8 * HOUR + TICK) is None


def test_a_calendar_open_on_one_day_a_year_is_due_after_years():
    every_day = [f"{date(2024, 1, 1) + timedelta(n):%m-%d}" for n in range(366)]
    every_day.remove("06-15")
    calendar = compile_calendar({"tz": "UTC", "weekly": ALWAYS, "holidays_every_year": every_day})
    start = at("2026-06-16T00:00+00:00")
    assert calendar.due(start, 24 * HOUR) == at("2027-06-16T00:00+00:00")
    assert calendar.due(start, 100 * 24 * HOUR) == at("2126-06-16T00:00+00:00")
    assert calendar.due(start, 300 * 24 * HOUR) is None
    assert calendar.due_back(start, 48 * HOUR) == at("2025-06-15T00:00+00:00")


def test_instants_beyond_the_supported_years_are_refused(warsaw):
    far = datetime(2200, 1, 1, tzinfo=UTC)
    for start in (at("2026-03-06T10:00"), far - TICK):
        with pytest.raises(OutOfRange):
            warsaw.elapsed(start, far)
    with pytest.raises(OutOfRange):
        warsaw.elapsed_seconds(int(far.timestamp()) - 1, int(far.timestamp()))
    with pytest.raises(OutOfRange):
        warsaw.is_open(datetime(1899, 12, 31, 23, 59, 59, tzinfo=UTC))
    assert warsaw.due(far - HOUR, HOUR) is None


def test_the_first_and_the_last_instant_count():
    calendar = compile_calendar({"tz": "UTC", "weekly": ALWAYS})
    first, end = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
    early, late = int(first.timestamp()), int(end.timestamp())
    assert calendar.elapsed(first, first + TICK) == calendar.elapsed(end - 2 * TICK, end - TICK) == TICK
    assert calendar.elapsed_seconds(early, early + 7200) == 7200
    assert calendar.elapsed_seconds(late - 7200, late - 1) == 7199
    assert calendar.elapsed_seconds(early, late - 1) == late - 1 - early
    assert calendar.due(end - HOUR, HOUR) == end
    assert calendar.due_epoch(late - 7200, 7200) == late
    assert calendar.due_epoch(early, late - early) == late
    assert calendar.due_epoch(early, late - early + 1) is None
    assert calendar.due_epoch(early, 10**30) is None
    assert calendar.due(first, timedelta.max) is calendar.due_back(first + HOUR, timedelta.max) is None
    for wrong in (early - 1, late, 10**30, -(10**30)):
        with pytest.raises(OutOfRange):
            calendar.due_epoch(wrong, 1)
        with pytest.raises(OutOfRange):
            calendar.elapsed_seconds(min(wrong, early), max(wrong, early))


@pytest.mark.parametrize("day", [timedelta(0), timedelta(days=364), timedelta(days=365)])
def test_epoch_seconds_agree_where_years_meet(warsaw, day):
    """The table of a fresh calendar begins and ends with a year, in the middle of a cell of epoch seconds."""
    for minute in range(0, 1440, 97):
        fresh = compile_calendar(WARSAW)
        start = datetime(2026, 1, 1, tzinfo=UTC) + day + minute * MINUTE
        epoch = int(start.timestamp())
        assert fresh.elapsed_seconds(epoch, epoch + 30 * 3600) == (
            warsaw.elapsed(start, start + 30 * HOUR) // SECOND
        )
        assert fresh.due_epoch(epoch, 7200) == int((warsaw.due(start, 2 * HOUR) or start).timestamp())


def test_far_and_near_years_agree(warsaw):
    fresh = compile_calendar(WARSAW)
    span = at("1987-05-04T10:00"), at("2031-05-05T11:30")
    parts = [at(f"{year}-06-01T12:00") for year in range(1988, 2031)]
    edges = [span[0], *parts, span[1]]
    assert fresh.elapsed(*span) == sum((warsaw.elapsed(a, b) for a, b in pairwise(edges)), timedelta(0))


def test_the_holiday_is_read_in_the_zone_of_the_calendar():
    calendar = compile_calendar({"tz": "Asia/Seoul", "weekly": ALWAYS, "holidays": ["2026-05-05"]})
    assert calendar.is_open(at("2026-05-04T14:59:59+00:00"))
    assert not calendar.is_open(at("2026-05-04T15:00+00:00"))
    assert calendar.is_open(at("2026-05-05T15:00+00:00"))


def test_a_leap_day_can_be_a_yearly_holiday():
    calendar = compile_calendar({"tz": "UTC", "weekly": ALWAYS, "holidays_every_year": ["02-29"]})
    leap, plain = at("2028-02-28T00:00+00:00"), at("2027-02-28T00:00+00:00")
    assert calendar.elapsed(leap, leap + timedelta(days=2)) == 24 * HOUR
    assert calendar.elapsed(plain, plain + timedelta(days=2)) == 48 * HOUR


def test_a_night_shift_is_judged_on_each_of_its_dates():
    nights = {day: [["22:00", "06:00"]] for day in ALL_DAYS}
    split = {day: [["00:00", "06:00"], ["22:00", "24:00"]] for day in ALL_DAYS}
    rules = {
        "tz": "Europe/Warsaw",
        "holidays": ["2026-03-10"],
        "overrides": {"2026-03-12": [["10:00", "11:00"]]},
    }
    one, two = compile_calendar({**rules, "weekly": nights}), compile_calendar({**rules, "weekly": split})
    start = at("2026-03-07T00:00")
    for hour in range(24 * 10):
        assert one.elapsed(start, start + hour * HOUR) == two.elapsed(start, start + hour * HOUR)
    assert one.due(at("2026-03-09T21:00"), 3 * HOUR) == at("2026-03-10T23:00") + 2 * HOUR


def test_a_shift_on_sunday_night_ends_on_monday():
    calendar = compile_calendar(
        {"tz": "UTC", "weekly": {"sun": [["22:00", "00:00"]], "sat": [["23:00", "01:00"]]}}
    )
    assert calendar.elapsed(at("2026-03-07T00:00+00:00"), at("2026-03-10T00:00+00:00")) == 4 * HOUR


def test_an_override_may_close_a_day_and_breaks_cut_overrides():
    calendar = compile_calendar(
        {
            **WARSAW,
            "overrides": {"2026-03-09": [], "2026-03-10": [["08:00", "12:00"]]},
            "breaks": {"2026-03-10": [["10:00", "10:30"], ["11:30", "23:00"]]},
        }
    )
    assert calendar.elapsed(at("2026-03-09T00:00"), at("2026-03-10T00:00")) == timedelta(0)
    assert calendar.elapsed(at("2026-03-10T00:00"), at("2026-03-11T00:00")) == 3 * HOUR


def test_seconds_count_in_a_calendar():
    calendar = compile_calendar({"tz": "UTC", "weekly": {"mon": [["09:00:30", "09:00:45"]]}})
    assert calendar.due(at("2026-03-02T00:00+00:00"), 15 * SECOND) == at("2026-03-02T09:00:45+00:00")


def test_every_stretch_says_why():
    calendar = compile_calendar(
        {
            **WARSAW,
            "holidays": ["2026-03-10"],
            "breaks": {"2026-03-11": [["12:00", "13:00"]]},
            "overrides": {"2026-03-12": [["10:00", "11:00"]]},
        }
    )
    pause = (at("2026-03-09T16:00"), at("2026-03-11T09:30"))
    told = calendar.explain(at("2026-03-09T15:00"), at("2026-03-13T00:00"), [pause])
    assert [(s.span.length, s.kind, s.reason, s.on and s.on.day) for s in told] == [
        (HOUR, Kind.OPEN, Reason.WEEKLY, None),
        (HOUR, Kind.PAUSED, Reason.PAUSE, None),
        (7 * HOUR, Kind.CLOSED, Reason.WEEKLY, None),
        (24 * HOUR, Kind.CLOSED, Reason.HOLIDAY, 10),
        (9 * HOUR, Kind.CLOSED, Reason.WEEKLY, None),
        (30 * MINUTE, Kind.PAUSED, Reason.PAUSE, None),
        (150 * MINUTE, Kind.OPEN, Reason.WEEKLY, None),
        (HOUR, Kind.CLOSED, Reason.BREAK, 11),
        (4 * HOUR, Kind.OPEN, Reason.WEEKLY, None),
        (7 * HOUR, Kind.CLOSED, Reason.WEEKLY, None),
        (10 * HOUR, Kind.CLOSED, Reason.OVERRIDE, 12),
        (HOUR, Kind.OPEN, Reason.OVERRIDE, 12),
        (13 * HOUR, Kind.CLOSED, Reason.OVERRIDE, 12),
    ]


def test_a_pause_for_ever_is_never_due(warsaw):
    nine, for_ever = at("2026-03-06T09:00"), datetime.max.replace(tzinfo=UTC)
    assert warsaw.due(nine, 2 * HOUR, [(nine + HOUR, for_ever)]) is None
    assert warsaw.due(nine, HOUR, [(nine + HOUR, for_ever)]) == nine + HOUR
    assert warsaw.elapsed(nine, nine + 9 * HOUR, [(nine + HOUR, for_ever)]) == HOUR


def test_pauses_may_overlap_be_empty_and_reach_out(warsaw):
    nine, noon = at("2026-03-06T09:00"), at("2026-03-06T12:00")
    pauses = [
        (nine + HOUR, nine + 2 * HOUR),
        (nine + HOUR, nine + HOUR),
        (nine + 90 * MINUTE, nine + 150 * MINUTE),
    ]
    assert warsaw.elapsed(nine, noon, pauses) == 90 * MINUTE
    assert warsaw.elapsed(nine, noon, [*pauses, (noon - HOUR, noon + 99 * HOUR)]) == HOUR
    assert warsaw.due(nine, 2 * HOUR, pauses) == at("2026-03-06T12:30")
    assert warsaw.due(nine, HOUR, pauses) == nine + HOUR  # what is due before a pause stays due


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"tz": "Europe/Nowhere"}, "unknown time zone"),
        ({"tz": "../etc/passwd"}, "unknown time zone"),
        ({"tz": None}, "unknown time zone"),
        ({"weekly": {"monday": []}}, "unknown weekday: 'monday'"),
        ({"weekly": {"mon": [["9:00", "17:00"]]}}, "not a time of day: '9:00'"),
        ({"weekly": {"mon": [["09:00", "24:01"]]}}, "not a time of day: '24:01'"),
        ({"weekly": {"mon": [["09:00", "09:00"]]}}, "09:00 is not before 09:00"),
        ({"weekly": {"mon": [["24:00", "06:00"]]}}, "24:00 is not before 06:00"),
        ({"weekly": {"mon": ["09:00-17:00"]}}, "not a pair of times"),
        ({"weekly": {"mon": "09:00-17:00"}}, "not a list"),
        ({"weekly": []}, "not a mapping"),
        ({"holidays": ["2026-02-30"]}, "not a date: '2026-02-30'"),
        ({"holidays": ["20260228"]}, "not a date: '20260228'"),
        ({"holidays_every_year": ["02-30"]}, "not a month and day: '02-30'"),
        ({"breaks": {"2026-03-02": [["22:00", "06:00"]]}}, "22:00 is not before 06:00"),
        ({"overrides": {"02.03.2026": []}}, "not a date"),
        ({"colour": "blue"}, "unknown key: 'colour'"),
    ],
)
def test_a_malformed_calendar_is_refused_in_plain_words(change, complaint):
    with pytest.raises(CalendarError) as refused:
        compile_calendar({**WARSAW, **change})
    assert complaint in str(refused.value)
    assert any(complaint in problem for problem in check_calendar({**WARSAW, **change}))


def test_every_problem_is_listed_at_once():
    bad = {"weekly": {"mon": [["9", "17:00"]], "moon": []}, "holidays": ["soon"]}
    with pytest.raises(CalendarError) as refused:
        compile_calendar(bad)
    assert len(refused.value.problems) == 4  # the zone is missing, too


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"weekly": {}}, "never opens"),
        ({"weekly": {"mon": []}, "overrides": {"2026-03-02": [["09:00", "10:00"]]}}, "never opens"),
        (
            {"weekly": {"mon": [["09:00", "13:00"], ["12:00", "17:00"]]}},
            "mon: 09:00-13:00 and 12:00-17:00 overlap",
        ),
        (
            {"weekly": {"mon": [["22:00", "06:00"]], "tue": [["05:00", "09:00"]]}},
            "tue: 00:00-06:00 and 05:00-09:00",
        ),
        ({"breaks": {"2026-03-02": [["09:00", "11:00"], ["10:00", "12:00"]]}}, "breaks 2026-03-02"),
    ],
)
def test_what_a_form_refuses_can_still_be_compiled(change, complaint):
    problems = check_calendar({**WARSAW, **change})
    assert len(problems) == 1
    assert complaint in problems[0]
    compile_calendar({**WARSAW, **change})


def test_a_sound_calendar_has_no_problems():
    assert check_calendar(WARSAW) == []
    touching = {
        **WARSAW,
        "weekly": {"mon": [["09:00", "12:00"], ["12:00", "24:00"]], "sun": [["22:00", "09:00"]]},
    }
    assert check_calendar(touching) == []


def test_a_wall_time_in_a_gap_moves_forward_and_one_in_a_fold_is_the_earlier():
    def wall(text):
        return datetime.fromisoformat(text)

    assert resolve_local(wall("2026-03-29 02:30"), "Europe/Warsaw") == at("2026-03-29T03:30+02:00")
    assert resolve_local(wall("2026-10-25 02:30"), "Europe/Warsaw") == at("2026-10-25T02:30+02:00")
    assert resolve_local(wall("2025-10-05 02:15"), "Australia/Lord_Howe") == at("2025-10-05T02:45+11:00")
    assert resolve_local(wall("2011-12-30 10:00"), "Pacific/Apia") == at("2011-12-31T10:00+14:00")
    with pytest.raises(ValueError, match="no zone of its own"):
        resolve_local(at("2026-03-29T02:30"), "Europe/Warsaw")
    with pytest.raises(CalendarError):
        resolve_local(wall("2026-03-29 02:30"), "Europe/Nowhere")
    with pytest.raises(OutOfRange):
        resolve_local(wall("0001-01-01 00:00"), "Asia/Seoul")


@pytest.mark.parametrize(
    ("day", "tz", "first"),
    [
        (date(2026, 3, 29), "Europe/Warsaw", "2026-03-29T00:00+01:00"),
        (date(2026, 10, 25), "Europe/Warsaw", "2026-10-25T00:00+02:00"),
        # Midnight is in a gap: Santiago's clocks go from 00:00 to 01:00.
        (date(2025, 9, 7), "America/Santiago", "2025-09-07T01:00-03:00"),
        # Midnight comes twice: Havana's clocks go back from 01:00 to 00:00.
        (date(2025, 11, 2), "America/Havana", "2025-11-02T00:00-04:00"),
        # One minute of the day comes before an hour of the day before: St John's, 00:01 back to 23:01.
        (date(2010, 11, 7), "America/St_Johns", "2010-11-07T00:00-02:30"),
        # A day that Apia skipped begins where the next one does.
        (date(2011, 12, 30), "Pacific/Apia", "2011-12-31T00:00+14:00"),
        (date(2011, 12, 31), "Pacific/Apia", "2011-12-31T00:00+14:00"),
    ],
)
def test_a_local_day_begins_at_its_first_instant(day, tz, first):
    assert start_of_local_day(day, tz) == at(first)


def test_spans_have_an_intersection():
    noon = at("2026-03-06T12:00")
    one, two = Span(noon, noon + 2 * HOUR), Span(noon + HOUR, noon + 3 * HOUR)
    assert one & two == Span(noon + HOUR, noon + 2 * HOUR)
    assert (one & Span(noon + 2 * HOUR, noon + 3 * HOUR)) is None  # touching is not meeting
    assert noon in one
    assert noon + 2 * HOUR not in one
    assert two.length == 2 * HOUR
    with pytest.raises(ValueError, match="ends after it starts"):
        Span(noon, noon)


def test_equal_calendars_are_compiled_once():
    assert compiled(dict(WARSAW)) is compiled({key: WARSAW[key] for key in reversed(WARSAW)})
    with pytest.raises(CalendarError):
        compiled({"tz": "UTC", "weekly": {"moon": []}})


def test_threads_may_share_a_calendar():
    shared, wrong = compile_calendar(WARSAW), []
    years = list(range(1950, 2100, 7))
    expected = {
        y: compile_calendar(WARSAW).elapsed(at(f"{y}-01-01T00:00"), at(f"{y + 3}-01-01T00:00")) for y in years
    }

    def ask(order):
        for year in order:
            if shared.elapsed(at(f"{year}-01-01T00:00"), at(f"{year + 3}-01-01T00:00")) != expected[year]:
                wrong.append(year)

    threads = [threading.Thread(target=ask, args=(years[n:] + years[:n],)) for n in range(0, len(years), 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_arithmetic_needs_neither_django_nor_celery():
    asked = (
        "import sys, leads.clock; "
        "sys.exit(' '.join({'django', 'celery'} & {name.split('.')[0] for name in sys.modules}) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
