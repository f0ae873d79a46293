"""The states of a hand-off's clock."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from agreements.business_time import compile_calendar
from leads.clock import (
    SET_ASIDE,
    State,
    allowance_for,
    at_risk_at,
    clock_state,
    is_late,
    least_allowance,
    least_allowance_seconds,
    state_after_pause,
    under_pauses,
    warn_after,
)
from tests.oracles.minute_walk import MinuteWalk
from tests.strategies import ZONES, calendar_near, day_near

HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
DUE = datetime(2026, 3, 6, 12, tzinfo=UTC)
WARN = DUE - HOUR


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (WARN - TICK, State.RUNNING),
        (WARN, State.AT_RISK),
        (DUE, State.AT_RISK),
        (DUE + TICK, State.OVERDUE),
    ],
)
def test_a_waiting_clock_runs_warns_and_is_overdue_once_due_has_passed(now, state):
    assert clock_state(due_at=DUE, at_risk_at=WARN, now=now) is state


def test_an_attempt_at_due_time_meets_it_and_a_later_one_misses_it():
    now = DUE + HOUR
    assert clock_state(due_at=DUE, now=now, first_attempt_at=DUE) is State.MET
    assert clock_state(due_at=DUE, now=now, first_attempt_at=DUE + TICK) is State.MISSED


def test_an_attempt_that_lies_ahead_has_not_happened():
    assert clock_state(due_at=DUE, now=WARN, first_attempt_at=DUE) is State.RUNNING


def test_a_pause_stops_the_clock_up_to_its_end():
    pause = {"paused_at": WARN, "paused_until": DUE - HOUR / 2}
    assert clock_state(due_at=DUE, at_risk_at=WARN, now=WARN - TICK, **pause) is State.RUNNING
    assert clock_state(due_at=DUE, at_risk_at=WARN, now=WARN, **pause) is State.PAUSED
    assert clock_state(due_at=DUE, at_risk_at=WARN, now=DUE - HOUR / 2 - TICK, **pause) is State.PAUSED
    assert clock_state(due_at=DUE, at_risk_at=WARN, now=DUE - HOUR / 2, **pause) is State.AT_RISK
    assert clock_state(due_at=DUE, now=DUE, paused_at=WARN) is State.PAUSED  # without an end


def test_a_pause_hides_no_miss_that_came_before_it():
    pause = {"paused_at": DUE + TICK, "paused_until": DUE + 2 * HOUR}
    assert clock_state(due_at=DUE, now=DUE + HOUR, **pause) is State.OVERDUE
    assert clock_state(due_at=DUE, now=DUE + HOUR, first_attempt_at=DUE + HOUR, **pause) is State.MISSED


def test_after_a_pause_a_clock_is_at_risk_that_was_so_before():
    assert state_after_pause(paused_at=WARN, at_risk_at=WARN) is State.AT_RISK
    assert state_after_pause(paused_at=WARN, at_risk_at=WARN + TICK) is State.RUNNING
    assert state_after_pause(paused_at=WARN, at_risk_at=None) is State.RUNNING


def test_what_is_noted_long_afterwards_is_late():
    assert not is_late(happened_at=DUE, recorded_at=DUE + timedelta(minutes=5))
    assert is_late(happened_at=DUE, recorded_at=DUE + timedelta(minutes=5) + TICK)


def pauses_near(random, around):
    """Up to three pauses one after the other, which may touch."""
    edges = sorted(around + timedelta(seconds=random.randrange(-86_400, 4 * 86_400)) for _ in range(6))
    return [(edges[n], edges[n + 1]) for n in (0, 2, 4)[: random.randint(0, 3)]]


def test_pauses_move_an_instant_as_if_the_clock_had_begun_with_them():
    random = Random("pauses")
    moved = 0
    for _ in range(400):
        zone = random.choice(ZONES)
        around = day_near(random, zone)
        calendar = compile_calendar(calendar_near(random, zone, around))
        start = datetime(around.year, around.month, around.day, random.randrange(24), tzinfo=UTC)
        length = timedelta(seconds=random.randrange(1, 30 * 3600))
        was, pauses = pauses_near(random, start), pauses_near(random, start)
        reached_at = calendar.due(start, length, was)
        if reached_at is None:
            continue
        found = under_pauses(calendar, start, reached_at, was=was, pauses=pauses)
        assert found == calendar.due(start, length, pauses)
        moved += found != reached_at
        # What was used up by the start of every pause stays where it is.
        later = [(reached_at + HOUR, reached_at + 2 * HOUR), (reached_at, reached_at + HOUR)]
        assert under_pauses(calendar, start, reached_at, was=was, pauses=[*was, *later]) == reached_at
        share = Decimal("0.75")
        warned_at = at_risk_at(calendar, start, length, share, was)
        assert warned_at is not None and warned_at <= reached_at
        for now in (reached_at - TICK, reached_at, reached_at + TICK):
            assert (now >= reached_at) == (calendar.elapsed(start, now, was) >= length)
    assert moved > 100


def test_no_due_time_is_not_judged():
    assert clock_state(due_at=None, now=DUE, first_attempt_at=DUE) is State.NO_CLOCK


@pytest.mark.parametrize("state", sorted(SET_ASIDE))
def test_a_decision_of_a_person_wins(state):
    assert clock_state(due_at=DUE, now=DUE + HOUR, first_attempt_at=DUE, set_aside_as=state) is state


def test_met_is_not_a_decision():
    with pytest.raises(ValueError, match="set a hand-off aside"):
        clock_state(due_at=DUE, now=DUE, set_aside_as=State.MET)


def test_the_warning_comes_when_the_agreed_share_is_used():
    assert warn_after(4 * HOUR) == 3 * HOUR
    assert warn_after(HOUR, Decimal("0.5")) == HOUR / 2
    assert warn_after(10 * TICK, Fraction(1, 3)) == 4 * TICK  # not before the share is used
    for share in (Decimal(0), Decimal("1.01")):
        with pytest.raises(ValueError, match="share"):
            warn_after(HOUR, share)


@pytest.mark.parametrize(
    ("handed_off_at", "warned_at"),
    [
        # Warsaw, Friday 16:00: an hour before the weekend on which the clocks change, two on Monday.
        (datetime(2026, 3, 27, 15, tzinfo=UTC), datetime(2026, 3, 30, 9, tzinfo=UTC)),
        (datetime(2026, 10, 23, 14, tzinfo=UTC), datetime(2026, 10, 26, 10, tzinfo=UTC)),
    ],
)
def test_the_share_is_of_business_time(handed_off_at, warned_at):
    weekly = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    calendar = compile_calendar({"tz": "Europe/Warsaw", "weekly": weekly})
    assert at_risk_at(calendar, handed_off_at, 4 * HOUR) == warned_at


def test_the_allowance_of_the_segment_comes_first():
    assert allowance_for(HOUR, 4 * HOUR) == HOUR
    assert allowance_for(None, 4 * HOUR) == 4 * HOUR
    assert allowance_for(timedelta(0), 4 * HOUR) == timedelta(0)


def is_met(walk, start, end, minutes):
    due = walk.due(start, minutes)
    return due is None or end <= due


@pytest.mark.parametrize("zone", ZONES)
def test_the_least_allowance_is_the_lowest_under_which_it_was_in_time(zone):
    """In whole minutes a walk finds it; one second less is missed, and with every longer allowance it is met."""
    random = Random(f"least allowance {zone}")
    for _case in range(12):
        day = day_near(random, zone)
        definition = calendar_near(random, zone, day)
        calendar = compile_calendar(definition)
        walk = MinuteWalk(
            definition, datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=2), 7200
        )
        start = random.randrange(2000)
        pauses = [
            (at, at + random.randrange(400)) for at in random.sample(range(4000), random.choice([0, 0, 2]))
        ]
        paused = walk.paused(pauses)
        open_minutes = [minute for minute in range(start + 1, 7200) if paused.is_open[minute - 1]]
        for end in {
            start,
            *(random.randrange(start, 7000) for _ in range(6)),
            *random.sample(open_minutes, min(3, len(open_minutes))),
        }:
            spans = [(walk.instant(begin), walk.instant(finish)) for begin, finish in pauses]
            seconds = least_allowance(calendar, walk.instant(start), walk.instant(end), spans)
            used = paused.elapsed(start, end)
            assert seconds == 60 * used + (not is_met(paused, start, end, used))
            assert is_met(paused, start, end, -(-seconds // 60))
            assert not used or not is_met(paused, start, end, used - 1)
            if not pauses:
                epochs = (int(walk.instant(at).timestamp()) for at in (start, end))
                assert least_allowance_seconds(calendar, *epochs) == seconds


def test_an_attempt_after_closing_time_needs_more_than_its_business_time():
    calendar = compile_calendar(
        {"tz": "UTC", "weekly": {"fri": [["09:00", "17:00"]], "mon": [["09:00", "17:00"]]}}
    )
    start, closing = datetime(2026, 3, 6, 13, tzinfo=UTC), datetime(2026, 3, 6, 17, tzinfo=UTC)
    saturday, monday = closing + timedelta(hours=20), datetime(2026, 3, 9, 9, tzinfo=UTC)
    four_hours = 4 * 3600
    found = [least_allowance(calendar, start, end) for end in (closing - HOUR, closing, saturday, monday)]
    assert found == [3 * 3600, four_hours, four_hours + 1, four_hours + 1]
    assert least_allowance(calendar, saturday, saturday) == 0
    assert least_allowance(calendar, saturday, saturday + HOUR) == 1
    assert least_allowance(calendar, start, closing + TICK) == four_hours + 1
    assert least_allowance(calendar, start, closing - TICK) == four_hours
    assert least_allowance(calendar, closing, start) == 0
