"""From quota to leads: what is refused, segments, values, months, lag, capacity, sensitivity."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from agreements.capacity import capacity
from agreements.exact import exact
from agreements.funnel import (
    FunnelError,
    goal_value,
    largest_remainder,
    lead_value,
    leads_from_value,
    plan,
    plan_by_segment,
    sensitivity,
    stages,
)
from agreements.quota_months import (
    lead_day,
    shift_by_cycle,
    split_leads_over_months,
    split_over_months,
)

GOOD = {"quota": "5000", "marketing_share": "1", "average_deal": "100", "close_rate": "0.5"}
QUARTER = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]


def test_the_published_example():
    result = plan(**GOOD)
    assert (result.revenue_goal, result.customers, result.leads) == (5000, 50, 100)


def test_leads_are_rounded_once_and_customers_shown_whole_beside():
    result = plan(quota=10, average_deal=3, close_rate="0.5")
    assert (result.customers_exact, result.customers) == (Fraction(10, 3), 4)
    assert (result.leads_exact, result.leads) == (Fraction(20, 3), 7)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quota", "-0.01"),
        ("quota", "many"),
        ("quota", "1e18"),
        ("quota", 10**18),
        ("quota", "1e999999999"),
        ("quota", "1e-41"),
        ("marketing_share", "0"),
        ("marketing_share", "1.0001"),
        ("average_deal", "0"),
        ("average_deal", Decimal("-5")),
        ("average_deal", Decimal("NaN")),
        ("average_deal", Decimal("Infinity")),
        ("close_rate", "0"),
        ("close_rate", "1.2"),
        ("close_rate", ""),
    ],
)
def test_an_input_that_cannot_be_used_is_named(field, value):
    with pytest.raises(FunnelError) as refusal:
        plan(**{**GOOD, field: value})
    assert refusal.value.field == field


@pytest.mark.parametrize("field", GOOD)
@pytest.mark.parametrize("value", [0.5, True, [1], b"1"])
def test_floats_and_other_things_are_no_exact_numbers(field, value):
    with pytest.raises(TypeError):
        plan(**{**GOOD, field: value})


def test_one_close_rate_or_the_rates_of_the_stages():
    staged = plan(quota=250_000, average_deal=10_000, rates=["0.25", "0.8", "0.5"])
    assert (staged.close_rate, staged.leads) == (Fraction(1, 10), 250)
    for both in ({}, {"close_rate": "0.1", "rates": ["0.1"]}):
        with pytest.raises(FunnelError):
            plan(quota=1, average_deal=1, **both)


def test_zero_may_be_written_with_any_exponent():
    assert exact(Decimal("0E-50"), "quota") == 0


def test_segments_sum_to_the_total_rounded_once():
    result = plan_by_segment(
        quota="90000",
        marketing_share="0.5",
        segments=[
            ("executive", "0.5", "10000", "0.3"),
            ("director", "0.3", "5000", "0.2"),
            ("manager", "0.2", "2000", "0.1"),
        ],
    )
    # 7.5, 13.5 and 45 leads: 66 in all, where ceilings would promise 67. Of equal halves the first is served.
    assert [segment.leads_exact for segment in result.segments] == [Fraction(15, 2), Fraction(27, 2), 45]
    assert [segment.leads for segment in result.segments] == [8, 13, 45]
    assert (result.leads_exact, result.leads) == (66, 66)
    assert sum(segment.revenue_goal for segment in result.segments) == result.revenue_goal == 45_000


@pytest.mark.parametrize(
    ("segments", "field"),
    [
        ([], "segments"),
        ([("a", "0.5", 1, 1), ("a", "0.5", 1, 1)], "segments"),
        ([("a", "0.5", 1, 1), ("b", "0.4999", 1, 1)], "segments.share"),
        ([("a", "1.5", 1, 1), ("b", "-0.5", 1, 1)], "segments.share[a]"),
        ([("a", "1", 0, 1)], "segments.average_deal[a]"),
        ([("a", "1", 1, "1.1")], "segments.close_rate[a]"),
    ],
)
def test_a_segment_that_cannot_be_used_is_named(segments, field):
    with pytest.raises(FunnelError) as refusal:
        plan_by_segment(quota=1, segments=segments)
    assert refusal.value.field == field


def test_value_of_leads():
    assert lead_value("800", "0.125") == 100
    assert leads_from_value("200000", "1600") == 125
    assert leads_from_value("200000.01", "1600") == 126
    assert leads_from_value(0, 1) == 0
    values = {"executive": 100, "director": 50, "manager": 40}
    assert goal_value({"executive": 3, "director": 2}, values) == 400
    with pytest.raises(FunnelError, match="manager"):
        goal_value({"manager": 1}, {})


def test_stages_keep_fractions():
    assert stages(500, ["0.025", "1", "0"]) == [Fraction(25, 2), Fraction(25, 2), 0]
    with pytest.raises(FunnelError):
        stages(500, ["1.1"])


def test_largest_remainder_serves_equal_remainders_in_order():
    assert largest_remainder(10, [1, 1, 1]) == [4, 3, 3]
    assert largest_remainder(5, ["0.5", 0, "1.5"]) == [1, 0, 4]
    for weights in ([], [0, 0], [1, -1]):
        with pytest.raises(FunnelError):
            largest_remainder(1, weights)


def test_a_quota_is_split_to_the_cent():
    assert split_over_months("100", QUARTER) == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    assert split_over_months("90", QUARTER, "calendar_days") == [Decimal(31), Decimal(28), Decimal(31)]
    assert split_over_months("62", QUARTER, "business_days", weights=[20, 20, 22]) == [20, 20, 22]
    assert split_over_months("10", QUARTER, "weights", weights=["0.2", "0.2", "0.6"]) == [2, 2, 6]
    assert split_over_months("100", QUARTER, unit=Decimal(1)) == [34, 33, 33]
    assert split_leads_over_months(8, QUARTER) == [3, 3, 2]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"total": "0.001"}, "total"),
        ({"total": "-1"}, "total"),
        ({"months": []}, "months"),
        ({"months": [date(2026, 1, 2)]}, "months"),
        ({"months": QUARTER[::-1]}, "months"),
        ({"how": "moon"}, "how"),
        ({"how": "business_days"}, "weights"),
        ({"how": "weights", "weights": [1, 1]}, "weights"),
        ({"how": "equal", "weights": [1, 1, 1]}, "weights"),
        ({"unit": Decimal("0.03")}, "unit"),
    ],
)
def test_a_split_that_cannot_be_made_is_refused(arguments, field):
    with pytest.raises(FunnelError) as refusal:
        split_over_months(**{"total": "1", "months": QUARTER, **arguments})
    assert refusal.value.field == field


def test_days_are_shifted_before_they_are_allotted_to_months():
    assert lead_day(date(2026, 3, 1), 1) == date(2026, 2, 28)
    shifted = shift_by_cycle([(date(2026, 3, 1), 31)], 45)
    # March 1 – 31 less 45 days is January 15 – February 14.
    assert [(m.month, m.leads) for m in shifted.months] == [(date(2026, 1, 1), 17), (date(2026, 2, 1), 14)]
    assert (shifted.is_shifted, shifted.cycle_days, shifted.leads) == (True, 45, 31)


def test_no_cycle_leaves_the_months_alone_and_says_so():
    same = shift_by_cycle([(date(2026, 1, 1), "10.5"), (date(2026, 2, 1), "10.5")], 0)
    assert [m.leads for m in same.months] == [11, 10]
    assert not same.is_shifted
    for cycle in (-1, 4000):
        with pytest.raises(FunnelError):
            shift_by_cycle([(date(2026, 1, 1), 1)], cycle)
    with pytest.raises(TypeError):
        lead_day(date(2026, 1, 1), 1.5)


WORK = {
    "leads": 400,
    "attempts_per_lead": 6,
    "minutes_per_attempt": 10,
    "sales_generated_minutes": 6000,
    "business_days": 20,
    "hours_per_day": 8,
    "share_of_time": "0.5",
    "reps": 5,
}


def test_capacity_counts_leads_that_would_go_unworked():
    result = capacity(**WORK)
    # 24,000 + 6,000 minutes against five reps of 4,800 each: 18,000 are left for 300 leads.
    assert (result.reps_needed_exact, result.reps_needed) == (Fraction(25, 4), Decimal("6.3"))
    assert result.share_of_capacity == Fraction(5, 4)
    assert result.leads_unworked == 100


def test_capacity_at_its_ends():
    assert capacity(**{**WORK, "reps": "6.25"}).leads_unworked == 0
    nobody = capacity(**{**WORK, "reps": 0})
    assert (nobody.share_of_capacity, nobody.leads_unworked) == (None, 400)
    assert capacity(**{**WORK, "leads": 0, "reps": 1}).leads_unworked == 0
    for field, value in {
        "business_days": 0,
        "hours_per_day": 25,
        "share_of_time": "1.1",
        "leads": -1,
    }.items():
        with pytest.raises(FunnelError) as refusal:
            capacity(**{**WORK, field: value})
        assert refusal.value.field == field


def test_sensitivity_sorts_by_effect_and_says_what_was_measured():
    effects = sensitivity(
        quota=5000, average_deal=100, close_rate="0.5", intervals={"close_rate": ("0.4", "0.625")}
    )
    assert [effect.field for effect in effects] == ["close_rate", "average_deal", "quota", "marketing_share"]
    rate, deal, quota, share = effects
    assert (rate.leads_at_low, rate.leads_at_high, rate.is_measured) == (125, 80, True)
    assert (deal.leads_at_low, deal.is_measured) == (Fraction(1000, 9), False)
    assert quota.swing == 20
    # A share of 1 cannot grow: it is clipped.
    assert (share.high, share.leads_at_low, share.leads_at_high) == (1, 90, 100)


def test_an_interval_that_reaches_zero_is_unbounded_and_stands_first():
    first = sensitivity(
        quota=1, marketing_share="0.5", average_deal=1, close_rate="0.1", intervals={"average_deal": (-1, 3)}
    )[0]
    assert (first.field, first.low, first.leads_at_low, first.swing) == ("average_deal", 0, None, None)
    for bad in ({"speed": (1, 2)}, {"quota": (2, 1)}):
        with pytest.raises(FunnelError):
            sensitivity(quota=1, average_deal=1, close_rate=1, intervals=bad)
