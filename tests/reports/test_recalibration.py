"""Measured inputs of the plan: intervals, seeds, and the two ways that are never mixed."""

import random
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.recalibration import (
    Deal,
    average_deal,
    bootstrap_ratio,
    cohort,
    cycle_days,
    is_immature,
    marketing_share,
    same_month,
    wilson,
)

DEALS = [Deal(Decimal(amount), amount % 3 == 0) for amount in range(100, 1300, 50)]


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        (81, 263, "0.2553", "0.3662"),
        (15, 148, "0.0624", "0.1605"),
        (0, 20, "0.0000", "0.1611"),
        (1, 29, "0.0061", "0.1718"),
    ],
)
def test_wilson_as_published(successes, n, low, high):
    ends = wilson(successes, n)
    assert [f"{float(end):.4f}" for end in ends] == [low, high]


@given(st.integers(1, 10**7), st.data())
def test_wilson_holds_the_proportion_and_stays_within_zero_and_one(n, data):
    successes = data.draw(st.integers(0, n))
    low, high = wilson(successes, n)
    assert 0 <= low <= Fraction(successes, n) <= high <= 1
    assert (low == 0) == (successes == 0)
    assert (high == 1) == (successes == n)
    mirrored = wilson(n - successes, n)
    assert abs(mirrored[0] - (1 - high)) < Fraction(1, 10**20)


def test_wilson_of_nothing():
    assert wilson(0, 0) == (None, None)
    for successes, n in ((2, 1), (-1, 1)):
        with pytest.raises(ValueError, match="successes"):
            wilson(successes, n)


def test_the_bootstrap_is_the_same_every_time_and_holds_the_value():
    amounts = [deal.amount for deal in DEALS]
    once, again = average_deal(amounts), average_deal(amounts)
    assert once == again
    assert once.value == Fraction(sum(amounts)) / len(amounts) == 675
    assert once.low < once.value < once.high
    # Standard error 72: about 675 ± 1.96 × 71.
    assert abs(float(once.low) - 538) < 12
    assert abs(float(once.high) - 812) < 12


def test_the_marketing_share_is_a_ratio_of_sums():
    estimate = marketing_share(DEALS)
    own = sum(deal.amount for deal in DEALS if deal.is_marketing)
    assert estimate.value == Fraction(own) / Fraction(sum(deal.amount for deal in DEALS))
    assert 0 <= estimate.low < estimate.value < estimate.high <= 1


def test_few_deals_have_no_interval():
    assert average_deal([]).value is None
    one = average_deal([Decimal("99.90")])
    assert (one.value, one.n, one.low, one.high) == (Fraction("99.9"), 1, None, None)
    assert marketing_share([Deal(0, True), Deal(0, False)]).value is None


def test_a_float_is_no_amount():
    for measure in (lambda: average_deal([0.5, 1]), lambda: marketing_share([Deal(0.5, True)])):
        with pytest.raises(TypeError):
            measure()


def test_mixed_cents_are_exact():
    estimate = bootstrap_ratio([(Fraction(1, 3), Fraction(1)), (Fraction(1, 2), Fraction(1))])
    assert estimate.value == Fraction(5, 12)
    assert (estimate.low, estimate.high) == (Fraction(1, 3), Fraction(1, 2))


def test_many_deals_are_grouped_and_the_interval_stays_right():
    random_ = random.Random(7)
    amounts = [int(random_.lognormvariate(8, 1)) for _ in range(20_000)]
    estimate = average_deal(amounts)
    mean = sum(amounts) / len(amounts)
    error = (sum((a - mean) ** 2 for a in amounts) / len(amounts) ** 2) ** 0.5
    assert estimate.n == 20_000
    assert float(estimate.high - estimate.low) == pytest.approx(2 * 1.96 * error, rel=0.15)


def test_a_same_month_rate_may_exceed_one_and_has_no_interval():
    month = same_month(
        marketing_leads=4,
        customers=5,
        paying_customers=5,
        revenue_customers=Decimal(500),
        revenue_marketing=Decimal(500),
        revenue_all=2000,
    )
    assert (month.close_rate.numerator, month.close_rate.denominator) == (5, 4)
    assert (month.average_deal.value, month.marketing_share.value) == (100, Fraction(1, 4))


def test_revenue_of_no_known_customer_is_in_the_share_but_not_in_the_average_deal():
    month = same_month(
        marketing_leads=4,
        customers=2,
        paying_customers=2,
        revenue_customers=200,
        revenue_marketing=500,
        revenue_all=1000,
    )
    assert (month.average_deal.value, month.marketing_share.value) == (100, Fraction(1, 2))
    empty = same_month(
        marketing_leads=0,
        customers=0,
        paying_customers=0,
        revenue_customers=0,
        revenue_marketing=0,
        revenue_all=0,
    )
    assert empty.average_deal.value is None


def test_a_cohort_has_intervals_and_cannot_have_more_customers_than_leads():
    result = cohort(marketing_leads=80, customers=8, deals=DEALS, is_immature=False)
    assert result.close_rate.value == Fraction(1, 10)
    assert result.close_rate.low < Fraction(1, 10) < result.close_rate.high
    assert result.average_deal.n == 8
    assert result.revenue_all == sum(deal.amount for deal in DEALS)
    with pytest.raises(ValueError, match="successes"):
        cohort(marketing_leads=1, customers=2, deals=[], is_immature=True)


def test_a_young_cohort_is_immature():
    p90 = cycle_days([10, 20, 30, 40, 50]).p90
    assert p90 == 46
    end = date(2026, 3, 1)
    assert is_immature(cohort_end=end, as_of_day=date(2026, 4, 15), cycle_p90_days=p90)
    assert not is_immature(cohort_end=end, as_of_day=date(2026, 4, 16), cycle_p90_days=p90)
    assert is_immature(cohort_end=end, as_of_day=date(2030, 1, 1), cycle_p90_days=None)
