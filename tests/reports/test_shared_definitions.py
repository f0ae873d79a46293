"""Whoever opens a share link reads how its figures are counted, in the same sentences as editions have."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import pytest
from django.utils import timezone

from agreements.models import Clause, Commitment
from leads.models import Lead
from reports import rollups
from reports.charts.explored_words import MEASURE_WORDS
from reports.charts.recalibration import how_rates_are_measured
from reports.charts.stored import table_as_json
from reports.pages.edition_definitions import definitions_table
from reports.pages.frame import page_of_agreement
from reports.pages.shared_definitions import of_explored
from reports.readings.explored_measures import MEASURES
from reports.share_links import make_share_link
from tests import factories
from tests.reports.answers import texts
from tests.reports.sample_month import MARCH, NOW

NAMES = re.compile(r"\b(Kim|Ito|Sons|Ada|Vera)\b")
MONTH = "month=2026-03&agreement=company"
DAYS = "first=2026-03-01&last=2026-03-31&agreement=company"


@pytest.fixture(autouse=True)
def on_the_17th(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def in_the_edition(company: Any) -> dict[str, tuple[str, str]]:
    page = page_of_agreement(company.agreement, month=MARCH, now=NOW)
    version = company.agreement.versions.get(number=1)
    return {
        str(of.value): (of.text, definition.text) for of, definition in definitions_table(page, version).rows
    }


def opened(client: Any, company: Any, subject: str, chart: str, query: str = "", **more: Any) -> Any:
    _link, token = make_share_link(
        maker=company.viewer, subject=subject, chart=chart, query=query, days=7, now=NOW, **more
    )
    client.logout()
    answer = client.get(f"/shared/{token}/")
    assert answer.status_code == 200
    assert not NAMES.search(answer.text)
    return answer


def shown(client: Any, company: Any, subject: str, chart: str, query: str) -> list[tuple[str, str]]:
    """The definitions that stand on the page, which is that of one chart."""
    answer = opened(client, company, subject, chart, query)
    found = list(answer.context["shown"].definitions)
    assert "How it is counted" in texts(answer, "h2")
    said = html.unescape(answer.text)
    assert found and all(f"<dt>{of}</dt><dd>{text}</dd>" in said for of, text in found)
    assert "signed text of version" not in said
    return found


def meaning(measure: str) -> tuple[str, str]:
    return str(MEASURE_WORDS[measure].name), str(MEASURE_WORDS[measure].meaning)


@pytest.mark.parametrize("chart", ["waterfall", "sources", "segments"])
def test_a_waterfall_says_how_leads_and_goal_are_counted_as_its_edition_will(client, company, chart):
    assert shown(client, company, "waterfall", chart, MONTH) == [in_the_edition(company)["goal"]]


def test_a_waterfall_of_another_measure_says_what_that_counts(client, company):
    ((_of, text),) = shown(client, company, "waterfall", "waterfall", f"{MONTH}&measure=value")
    assert (
        text.startswith(meaning("value")[1]) and "A lead handed over now is worth: Executives 100 EUR" in text
    )


def test_speed_and_depth_say_it_as_the_edition_with_the_hours_that_counted(client, company):
    kept = in_the_edition(company)
    for chart in ("speed", "in-time", "waits"):
        assert shown(client, company, "speed", chart, MONTH) == [kept["speed"], kept["hours"]], chart
    assert shown(client, company, "depth", "depth", MONTH) == [kept["depth"], kept["share_worked"]]
    assert shown(client, company, "depth", "heat", MONTH) == [kept["depth"], kept["hours"]]
    steps = [meaning("at_least_1"), meaning("at_least_2"), kept["depth"]]
    assert shown(client, company, "depth", "at-least", f"{MONTH}&segment=executives") == steps


def test_measured_rates_and_what_was_explored(client, company):
    kept = in_the_edition(company)
    rates = shown(client, company, "recalibration", "trend", MONTH)
    assert rates[-1] == kept["rates"] and how_rates_are_measured()[0] in rates[-1][1]
    explored = shown(client, company, "explore", "explore", f"measure=in_time&by=week&{DAYS}")
    assert explored == [meaning("in_time"), kept["hours"]]
    ((of, text),) = shown(client, company, "explore", "explore", f"measure=net&by=source&{DAYS}")
    assert of == "Net" and text.startswith(meaning("net")[1]) and "A lead counts once" in text


def test_every_measure_that_can_be_explored_is_defined(company):
    page = page_of_agreement(company.agreement, month=MARCH, now=NOW)
    for measure in MEASURES:
        (of, text), *_more = of_explored(page.scope, measure)
        assert (of, text.startswith(meaning(measure)[1])) == (meaning(measure)[0], True), measure


def test_a_campaign_says_how_its_leads_and_its_plan_are_counted(client, company):
    Lead.objects.filter(source="partner").update(campaign="Spring fair")
    rollups.rebuild()
    campaign = factories.campaign(company.agreement)
    counted, plan = shown(client, company, "campaign", "campaign", f"campaign={campaign.pk}")
    assert counted[0] == "Handed off" and counted[1].startswith(meaning("handed_off")[1])
    assert plan == ("Plan", "What is planned of it is spread alike over its days, days off too.")


def test_where_no_agreement_is_in_force_the_sentences_are_those_of_all(client, company):
    assert shown(client, company, "speed", "speed", "month=2025-03&agreement=")[0][0] == "Speed"
    goal = shown(client, company, "waterfall", "waterfall", "month=2025-03&agreement=")
    assert goal[0] == meaning("handed_off") and "each was handed over under" in goal[1][1]


def test_what_a_version_changed_within_the_months_is_said_of_both(client, company):
    second = factories.draft(company.agreement, goals={MARCH: 40}, starts_on=dt.date(2026, 3, 10))
    Commitment.objects.filter(version=second, kind="depth").update(counts_automated=True)
    factories.sign(second)
    first, last = shown(client, company, "depth", "at-least", MONTH)[2:]
    assert (first[0], last[0]) == ("Depth, 1 Mar – 9 Mar", "Depth, 10 Mar – 31 Mar")
    assert "are no attempts" in first[1] and "count as attempts" in last[1]
    first, last = shown(client, company, "depth", "at-least", f"{MONTH}&by=month")[2:]
    assert last[0] == "Depth, 10 Mar 2026 to 31 Mar 2026"


def test_an_edition_has_what_it_keeps_but_for_what_the_parties_wrote(client, company):
    written = "Ask Nora Berg whether she wants it."
    other = factories.agreement("written")
    draft = factories.draft(other, goals={MARCH: 10})
    Clause.objects.create(version=draft, topic=Clause.Topic.QUALIFICATION, text=written)
    version = factories.sign(draft)
    page = page_of_agreement(other, month=MARCH, now=NOW)
    kept = table_as_json(definitions_table(page, version))
    edition = factories.edition(other, definitions=kept)
    assert written in str(kept)
    answer = opened(client, company, "edition", "", edition=edition)
    found = list(answer.context["shown"].definitions)
    texts_kept = [(of["text"], text["text"]) for of, text in kept["rows"]]
    assert found == [one for one in texts_kept if one[1] != written and "given back" not in one[0]]
    assert {"Speed", "Depth", "Measured rates", "Business hours"} <= {of for of, _text in found}
    assert "Nora Berg" not in answer.text
    assert "stands in the signed text of version 1" in answer.text


def test_an_edition_from_before_says_where_its_terms_stand(client, company):
    answer = opened(client, company, "edition", "", edition=factories.edition(company.agreement))
    assert "This edition was made before definitions were kept" in answer.text
