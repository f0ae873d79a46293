"""The rules by which a promise is met, missed, on the way, or not measured."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from reports.keeping import Outcome, judge, judge_goal
from reports.shares import share

MET, MISSED, ON_THE_WAY, NOTHING = Outcome.MET, Outcome.MISSED, Outcome.ON_THE_WAY, Outcome.NOTHING
TENTH = Decimal("0.1")


@pytest.mark.parametrize(
    "actual,outcome,is_flood",
    [(179, MISSED, False), (180, MET, False), (200, MET, False), (220, MET, False), (221, MET, True)],
)
def test_tolerance_has_two_sides_and_a_flood_is_flagged_but_met(actual, outcome, is_flood):
    found = judge_goal(goal=200, to_date=200, actual=actual, tolerance=TENTH, is_over=True)
    assert (found.outcome, found.is_flood, found.is_judged) == (outcome, is_flood, True)


def test_a_third_of_a_lead_decides_at_the_edge_of_the_tolerance():
    edge = {"goal": 100, "to_date": 100, "tolerance": Fraction(1, 3), "is_over": True}
    assert judge_goal(actual=66, **edge).outcome is MISSED
    assert judge_goal(actual=Fraction(200, 3), **edge).outcome is MET


def test_running_month_is_on_the_way_however_it_stands():
    running = {"goal": 200, "tolerance": TENTH, "is_over": False}
    behind = judge_goal(to_date=100, actual=80, **running)
    assert (behind.outcome, behind.stands, behind.is_judged) == (ON_THE_WAY, MISSED, False)
    ahead = judge_goal(to_date=100, actual=120, **running)
    assert (ahead.outcome, ahead.stands, ahead.is_flood) == (ON_THE_WAY, MET, True)
    early = judge_goal(to_date=10, actual=0, is_muted=True, **running)
    assert (early.outcome, early.stands) == (ON_THE_WAY, NOTHING)
    assert judge_goal(to_date=0, actual=0, **running).stands is NOTHING


def test_goal_of_nothing_is_met_and_no_goal_is_not_judged():
    assert judge_goal(goal=0, to_date=0, actual=0, tolerance=TENTH, is_over=True).outcome is MET
    assert judge_goal(goal=0, to_date=0, actual=9, tolerance=TENTH, is_over=True).is_flood is False
    assert judge_goal(goal=None, to_date=None, actual=9, tolerance=TENTH, is_over=True).outcome is NOTHING


def test_average_speed_is_compared_exactly_not_as_it_is_written():
    over = {"agreed": 7200, "at_most": True, "is_over": True}
    assert judge(measured=share(7200 * 3, 3), **over).outcome is MET
    assert judge(measured=share(7200 * 3 + 1, 3), **over).outcome is MISSED


def test_share_and_depth_must_reach_what_was_agreed():
    assert judge(measured=share(9, 10), agreed=Decimal("0.9"), is_over=True).outcome is MET
    assert judge(measured=share(89, 99), agreed=Decimal("0.9"), is_over=True).outcome is MISSED
    assert judge(measured=share(599, 100), agreed=6, is_over=True).outcome is MISSED


def test_month_that_is_over_stays_on_the_way_while_a_hand_off_of_it_may_still_be_in_time():
    found = judge(measured=share(1, 2), agreed=Decimal("0.9"), is_over=True, waiting=1)
    assert (found.outcome, found.stands) == (ON_THE_WAY, MISSED)


def test_nothing_measured_is_neither_met_nor_missed():
    assert judge(measured=share(0, 0), agreed=6, is_over=True).outcome is NOTHING
    assert judge(measured=share(0, 0), agreed=6, is_over=False).outcome is ON_THE_WAY
    assert judge(measured=share(5, 1), agreed=None, is_over=True).outcome is NOTHING
