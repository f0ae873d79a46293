"""Kept calculations are their author's, never overwritten unasked, and compared; a draft takes one as its goal."""

from __future__ import annotations

import datetime as dt
import html
import re
from decimal import Decimal
from functools import partial

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.utils import timezone

from agreements.models import Membership, MonthGoal, Plan, Scenario
from agreements.services.scenarios import NameTaken, rename_scenario, save_scenario
from tests import factories
from tests.query_counts import assert_same_queries
from tests.races import race, rounds
from tests.reports.sample_month import NOW, make_company
from tests.reports.test_calculator import EXAMPLE

APRIL = dt.date(2026, 4, 1)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def company(db):
    return make_company()


@pytest.fixture
def viewer(client, company):
    client.force_login(company.viewer)
    return client


def query(**inputs: str) -> str:
    written = QueryDict(mutable=True)
    written.update({**EXAMPLE, **inputs})
    return written.urlencode()


def save(client, name: str, *, follow: bool = True, replaces: str = "", **inputs: str):
    data = {"name": name, "inputs": query(**inputs), "replaces": replaces}
    return client.post("/plan/scenarios/save/", data, follow=follow)


def test_a_saved_calculation_opens_as_it_was(viewer, company):
    assert "“Bold” is saved." in save(viewer, "  Bold ", close_rate="25").text
    kept = Scenario.objects.get()
    assert (kept.author, kept.name, kept.inputs["close_rate"]) == (company.viewer, "Bold", "25")
    opened = viewer.get(f"/plan/scenarios/{kept.pk}/", follow=True)
    assert 'name="close_rate" value="25"' in opened.text
    assert "You need 200 MQLs" in opened.text
    assert "scenario" not in opened.redirect_chain[0][0].split("?")[1]  # the link can be passed on


def test_the_same_name_is_asked_about_and_overwritten_as_it_was_seen(viewer):
    save(viewer, "Bold")
    asked = save(viewer, "Bold", close_rate="25")
    assert asked.status_code == 409
    assert "You have a calculation “Bold” already. Overwrite it?" in asked.text
    assert "You need 100 MQLs" in asked.text and "You need 200 MQLs" in asked.text
    assert Scenario.objects.get().inputs["close_rate"] == "50"
    seen = re.search(r'name="replaces" value="([^"]+)"', asked.text)
    assert seen
    assert "“Bold” is saved." in save(viewer, "Bold", close_rate="25", replaces=html.unescape(seen[1])).text
    assert Scenario.objects.get().inputs["close_rate"] == "25"
    stale = "2020-01-01T00:00:00+00:00"
    assert save(viewer, "Bold", close_rate="30", replaces=stale).status_code == 409
    assert Scenario.objects.get().inputs["close_rate"] == "25"


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\0b"])
def test_a_name_that_cannot_be_is_said_beside_its_field(viewer, name):
    answer = save(viewer, name, close_rate="25")
    assert answer.status_code == 422
    assert re.search(r'id="id_name_error">[^<]+<', answer.text)
    assert 'name="close_rate" value="25"' in answer.text  # nothing is lost
    assert not Scenario.objects.exists()


def test_what_cannot_be_worked_out_is_not_kept(viewer):
    answer = save(viewer, "Bold", quota="much")
    assert answer.status_code == 422 and "is no number" in answer.text
    assert 'id="id_name"' in answer.text and 'value="Bold"' in answer.text
    assert not Scenario.objects.exists()


def test_hostile_names_stay_text(viewer):
    name = "<script>alert(1)</script>'\"‮"
    save(viewer, name)
    for address in ("/plan/scenarios/", "/plan/", f"/plan/compare/?scenario={Scenario.objects.get().pk}"):
        text = viewer.get(address).text
        assert "<script>alert" not in text and "&lt;script&gt;alert" in text


def test_rename_delete_and_undo(viewer):
    save(viewer, "Bold")
    save(viewer, "Timid")
    bold = Scenario.objects.get(name="Bold")
    address = f"/plan/scenarios/{bold.pk}/rename/"
    taken = viewer.post(address, {"name": "Timid"})
    assert taken.status_code == 422 and "You have a scenario “Timid” already." in taken.text
    assert "It is called “Bolder” now." in viewer.post(address, {"name": "Bolder"}, follow=True).text
    gone = viewer.post(f"/plan/scenarios/{bold.pk}/delete/", follow=True)
    assert "“Bolder” is deleted." in gone.text
    inputs = re.search(r'name="inputs" value="([^"]+)"', gone.text)
    assert inputs
    viewer.post("/plan/scenarios/save/", {"name": "Bolder", "inputs": html.unescape(inputs[1])})
    assert set(Scenario.objects.values_list("name", flat=True)) == {"Bolder", "Timid"}
    assert "is deleted" not in viewer.get("/plan/scenarios/").text


