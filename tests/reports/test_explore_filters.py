"""The explore page's filters and further measures: the numbers of the other pages, and of the rows themselves."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import jsonschema
import pytest
from django.db import connection
from django.db.models import F
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.models import Deal, FollowUpAttempt, HandOff, Lead
from leads.services.attempts import log_attempt
from leads.services.hand_offs import close
from reports import rollups
from reports.models import SavedView
from reports.pages.explore import open_exploration
from reports.periods import Grain, month_of
from reports.readings.depth import depth_report
from reports.readings.explored_measures import AT_LEAST, MEASURES, Unit
from reports.readings.numbers import number
from reports.readings.recalibration import recalibration_report
from reports.readings.scope import build_scope
from reports.readings.speed import speed_report
from slaproject.integrations.api import whole_schema
from tests import factories
from tests.api import programs
from tests.hostile_text import HOSTILE_TEXTS
from tests.reports.answers import rows_of, texts
from tests.reports.sample_month import MARCH, NOW

MONTH = {"first": "2026-03-01", "last": "2026-03-31", "agreement": "company"}
DAYS = {"from": "2026-03-01", "to": "2026-04-01", "agreement": "company"}
FREE = {"country": "PL", "channel": "email", "hour": "09", "outcome": "unreachable"}
OF_LEADS = [key for key, one in MEASURES.items() if one.of_leads]


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def viewer(client, company):
    client.force_login(company.viewer)
    return client


@pytest.fixture
def mixed(company):
    """The month with countries, campaigns, a channel beside calls, and some hand-offs that were given up."""
    for place, lead in enumerate(Lead.objects.order_by("pk")):
        country, campaign = ("PL", "KR", "")[place % 3], ("Spring", "")[place % 2]
        Lead.objects.filter(pk=lead.pk).update(country=country, campaign=campaign)
    later = HandOff.objects.filter(first_attempt_at=None, closed_at=None).order_by("pk")[1::4]
    HandOff.objects.filter(pk__in=[one.pk for one in later]).update(
        handed_off_at=F("handed_off_at") + dt.timedelta(hours=1)
    )
    for hand_off in HandOff.objects.filter(first_attempt_at=None, closed_at=None).order_by("pk")[::2]:
        for _time in range(2):
            log_attempt(hand_off=hand_off, attempted_at=NOW, channel="email", outcome="sent", now=NOW)
    for hand_off in HandOff.objects.filter(closed_at=None).order_by("pk")[:8]:
        close(hand_off=hand_off, closed_as="unreachable", at=NOW, now=NOW)
    rollups.rebuild()
    return company


def opened(user, **asked):
    query = QueryDict(mutable=True)
    query.update(MONTH | asked)
    return open_exploration(query, user=user, now=NOW)


def total(page):
    return number(page.seen.measured(page.seen.found.total).value)


def by_hand(**asked):
    """The hand-offs that filters mean, one by one."""
    found = []
    for one in HandOff.objects.select_related("lead"):
        tried = FollowUpAttempt.objects.filter(hand_off=one, attempted_at=one.first_attempt_at).order_by("pk")
        says = {
            "country": one.lead.country,
            "campaign": one.lead.campaign,
            "channel": tried[0].channel if one.first_attempt_at else "none",
            "hour": f"{one.handed_off_at.astimezone(one.agreement.zone).hour:02}",
            "outcome": one.closed_as or "open",
        }
        if all(says[name] == value for name, value in asked.items()):
            found.append(one)
    return found


@pytest.mark.parametrize(
    "asked",
    [
        {"campaign": "Spring"},
        {"country": "PL"},
        {"channel": "email"},
        {"channel": "none"},
        {"outcome": "unreachable"},
        {"outcome": "open", "country": "KR"},
        {"hour": None},
        {"channel": "call", "campaign": "Spring", "country": "PL"},
    ],
)
def test_filters_leave_the_rows_that_they_name(mixed, asked):
    if "hour" in asked:
        one = HandOff.objects.order_by("pk").first()
        asked = {"hour": f"{one.handed_off_at.astimezone(one.agreement.zone).hour:02}"}
    kept = by_hand(**asked)
    assert 0 < len(kept) < HandOff.objects.count()
    page = opened(mixed.viewer, measure="hand_offs", by="day", **asked)
    assert total(page) == len(kept)
    assert sum(row["hand_offs"] for row in page.file()[1]) == len(kept)
    assert {chip.parameter for chip in page.frame.chips} == set(asked)
    waits = [one.first_attempt_business_seconds for one in kept if one.first_attempt_at]
    speed = opened(mixed.viewer, measure="speed", by="source", **asked)
    assert total(speed) == (number(Fraction(sum(waits), len(waits))) if waits else None)


SPEED = {
    "speed_survival": lambda one: one.kaplan_meier_median,
    "attempted": lambda one: one.total.attempted,
    "not_yet_due": lambda one: one.total.not_yet_due_answered + one.total.not_yet_due_open,
    "speed_elapsed": lambda one: one.total.average_elapsed,
    "speed_elapsed_median": lambda one: one.total.median_elapsed,
    "speed_elapsed_p90": lambda one: one.total.p90_elapsed,
    "routing": lambda one: one.total.routing_average,
    "rep_part": lambda one: one.total.rep_average,
}
DEPTH = {
    "not_connected": lambda one: one.total.not_connected,
    "depth_judged": lambda one: one.total.judged.average,
    "worked_judged": lambda one: one.total.judged.worked.value,
    "fully_worked_judged": lambda one: one.total.judged.fully_worked.value,
    "young": lambda one: one.total.young,
    "spacing": lambda one: one.spacing.average,
    "spacing_median": lambda one: one.spacing.median,
}


@pytest.mark.parametrize("asked", [{}, {"segment": "executives"}, {"country": "PL"}, {"channel": "call"}])
def test_further_measures_are_those_of_their_pages(mixed, asked):
    scope = build_scope(period=month_of(MARCH), now=NOW, agreement=mixed.agreement, **asked)
    speed, depth = speed_report(scope, Grain.WEEK), depth_report(scope, Grain.WEEK)
    for measures, report in ((SPEED, speed), (DEPTH, depth)):
        for measure, read in measures.items():
            for by, split in (("week", ""), ("source", ""), ("week", "source")):
                page = opened(mixed.viewer, measure=measure, by=by, split=split, **asked)
                assert total(page) == number(read(report)), measure
    for step in depth.at_least:
        measure = f"at_least_{step.k}"
        assert total(opened(mixed.viewer, measure=measure, by="source", **asked)) == number(
            step.fulfilled.value
        )
    assert depth.at_least and depth.spacing.n and speed.total.attempted
    weeks = opened(mixed.viewer, measure="speed_survival", by="week", **asked)
    assert [row["speed_survival"] for row in weeks.file()[1]] == list(speed.medians)


def test_deals_are_those_of_the_cohort_in_the_currency_of_most(mixed):
    won = list(Deal.objects.filter(is_won=True, lead__isnull=False).order_by("pk"))
    assert len(won) > 2
    Deal.objects.filter(pk=won[0].pk).update(currency="JPY", amount=7)
    scope = build_scope(period=month_of(MARCH), now=NOW, agreement=mixed.agreement)
    cohort = recalibration_report(scope).cohort
    for measure, expected in (
        ("average_deal", cohort.average_deal.value),
        ("revenue", cohort.revenue_marketing),
    ):
        page = opened(mixed.viewer, measure=measure, by="source")
        assert expected and total(page) == number(expected)
        assert page.seen.currency == "EUR"
    by_source = opened(mixed.viewer, measure="revenue", by="source").file()[1]
    assert sum(row["revenue"] for row in by_source) == number(cohort.revenue_marketing)


def test_every_measure_goes_with_every_filter_that_fits(viewer, mixed):
    for measure in MEASURES:
        free = {"country": "PL"} if measure in OF_LEADS else FREE
        answer = viewer.get(
            "/explore/", MONTH | free | {"measure": measure, "by": "campaign", "split": "country"}
        )
        assert answer.status_code == 200
        assert 'role="alert"' not in answer.text, measure
        kept = QueryDict(answer.context["explored"].state)
        assert {name: kept[name] for name in free} == free


def test_a_lead_that_was_not_handed_off_yet_has_no_channel(viewer, mixed):
    answer = viewer.get("/explore/", MONTH | {"measure": "qualified", "channel": "email", "hour": "09"})
    assert "no filter “Channel of the first attempt” fits them" in answer.text
    assert "no filter “Hour of arrival” fits them" in answer.text
    assert total(answer.context["explored"]) == total(opened(mixed.viewer, measure="qualified"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"country": "Atlantis"}, "No lead has the country “Atlantis”."),
        ({"channel": "pigeon"}, "“pigeon” is none of these"),
        ({"hour": "24"}, "“24” is none of these"),
        ({"outcome": "<b>"}, "“&lt;b&gt;” is none of these"),
        ({"campaign": "nothing"}, "No lead has the campaign “nothing”."),
        ({"hour": "9" * 21}, "Hour: "),
    ],
)
def test_a_filter_that_names_nothing_is_left_out_and_said(viewer, mixed, asked, said):
    answer = viewer.get("/explore/", MONTH | asked)
    assert said in answer.text
    assert total(answer.context["explored"]) == total(opened(mixed.viewer))


def test_filters_stand_in_the_form_and_can_be_taken_away(viewer, mixed):
    asked = MONTH | FREE | {"campaign": "Spring", "measure": "depth", "country": "pl"}
    answer = viewer.get("/explore/", asked)
    chips = " ".join(texts(answer, "li"))
    for said in ("Country: PL", "Channel of the first attempt: e-mail", "Hour of arrival: 09:00–10:00"):
        assert said in chips
    assert "Outcome: unreachable" in chips and "Campaign: Spring" in chips
    assert '<option value="email" selected>' in answer.text and '<option value="09" selected>' in answer.text
    assert "<optgroup" in answer.text
    without = {name: value for name, value in asked.items() if name != "hour"}
    links = [
        QueryDict(href.partition("?")[2].replace("&amp;", "&")).dict() for href in answer.text.split('"')
    ]
    assert without in links
    if "Nothing to draw" in answer.text:
        assert MONTH | {"measure": "depth"} in links


def test_a_saved_view_and_a_link_keep_the_filters(client, mixed):
    client.force_login(mixed.kim)
    state = opened(mixed.kim, measure="worked", by="country", **FREE, campaign="Spring").state
    client.post("/explore/views/save/", {"name": "Free", "query": state, "audience": "mine"})
    view = SavedView.objects.get()
    assert QueryDict(client.get(f"/explore/views/{view.pk}/").url.partition("?")[2]) == QueryDict(state)
    old = "measure=speed&by=source&segment=executives&first=2026-03-01&last=2026-03-31&agreement=company"
    SavedView.objects.filter(pk=view.pk).update(query=old)
    page = client.get(f"/explore/views/{view.pk}/", follow=True).context["explored"]
    assert (
        page.state
        == "measure=speed&by=source&first=2026-03-01&last=2026-03-31&agreement=company&segment=executives"
    )
    asked = {"subject": "explore", "chart": "explore", "query": state, "days": "7"}
    assert client.get("/shares/new/", asked).status_code == 200
    made = client.post("/shares/new/", asked)
    address = made.context["address"].removeprefix("http://testserver")
    client.logout()
    shown = client.get(address)
    assert shown.status_code == 200 and "Country: PL" in shown.text and "Campaign: Spring" in shown.text


def test_files_have_what_is_filtered(viewer, mixed):
    asked = MONTH | {"measure": "hand_offs", "by": "country", "channel": "call"}
    rows = rows_of(viewer.get("/explore/", asked | {"format": "csv"}))
    assert sum(int(row["hand_offs"]) for row in rows) == len(by_hand(channel="call"))
    sheet = viewer.get("/explore/", asked | {"format": "xlsx"})
    assert sheet.status_code == 200 and "spreadsheetml" in sheet.headers["Content-Type"]


def said_by_api(**asked):
    answer = programs.program("reports:read").get("/api/v1/reports/explore/", DAYS | asked)
    assert answer.status_code == 200, answer.text
    schema = whole_schema()
    of = schema["paths"]["/api/v1/reports/explore/"]["get"]["responses"]["200"]["content"]
    described = of["application/json"]["schema"] | {"components": schema["components"]}
    jsonschema.Draft202012Validator(described).validate(answer.json())
    return answer.json()


@pytest.mark.parametrize("asked", [{}, FREE, {"country": ""}, {"campaign": "Spring", "outcome": "open"}])
def test_programs_read_the_numbers_of_the_page(mixed, asked):
    for measure, one in MEASURES.items():
        if one.of_leads and asked.keys() & {"channel", "outcome"}:
            continue
        said = said_by_api(measure=measure, by="source", **asked)
        assert said["unit"] == one.unit.value
        if asked.get("country") == "":  # a page has no word for it
            continue
        page = opened(mixed.viewer, measure=measure, by="source", **asked)
        groups = {group["by"]: group for group in said["groups"]}
        assert {key: group["n"] for key, group in groups.items()} == {
            key: page.seen.measured(row).n for key, row in page.seen.found.first.items()
        }
        value = said["total"]["value"]
        if one.unit is Unit.SHARE:
            value = value["numerator"] / value["denominator"] if value["denominator"] else None
        assert value == total(page), measure
    if asked.get("country") == "":
        assert said_by_api(measure="hand_offs", **asked)["total"]["value"] == len(by_hand(country=""))


def test_programs_read_two_dimensions_by_their_slugs(mixed):
    team = factories.party(mixed.agreement, "sales").team
    for one in HandOff.objects.order_by("segment", "pk")[::2]:
        HandOff.objects.filter(pk=one.pk).update(team=team)
    said = said_by_api(measure="hand_offs", by="segment", split="week", team=team.slug)
    assert said["total"]["value"] == 20
    assert {one["by"] for one in said["groups"]} == {"", "executives"}
    assert sum(one["n"] for one in said["groups"]) == said["total"]["n"]
    assert {one["by"] for one in said_by_api(by="month", split="outcome")["groups"]} == {"2026-03-01"}


@pytest.mark.parametrize(
    ("asked", "at"),
    [
        ({"by": "rep"}, "by"),
        ({"split": "rep"}, "split"),
        ({"owner": "kim"}, "owner"),
        ({"by": "week", "split": "day"}, "split"),
        ({"by": "source", "split": "source"}, "split"),
        ({"measure": "won", "by": "hour"}, "measure"),
        ({"measure": "won", "channel": "call"}, "measure"),
        ({"measure": "none"}, "measure"),
        ({"hour": "25"}, "hour"),
        ({"team": "no-such"}, ""),
        ({"country": "Atlantis"}, ""),
    ],
)
def test_programs_are_told_what_does_not_go_together(mixed, asked, at):
    answer = programs.program("reports:read").get("/api/v1/reports/explore/", DAYS | asked)
    assert answer.status_code == 400
    assert at in [one["at"] for one in answer.json()["errors"]]


def test_no_measure_or_filter_takes_many_queries(viewer, mixed):
    for measure in ("speed_survival", "spacing", "revenue", "at_least_3"):
        free = {"country": "PL"} if measure in OF_LEADS else FREE
        with CaptureQueriesContext(connection) as asked:
            viewer.get("/explore/", MONTH | free | {"measure": measure, "by": "week", "split": "segment"})
        assert len(asked) <= 25, measure


def test_hostile_countries_stay_texts(viewer, mixed):
    for text in HOSTILE_TEXTS[:40]:
        Lead.objects.filter(pk=Lead.objects.order_by("pk").first().pk).update(country=text[:64])
        answer = viewer.get("/explore/", MONTH | {"country": text[:64], "by": "country"})
        assert answer.status_code == 200
        assert "<script>window.hacked" not in answer.text


def test_attempts_are_asked_for_one_by_one(mixed):
    shares = [total(opened(mixed.viewer, measure=key, by="team")) for key in AT_LEAST]
    assert shares == sorted(shares, reverse=True) and shares[0] > shares[-1]
