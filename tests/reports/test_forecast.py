"""The landing: hidden early, never below what has come, and its interval holds four months in five."""

import sys
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.forecast import back_test, landing
from reports.periods import month_of
from tests.oracles.lead_worlds import WORLDS

FIRST = date(2023, 1, 1)
MARCH = month_of(date(2026, 3, 1))  # from a Sunday


def is_weekday(day):
    return day.weekday() < 5


def land(counts, history=(), month=MARCH, is_business_day=is_weekday):
    return landing(month=month, counts=counts, history=history, is_business_day=is_business_day)


def flat(n, before=MARCH.start, each=10):
    """What n days before `before` bring at `each` lead every weekday."""
    return [each * is_weekday(before - timedelta(days=n - i)) for i in range(n)]


def test_hidden_until_three_business_days_were_seen():
    assert land([0, 5, 5]) is None
    assert land([0, 5, 5, 5]) is not None
    assert land([]) is None
    assert land([5] * 10, is_business_day=lambda day: False) is None


def test_an_even_company_lands_where_its_weekdays_say():
    result = land(flat(10, MARCH.start + timedelta(days=10)), flat(400))
    assert abs(result.projected - 220) <= 2
    assert result.low < result.projected < result.high
    assert result.level == 80


def test_the_weekday_pattern_is_used():
    mondays = [30 * ((MARCH.start - timedelta(days=200 - i)).weekday() == 0) for i in range(200)]
    # Four of March's five Mondays have passed, on the 24th the straight line would promise 155.
    counts = [30 * (day.weekday() == 0) for day in list(MARCH)[:24]]
    assert sum(counts) == 120
    assert abs(land(counts, mondays).projected - 150) <= 5


def test_a_push_at_every_months_end_is_learnt():
    counts = WORLDS["month_end_push"](11, FIRST, 900, mean=10)
    figures = back_test(counts, first_on=FIRST, is_business_day=is_weekday, history_days=300)
    assert abs(figures.mean_error) < 5
    assert figures.straight_line_mean_error < -40


def test_a_month_that_is_over_has_landed():
    counts = flat(31, MARCH.end)
    result = land(counts, flat(200))
    assert (result.low, result.projected, result.high) == (220, 220, 220)
    # On the last evening but two only a weekend may be left.
    may = month_of(date(2026, 5, 1))
    almost = land(flat(29, may.start + timedelta(days=29)), flat(200, may.start), month=may)
    assert almost.projected == almost.low == almost.high == 210


def test_no_lead_yet_is_no_certainty():
    result = land([0] * 10)
    assert (result.low, result.projected) == (0, 0)
    assert result.high > 0


def test_the_method_is_named_in_words():
    assert "no past month" in land([0, 5, 5, 5]).method
    assert "misses of 12 past months" in land(flat(10), flat(600)).method


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="more counts"):
        land([1] * 32)
    with pytest.raises(ValueError, match="negative"):
        land([1, 1, 1, 1, -1])


@given(
    st.lists(st.integers(0, 40), max_size=31),
    st.lists(st.integers(0, 40), max_size=150),
    st.sets(st.integers(0, 6), max_size=6),
)
def test_the_interval_is_ordered_and_never_below_what_has_come(counts, history, closed):
    result = land(counts, history, is_business_day=lambda day: day.weekday() not in closed)
    if result is not None:
        assert sum(counts) <= result.low <= result.projected <= result.high
        assert result == land(counts, history, is_business_day=lambda day: day.weekday() not in closed)


def test_a_back_test_needs_a_whole_month_after_its_history():
    counts = flat(100)
    assert back_test(counts, first_on=FIRST, is_business_day=is_weekday, history_days=90) is None
    assert back_test([], first_on=FIRST, is_business_day=is_weekday) is None
    found = back_test(flat(130), first_on=FIRST, is_business_day=is_weekday, history_days=90, from_day=8)
    # From 2023-01-01 on, April is the first month after 90 days: 22 origins.
    assert found.coverage.denominator == 22


def calibration(name, seeds, mean, report):
    """Coverage of the landing over simulated companies of one kind, 20 months each after 10 of history."""
    tests = [
        back_test(
            WORLDS[name](seed, FIRST, 900, mean),
            first_on=FIRST,
            is_business_day=is_weekday,
            history_days=300,
        )
        for seed in seeds
    ]
    held = sum((test.coverage for test in tests[1:]), tests[0].coverage)
    score = sum(test.interval_score for test in tests) / len(tests)
    line = sum(test.straight_line_interval_score for test in tests) / len(tests)
    error = sum(test.mean_error for test in tests) / len(tests)
    report(
        f"{name}, {mean} a day, seeds {seeds}: coverage {float(held.value):.3f} of {held.denominator} landings, "
        f"mean error {error:+.1f}, interval score {score:.1f} (straight line {line:.1f})\n"
    )
    return held, score, line


@pytest.mark.parametrize("name", WORLDS)
def test_the_interval_holds_about_four_in_five(name):
    held, score, line = calibration(name, range(5), 7, sys.stdout.write)
    assert 0.70 <= held.value <= 0.90
    assert score < line


@pytest.mark.proof
@pytest.mark.parametrize("mean", [2, 7, 25])
@pytest.mark.parametrize("name", WORLDS)
def test_the_interval_holds_four_in_five_over_many_companies(name, mean, capsys):
    with capsys.disabled():
        held, score, line = calibration(name, range(1000, 1025), mean, sys.stdout.write)
    assert 0.75 <= held.value <= 0.85
    assert score < line
