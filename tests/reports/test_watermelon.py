"""Green outside alone: every promise of a month kept, and yet the revenue goal is missed or the pulse is low."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

from agreements.models import AgreementEvent, MonthResult, PulseAnswer
from agreements.services.drafting import use_plan
from agreements.services.planning import store_plan
from agreements.services.results import Finding, write_results
from agreements.services.watermelons import flag_month
from leads.models import Deal
from leads.services.hand_offs import hand_over
from reports.closing import close_month
from reports.keeping import Outcome
from reports.readings.revenue import month_revenue
from reports.watermelon import Watermelon, watermelon
from tests import factories
from tests.factories import NOON

MET, MISSED, EXCUSED, NOTHING = Outcome.MET, Outcome.MISSED, Outcome.EXCUSED, Outcome.NOTHING
FEBRUARY, MARCH = dt.date(2026, 2, 1), dt.date(2026, 3, 1)
IN_APRIL = dt.datetime(2026, 4, 20, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("outcomes", "revenue", "goal", "low", "expected"),
    [
        ([MET, MET], 99, 100, False, Watermelon.REVENUE),
        ([MET, MET], 100, 100, False, Watermelon.NONE),
        ([MET], 100, 100, True, Watermelon.PULSE),
        ([MET], 99, 100, True, Watermelon.BOTH),
        ([MET], None, None, True, Watermelon.PULSE),
        ([MET], None, None, False, Watermelon.NONE),
        ([MET], 0, 0, False, Watermelon.NONE),
        ([MET, EXCUSED, NOTHING], 99, 100, False, Watermelon.REVENUE),
        ([MET, MISSED], 0, 100, True, Watermelon.NONE),
        ([EXCUSED, NOTHING], 0, 100, True, Watermelon.NONE),
        ([], 0, 100, True, Watermelon.NONE),
        ([MET], Fraction(299, 3), 100, False, Watermelon.REVENUE),
    ],
)
def test_a_green_month_is_flagged_by_what_is_inside(outcomes, revenue, goal, low, expected):
    found = watermelon(
        outcomes,
        revenue=None if revenue is None else Fraction(revenue),
        revenue_goal=None if goal is None else Fraction(goal),
        has_low_pulse=low,
    )
    assert found is expected


def test_the_words_of_rule_and_row_are_the_same():
    assert {one.value for one in Watermelon} == set(MonthResult.Watermelon.values)


@pytest.fixture
def agreement(db):
    return factories.agreement(currency="EUR")


def version_with_plan(agreement, *, months=1, quota="9000", cycle_days=0, each_month=False, **goals):
    version = factories.draft(agreement, allowance=None, attempts=None)
    last = MARCH.month + months
    plan = store_plan(
        quota=Decimal(quota),
        starts_on=MARCH,
        ends_on=dt.date(2026, last, 1),
        marketing_share=Decimal("0.5"),
        average_deal=Decimal(1000),
        close_rate=Decimal("0.5"),
        currency="EUR",
        agreement=agreement,
        cycle_days=cycle_days,
        now=NOON,
    )
    by = factories.party(agreement, "marketing").signatory
    use_plan(version=version, plan=plan, each_month=each_month, now=NOON, by=by)
    return factories.sign(version)


def won(agreement, amount, *, on=dt.date(2026, 3, 20), currency="EUR", origin="marketing", at=NOON):
    lead = factories.lead(origin=origin)
    hand_over(lead=lead, now=NOON, at=at, agreement=agreement)
    return Deal.objects.create(
        system="crm",
        external_id=f"D{Deal.objects.count()}",
        lead=lead,
        closed_at=dt.datetime.combine(on, dt.time(9), dt.UTC),
        closed_on=on,
        amount=amount,
        currency=currency,
        is_won=True,
    )


def test_the_revenue_goal_of_a_month_is_its_part_of_the_quota_from_marketing(agreement):
    version = version_with_plan(agreement, months=3)
    found = month_revenue(version, MARCH, at=IN_APRIL)
    assert (found.goal, found.actual, found.currency) == (Fraction(1500), 0, "EUR")
    assert month_revenue(version, FEBRUARY, at=IN_APRIL).goal is None


def test_a_month_before_the_revenue_takes_the_goal_of_the_plan_that_covers_it(agreement):
    """With a sales cycle of 60 days the leads of January are about March: March's revenue goal is still found."""
    version = version_with_plan(agreement, months=1, cycle_days=60)
    assert month_revenue(version, MARCH, at=IN_APRIL).goal == Fraction(4500)


