"""Periods are half-open runs of local days; buckets tile them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.periods import (
    Grain,
    Period,
    bucket_of,
    buckets,
    month_of,
    months_between,
    next_month,
    part_of,
)

days = st.dates(date(1990, 1, 1), date(2090, 1, 1))
spans = st.tuples(days, st.integers(0, 800)).map(lambda s: (s[0], s[0] + timedelta(days=s[1])))
grains = st.sampled_from(Grain)


def test_a_period_has_its_first_day_and_not_its_end():
    period = Period(date(2028, 2, 28), date(2028, 3, 2))
    assert list(period) == [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)]
    assert len(period) == 3
    assert date(2028, 2, 28) in period
    assert date(2028, 3, 2) not in period
    assert period & Period(date(2028, 3, 1), date(2028, 4, 1)) == Period(date(2028, 3, 1), date(2028, 3, 2))
    assert period & Period(date(2028, 3, 2), date(2028, 4, 1)) is None


def test_a_period_is_not_reversed_and_not_made_of_instants():
    with pytest.raises(ValueError, match="cannot end"):
        Period(date(2026, 1, 2), date(2026, 1, 1))
    with pytest.raises(TypeError):
        Period(datetime(2026, 1, 1, tzinfo=UTC), date(2026, 1, 2))


def test_months_and_their_followers():
    assert month_of(date(2026, 2, 14)) == Period(date(2026, 2, 1), date(2026, 3, 1))
    assert next_month(date(2026, 12, 31)) == date(2027, 1, 1)
    assert months_between(date(2026, 1, 31), date(2026, 3, 1)) == [
        month_of(date(2026, 1, 1)),
        month_of(date(2026, 2, 1)),
    ]
    assert months_between(date(2026, 1, 31), date(2026, 1, 31)) == []


def test_weeks_are_iso_weeks_clipped_to_the_span():
    # March 1, 2018 was a Thursday.
    assert buckets(date(2018, 3, 1), date(2018, 3, 15), Grain.WEEK) == [
        Period(date(2018, 3, 1), date(2018, 3, 5)),
        Period(date(2018, 3, 5), date(2018, 3, 12)),
        Period(date(2018, 3, 12), date(2018, 3, 15)),
    ]


@given(spans, grains)
def test_buckets_tile_the_span_without_gap_or_overlap(span, grain):
    tiles = buckets(*span, grain)
    assert [day for tile in tiles for day in tile] == list(Period(*span))
    assert all(len(tile) for tile in tiles)


@given(spans, grains)
def test_a_bucket_never_crosses_the_border_of_its_grain(span, grain):
    for tile in buckets(*span, grain):
        assert {bucket_of(day, grain) for day in tile} == {bucket_of(tile.start, grain)}


@given(days)
def test_a_whole_bucket_holds_its_day(day):
    assert all(day in bucket_of(day, grain) for grain in Grain)
    assert bucket_of(day, Grain.WEEK).start.isocalendar()[:2] == day.isocalendar()[:2]


@given(days)
def test_the_parts_of_a_month_s_weeks_are_the_buckets_that_its_edges_cut(day):
    month = month_of(day)
    for tile in buckets(month.start, month.end, Grain.WEEK):
        whole = tile == bucket_of(tile.start, Grain.WEEK)
        assert {part_of(one) for one in tile} == {None if whole else tile}