def test_a_foreign_calculation_is_not_there(viewer, company, client):
    save(viewer, "Bold")
    pk = Scenario.objects.get().pk
    client.force_login(company.admin)
    for address in (
        f"/plan/scenarios/{pk}/",
        f"/plan/scenarios/{pk}/rename/",
        f"/plan/compare/?scenario={pk}",
    ):
        assert client.get(address).status_code == 404
    assert client.post(f"/plan/scenarios/{pk}/delete/").status_code == 404
    assert "Bold" not in client.get("/plan/scenarios/").text + client.get("/plan/").text
    assert "Bold" not in client.get("/plan/compare/").text
    assert Scenario.objects.filter(pk=pk).exists()


def test_up_to_three_are_compared_and_differences_marked(viewer):
    for name, rate in (("Bold", "50"), ("Timid", "25"), ("Same", "50"), ("Fourth", "10")):
        save(viewer, name, close_rate=rate)
    keys = [Scenario.objects.get(name=name).pk for name in ("Bold", "Timid", "Same", "Fourth")]
    answer = viewer.get("/plan/compare/", {"scenario": keys})
    assert "“Bold” needs the fewest MQLs a month, 100; “Timid” the most, 200." in answer.text
    assert "Only the first 3 are shown." in answer.text
    found = answer.context["comparison"]
    rate = next(row for row in found.inputs if row.name == "Close rate")
    assert [(cell.text, cell.differs) for cell in rate.cells] == [
        ("50 %", False),
        ("25 %", True),
        ("50 %", False),
    ]
    leads = next(row for row in found.results if row.name == "MQLs in all")
    assert [(cell.text, cell.change) for cell in leads.cells] == [
        ("100", ""),
        ("200", "+100, +100%"),
        ("100", ""),
    ]
    quota = next(row for row in found.inputs if row.name == "Quota")
    assert not quota.differs
    assert "Choose two or three" in viewer.get("/plan/compare/").text
    for wrong in ("x", "-1", "9" * 30, "987654321"):
        assert viewer.get("/plan/compare/", {"scenario": wrong}).status_code == 404


def test_a_calculation_that_no_longer_works_says_why(viewer, company):
    for name in ("Old", "New"):
        save(viewer, name)
    Scenario.objects.filter(name="Old").update(inputs={**EXAMPLE, "agreement": "gone", "quota": "<b>"})
    answer = viewer.get("/plan/compare/", {"scenario": [one.pk for one in Scenario.objects.all()]})
    assert answer.status_code == 200
    assert "Quota: “&lt;b&gt;” is no number." in answer.text


def test_the_list_asks_as_often_for_many_as_for_few(viewer, company):
    def add():
        for number in range(40):
            save_scenario(author=company.viewer, name=f"No. {number}", inputs=EXAMPLE, now=NOW)

    save(viewer, "Bold")
    assert_same_queries(lambda: viewer.get("/plan/scenarios/"), add_rows=add)
    assert "Older" in viewer.get("/plan/scenarios/").text


@pytest.mark.django_db(transaction=True)
def test_of_two_saved_at_once_under_a_name_one_is_asked():
    author = factories.user()

    def keep(number):
        return save_scenario(author=author, name="Bold", inputs={"quota": str(number)}, now=NOW)

    for _ in range(rounds(3)):
        Scenario.objects.all().delete()
        found = race(*(partial(keep, number) for number in range(4)))
        (kept,) = (one for one in found if isinstance(one, Scenario))
        assert [type(one) for one in found if one is not kept] == [NameTaken] * 3
        assert Scenario.objects.get().inputs == kept.inputs
    save_scenario(author=author, name="Timid", inputs={}, now=NOW)
    with pytest.raises(NameTaken):
        rename_scenario(scenario=Scenario.objects.get(name="Timid"), name="Bold")


def direct(company, function: str):
    """A director of a party's team."""
    return factories.party(company.agreement, function).signatory


def test_a_director_makes_it_the_goal_of_a_draft(client, company):
    director = direct(company, "marketing")
    draft = factories.draft(company.agreement, starts_on=APRIL)
    client.force_login(director)
    quarter = {"agreement": "company", "start": "2026-04", "period": "quarter", "split": "business_days"}
    page = client.get("/plan/", {**EXAMPLE, **quarter})
    assert "Use as its goal" in page.text
    answer = client.post("/plan/goal/", {"inputs": query(**quarter, quota="15000"), "version": draft.number})
    assert answer.status_code == 302
    assert answer.url == f"/agreements/company/versions/{draft.number}/edit/"
    plan = Plan.objects.latest("pk")
    assert (plan.leads, plan.created_by, plan.currency, plan.split) == (300, director, "EUR", "business_days")
    goals = MonthGoal.objects.filter(commitment__version=draft, plan=plan).order_by("month_on")
    assert [int(goal.goal) for goal in goals] == list(plan.derivation["months"].values())
    assert sum(goal.goal for goal in goals) == 300
    work = page.context["contents"].calculation.load
    assert [one.business_days for one in work] == [22, 21, 22]