def test_a_plan_of_one_month_that_serves_each_month_says_the_same_of_each(agreement):
    version = version_with_plan(agreement, each_month=True)
    april = dt.date(2026, 4, 1)
    assert month_revenue(version, april, at=IN_APRIL).goal == Fraction(4500)


def test_revenue_is_of_won_deals_of_marketing_leads_under_the_agreement(agreement):
    version = version_with_plan(agreement)
    won(agreement, 1000)
    won(agreement, 700, currency="PLN")
    won(agreement, 600, origin="sales")
    won(agreement, 500, on=dt.date(2026, 4, 1))
    won(factories.agreement("other"), 400)
    Deal.objects.create(
        system="crm", external_id="unknown", closed_at=NOON, closed_on=NOON.date(), is_won=True
    )
    assert month_revenue(version, MARCH, at=IN_APRIL).actual == 1000
    assert month_revenue(version, MARCH, at=NOON).actual == 0, "as known then"


def answers(agreement, function, grades, month=MARCH):
    party = factories.party(agreement, function)
    for grade in grades:
        PulseAnswer.objects.create(
            agreement=agreement,
            month_on=month,
            party=party,
            person=factories.user(),
            kept_word=grade,
            was_useful=grade,
            went_well=grade,
            answered_at=NOON,
        )


def test_a_closed_month_is_flagged_once_and_unflagged_by_a_correction(agreement):
    version = version_with_plan(agreement)
    goal = int(version.commitments.get().month_goals.get().goal)
    for _n in range(goal):
        hand_over(lead=factories.lead(), now=NOON, at=NOON, agreement=agreement)
    answers(agreement, "sales", [1, 2, 2])
    for _twice in range(2):
        close_month(agreement=agreement, month_on=MARCH, now=IN_APRIL)
    month = MonthResult.objects.get(month_on=MARCH)
    assert (month.watermelon, month.revenue, month.revenue_goal) == ("both", 0, 4500)
    won(agreement, 4500)
    close_month(agreement=agreement, month_on=MARCH, now=IN_APRIL)
    month.refresh_from_db()
    assert (month.watermelon, month.revenue) == ("pulse", 4500)
    events = AgreementEvent.objects.filter(kind="watermelon").order_by("pk")
    assert [(one.data["from"], one.data["to"]) for one in events] == [("", "both"), ("both", "pulse")]


def test_two_low_answers_are_too_few_to_judge_by(agreement):
    version = version_with_plan(agreement, quota="2")
    hand_over(lead=factories.lead(), now=NOON, at=NOON, agreement=agreement)
    won(agreement, 10)
    answers(agreement, "sales", [1, 1])
    close_month(agreement=agreement, month_on=MARCH, now=IN_APRIL)
    assert MonthResult.objects.get(month_on=MARCH).watermelon == ""
    assert version.is_signed


def test_the_flag_stands_on_the_kept_page_and_the_review(agreement, client):
    version = version_with_plan(agreement)
    met = Finding(
        "mql_goal", factories.party(agreement, "marketing"), "met", Fraction(9), Fraction(9), Fraction(9, 10)
    )
    answers(agreement, "sales", [2, 2, 2])
    write_results(version=version, month_on=MARCH, findings=[met], is_decided=True, now=IN_APRIL)
    flag_month(
        version=version,
        month_on=MARCH,
        revenue=Fraction(1000),
        revenue_goal=Fraction(4500),
        watermelon="both",
        now=IN_APRIL,
    )
    client.force_login(factories.user("Viewer", role="viewer"))
    sentence = (
        "Green outside alone: in March 2026 every promise was kept, and yet marketing’s leads brought in"
    )
    for address in ("/agreements/company/kept/", "/review/?month=2026-03&agreement=company"):
        said = client.get(address).text
        if "kept" in address:
            assert sentence in said
            assert "Company Sales 2 of 5 (n 3)" in said
    hand_over(lead=factories.lead(), now=NOON, at=NOON, agreement=agreement)
    assert sentence in client.get("/review/?month=2026-03&agreement=company").text
