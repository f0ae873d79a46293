"""Links to a campaign's waterfall and to the trend of the measured rates, and what links are called."""

from __future__ import annotations

import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.models import Membership
from leads.models import Lead
from reports import rollups
from reports.models import ShareLink
from reports.share_links import make_share_link
from tests import factories
from tests.query_counts import MOST_QUERIES
from tests.reports.answers import texts
from tests.reports.sample_month import NOW

PEOPLE = ("Kim", "Ito", "Sons", "Ada", "Vera")


@pytest.fixture
def on_the_17th(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def way_of(client, page, chart):
    """Return the way from a chart's page to the form that shares it."""
    answer = client.get(page)
    ways = [html.unescape(one) for one in re.findall(r'href="(/shares/new/[^"]+)"', answer.text)]
    (way,) = [one for one in ways if f"chart={chart}&" in one]
    return way


def share(client, way):
    """Share what the form is about, as a person does; return the link's address."""
    form = client.get(way)
    assert form.status_code == 200
    given = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.text))
    given = {name: html.unescape(value) for name, value in given.items() if name != "csrfmiddlewaretoken"}
    return (
        client.post("/shares/new/", given | {"days": "7"})
        .context["address"]
        .removeprefix("http://testserver")
    )


def shown_to_all(client, address, original):
    """Open the link without an account: the chart of its page, with no way to rows or people."""
    client.logout()
    answer = client.get(address)
    assert answer.status_code == 200
    assert texts(answer, "h1") == [original.title]
    ((chart, figure),) = answer.context["charts"]
    assert chart.series == original.series and figure["data"]
    assert [[cell.value for cell in row] for row in chart.table.rows] == [
        [cell.value for cell in row] for row in original.table.rows
    ]
    assert not any(cell.address for row in chart.table.rows for cell in row)
    assert "/waterfall/leads/" not in answer.text and "/shares/new/" not in answer.text
    assert not any(name in answer.text for name in PEOPLE)
    return answer


def test_a_campaign_is_shared_and_goes_dark_with_its_plan(client, company, on_the_17th):
    Lead.objects.filter(source="partner").update(campaign="Spring fair")
    rollups.rebuild()
    campaign = factories.campaign(company.agreement)
    client.force_login(company.viewer)
    page = reverse("reports:campaign", args=[campaign.pk])
    original = client.get(page).context["contents"].chart
    assert any(cell.address for row in original.table.rows for cell in row)
    address = share(client, way_of(client, page, "campaign"))
    answer = shown_to_all(client, address, original)
    assert texts(answer, "p")[0] == "Campaign: Spring fair · 1 Mar 2026 to 10 Mar 2026"
    client.force_login(company.viewer)
    assert f'href="{page}"' in client.get("/shares/").text
    campaign.delete()
    assert client.get(address).status_code == 404
    assert "Campaign" in client.get("/shares/").text


@pytest.mark.parametrize("query", ["", "campaign=0", "campaign=x", "campaign=²", f"campaign={'9' * 30}"])
def test_a_campaign_that_is_not_there_is_not_shared(client, company, on_the_17th, query):
    client.force_login(company.viewer)
    asked = {"subject": "campaign", "chart": "campaign", "query": query, "days": "7"}
    assert client.get("/shares/new/", asked).status_code == 404
    assert client.post("/shares/new/", asked).status_code == 404


def test_a_campaign_of_a_foreign_agreement_is_as_absent(client, company, on_the_17th):
    unseen = factories.agreement("never-signed")
    factories.draft(unseen)
    hidden = factories.campaign(unseen, "Secret plan")
    client.force_login(company.viewer)
    asked = {"subject": "campaign", "chart": "campaign", "query": f"campaign={hidden.pk}"}
    assert client.get("/shares/new/", asked).status_code == 404
    measures = {"subject": "measures", "chart": "promise-0", "query": "agreement=never-signed"}
    assert client.get("/shares/new/", measures).status_code == 404
    # Its own party may share it; whose rights end sees no name of it any more.
    person = factories.user("Dora")
    team = factories.party(unseen, "marketing").team
    member = Membership.objects.create(user=person, team=team, role="director")
    make_share_link(maker=person, subject="campaign", chart="campaign", query=asked["query"], days=7, now=NOW)
    client.force_login(person)
    assert "Secret plan" in client.get("/shares/").text
    member.delete()
    assert "Secret plan" not in client.get("/shares/").text


