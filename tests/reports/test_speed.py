"""Averages, percentiles, and the median that counts the open ones."""

import statistics
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.speed import (
    WAIT_EDGES,
    Waits,
    kaplan_meier_median,
    percentile,
    summarise,
    wait_bins,
)

seconds = st.integers(0, 10_000_000)
durations = st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=60)


def test_summary_interpolates_as_percentile_cont_does():
    # SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY v) FROM unnest(ARRAY[1,2,3,4]) v; gives 3.7
    summary = summarise([4, 1, 3, 2])
    assert (summary.n, summary.total, summary.average) == (4, 10, Fraction(5, 2))
    assert (summary.median, summary.p90) == (Fraction(5, 2), Fraction(37, 10))


def test_nothing_measured_has_no_average():
    assert summarise([]) == summarise(()) == (type(summarise([])))(0, 0, None, None, None)
    for ordered, p in (([], Fraction(1, 2)), ([1], Fraction(2))):
        with pytest.raises(ValueError, match=r"percentile|p must"):
            percentile(ordered, p)


@given(st.lists(seconds, min_size=1))
def test_the_median_is_that_of_the_statistics_module(values):
    summary = summarise(values)
    assert summary.median == statistics.median(map(Fraction, values))
    assert min(values) <= summary.median <= summary.p90 <= max(values)
    assert summary.average * summary.n == sum(values)


def waits(pairs):
    """The waits of pairs (seconds, answered)."""
    answered, unanswered = (sorted(t for t, is_in in pairs if is_in is said) for said in (True, False))
    return Waits(answered, unanswered)


def by_definition(pairs):
    """The product-limit estimate straight from its formula, in exact fractions."""
    survival, curve = Fraction(1), []
    for t in sorted({t for t, answered in pairs if answered}):
        at_risk = sum(1 for u, _ in pairs if u >= t)
        events = sum(1 for u, answered in pairs if answered and u == t)
        survival *= 1 - Fraction(events, at_risk)
        curve.append((t, survival))
    return curve


@given(durations)
def test_kaplan_meier_is_the_product_limit(pairs):
    reached = [t for t, survival in by_definition(pairs) if survival <= Fraction(1, 2)]
    assert kaplan_meier_median(waits(pairs)) == (reached[0] if reached else None)


def test_a_published_survival_curve():
    # Freireich et al. 1963, treated group, weeks in remission (in Kalbfleisch & Prentice): median 23.
    answered = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    pairs = [(t, True) for t in answered] + [(t, False) for t in censored]
    assert [round(float(survival), 4) for _, survival in by_definition(pairs)] == [
        0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482,
    ]  # fmt: skip
    assert kaplan_meier_median(waits(pairs)) == 23


def test_a_curve_that_only_rounding_keeps_above_a_half_has_reached_it():
    # 11/12 × 10/11 × 9/10 × 6/9 is exactly a half; the first factors have no finite decimals.
    pairs = [(0, True), (1, True), (2, True)] + 3 * [(3, True)] + 6 * [(3, False)]
    assert kaplan_meier_median(waits(pairs)) == 3


def test_the_open_ones_can_keep_the_median_from_being_reached():
    assert kaplan_meier_median(waits([(60, True), (600, False), (600, False)])) is None
    assert kaplan_meier_median(waits([(60, True), (600, False)])) == 60
    assert kaplan_meier_median(waits([])) is None
    with pytest.raises(ValueError, match="negative"):
        kaplan_meier_median(waits([(-1, True)]))


def test_thousands_of_open_ones_are_quick_and_exactly_half_is_reached():
    third = [(3 * i, True) for i in range(20_000)]
    assert kaplan_meier_median(waits(third)) == 3 * 9_999
    assert kaplan_meier_median(waits(third + [(3 * i + 1, False) for i in range(20_000)])) is not None


@given(
    st.lists(st.tuples(st.integers(0, 300_000), st.booleans()), max_size=40),
    st.none() | st.integers(1, 300_000),
)
def test_every_wait_lies_in_one_bin_and_one_bin_ends_at_the_allowance(pairs, allowance):
    bins = wait_bins(waits(pairs), allowance=allowance)
    for number, one in enumerate(bins):
        inside = [
            is_answered
            for seconds, is_answered in pairs
            if (one.above < seconds or (seconds == 0 and number == 0))
            and (one.within is None or seconds <= one.within)
        ]
        assert (one.answered, one.unanswered) == (inside.count(True), inside.count(False))
    assert sum(one.answered + one.unanswered for one in bins) == len(pairs)
    assert all(before.within == after.above for before, after in pairwise(bins))
    if bins and allowance is not None and max(seconds for seconds, _ in pairs) >= allowance:
        assert allowance in [one.within for one in bins]
    assert not bins or bins[-1].answered + bins[-1].unanswered
    assert not set(WAIT_EDGES[:2]) - {one.within for one in bins} or len(bins) < 3
