"""Writing a draft: nobody's words are lost, a signed text stays, a plan becomes the goals."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from agreements.funnel import SegmentInput
from agreements.models import AgreementEvent, Commitment, Team
from agreements.services.drafting import use_plan
from agreements.services.planning import store_plan
from agreements.services.signing import sign_version
from tests import factories

pytestmark = pytest.mark.django_db

NOON = factories.NOON
MARCH, APRIL, MAY = (dt.date(2026, month, 1) for month in (3, 4, 5))


@pytest.fixture
def agreement():
    return factories.agreement()


def signatory(agreement, function=Team.Function.MARKETING):
    return factories.party(agreement, function).signatory


def plan_of(agreement, **given):
    usual = {
        "quota": Decimal(15000),
        "starts_on": MARCH,
        "ends_on": dt.date(2026, 6, 1),
        "marketing_share": Decimal(1),
        "average_deal": Decimal(100),
        "close_rate": Decimal("0.5"),
        "currency": "EUR",
        "now": NOON,
        "agreement": agreement,
    }
    return store_plan(**usual | given)


def goals(version, segment=None):
    promise = version.commitments.get(kind=Commitment.Kind.MQL_GOAL, segment=segment)
    return {goal.month_on: (goal.goal, goal.plan_id) for goal in promise.month_goals.all()}


def test_a_plan_becomes_the_goals_of_the_months_that_the_draft_covers(agreement):
    version = factories.draft(agreement, starts_on=dt.date(2026, 4, 15), goals={dt.date(2026, 7, 1): 70})
    plan = plan_of(agreement)
    use_plan(version=version, plan=plan, now=NOON, by=signatory(agreement))
    assert goals(version) == {APRIL: (100, plan.pk), MAY: (100, plan.pk), dt.date(2026, 7, 1): (70, None)}
    version.refresh_from_db()
    assert version.edits == 1
    event = AgreementEvent.objects.get(kind="edited")
    assert event.data["changes"]["goal-0-2026-04"] == [None, "100"]
    assert event.data["plan"] == plan.pk


def test_a_plan_with_segments_sets_their_goals_too_and_they_sum_to_the_whole(agreement):
    segments = {name: factories.segment(name) for name in ("executive", "manager")}
    plan = plan_of(
        agreement,
        segments=[
            SegmentInput("executive", Decimal("0.5"), Decimal(1000), Decimal("0.1")),
            SegmentInput("manager", Decimal("0.5"), Decimal(100), Decimal("0.4")),
        ],
    )
    version = factories.draft(agreement)
    use_plan(version=version, plan=plan, months=[APRIL], now=NOON, by=signatory(agreement))
    overall = goals(version)
    assert set(overall) == {APRIL}
    parts = [goals(version, segment)[APRIL] for segment in segments.values()]
    assert sum(goal for goal, _ in parts) == overall[APRIL][0]
    assert [goal for goal, _ in parts] == [25, 63]
    assert {plan_id for _, plan_id in parts} == {plan.pk}


def test_a_plan_that_does_not_fit_is_refused_in_a_sentence(agreement):
    by = signatory(agreement)
    version = factories.draft(agreement, ends_on=dt.date(2026, 5, 1))
    plan = plan_of(agreement)
    for wrong, sentence in (
        ({"plan": plan_of(agreement, currency="USD")}, "in USD, the agreement in EUR"),
        ({"months": [MAY]}, "does not cover 2026-05"),
        ({"months": [dt.date(2026, 2, 1)]}, "says nothing about 2026-02"),
        ({"months": []}, "No month"),
        (
            {"plan": plan_of(agreement, segments=[SegmentInput("gone", Decimal(1), Decimal(1), Decimal(1))])},
            "“gone”",
        ),
    ):
        with pytest.raises(ValidationError, match=sentence):
            use_plan(**{"version": version, "plan": plan, "now": NOON, "by": by} | wrong)
    sign_version(version=version, signer=by, now=NOON)
    with pytest.raises(ValidationError, match="has signed this text"):
        use_plan(version=version, plan=plan, now=NOON, by=by)
    assert goals(version) == {}
