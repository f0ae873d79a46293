"""First pages and the review beside the sample month: for whom they are, and of companies that are made otherwise."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agreements.models import Clause, Commitment, Membership
from leads.services.hand_offs import hand_over
from reports import rollups
from tests import factories
from tests.query_counts import MOST_QUERIES
from tests.reports.answers import texts
from tests.reports.sample_month import MARCH, NOW, fill_month, make_company
from tests.reports.test_homes import judged, signed_in
from tests.reports.test_query_counts import add

ADDRESSES = ("/marketing/", "/sales/", "/review/")
HOSTILE = '<script>alert("1")</script> & $x$ ' + "x" * 60


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.mark.parametrize(
    "function,role,address",
    [
        ("sales", "director", "/sales/"),
        ("sales", "manager", "/sales/"),
        ("sales", "member", "/queue/"),
        ("marketing", "director", "/marketing/"),
        ("marketing", "member", "/handed-over/"),
        ("service", "member", "/review/"),
    ],
)
def test_first_page_leads_to_ones_own(client, db, function, role, address):
    person = factories.user()
    Membership.objects.create(user=person, team=factories.team("A team", function), role=role)
    assert signed_in(client, person).get("/").url == address


def test_first_page_of_those_beside_the_teams(client, db):
    for role in ("viewer", "auditor"):
        assert signed_in(client, factories.user(role=role)).get("/").url == "/review/"
    administrator = factories.user(is_superuser=True)
    assert signed_in(client, administrator).get("/").url == "/set-up/"
    factories.agreement()
    assert client.get("/").url == "/marketing/"


def test_review_of_a_month_that_is_over_judges_each_promise_and_names_what_follows(client, db, monkeypatch):
    company = make_company(average_goal=dt.timedelta(hours=2))
    version = factories.draft(company.agreement, starts_on=dt.date(2026, 3, 1), goals={MARCH: 10})
    marketing, sales = (factories.party(company.agreement, name) for name in ("marketing", "sales"))
    Clause.objects.create(version=version, party=sales, topic="consequence", text=f"We call {HOSTILE} again.")
    Clause.objects.create(version=version, party=marketing, topic="consequence", text="We write a plan.")
    factories.sign(version)
    fill_month(company)
    later = dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC)
    rollups.refresh(now=later, wait=True)
    monkeypatch.setattr(timezone, "now", lambda: later)
    answer = signed_in(client, company.viewer).get("/review/", {"month": "2026-03"})
    assert texts(answer, "h1") == ["Company Marketing kept its promise. Company Sales kept 0 of 2 promises."]
    outcomes = judged(answer)
    assert outcomes["MQL goal"] == "✔ met"
    assert "flood" in answer.text
    assert outcomes["Depth"] == "✖ missed"
    assert "Due now: “If we do not meet our goal, we will …”" in texts(answer, "h3")
    assert "<script>alert" not in answer.text
    assert "40 of 10 (+300%)" in answer.text


def test_review_without_an_agreement_says_what_will_stand_there(client, db):
    at = NOW - dt.timedelta(hours=2)
    hand_over(lead=factories.lead(at), now=NOW, at=at)
    rollups.refresh(now=NOW, wait=True)
    answer = signed_in(client, factories.user()).get("/review/")
    assert texts(answer, "h1") == ["No promise was in force in March 2026, so there is nothing to judge."]
    assert "No agreement was in force" in texts(answer, "h2")


def test_promise_for_one_segment_is_judged_by_its_own_hand_offs(client, db):
    company = make_company()
    version = factories.draft(
        company.agreement,
        starts_on=MARCH,
        goals={MARCH: 40},
        segment_allowances={company.executives: dt.timedelta(hours=1)},
    )
    factories.sign(version)
    fill_month(company)
    rollups.refresh(now=NOW, wait=True)
    answer = signed_in(client, company.viewer).get("/review/")
    assert "Speed on average · Executives" in judged(answer)
    promise = Commitment.objects.get(version=version, kind="speed", segment=company.executives)
    assert promise.average_goal == dt.timedelta(minutes=30)
    with CaptureQueriesContext(connection) as captured:
        client.get("/review/")
    assert len(captured) <= MOST_QUERIES


@pytest.mark.parametrize("address", ADDRESSES)
def test_empty_product_says_what_will_stand_there(client, db, address):
    answer = signed_in(client, factories.user()).get(address)
    assert texts(answer, "h1") == ["No lead has been handed off yet."]


def test_ten_hand_offs_and_a_thousand_take_the_same_queries(client, db):
    company = make_company()
    lee = company.lee
    sales = factories.party(company.agreement, "sales").team
    Membership.objects.create(user=lee, team=sales, role="manager")
    client.force_login(company.admin)

    def counts() -> dict[str, int]:
        found = {}
        for address in ADDRESSES:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address, {"month": "2026-03"}).status_code == 200
            found[address] = len(captured)
        return found

    add(0, 10)
    counts()
    with_ten = counts()
    add(10, 1000)
    assert counts() == with_ten
    assert max(with_ten.values()) <= MOST_QUERIES, with_ten
