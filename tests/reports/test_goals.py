"""The goal as agreed on each day, read from the versions in force."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

from reports.periods import month_of
from reports.readings.goals import goals_by_day
from reports.readings.scope import build_scope
from tests import factories

pytestmark = pytest.mark.django_db

MARCH = month_of(dt.date(2026, 3, 1))
LATER = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)


def line(agreement):
    goals = goals_by_day(build_scope(period=MARCH, now=LATER, agreement=agreement))
    return [None if day.goal is None else Fraction(day.goal) * day.weight for day in goals]


def test_an_amendment_changes_the_slope_from_its_day_on():
    agreement = factories.agreement()
    factories.signed(agreement, goals={MARCH.start: 310})
    factories.signed(agreement, starts_on=dt.date(2026, 3, 16), goals={MARCH.start: 620})
    assert line(agreement) == [10] * 15 + [20] * 16


def test_days_without_a_version_have_no_goal():
    agreement = factories.agreement()
    factories.signed(agreement, starts_on=dt.date(2026, 3, 11), goals={MARCH.start: 310})
    assert line(agreement) == [None] * 10 + [10] * 21


def test_business_days_leave_days_off_flat():
    agreement = factories.agreement(calendar=factories.calendar(holidays=["2026-03-02"]))
    factories.signed(agreement, goals={MARCH.start: 210}, goal_terms={"profile": "business_days"})
    days = line(agreement)
    assert sum(days) == 210
    assert [days[0], days[1], days[2]] == [0, 0, 10]


def test_a_month_closed_all_through_spreads_its_goal_over_all_days():
    closed = [day.isoformat() for day in MARCH]
    agreement = factories.agreement(calendar=factories.calendar(holidays=closed))
    factories.signed(agreement, goals={MARCH.start: 31}, goal_terms={"profile": "business_days"})
    assert line(agreement) == [1] * 31


def test_a_goal_by_hand_is_even():
    goals = goals_by_day(build_scope(period=MARCH, now=LATER), constant=Decimal(1300))
    assert Fraction(goals[14].goal) * goals[14].weight * 15 == Fraction(15 * 1300, 31)
