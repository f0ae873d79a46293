"""The choice of the next rep, as arithmetic: its laws hold for every set of weights, and whatever happens between."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.routing import (
    Asked,
    Condition,
    PassedOver,
    Rep,
    Why,
    after_turn,
    choose,
    first_for,
    turned_back,
    whose_turn,
)

WEIGHTS = st.lists(st.integers(1, 30), min_size=1, max_size=14)


def take_turns(weights, turns, owed=None):
    """Who got each lead, and what is owed in the end."""
    owed = dict(owed or dict.fromkeys(range(len(weights)), Fraction(0)))
    turn = dict(enumerate(weights))
    got = []
    for _ in range(turns):
        chosen = whose_turn([Rep(n, weight, owed[n]) for n, weight in turn.items()])
        owed = after_turn(owed, turn, chosen)
        got.append(chosen)
    return got, owed


@given(WEIGHTS, st.integers(1, 300))
@settings(max_examples=60, deadline=None)
def test_at_every_moment_everybody_has_their_part_within_one_lead(weights, turns):
    got, _ = take_turns(weights, turns)
    total, counts = sum(weights), dict.fromkeys(range(len(weights)), 0)
    for n, chosen in enumerate(got, start=1):
        counts[chosen] += 1
        for rep, weight in enumerate(weights):
            assert abs(counts[rep] - Fraction(n * weight, total)) < 1


@pytest.mark.proof
@given(st.lists(st.integers(1, 100), min_size=1, max_size=50))
@settings(max_examples=100, deadline=None)
def test_many_reps_with_any_weights_have_their_parts_within_one_lead(weights):
    test_at_every_moment_everybody_has_their_part_within_one_lead.hypothesis.inner_test(weights, 600)


@given(WEIGHTS)
@settings(max_examples=60, deadline=None)
def test_after_as_many_turns_as_the_weights_add_up_to_everybody_had_exactly_theirs(weights):
    got, owed = take_turns(weights, sum(weights))
    assert [got.count(n) for n in range(len(weights))] == weights
    assert not any(owed.values())


@given(WEIGHTS, st.integers(1, 40), st.data())
@settings(deadline=None)
def test_a_rejected_lead_leaves_everything_as_if_it_had_never_come(weights, turns, data):
    turn = dict(enumerate(weights))
    got, owed = take_turns(weights, turns)
    rejected = data.draw(st.sets(st.integers(0, turns - 1)))
    back = owed
    for n in data.draw(st.permutations(sorted(rejected))):
        back = turned_back(back, turn, got[n])
    kept = [chosen for n, chosen in enumerate(got) if n not in rejected]
    total = sum(weights)
    for rep, weight in turn.items():
        assert back[rep] == Fraction(len(kept) * weight, total) - kept.count(rep)


@given(WEIGHTS, st.lists(st.integers(0, 2**14 - 1), min_size=1, max_size=120))
@settings(deadline=None)
def test_who_comes_back_has_missed_no_more_than_a_lead(weights, present):
    """Whoever is away in whichever turns: all that is owed adds up to zero, and stays small."""
    owed = dict.fromkeys(range(len(weights)), Fraction(0))
    for mask in present:
        here = {n: weight for n, weight in enumerate(weights) if mask >> n & 1}
        if not here:
            continue
        before = owed
        owed = after_turn(owed, here, whose_turn([Rep(n, weight, owed[n]) for n, weight in here.items()]))
        assert sum(owed.values()) == 0
        assert all(owed[n] == before[n] for n in owed if n not in here)
    assert all(abs(one) < 1 + len(weights) for one in owed.values())


@given(
    st.lists(
        st.builds(
            Rep,
            id=st.integers(0, 10**6),
            weight=st.integers(0, 5),
            open=st.integers(0, 6),
            cap=st.none() | st.integers(0, 6),
            is_away=st.booleans(),
        ),
        max_size=8,
        unique_by=lambda rep: rep.id,
    ),
    st.data(),
)
def test_nobody_gets_a_lead_who_is_away_full_or_without_weight(reps, data):
    known = data.draw(st.none() | st.sampled_from([rep.id for rep in reps] or [1]))
    made = choose(reps, known_id=known)
    by_id = {rep.id: rep for rep in reps}
    able = [rep for rep in reps if rep.can_take]
    if made.why == Why.KNOWN:
        assert made.rep_id == known and by_id[known].can_take
    elif made.why == Why.TURN:
        assert by_id[made.rep_id].can_take and by_id[made.rep_id].weight > 0
        assert set(made.turn) == {rep.id for rep in able if rep.weight}
    else:
        assert made.rep_id is None and not any(rep.weight for rep in able)
    assert set(made.passed) | set(made.turn) == set(by_id) or made.why == Why.KNOWN


def test_who_is_away_is_said_to_be_away_also_where_they_are_full():
    reps = [Rep(1, is_away=True, cap=0), Rep(2, cap=0), Rep(3, weight=0), Rep(4)]
    made = choose(reps)
    assert made.rep_id == 4
    assert made.passed == {1: PassedOver.AWAY, 2: PassedOver.FULL, 3: PassedOver.NO_WEIGHT}


def test_known_company_goes_out_of_turn_and_only_to_who_can_take_it():
    reps = [Rep(1), Rep(2, weight=0, open=2, cap=3)]
    assert choose(reps, known_id=2).why == Why.KNOWN
    full = [reps[0], replace(reps[1], open=3)]
    assert choose(full, known_id=2).rep_id == 1
    assert choose(reps, known_id=99).why == Why.TURN


def test_the_first_rule_that_is_for_a_hand_off_decides():
    rules = [
        (1, Condition(team_id=7, segment_id=3, country="PL")),
        (2, Condition(team_id=7, source="Webinar", in_hours_only=True)),
        (3, Condition(team_id=8)),
        (4, Condition(team_id=7)),
    ]

    def found(*, open_teams=(7, 8), **asked):
        return first_for(rules, Asked(**asked), is_open=lambda team: team in open_teams)

    assert found(segment_id=3, country=" pl ") == 1
    assert found(segment_id=3, country="DE", source="WEBINAR") == 2
    assert found(source="webinar", open_teams=()) == 3
    assert found(source="webinar", open_teams=(), team_id=7) == 4
    assert found(team_id=8, segment_id=3, country="PL") == 3
    assert found(team_id=9) is None
    assert found() == 3
