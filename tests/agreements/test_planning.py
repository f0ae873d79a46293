"""A stored plan says how many leads each month needs, and how that follows from the quota."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from agreements.funnel import SegmentInput
from agreements.models import Plan
from agreements.services.planning import leads_of_month, store_plan
from tests import factories

pytestmark = pytest.mark.django_db

GIVEN = {
    "quota": Decimal(5000),
    "starts_on": dt.date(2026, 3, 1),
    "ends_on": dt.date(2026, 4, 1),
    "marketing_share": Decimal(1),
    "average_deal": Decimal(100),
    "close_rate": Decimal("0.5"),
    "currency": "EUR",
    "now": factories.NOON,
}


def test_the_golden_plan_needs_a_hundred_leads():
    plan = store_plan(**GIVEN)
    assert plan.leads == 100
    assert leads_of_month(plan, dt.date(2026, 3, 1)) == 100
    assert plan.derivation["revenue_goal"] == "5000"
    assert plan.derivation["customers_exact"] == "50"


def test_months_of_a_quarter_sum_to_the_whole():
    plan = store_plan(
        **GIVEN | {"quota": Decimal(10000), "ends_on": dt.date(2026, 6, 1), "close_rate": Decimal("0.3")}
    )
    assert plan.leads == 334
    assert [leads_of_month(plan, dt.date(2026, month, 1)) for month in (3, 4, 5)] == [112, 111, 111]
    assert leads_of_month(plan, dt.date(2026, 6, 1)) is None


def test_a_sales_cycle_moves_the_leads_to_earlier_months():
    plan = store_plan(**GIVEN, cycle_days=31)
    assert set(plan.derivation["months"]) == {"2026-01-01", "2026-02-01"}
    assert sum(plan.derivation["months"].values()) == 100


def test_segments_decide_and_keep_their_value():
    segments = [
        SegmentInput("executive", Decimal("0.5"), Decimal(1000), Decimal("0.1")),
        SegmentInput("manager", Decimal("0.5"), Decimal(100), Decimal("0.4")),
    ]
    plan = store_plan(**GIVEN, segments=segments)
    assert plan.derivation["segments"] == {"executive": 25, "manager": 63}
    assert plan.leads == 88
    assert [segment["lead_value"] for segment in plan.segments] == ["100", "40"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"average_deal": Decimal(0)},
        {"close_rate": Decimal("1.2")},
        {"marketing_share": Decimal(0)},
        {"starts_on": dt.date(2026, 3, 2)},
        {"ends_on": dt.date(2026, 3, 1)},
        {"segments": [SegmentInput("a", Decimal("0.4"), Decimal(1), Decimal(1))]},
        {"cycle_days": 5000},
    ],
)
def test_inputs_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValidationError):
        store_plan(**GIVEN | wrong)
    assert not Plan.objects.exists()


def test_business_days_weigh_the_months_and_the_parts_sum_exactly():
    plan = store_plan(
        **GIVEN
        | {"quota": Decimal("10000.01"), "ends_on": dt.date(2026, 6, 1), "close_rate": Decimal("0.3")},
        split=Plan.Split.BUSINESS_DAYS,
        weights=[Decimal(22), Decimal(20), Decimal(18)],
    )
    months = list(plan.derivation["months"].values())
    assert sum(months) == plan.leads == 334
    assert months == sorted(months, reverse=True)
    assert sum(map(Decimal, plan.derivation["quotas"].values())) == plan.quota
