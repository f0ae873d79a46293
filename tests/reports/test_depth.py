"""At least k attempts: who had them, and who connected before they were needed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.depth import at_least

tallies = st.dictionaries(st.integers(0, 8), st.integers(1, 30), max_size=6)
connected_tallies = st.dictionaries(st.integers(1, 8), st.integers(1, 30), max_size=6)


def test_connected_earlier_counts_as_fulfilled_and_stays_apart():
    # Ten hand-offs: two untouched, three with one attempt, one with six; four connected, three of them at once.
    steps = at_least({0: 2, 1: 3, 6: 1}, {1: 3, 4: 1}, agreed=6)
    assert [(step.k, step.attempted, step.connected_earlier) for step in steps] == [
        (1, 8, 0),
        (2, 2, 3),
        (3, 2, 3),
        (4, 2, 3),
        (5, 1, 4),
        (6, 1, 4),
    ]
    assert {step.total for step in steps} == {10}
    assert float(steps[1].fulfilled.value) == 0.5


def test_without_an_agreed_number_the_most_made_is_the_last_step():
    assert [step.k for step in at_least({3: 1}, {}, agreed=None)] == [1, 2, 3]
    assert at_least({}, {}, agreed=None) == []


def test_an_agreed_number_below_one_is_refused():
    with pytest.raises(ValueError, match="1 or more"):
        at_least({}, {}, agreed=0)


@given(tallies, connected_tallies)
def test_attempted_falls_and_connected_earlier_rises_with_k(not_connected, connected):
    steps = at_least(not_connected, connected, agreed=3)
    attempted = [step.attempted for step in steps]
    earlier = [step.connected_earlier for step in steps]
    assert attempted == sorted(attempted, reverse=True)
    assert earlier == sorted(earlier)
    assert all(step.attempted + step.connected_earlier <= step.total for step in steps)
