"""A calculation says what the pure functions say, on golden and on random inputs; it is the plan that is stored."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreements.capacity import capacity
from agreements.exact import FunnelError, largest_remainder
from agreements.funnel import SegmentInput, lead_value, plan, plan_by_segment, sensitivity
from agreements.quota_months import Split, leads_behind_quotas, shift_by_cycle, split_over_months
from agreements.services.planning import store_plan
from reports.calculation import Inputs, SegmentAsked, Team, break_even, calculate, effects
from tests import factories

MARCH = dt.date(2026, 3, 1)
TEAM = Team(*map(Decimal, ("6", "10", "5", "8", "0.5", "0")))


def months_from(first, count):
    index = first.year * 12 + first.month - 1
    return tuple(dt.date((index + n) // 12, (index + n) % 12 + 1, 1) for n in range(count))


def weekdays(month):
    days = (month + dt.timedelta(n) for n in range(31))
    return sum(day.month == month.month and day.weekday() < 5 for day in days)


def asked(**changes):
    start = {
        "quota": Decimal(5_000),
        "marketing_share": Decimal(1),
        "average_deal": Decimal(100),
        "close_rate": Decimal("0.5"),
        "months": (MARCH,),
        "split": Split.EQUAL,
        "weights": (),
        "cycle_days": 0,
        "team": TEAM,
    }
    return Inputs(**(start | changes))


def test_golden_quota_needs_a_hundred_leads():
    found = calculate(asked(), business_days=weekdays)
    assert (found.plan.revenue_goal, found.plan.customers, found.leads) == (5_000, 50, 100)
    assert found.per_business_day == Fraction(100, 22)
    assert (found.lead_value, found.value) == (50, 5_000)


def test_seven_customers_at_five_per_cent_need_140_leads():
    found = calculate(asked(quota=Decimal(700), close_rate=Decimal("0.05")), business_days=weekdays)
    assert (found.plan.customers, found.leads) == (7, 140)


def test_the_work_is_that_of_the_capacity_check():
    alone = Team(*map(Decimal, ("6", "10", "1", "8", "0.5", "0")))
    found = calculate(asked(team=alone), business_days=weekdays)
    (month,) = found.load
    assert month.work == capacity(
        leads=100,
        attempts_per_lead=6,
        minutes_per_attempt=10,
        business_days=22,
        hours_per_day=8,
        share_of_time=Decimal("0.5"),
        reps=1,
    )
    assert month.unworked == 12  # an hour each, against 22 days of half of eight hours


def test_a_month_without_business_days_leaves_all_its_leads():
    found = calculate(asked(), business_days=lambda month: 0)
    assert (found.load[0].work, found.load[0].unworked, found.per_business_day) == (None, 100, None)


def test_a_split_by_business_days_needs_one():
    with pytest.raises(FunnelError):
        calculate(asked(split=Split.BUSINESS_DAYS), business_days=lambda month: 0)


def test_with_a_cycle_the_leads_come_earlier_and_the_load_stays_a_month_s():
    found = calculate(asked(cycle_days=31), business_days=weekdays)
    assert [(one.month, one.leads) for one in found.months] == [
        (dt.date(2026, 1, 1), 10),
        (dt.date(2026, 2, 1), 90),
    ]
    assert [(one.month, one.leads) for one in found.load] == [(MARCH, 100)]


money = st.decimals(Decimal("0.01"), Decimal(10**7), places=2)
shares = st.integers(1, 10_000).map(lambda n: Decimal(n) / 10_000)
rates = st.integers(1, 1_000_000).map(lambda n: Decimal(n) / 1_000_000)
counts = st.integers(1, 12)
teams = st.builds(
    Team,
    st.decimals(Decimal("0.5"), 20, places=1),
    st.decimals(Decimal("0.5"), 120, places=1),
    st.decimals(0, 50, places=1),
    st.decimals(Decimal("0.5"), 24, places=1),
    shares,
    st.decimals(0, 5_000, places=0),
)


@st.composite
def calculations(draw):
    count = draw(counts)
    months = months_from(draw(st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1))).replace(day=1), count)
    split = draw(st.sampled_from(list(Split)))
    weights = ()
    if split is Split.WEIGHTS:
        weights = tuple(draw(st.lists(st.integers(1, 100).map(Decimal), min_size=count, max_size=count)))
    segments = ()
    if draw(st.booleans()):
        parts = draw(st.lists(st.integers(1, 50), min_size=1, max_size=5))
        hundredths = largest_remainder(10_000, parts)
        segments = tuple(
            SegmentAsked(f"s{n}", Decimal(part) / 10_000, draw(money), draw(rates), draw(st.none() | money))
            for n, part in enumerate(hundredths)
        )
    mix = ()
    if draw(st.booleans()):
        parts = largest_remainder(1_000, draw(st.lists(st.integers(1, 50), min_size=1, max_size=8)))
        mix = tuple((f"m{n}", Decimal(part) / 1_000) for n, part in enumerate(parts))
    return asked(
        quota=draw(money),
        marketing_share=draw(shares),
        average_deal=draw(money),
        close_rate=draw(rates),
        months=months,
        split=split,
        weights=weights,
        cycle_days=draw(st.integers(0, 400)),
        team=draw(teams),
        segments=segments,
        mix=mix,
    )


@settings(max_examples=150, deadline=None)
@given(calculations())
def test_every_figure_is_that_of_the_pure_functions(inputs):
    found = calculate(inputs, business_days=weekdays)
    numbers = {"quota": inputs.quota, "marketing_share": inputs.marketing_share}
    if inputs.segments:
        whole = plan_by_segment(
            **numbers,
            segments=[
                SegmentInput(one.key, one.share, one.average_deal, one.close_rate) for one in inputs.segments
            ],
        )
        assert [one.leads for one in found.segments] == [one.leads for one in whole.segments]
        assert sum(one.leads for one in found.segments) == found.leads
        assert found.value == sum(
            one.leads
            * (
                Fraction(given_one.value)
                if given_one.value is not None
                else lead_value(given_one.average_deal, given_one.close_rate)
            )
            for one, given_one in zip(found.segments, inputs.segments, strict=True)
        )
    else:
        numbers |= {"average_deal": inputs.average_deal, "close_rate": inputs.close_rate}
        whole = plan(**numbers)
        assert found.value == whole.leads * lead_value(inputs.average_deal, inputs.close_rate)
    assert found.plan == whole
    weights = {
        Split.BUSINESS_DAYS: [weekdays(month) for month in inputs.months],
        Split.WEIGHTS: inputs.weights,
    }
    quotas = split_over_months(inputs.quota, inputs.months, inputs.split, weights=weights.get(inputs.split))
    assert [one.quota for one in found.quota_months] == quotas
    assert sum(quotas) == inputs.quota
    needs = leads_behind_quotas(whole.leads_exact, quotas)
    shifted = shift_by_cycle(list(zip(inputs.months, needs, strict=True)), inputs.cycle_days)
    assert [(one.month, one.leads) for one in found.months] == [
        (one.month, one.leads) for one in shifted.months
    ]
    assert sum(one.leads for one in found.load) == sum(one.leads for one in found.months) == found.leads
    assert [part for _name, part in found.mix] == (
        largest_remainder(found.leads, [share for _name, share in inputs.mix]) if inputs.mix else []
    )
    varied = effects(inputs, {})
    if not inputs.segments:
        assert [one.effect for one in varied] == list(sensitivity(**numbers))
    assert len(varied) == (2 + 2 * len(inputs.segments) if inputs.segments else 4)


@settings(max_examples=100, deadline=None)
@given(calculations(), st.integers(1, 5_000))
def test_at_break_even_just_so_many_leads_are_needed(inputs, target):
    found = calculate(inputs, business_days=weekdays)
    even = break_even(found, leads=target, needed=found.plan.leads_exact)
    if inputs.segments:
        return
    numbers = {
        name: getattr(inputs, name) for name in ("quota", "marketing_share", "average_deal", "close_rate")
    }
    for name in numbers:
        value = getattr(even, name)
        if value is not None and value < 10**18:
            assert plan(**(numbers | {name: value})).leads == target, name
        else:
            assert value is None or value >= 10**18


def test_segments_vary_each_for_itself_over_what_was_measured():
    two = tuple(SegmentAsked(key, Decimal("0.5"), Decimal(100), Decimal("0.5")) for key in ("large", "small"))
    measured = {("large", "close_rate"): (Fraction(1, 4), Fraction(1, 2))}
    found = {(one.segment, one.effect.field): one.effect for one in effects(asked(segments=two), measured)}
    large = found["large", "close_rate"]
    assert (large.leads_at_low, large.leads_at_high, large.is_measured) == (150, 100, True)
    assert not found["small", "close_rate"].is_measured
    never = effects(asked(segments=two), {("small", "close_rate"): (Fraction(0), Fraction(1))})
    assert never[0].effect.swing is None and never[0].segment == "small"  # first: it matters without bounds


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"cycle_days": 45, "months": months_from(MARCH, 12), "split": Split.CALENDAR_DAYS},
        {"months": months_from(MARCH, 3), "split": Split.BUSINESS_DAYS},
    ],
)
def test_the_stored_plan_has_the_same_months(db, changes):
    inputs = asked(quota=Decimal("98765.43"), **changes)
    found = calculate(inputs, business_days=weekdays)
    last = inputs.months[-1]
    stored = store_plan(
        quota=inputs.quota,
        starts_on=inputs.months[0],
        ends_on=dt.date(last.year + last.month // 12, last.month % 12 + 1, 1),
        marketing_share=inputs.marketing_share,
        average_deal=inputs.average_deal,
        close_rate=inputs.close_rate,
        currency="EUR",
        split=inputs.split,
        weights=[Decimal(weekdays(month)) for month in inputs.months]
        if inputs.split is Split.BUSINESS_DAYS
        else None,
        cycle_days=inputs.cycle_days,
        now=factories.NOON,
    )
    assert stored.leads == found.leads == ceil(found.plan.leads_exact)
    assert stored.derivation["months"] == {one.month.isoformat(): one.leads for one in found.months}