@pytest.mark.parametrize("per", ["month", "quarter", "year"])
def test_the_trend_of_the_rates_is_shared(client, company, on_the_17th, per):
    client.force_login(company.viewer)
    page = f"/recalibration/?month=2026-03&per={per}&source=web"
    (original,) = client.get(page).context["contents"].charts
    answer = shown_to_all(client, share(client, way_of(client, page, "trend")), original)
    when = {"month": "March 2026", "quarter": "quarter 1 of 2026", "year": "2026"}[per]
    assert texts(answer, "p")[0] == f"Recalibration · {when} · Company · web"
    assert "draft" not in answer.text.lower()


def test_the_rates_of_one_person_are_not_shared(client, company, on_the_17th):
    client.force_login(company.admin)
    page = f"/recalibration/?month=2026-03&owner={company.kim.pk}"
    assert "/shares/new/" not in client.get(page).text
    asked = {"subject": "recalibration", "chart": "trend", "query": page.partition("?")[2]}
    assert client.get("/shares/new/", asked).status_code == 404


def test_a_link_is_called_by_what_it_shows(client, company, on_the_17th):
    said = {
        ("waterfall", "waterfall", "month=2026-03&agreement=company"): "Waterfall · March 2026 · Company",
        (
            "waterfall",
            "sources",
            "month=2026-03&agreement=company&segment=executives",
        ): "Waterfall: by source · March 2026 · Company · Executives",
        (
            "speed",
            "in-time",
            "month=2026-03&agreement=company&source=web",
        ): "Speed: share in time · March 2026 · Company · web",
        ("depth", "heat", "month=2026-03&agreement="): "Depth: attempts by business day · March 2026",
        (
            "explore",
            "explore",
            "measure=in_time&by=source&split=week&first=2026-03-01&last=2026-03-31&agreement=company",
        ): "Share in time · Source × Week · 1 Mar 2026 to 31 Mar 2026 · Company",
        ("explore", "explore", "by=x&first=soon"): "Explore",
    }
    for subject, chart, query in said:
        make_share_link(maker=company.viewer, subject=subject, chart=chart, query=query, days=7, now=NOW)
    client.force_login(company.viewer)
    answer = client.get("/shares/")
    names = [html.unescape(name) for _link, name, *_rest in answer.context["rows"]]
    assert names == list(reversed(said.values()))
    assert "Waterfall · waterfall" not in answer.text
    assert 'aria-label="Revoke the link to Waterfall · March 2026 · Company made on' in answer.text


def test_the_list_of_links_asks_no_more_for_many(client, company, on_the_17th, django_assert_max_num_queries):
    campaigns = [factories.campaign(company.agreement, f"Fair {n}") for n in range(12)]

    def make(n):
        for subject, query in (
            ("campaign", f"campaign={campaigns[n].pk}"),
            ("measures", "agreement=company"),
            ("recalibration", "month=2026-03&agreement=company&segment=executives"),
        ):
            make_share_link(
                maker=company.viewer, subject=subject, chart="trend", query=query, days=7, now=NOW
            )

    client.force_login(company.viewer)
    make(0)
    with django_assert_max_num_queries(MOST_QUERIES) as few:
        client.get("/shares/")
    for n in range(1, 12):
        make(n)
    with django_assert_max_num_queries(len(few)):
        client.get("/shares/")
    for link in ShareLink.objects.filter(subject__in=("campaign", "recalibration")):
        chart = "campaign" if link.subject == "campaign" else "trend"
        asked = {"subject": link.subject, "chart": chart, "query": link.query}
        with django_assert_max_num_queries(MOST_QUERIES):
            assert client.get("/shares/new/", asked).status_code == 200
