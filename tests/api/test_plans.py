"""Plans by the API: the figures of the page that says why, for who may read a goal that was made of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agreements.funnel import SegmentInput
from agreements.models import Agreement, Plan, Version
from agreements.services.drafting import use_plan
from agreements.services.planning import store_plan
from tests import factories
from tests.api import programs
from tests.query_counts import assert_same_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_pace")]
MAY, JULY = dt.date(2026, 5, 1), dt.date(2026, 7, 1)


def stored(agreement: Agreement | None, **given: Any) -> Plan:
    terms: dict[str, Any] = {
        "quota": Decimal(5000),
        "starts_on": MAY,
        "ends_on": JULY,
        "marketing_share": Decimal("0.4"),
        "average_deal": Decimal(100),
        "close_rate": Decimal("0.5"),
        "currency": "EUR",
        "now": factories.NOON,
    }
    return store_plan(agreement=agreement, **(terms | given))


def planned(agreement: Agreement, plan: Plan, **terms: Any) -> Version:
    draft = factories.draft(agreement, **terms)
    by = factories.party(agreement, "sales").signatory
    assert by is not None
    use_plan(version=draft, plan=plan, now=factories.NOON, by=by)
    return draft


def agreed_plan(agreement: Agreement, **given: Any) -> Plan:
    """A plan whose leads are the goals of a signed version."""
    plan = stored(agreement, **given)
    factories.sign(planned(agreement, plan))
    return plan


def ids(client: Client, **asked: Any) -> list[int]:
    answer = client.get("/api/v1/plans/", asked)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["results"]]


@pytest.fixture
def new_agreement():
    return factories.agreement()


def test_a_plan_says_what_its_quota_needs_and_what_was_agreed_for_it(program, new_agreement):
    plan = agreed_plan(new_agreement)
    said = program.get(f"/api/v1/plans/{plan.pk}/").json()
    goal = {"agreement": "company", "version": 1, "segment": None, "goal": "20.00"}
    assert said == {
        "id": plan.pk,
        "agreement": "company",
        "versions": [{"agreement": "company", "number": 1}],
        "starts_on": "2026-05-01",
        "ends_on": "2026-07-01",
        "quota": "5000.00",
        "currency": "EUR",
        "marketing_share": "0.4000",
        "average_deal": "100.00",
        "close_rate": "0.500000",
        "split": "equal",
        "cycle_days": 0,
        "customers": 20,
        "leads": 40,  # 5000 × 0.4 ÷ 100 ÷ 0.5
        "months": [{"month_on": "2026-05-01", "leads": 20}, {"month_on": "2026-06-01", "leads": 20}],
        "segments": [],
        "created_at": "2026-03-04T12:00:00Z",
        "goals": [goal | {"month_on": "2026-05-01"}, goal | {"month_on": "2026-06-01"}],
    }
    (listed,) = program.get("/api/v1/plans/").json()["results"]
    assert listed == {name: value for name, value in said.items() if name != "goals"}
    page = programs.person(factories.user("Viewer", role="viewer")).get(
        reverse("agreements:plan", args=[plan.pk])
    )
    assert "needs 40 leads." in page.text


def test_a_plan_by_segment_says_the_leads_of_each_and_what_was_agreed_for_each(program, new_agreement):
    for name in ("Large", "Small"):
        factories.segment(name)
    parts = [
        SegmentInput("large", Decimal("0.75"), Decimal(300), Decimal("0.5")),
        SegmentInput("small", Decimal("0.25"), Decimal(50), Decimal("0.1")),
    ]
    plan = agreed_plan(new_agreement, segments=parts)
    said = program.get(f"/api/v1/plans/{plan.pk}/").json()
    # 2000 from marketing: 1500 ÷ 300 ÷ 0.5 = 10 and 500 ÷ 50 ÷ 0.1 = 100.
    large, small = said["segments"]
    assert large == {
        "segment": "large",
        "share": "0.75",
        "average_deal": "300",
        "close_rate": "0.5",
        "lead_value": "150",
        "leads": 10,
    }
    assert (small["segment"], small["leads"], said["leads"]) == ("small", 100, 110)
    of_may = {one["segment"]: one["goal"] for one in said["goals"] if one["month_on"] == "2026-05-01"}
    assert of_may == {None: "55.00", "large": "5.00", "small": "50.00"}
    assert [one["leads"] for one in said["months"]] == [55, 55]


def test_leads_are_needed_a_cycle_before_the_quota(program, new_agreement):
    plan = stored(new_agreement, starts_on=MAY, ends_on=dt.date(2026, 6, 1), cycle_days=30)
    factories.sign(planned(new_agreement, plan))
    said = program.get(f"/api/v1/plans/{plan.pk}/", {"fields": "cycle_days,months"}).json()
    assert said["cycle_days"] == 30
    assert [one["month_on"] for one in said["months"]] == ["2026-04-01", "2026-05-01"]
    assert sum(one["leads"] for one in said["months"]) >= 40


def test_plans_of_drafts_are_read_by_those_who_write_them(program, new_agreement):
    signed = agreed_plan(new_agreement)
    drafted, unused = stored(new_agreement), stored(None)
    draft = planned(new_agreement, drafted, starts_on=MAY)
    director = programs.person(factories.party(new_agreement, "sales").signatory)
    viewer = factories.user("Viewer", role="viewer")
    own = stored(None, by=viewer)
    for who, seen in (
        (program, [signed.pk]),
        (programs.person(factories.user("Auditor", role="auditor")), [signed.pk]),
        (programs.person(viewer), [signed.pk, own.pk]),
        (director, [signed.pk, drafted.pk]),
    ):
        assert ids(who) == seen
        for plan in (signed, drafted, unused, own):
            found = who.get(f"/api/v1/plans/{plan.pk}/").status_code
            assert found == (200 if plan.pk in seen else 404)
    assert director.get(f"/api/v1/plans/{drafted.pk}/").json()["versions"][0]["number"] == draft.number


def test_of_a_plan_that_is_agreed_the_goals_of_a_draft_stay_its_writers(program, new_agreement):
    plan = agreed_plan(new_agreement)
    planned(new_agreement, plan, starts_on=MAY)
    director = programs.person(factories.party(new_agreement, "sales").signatory)
    for who, numbers in ((program, {1}), (director, {1, 2})):
        said = who.get(f"/api/v1/plans/{plan.pk}/").json()
        assert {one["number"] for one in said["versions"]} == numbers
        assert {one["version"] for one in said["goals"]} == numbers
        # A filter tells nothing of a draft either.
        assert ids(who, version=2) == ([plan.pk] if 2 in numbers else [])
        assert ids(who, version=2, agreement="company") == ([plan.pk] if 2 in numbers else [])


def test_plans_are_filtered_by_agreement_and_version(program, new_agreement):
    other = factories.agreement("other")
    first, second = agreed_plan(new_agreement), agreed_plan(other)
    factories.signed(other, starts_on=MAY)
    third = stored(None)
    factories.sign(planned(new_agreement, third, starts_on=dt.date(2026, 6, 1)))
    assert ids(program, agreement="company") == [first.pk, third.pk]
    assert ids(program, agreement="other") == [second.pk]
    assert ids(program, version=1) == [first.pk, second.pk]
    assert ids(program, version=2) == [third.pk]  # other's second version was made of no plan
    assert ids(program, version=2, agreement="company") == [third.pk]
    assert ids(program, version=2, agreement="other") == ids(program, agreement="nobody") == []
    assert ids(program, version=2**40) == []
    assert ids(program, ordering="-created_at") == [third.pk, second.pk, first.pk]


def test_many_plans_take_as_many_queries_as_few(program, new_agreement):
    def more():
        for n in range(4):
            agreed_plan(factories.agreement(f"other-{n}"))

    agreed_plan(new_agreement)
    assert_same_queries(lambda: ids(program), add_rows=more)
