"""The states of a hand-off's clock."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from agreements.business_time import compile_calendar
from leads.clock import SET_ASIDE, State, allowance_for, at_risk_at, clock_state, warn_after

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


def test_a_pause_stops_the_clock_but_hides_no_miss():
    now = DUE + HOUR
    assert clock_state(due_at=DUE, now=now, paused_at=WARN) is State.PAUSED
    assert clock_state(due_at=DUE, now=now, paused_at=DUE) is State.PAUSED
    assert clock_state(due_at=DUE, now=now, paused_at=DUE + TICK) is State.OVERDUE
    assert clock_state(due_at=DUE, now=WARN, paused_at=DUE) is State.RUNNING  # a pause that lies ahead


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
