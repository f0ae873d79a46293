"""What a month's leads will be worth: leads to come × what one is worth, with an interval that holds four in five."""

from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.back_test import back_test_values
from reports.forecast import Series
from reports.periods import month_of
from reports.value_forecast import DayValue, ValueSeries, landing_in_value
from slaproject.bench.forecast import of_kind_in_value, together
from slaproject.bench.lead_worlds import WORLDS
from slaproject.bench.value_worlds import MIXES

FIRST = date(2023, 1, 1)
MARCH = month_of(date(2026, 3, 1))
COMPANIES = 2


def is_weekday(day):
    return day.weekday() < 5


def alike(counts, value):
    return [DayValue(n, n * value, n * value * value) for n in counts]


def test_hidden_until_three_business_days_and_a_lead_were_seen():
    def land(days, history=()):
        return landing_in_value(month=MARCH, days=days, history=history, is_business_day=is_weekday)

    assert land(alike([0, 5, 5], 50)) is None
    assert land(alike([0, 5, 5, 5], 50)) is not None
    assert land(alike([0, 0, 0, 0, 0], 50)) is None, "nobody knows what a lead is worth"
    assert land(alike([0, 5, 5, 5], 0)) is None, "none is worth anything"
    with pytest.raises(ValueError, match="more days"):
        land(alike([1] * 32, 50))
    with pytest.raises(ValueError, match="less than nothing"):
        land([DayValue(1, -5, 25)])


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 12), min_size=120, max_size=300),
    st.integers(1, 5_000),
    st.integers(5, 28),
)
def test_leads_of_one_value_land_where_their_number_does(counts, value, seen):
    april = month_of(FIRST + timedelta(days=92))
    series, worth = Series(FIRST, counts, is_weekday), ValueSeries(FIRST, alike(counts, value), is_weekday)
    leads, found = series.landing(april, seen), worth.landing(april, seen)
    if found is None:
        assert leads is None or not sum(counts[: 90 + seen])
        return
    assert abs(found.projected - value * leads.projected) <= value / 2 + 1
    # Whole leads are rounded to the cells that the ends fall into, so they lie at most half a lead away, each.
    assert value * (leads.low - 1) - 1 <= found.low <= value * leads.low + value / 2 + 1
    assert value * (leads.high - 1 / 2) - 1 <= found.high <= value * (leads.high + 1) + 1
    assert found.low <= found.projected <= found.high
    assert found.checked_months == leads.checked_months


def test_what_a_lead_is_worth_is_the_mean_of_late():
    before = alike([5] * 300, 100) + alike([5] * 120, 200)
    first_on = MARCH.start - timedelta(days=len(before))
    found = ValueSeries(first_on, before + alike([5] * 10, 200), lambda day: True).landing(MARCH, 10)
    # 21 days to come at five leads; four parts of five of what is remembered are of the last 130 days.
    assert 50 * 200 + 21 * 5 * 170 < found.projected < 50 * 200 + 21 * 5 * 200


@cache
def of_kind(kind, mix):
    return of_kind_in_value(kind, mix, COMPANIES, seed=1)


@pytest.mark.parametrize("kind", WORLDS)
def test_each_kind_of_company_is_foretold_better_than_by_a_straight_line(kind):
    found = together(of_kind(kind, mix) for mix in MIXES)
    for figure in ("absolute_error", "interval_score"):
        assert found.landing.mean(figure) < found.straight_line.mean(figure)


def test_the_interval_holds_four_in_five():
    for mix in MIXES:
        found = together(of_kind(kind, mix) for kind in WORLDS)
        print(f"{mix}: {found.landing.mean('held'):.3f} of {found.landing.n} held")
        assert 0.72 <= found.landing.mean("held") <= 0.88
    found = together(of_kind(kind, mix) for kind in WORLDS for mix in MIXES)
    assert 0.75 <= found.landing.mean("held") <= 0.85


def test_landings_know_nothing_of_the_days_to_come():
    days = MIXES["by campaign"](3, WORLDS["bursty campaigns"](3, FIRST, 400))
    known = {"first_on": FIRST, "is_business_day": is_weekday, "history_days": 300}
    whole = back_test_values(days, **known)
    assert whole == back_test_values(days[:396], **known)
    assert whole.landing.n > 60