def test_goal_of_a_month_is_that_of_each_month_of_the_version_only_by_choice(client, company):
    client.force_login(direct(company, "marketing"))
    draft = factories.draft(company.agreement, starts_on=APRIL)
    asked = {"agreement": "company", "start": "2026-05", "cycle_days": "20"}
    page = client.get("/plan/", {**EXAMPLE, **asked})
    assert "The same goal for each month of the version" in page.text
    chosen = {"inputs": query(**asked), "version": draft.number, "each_month": "1"}
    client.post("/plan/goal/", chosen)
    goals = MonthGoal.objects.filter(commitment__version=draft).order_by("month_on")
    assert [(f"{goal.month_on:%Y-%m}", goal.goal) for goal in goals] == [
        *((f"2026-{month:02}", 100) for month in range(4, 13)),
        *((f"2027-{month:02}", 100) for month in range(1, 4)),
    ]
    assert {goal.plan for goal in goals} == {Plan.objects.latest("pk")}
    assert client.get(f"/plans/{goals[0].plan_id}/?month=2026-09").status_code == 200
    quarter = client.get("/plan/", {**EXAMPLE, **asked, "period": "quarter"})
    assert "The same goal for each month" not in quarter.text
    refused = client.post(
        "/plan/goal/", chosen | {"inputs": query(**asked | {"period": "quarter"})}, follow=True
    )
    assert "Only the quota of one month can be repeated" in refused.text


def test_goal_of_a_month_alone_is_one_months(client, company):
    client.force_login(direct(company, "marketing"))
    draft = factories.draft(company.agreement, starts_on=APRIL)
    client.post(
        "/plan/goal/", {"inputs": query(agreement="company", start="2026-05"), "version": draft.number}
    )
    assert [goal.month_on.month for goal in MonthGoal.objects.filter(commitment__version=draft)] == [5]


def test_with_segments_each_gets_its_goal(client, company):
    factories.segment("Managers")
    client.force_login(direct(company, "sales"))
    draft = factories.draft(company.agreement, starts_on=APRIL)
    each = {"agreement": "company", "start": "2026-04", "per": "segment"}
    each |= {"share-executives": "40", "deal-executives": "1000", "rate-executives": "30"}
    each |= {"share-managers": "60", "deal-managers": "70", "rate-managers": "11"}
    client.post("/plan/goal/", {"inputs": query(**each), "version": draft.number})
    goals = MonthGoal.objects.filter(commitment__version=draft)
    assert {str(goal.commitment.segment): goal.goal for goal in goals} == {
        "None": Decimal(397),
        "Executives": Decimal(7),
        "Managers": Decimal(390),
    }


def test_only_directors_of_a_party_and_administrators_use_it(client, company):
    factories.draft(company.agreement, starts_on=APRIL)
    data = {"inputs": query(agreement="company", start="2026-04"), "version": "2"}
    client.force_login(company.viewer)
    assert client.post("/plan/goal/", data).status_code == 403
    assert "are set by the directors of its parties" in client.get("/plan/?agreement=company").text
    elsewhere = factories.user()
    Membership.objects.create(user=elsewhere, team=factories.team("Elsewhere"), role=Membership.Role.DIRECTOR)
    client.force_login(elsewhere)
    assert client.post("/plan/goal/", data).status_code == 404  # a draft that one may not see
    assert (
        client.post("/plan/goal/", data | {"version": "1"}).status_code == 403
    )  # signed: seen, but not written
    client.force_login(company.admin)
    assert client.post("/plan/goal/", data).status_code == 302
    assert Plan.objects.latest("pk").created_by == company.admin


@pytest.mark.parametrize(
    "version,inputs,said",
    [
        ("1", {}, "signed"),
        ("2", {"start": "2026-01"}, "says nothing about any month of this draft"),
        ("2", {"quota": "-1"}, "an input cannot be used"),
        ("2", {"quota": "9999999999", "average_deal": "0.01"}, "No goal can be of so many leads."),
        ("", {}, "Choose the draft"),
    ],
)
def test_what_a_draft_cannot_take_is_said_and_nothing_stored(client, company, version, inputs, said):
    factories.draft(company.agreement, starts_on=APRIL)
    client.force_login(company.admin)
    plans = Plan.objects.count()
    asked = query(**{"agreement": "company", "start": "2026-04", **inputs})
    answer = client.post("/plan/goal/", {"inputs": asked, "version": version}, follow=True)
    assert said in answer.text
    assert Plan.objects.count() == plans
    for absent in ("99", "x", "9" * 40):
        assert client.post("/plan/goal/", {"inputs": asked, "version": absent}).status_code == 404


def test_without_a_draft_the_page_leads_to_where_one_is_begun(client, company):
    client.force_login(direct(company, "marketing"))
    text = client.get("/plan/?agreement=company").text
    assert "There is no draft of Company that could take this goal." in text
    assert 'href="/agreements/company/"' in text
