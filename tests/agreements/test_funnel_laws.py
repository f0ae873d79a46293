"""What must hold for every plan, whatever the numbers."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from agreements.funnel import largest_remainder, lead_value, leads_from_value, plan, plan_by_segment
from agreements.quota_months import shift_by_cycle, split_over_months

money = st.decimals(min_value="0.01", max_value="10000000", places=2)
parts_of_one = st.decimals(min_value="0.0001", max_value="1", places=4)
weights = st.lists(st.integers(0, 1000), min_size=1, max_size=13).filter(any)
months = st.integers(1, 24).map(lambda n: [date(2026 + i // 12, i % 12 + 1, 1) for i in range(n)])


@given(money, parts_of_one, money, parts_of_one)
def test_the_leads_reach_the_quota_and_one_fewer_does_not(quota, share, deal, rate):
    leads = plan(quota=quota, marketing_share=share, average_deal=deal, close_rate=rate).leads
    goal, each = Fraction(quota) * Fraction(share), Fraction(deal) * Fraction(rate)
    assert leads * each >= goal
    assert (leads - 1) * each < goal


@given(money, money, parts_of_one)
def test_leads_from_value_is_the_same_plan(quota, deal, rate):
    assert leads_from_value(quota, lead_value(deal, rate)) == (
        plan(quota=quota, average_deal=deal, close_rate=rate).leads
    )


@given(money, money, money, parts_of_one, parts_of_one)
def test_more_quota_needs_no_fewer_leads_and_a_better_rate_no_more(quota, more, deal, rate, other):
    def leads(quota, rate):
        return plan(quota=quota, average_deal=deal, close_rate=rate).leads

    assert leads(quota + more, rate) >= leads(quota, rate)
    assert leads(quota, max(rate, other)) <= leads(quota, min(rate, other))


@given(
    money, parts_of_one, st.lists(st.tuples(st.integers(1, 50), money, parts_of_one), min_size=1, max_size=6)
)
def test_segment_goals_sum_to_the_total_and_none_is_a_lead_off(quota, share, rows):
    whole = sum(weight for weight, _, _ in rows)
    segments = [(str(i), Fraction(w, whole), deal, rate) for i, (w, deal, rate) in enumerate(rows)]
    result = plan_by_segment(quota=quota, marketing_share=share, segments=segments)
    assert sum(segment.leads for segment in result.segments) == result.leads
    assert 0 <= result.leads - result.leads_exact < 1
    assert all(abs(segment.leads - segment.leads_exact) < 1 for segment in result.segments)


@given(money, parts_of_one, money, parts_of_one)
def test_one_segment_is_the_plan_itself(quota, share, deal, rate):
    whole = plan(quota=quota, marketing_share=share, average_deal=deal, close_rate=rate)
    assert (
        plan_by_segment(quota=quota, marketing_share=share, segments=[("all", 1, deal, rate)]).leads_exact
        == whole.leads_exact
    )


@given(st.integers(0, 10**9), weights)
def test_parts_sum_exactly_and_keep_the_order_of_their_weights(total, weights):
    parts = largest_remainder(total, weights)
    assert sum(parts) == total
    assert all(
        abs(part - Fraction(total * weight, sum(weights))) < 1
        for part, weight in zip(parts, weights, strict=True)
    )
    ordered = [part for _, part in sorted(zip(weights, parts, strict=True))]
    assert ordered == sorted(ordered)


@given(
    st.decimals(min_value=0, max_value="1000000000", places=2),
    months,
    st.sampled_from(["equal", "calendar_days"]),
)
def test_a_split_quota_sums_to_the_cent(total, months, how):
    parts = split_over_months(total, months, how)
    assert sum(parts) == total
    assert all(part == part.quantize(Decimal("0.01")) for part in parts)


@given(st.lists(st.fractions(0, 500, max_denominator=60), min_size=1, max_size=12), st.integers(0, 400))
def test_a_shift_loses_no_lead(amounts, cycle):
    shifted = shift_by_cycle([(date(2026, i + 1, 1), amount) for i, amount in enumerate(amounts)], cycle)
    assert sum(month.leads_exact for month in shifted.months) == sum(amounts)
    assert sum(month.leads for month in shifted.months) == shifted.leads
    assert 0 <= shifted.leads - sum(amounts) < 1
