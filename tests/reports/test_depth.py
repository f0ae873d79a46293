"""Depth speaks of the hand-offs that have not connected; the early connections stand apart."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.depth import FollowUp, at_least, depth, spacing, stopped_too_early, summarise_depth

BUCKET = [
    FollowUp(0),
    FollowUp(2, is_window_over=True),
    FollowUp(6, is_window_over=True),
    FollowUp(7, is_closed_unreachable=True, is_window_over=True),
    FollowUp(3, is_closed_unreachable=True, is_window_over=True),
    FollowUp(2, is_connected=True),
    FollowUp(1, is_withdrawn=True),
]

follow_ups = st.lists(
    st.builds(
        FollowUp,
        attempts=st.integers(1, 9),
        is_connected=st.booleans(),
        is_withdrawn=st.booleans(),
        is_closed_unreachable=st.booleans(),
        is_window_over=st.booleans(),
    )
    | st.builds(FollowUp, attempts=st.just(0), is_withdrawn=st.booleans(), is_window_over=st.booleans())
)


def test_connected_and_withdrawn_ones_are_left_out():
    summary = summarise_depth(BUCKET, agreed=6)
    assert (summary.handed_off, summary.not_connected, summary.attempts) == (7, 5, 18)
    assert summary.average.value == Fraction(18, 5)
    assert (summary.worked.value, summary.fully_worked.value) == (Fraction(4, 5), Fraction(2, 5))
    assert summary.distribution == {0: 1, 1: 0, 2: 1, 3: 1, 4: 0, 5: 0, 6: 1, 7: 1}


def test_young_ones_are_shown_apart():
    report = depth(BUCKET, agreed=6)
    assert (report.judged.not_connected, report.young) == (4, 1)
    assert report.judged.worked.value == 1


def test_an_empty_bucket_has_no_average_but_a_distribution():
    summary = summarise_depth([], agreed=2)
    assert summary.average.value is None
    assert summary.distribution == {0: 0, 1: 0, 2: 0}


def test_those_connected_earlier_count_as_fulfilled_in_their_own_tone():
    first, second, third = at_least(BUCKET, up_to=3)
    assert (first.attempted, first.connected_earlier, first.total) == (5, 0, 6)
    assert (second.attempted, second.connected_earlier) == (5, 0)
    assert (third.attempted, third.connected_earlier, third.fulfilled.value) == (3, 1, Fraction(2, 3))


def test_stopped_too_early_is_of_those_closed_as_unreachable():
    assert stopped_too_early(BUCKET, agreed=6).value == Fraction(1, 2)
    assert stopped_too_early([], agreed=6).value is None


def test_spacing_is_between_attempts_on_the_same_hand_off():
    summary = spacing([[0, 7200, 3600], [500], [], [100, 100]])
    assert (summary.n, summary.total, summary.median) == (3, 7200, 3600)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="negative"):
        FollowUp(-1)
    with pytest.raises(ValueError, match="connection"):
        FollowUp(0, is_connected=True)
    for wrong in (lambda: depth([], 0), lambda: at_least([], 0), lambda: stopped_too_early([], 0)):
        with pytest.raises(ValueError, match="1 or more"):
            wrong()


@given(follow_ups, st.integers(1, 10))
def test_the_distribution_adds_up(hand_offs, agreed):
    summary = summarise_depth(hand_offs, agreed)
    assert sum(summary.distribution.values()) == summary.not_connected
    assert sum(k * n for k, n in summary.distribution.items()) == summary.attempts
    assert summary.worked.numerator == summary.not_connected - summary.distribution[0]
    assert summary.fully_worked.numerator <= summary.worked.numerator


@given(follow_ups)
def test_fewer_reach_each_further_attempt(hand_offs):
    steps = at_least(hand_offs, up_to=10)
    for one, following in pairwise(steps):
        assert following.attempted <= one.attempted
        assert following.connected_earlier >= one.connected_earlier
        assert following.fulfilled.numerator <= one.fulfilled.numerator
    assert all(step.attempted + step.connected_earlier <= step.total for step in steps)
