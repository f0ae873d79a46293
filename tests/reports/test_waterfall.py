"""The goal line is exact on the last day, amendments bend it, and the read-outs say what is missing."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.periods import Period, month_of
from reports.waterfall import Profile, Verdict, build_waterfall, by_same_business_day, day_weights, gap_by

MARCH = month_of(date(2018, 3, 1))  # 31 days from a Thursday, 22 of them business days


def is_weekday(day):
    return day.weekday() < 5


def waterfall(*, goal=31, actual=None, seen=31, month=MARCH, **more):
    n = len(month)
    return build_waterfall(
        days=month,
        goal_by_day=goal if isinstance(goal, list) else [goal] * n,
        weight_by_day=more.pop("weights", day_weights(month, Profile.CALENDAR_DAYS)),
        actual_by_day=actual or [1] * n,
        as_of_day=month.start + timedelta(days=seen - 1),
        **more,
    )


months = st.dates(date(2000, 1, 1), date(2060, 1, 1)).map(month_of)
goals = st.decimals(min_value=0, max_value=100_000, places=2)


@given(months, goals)
def test_the_goal_line_is_k_times_g_over_n_and_exactly_g_on_the_last_day(month, goal):
    rows = waterfall(goal=goal, month=month).days
    n = len(month)
    assert all(row.goal_cumulative == row.day * Fraction(goal) / n for row in rows)
    assert rows[-1].goal_cumulative == Fraction(goal)


@given(months, st.lists(st.integers(0, 9), min_size=7, max_size=7).filter(all))
def test_weights_of_every_profile_sum_to_one(month, by_weekday):
    for weights in (
        day_weights(month, Profile.CALENDAR_DAYS),
        day_weights(month, Profile.BUSINESS_DAYS, is_business_day=is_weekday),
        day_weights(month, Profile.WEIGHTS, weights=dict(enumerate(by_weekday))),
    ):
        assert len(weights) == len(month)
        assert sum(weights) == 1


@given(st.lists(st.integers(0, 50), min_size=31, max_size=31), st.integers(1, 31))
def test_the_gap_is_actual_less_goal_and_the_future_is_unknown(actual, seen):
    rows = waterfall(actual=actual, seen=seen).days
    for k, row in enumerate(rows, start=1):
        if k <= seen:
            assert row.actual_cumulative == sum(actual[:k])
            assert row.gap == row.actual_cumulative - row.goal_cumulative
        else:
            assert row.actual is row.actual_cumulative is row.gap is None
            assert row.goal_cumulative == k


def test_business_days_are_flat_on_days_off():
    weights = day_weights(MARCH, Profile.BUSINESS_DAYS, is_business_day=is_weekday)
    rows = waterfall(goal=44, weights=weights).days
    assert [row.goal for row in rows[:5]] == [2, 2, 0, 0, 2]
    assert rows[-1].goal_cumulative == 44


def test_a_month_that_nothing_carries_is_refused():
    with pytest.raises(ValueError, match="no day"):
        day_weights(MARCH, Profile.BUSINESS_DAYS, is_business_day=lambda day: False)
    for wrong in ({}, {"weights": {0: -1}}, {"weights": {7: 1}}):
        with pytest.raises(ValueError, match="weights"):
            day_weights(MARCH, Profile.WEIGHTS, **wrong)
    with pytest.raises(TypeError):
        day_weights(MARCH, Profile.WEIGHTS, weights={0: 0.5})


def test_an_amendment_bends_the_line_from_its_day_on():
    result = waterfall(goal=[31] * 10 + [62] * 21)
    assert result.days[9].goal_cumulative == 10
    assert result.days[10].goal_cumulative == 12
    assert result.summary.goal == 10 + 42


def test_days_without_an_agreement_have_no_goal():
    result = waterfall(goal=[None] * 10 + [31] * 21)
    assert (result.days[9].goal_cumulative, result.days[9].gap) == (None, None)
    assert result.days[10].goal_cumulative == 1
    nothing = waterfall(goal=[None] * 31).summary
    assert (nothing.goal, nothing.gap, nothing.verdict, nothing.needed_per_remaining_day) == (None,) * 4


def test_read_outs_of_a_month_that_is_behind():
    summary = waterfall(actual=[1] * 10 + [0] * 21, seen=20, is_business_day=is_weekday).summary
    assert (summary.gap, summary.gap_days, summary.share_of_target.value) == (-10, -10, Fraction(1, 2))
    assert (summary.remaining_days, summary.needed_per_remaining_day) == (11, Fraction(21, 11))
    assert (summary.remaining_business_days, summary.needed_per_remaining_business_day) == (
        8,
        Fraction(21, 8),
    )
    assert summary.verdict is Verdict.BEHIND


@pytest.mark.parametrize(
    ("arrived", "verdict"),
    [(8, Verdict.BEHIND), (9, Verdict.ON_PACE), (11, Verdict.ON_PACE), (12, Verdict.AHEAD)],
)
def test_the_tolerance_has_two_sides(arrived, verdict):
    actual = [arrived] + [0] * 30
    assert waterfall(actual=actual, seen=10).summary.verdict is verdict


def test_the_first_fifth_is_muted_but_a_month_that_is_over_never():
    assert [waterfall(seen=seen).summary.is_muted for seen in (1, 6, 7, 31)] == [True, True, False, False]
    assert waterfall(seen=6).summary.verdict is None
    june = month_of(date(2018, 6, 1))
    assert [waterfall(month=june, seen=seen).summary.is_muted for seen in (6, 7)] == [True, False]


def test_before_the_month_nothing_is_judged():
    summary = waterfall(seen=0).summary
    assert (summary.actual, summary.gap, summary.verdict, summary.is_muted) == (0, 0, None, True)
    assert summary.needed_per_remaining_day == 1


def test_a_value_is_counted_like_leads():
    result = waterfall(goal=Decimal("310.50"), actual=[Decimal("10.10")] * 31)
    assert result.summary.actual == Fraction("313.1")
    with pytest.raises(TypeError):
        waterfall(actual=[1.5] * 31)
    with pytest.raises(ValueError, match="each of the 31 days"):
        waterfall(actual=[1])


def test_a_waterfall_over_two_months_runs_on():
    span = Period(date(2018, 3, 1), date(2018, 5, 1))
    weights = [
        w for month in (MARCH, month_of(date(2018, 4, 1))) for w in day_weights(month, Profile.CALENDAR_DAYS)
    ]
    rows = waterfall(goal=[31] * 31 + [60] * 30, month=span, weights=weights, seen=61).days
    assert (rows[30].goal_cumulative, rows[60].goal_cumulative) == (31, 91)


@given(goals, months, st.data())
def test_what_is_needed_per_remaining_day_reaches_the_goal(goal, month, data):
    day = data.draw(st.integers(1, len(month) - 1))
    actual = data.draw(st.lists(st.integers(0, 100), min_size=len(month), max_size=len(month)))
    summary = waterfall(goal=goal, month=month, actual=actual, seen=day).summary
    reached = sum(actual[:day])
    assert summary.actual == reached
    assert reached + summary.needed_per_remaining_day * (len(month) - day) == max(Fraction(goal), reached)
    assert summary.straight_line == Fraction(reached * len(month), day)


def test_where_the_gap_comes_from():
    rows = gap_by([("web", 10, 12), ("fair", 20, 12), ("partner", None, 6)])
    assert [(row.key, row.gap) for row in rows] == [("fair", -8), ("web", 2), ("partner", None)]
    assert [row.share_of_actual.value for row in rows] == [Fraction(2, 5), Fraction(2, 5), Fraction(1, 5)]
    assert gap_by([("web", None, 0)])[0].share_of_actual.value is None
    assert [row.key for row in gap_by([("a", None, 1), ("b", None, 5)])] == ["b", "a"]


def test_a_month_beside_another_by_business_day():
    """By hand: business days on 2, 3, 6 of a month of seven days, and on 1, 2, 3, 5, 6 of one of six."""
    sums = [Decimal(n) for n in (1, 3, 6, 7, 8, 12, 13)]
    was_open = [day in (2, 3, 6) for day in range(1, 8)]
    is_open = [day in (1, 2, 3, 5, 6) for day in range(1, 7)]
    assert by_same_business_day(sums, was_open, is_open) == [3, 8, 13, 13, 13, 13]
    assert by_same_business_day(sums, was_open, [False] * 3) == [1, 1, 1]
    assert by_same_business_day(sums, [False] * 7, is_open) == [13] * 6
    assert by_same_business_day(sums, was_open, was_open) == [1, 3, 8, 8, 8, 13, 13]
    with pytest.raises(ValueError, match="each of its days"):
        by_same_business_day(sums, was_open[1:], is_open)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=31),
    st.lists(st.booleans(), max_size=31),
)
def test_beside_another_month_each_day_has_what_that_had_by_as_many_business_days(days, is_open):
    came, was_open = [Decimal(n) for n, _ in days], [opens for _, opens in days]
    sums = list(accumulate(came))
    for day, reached in enumerate(by_same_business_day(sums, was_open, is_open), start=1):
        passed, expected = sum(is_open[:day]), Decimal(0)
        for n, opens in zip(came, was_open, strict=True):
            if opens and not passed:
                break
            passed -= opens
            expected += n
        assert reached == expected
