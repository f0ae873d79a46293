"""A month's landing, and where its gap comes from, by the API: the figures that the page of the waterfall shows."""

from __future__ import annotations

from fractions import Fraction

import jsonschema
import pytest
from django.urls import reverse
from django.utils import timezone

from leads.services.hand_offs import hand_over
from reports import rollups
from reports.periods import month_of
from reports.readings.breakdown import gap_by_source
from reports.readings.scope import build_scope
from slaproject.integrations.api import whole_schema
from tests import factories
from tests.api import programs
from tests.query_counts import MOST_QUERIES
from tests.reports.answers import texts
from tests.reports.sample_month import MARCH, NOW

pytestmark = pytest.mark.django_db
ASKED = {"from": "2026-03-01", "to": "2026-04-01", "agreement": "company"}
NOT_SEEN = {"projected", "low", "high"}


@pytest.fixture(autouse=True)
def on_the_17th(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def read(report: str, **asked):
    answer = programs.program("reports:read").get(f"/api/v1/reports/{report}/", ASKED | asked)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    schema = whole_schema()
    of = schema["paths"][f"/api/v1/reports/{report}/"]["get"]["responses"]["200"]["content"]
    described = of["application/json"]["schema"] | {"components": schema["components"]}
    jsonschema.Draft202012Validator(described).validate(said)
    name = of["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
    assert set(said) == set(schema["components"]["schemas"][name]["properties"])
    return said


def test_the_landing_is_the_one_that_the_page_says(company, client):
    said = read("landing")
    # 40 of 100 leads on the 17th of 31 days; 14 days are left, of which 4 lie on week-ends.
    assert (said["measure"], said["goal"], said["actual"]) == ("handed_off", 100, 40)
    assert said["goal_to_date"] == pytest.approx(1700 / 31) and said["gap"] == pytest.approx(40 - 1700 / 31)
    assert (said["remaining_days"], said["remaining_business_days"]) == (14, 10)
    assert said["needed_per_remaining_day"] == pytest.approx(60 / 14)
    assert said["needed_per_remaining_business_day"] == 6
    landing = said["landing"]
    assert 40 <= landing["low"] < landing["projected"] < landing["high"]
    assert landing["interval_percent"] == 80
    client.force_login(company.viewer)
    page = client.get(reverse("reports:waterfall"), {"month": "2026-03", "agreement": "company"})
    expected = "The month is projected to end at {projected} ({low}–{high}, {interval_percent}% interval)."
    shown = [one for one in texts(page, "p") if one.startswith("The month is projected")]
    assert expected.format(**landing) in shown


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "2026-02-01", "to": "2026-03-01"},
        {"from": "2026-04-01", "to": "2026-05-01"},
        {"as_of": "2026-03-12T12:00:00Z"},
        {"measure": "qualified"},
        {"measure": "value", "source": "web"},
        {"segment": "executives", "source": "web"},
    ],
)
def test_where_nothing_can_be_projected_the_rest_is_said_all_the_same(company, asked):
    said = read("landing", **asked)
    assert said["landing"] is None and said["remaining_days"] is not None


def test_what_came_today_is_in_the_landing(company):
    # The projection is made after yesterday; so much comes today that it lies below.
    for _n in range(150):
        lead = factories.lead(NOW, source="web")
        hand_over(lead=lead, now=NOW, at=NOW, owner=company.kim, agreement=company.agreement)
    rollups.refresh(now=NOW, wait=True)
    said = read("landing")
    assert said["actual"] == 190 and said["needed_per_remaining_day"] == 0
    assert {said["landing"][name] for name in NOT_SEEN} == {190}


def test_the_gap_comes_from_segments_and_sources(company):
    said = read("gap")
    assert said["actual"] == 40 and said["gap"] == pytest.approx(40 - 1700 / 31)
    executives, others = said["segments"]
    assert executives["segment"] == "executives" and executives["actual"] == 10
    assert executives["goal_to_date"] == pytest.approx(25 * 17 / 31)
    assert executives["gap"] == pytest.approx(10 - 25 * 17 / 31)
    assert executives["share_of_actual"] == {"numerator": 10, "denominator": 40}
    assert (others["segment"], others["actual"], others["gap"]) == ("", 30, None)
    scope = build_scope(period=month_of(MARCH), now=NOW, agreement=company.agreement)
    expected = [(group.key, group.actual) for group in gap_by_source(scope, "handed_off")]
    assert [(one["source"], Fraction(one["actual"])) for one in said["sources"]] == expected
    assert sum(one["actual"] for one in said["sources"]) == 40
    assert all(one["goal_to_date"] is None and one["gap"] is None for one in said["sources"])


def test_the_gap_is_by_the_measure_and_the_instant_that_are_asked_for(company):
    worth = read("gap", measure="value")
    assert (worth["measure"], worth["actual"]) == ("value", 1000)  # ten executives at 100 each
    then = read("gap", as_of="2026-03-04T12:00:00Z")
    assert then["actual"] == sum(one["actual"] for one in then["sources"]) == 15
    assert then["goal_to_date"] == pytest.approx(400 / 31)


@pytest.mark.parametrize("report", ["landing", "gap"])
@pytest.mark.parametrize(
    ("asked", "at"),
    [
        ({"from": "2026-03-02"}, "from"),
        ({"to": "2026-03-31"}, "to"),
        ({"to": "2026-05-01"}, "to"),
        ({"to": "2026-03-01"}, "to"),
        ({"from": "0001-01-01"}, "to"),
        ({"measure": "luck"}, "measure"),
        ({"owner": "kim"}, "owner"),
        ({"by": "day"}, "by"),
        ({"as_of": "2090-01-01T00:00:00Z"}, ""),
    ],
)
def test_only_one_whole_month_is_asked_for(report, asked, at):
    without = {name: value for name, value in (ASKED | asked).items() if name != "agreement"}
    answer = programs.program().get(f"/api/v1/reports/{report}/", without)
    assert answer.status_code == 400 and at in [one["at"] for one in answer.json()["errors"]], answer.text


@pytest.mark.parametrize("name", ["segment", "source", "campaign"])
def test_a_gap_is_of_all_leads(name):
    answer = programs.program().get("/api/v1/reports/gap/", {**ASKED, name: "web"})
    assert answer.status_code == 400 and answer.json()["errors"][0]["at"] == name


@pytest.mark.parametrize("report", ["landing", "gap"])
def test_a_month_takes_no_more_queries_than_a_page_may(company, report, django_assert_max_num_queries):
    with django_assert_max_num_queries(MOST_QUERIES):
        read(report)
