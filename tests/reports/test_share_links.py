"""Links to one chart or one edition: who makes them, what they show, when they show nothing any more."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.http import urlencode

from agreements.models import Agreement, Membership, Version
from reports.models import ShareLink
from reports.pages.share_names import names_of_links
from reports.share_links import (
    AT_ONCE,
    INTERVAL,
    MOST_LIVE,
    make_share_link,
    open_share_link,
    revoke_share_link,
)
from tests import factories
from tests.query_counts import MOST_QUERIES
from tests.reports.answers import texts
from tests.reports.sample_month import NOW

CHARTS = (
    ("waterfall", "waterfall", "/waterfall/?month=2026-03"),
    ("waterfall", "sources", "/waterfall/?month=2026-03"),
    ("speed", "speed", "/speed/?month=2026-03&by=day&source=web"),
    ("speed", "in-time", "/speed/?month=2026-03&by=week"),
    ("depth", "at-least", "/depth/?month=2026-03&segment=executives"),
    (
        "explore",
        "explore",
        "/explore/?measure=speed&by=source&split=segment&first=2026-03-01&last=2026-03-31",
    ),
)
PEOPLE = ("Kim", "Ito", "Sons", "Ada", "Vera")


@pytest.fixture(autouse=True)
def now(monkeypatch):
    clock = [NOW]
    monkeypatch.setattr(timezone, "now", lambda: clock[0])
    return clock


def address_of(answer):
    return re.search(r'id="address" readonly value="http://testserver([^"]+)"', answer.text)[1]


def share_of(client, page, chart):
    """Follow the way from a chart's page to a link, as a person does; return the link's address."""
    answer = client.get(page)
    ways = [one.replace("&amp;", "&") for one in re.findall(r'href="(/shares/new/[^"]+)"', answer.text)]
    (way,) = [one for one in ways if f"chart={chart}&" in one]
    form = client.get(way)
    assert form.status_code == 200
    given = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.text))
    given = {
        name: value.replace("&amp;", "&") for name, value in given.items() if name != "csrfmiddlewaretoken"
    }
    return address_of(client.post("/shares/new/", given | {"days": "7"}))


@pytest.mark.parametrize("subject,chart,page", CHARTS)
def test_a_link_shows_the_chart_of_its_page_without_signing_in(client, company, subject, chart, page):
    client.force_login(company.viewer)
    original = next(one for one in client.get(page).context["contents"].charts if one.key == chart)
    address = share_of(client, page, chart)
    link = ShareLink.objects.get()
    assert (link.subject, link.chart, link.maker) == (subject, chart, company.viewer)
    assert address.split("/")[2] not in link.token_sha256
    client.logout()
    answer = client.get(address)
    assert answer.status_code == 200
    assert texts(answer, "h1") == [original.title]
    ((shown, figure),) = answer.context["charts"]
    assert shown.series == original.series
    assert [[cell.value for cell in row] for row in shown.table.rows] == [
        [cell.value for cell in row] for row in original.table.rows
    ]
    assert figure["data"]
    assert not any(cell.address for row in shown.table.rows for cell in row)
    assert "/waterfall/leads/" not in answer.text
    assert not any(name in answer.text for name in PEOPLE)
    assert "shared until 24 Mar 2026, 10:42 UTC" in answer.text
    assert "as of 10:42 UTC" in answer.text
    assert '<meta name="robots" content="noindex, nofollow">' in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "private, no-store"
    link.refresh_from_db()
    assert link.last_opened_at == NOW


@pytest.mark.parametrize("page", ["/depth/?month=2026-03", "/depth/?month=2026-03&segment=executives"])
def test_a_link_shows_the_heat_table_of_depth(client, company, page):
    client.force_login(company.viewer)
    original = client.get(page).context["contents"].heat
    address = share_of(client, page, "heat")
    client.logout()
    answer = client.get(address)
    assert texts(answer, "h1") == [original.title]
    assert answer.context["shown"].heat == original
    assert answer.text.count('<td class="heat-') == sum(map(len, original.shades))
    assert original.summary in html.unescape(answer.text)
    assert "format=csv" not in answer.text and "/shares/new/" not in answer.text
    assert "There is nothing to draw" not in answer.text
    assert not any(name in answer.text for name in PEOPLE)


def test_what_is_about_one_person_has_no_way_to_a_link(client, company):
    client.force_login(company.admin)
    kim = company.kim.pk
    for page in (
        f"/speed/?month=2026-03&owner={kim}",
        f"/explore/?owner={kim}&first=2026-03-01&last=2026-03-31",
        "/explore/?by=rep&first=2026-03-01&last=2026-03-31",
    ):
        assert "/shares/new/" not in client.get(page).text
    for subject, chart, query in (
        ("speed", "speed", f"month=2026-03&agreement=company&owner={kim}"),
        ("explore", "explore", "by=rep&first=2026-03-01&last=2026-03-31"),
        ("explore", "explore", f"owner={kim}&first=2026-03-01&last=2026-03-31"),
        ("depth", "heat", f"month=2026-03&owner={kim}"),
        ("depth", "heat", "month=2025-01"),
        ("speed", "heat", "month=2026-03"),
        ("speed", "nothing", "month=2026-03"),
        ("speed", "speed", "month=2026-03&agreement=no-such"),
        ("speed", "speed", "month=2026-03&source=no-such"),
        ("waterfall", "waterfall", "month=2026-03&campaign=no-such"),
    ):
        asked = {"subject": subject, "chart": chart, "query": query, "days": "7"}
        assert client.get("/shares/new/", asked).status_code == 404
        assert client.post("/shares/new/", asked).status_code == 404
    assert not ShareLink.objects.exists()


def test_an_edition_is_shared_without_names_and_words_of_people(client, company):
    said = {
        "strikes": [{"team": "Company Sales", "title": "Speed", "who": 0, "diagnosis": 1, "actions": []}],
        "sides": [
            {
                "team": "Company Sales",
                "consequence": "we call Kim's boss",
                "promises": [
                    {"title": "Speed", "mark": "✓", "word": "met", "figure": "2 h", "outcome": "met"}
                ],
            }
        ],
        "pulses": [{"team": "Company Sales", "text": "what people wrote"}],
    }
    edition = factories.edition(company.agreement, **said)
    client.force_login(company.viewer)
    page = client.get(f"/editions/{edition.pk}/")
    assert f"/shares/new/?subject=edition&amp;edition={edition.pk}" in page.text
    asked = {"subject": "edition", "edition": str(edition.pk), "days": "30"}
    assert client.get("/shares/new/", asked).status_code == 200
    address = address_of(client.post("/shares/new/", asked))
    client.logout()
    answer = client.get(address)
    assert texts(answer, "h1") == ["Nothing was judged."]
    assert "Speed" in answer.text
    for hidden in ("we call", "what people wrote", "Kim"):
        assert hidden not in answer.text
    assert client.get(f"/editions/{edition.pk}/").status_code == 302


def make(maker, **given):
    asked = {"subject": "speed", "chart": "speed", "query": "month=2026-03&agreement=company", "days": 7}
    link, token = make_share_link(maker=maker, now=NOW, **asked | given)
    return link, f"/shared/{token}/"


def test_unknown_expired_revoked_and_closed_answer_alike(client, company, now):
    answers = [client.get("/shared/" + "x" * 43 + "/")]
    link, address = make(company.viewer)
    assert client.get(address).status_code == 200
    now[0] = link.expires_at
    answers.append(client.get(address))
    now[0] = NOW
    assert revoke_share_link(link=link, now=NOW)
    assert not revoke_share_link(link=link, now=NOW + INTERVAL)
    answers.append(client.get(address))
    _link, address = make(company.kim)
    company.kim.is_active = False
    company.kim.save(update_fields=["is_active"])
    answers.append(client.get(address))
    company.lee.role = "integration"
    company.lee.save(update_fields=["role"])
    unseen = factories.agreement("never-signed")
    director = factories.user("Dora Director")
    Membership.objects.create(user=director, team=factories.party(unseen, "sales").team, role="director")
    factories.draft(unseen)
    _link, address = make(director, query="month=2026-03&agreement=never-signed")
    if Agreement.objects.visible_to(director).filter(pk=unseen.pk).exists():
        assert client.get(address).status_code == 200
    Membership.objects.filter(user=director).delete()
    Version.objects.filter(agreement=unseen).delete()
    answers.append(client.get(address))
    _link, address = make(company.viewer, query="month=2026-03&agreement=company&source=gone")
    answers.append(client.get(address))
    assert {one.status_code for one in answers} == {404}
    plain = {
        re.sub(r"/shared/[^/]+/|csrf\w*|value=\"[^\"]*\"|X-CSRFToken[^}]*", "", one.text) for one in answers
    }
    assert len(plain) == 1


def test_only_the_maker_and_administrators_see_and_revoke_a_link(client, company):
    link, address = make(company.viewer)
    for person, sees in ((company.kim, False), (company.viewer, True), (company.admin, True)):
        client.force_login(person)
        assert ("Revoke" in client.get("/shares/").text) == sees
        if not sees:
            assert client.post(f"/shares/{link.pk}/revoke/").status_code == 404
    assert client.post(f"/shares/{link.pk}/revoke/").status_code == 302
    assert "Revoked on" in client.get("/shares/").text
    assert client.get(address).status_code == 404


def test_a_link_keeps_its_pace(client, company, now):
    link, address = make(company.viewer)
    for _ in range(AT_ONCE):
        assert open_share_link(link=link, now=NOW)
    assert not open_share_link(link=link, now=NOW)
    answer = client.get(address)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "2"
    now[0] = NOW + INTERVAL
    assert client.get(address).status_code == 200


def test_so_many_links_and_no_more(client, company):
    for _ in range(MOST_LIVE):
        link, _address = make(company.viewer)
    client.force_login(company.viewer)
    asked = {"subject": "speed", "chart": "speed", "query": "month=2026-03&agreement=company", "days": "1"}
    answer = client.post("/shares/new/", asked)
    assert answer.status_code == 422
    assert "revoke one first" in answer.text
    revoke_share_link(link=link, now=NOW)
    assert client.post("/shares/new/", asked).status_code == 200
    assert client.post("/shares/new/", asked | {"days": "3650"}).status_code == 422


def test_what_the_database_refuses(company):
    edition = factories.edition(company.agreement)
    good = {
        "maker": company.viewer,
        "token_sha256": "0" * 64,
        "made_at": NOW,
        "expires_at": NOW + dt.timedelta(1),
    }
    for wrong in (
        {"subject": "edition"},
        {"subject": "speed", "chart": ""},
        {"subject": "speed", "chart": "speed", "edition": edition},
        {"subject": "speed", "chart": "speed", "expires_at": NOW},
        {"subject": "speed", "chart": "speed", "revoked_at": NOW - dt.timedelta(1)},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            ShareLink.objects.create(**good | wrong)


def test_queries_do_not_grow_with_the_links(client, company, django_assert_max_num_queries):
    client.force_login(company.admin)
    make(company.viewer)
    with django_assert_max_num_queries(MOST_QUERIES) as few:
        client.get("/shares/")
    for _ in range(20):
        _link, address = make(company.kim)
    with django_assert_max_num_queries(len(few)):
        client.get("/shares/")
    month = "month=2026-03&agreement=company"
    for subject, chart, query in (
        ("speed", "in-time", f"{month}&by=month"),
        ("waterfall", "segments", month),
        ("depth", "depth", f"{month}&by=day"),
        ("explore", "explore", "by=team&split=segment&first=2026-03-01&last=2026-03-31"),
    ):
        _link, address = make(company.admin, subject=subject, chart=chart, query=query)
        for way in (
            address,
            f"/shares/new/?{urlencode({'subject': subject, 'chart': chart, 'query': query})}",
        ):
            with django_assert_max_num_queries(MOST_QUERIES):
                assert client.get(way).status_code == 200, way


def test_links_that_show_other_things_have_other_names(company):
    team = factories.team("Hunters")
    queries = [
        "measure=value&first=2025-03-01&last=2025-03-31&by=week",
        "measure=value&first=2026-03-01&last=2026-03-31&by=week",
        *(
            f"measure=value&first=2026-03-01&last=2026-03-31&by=week&{one}"
            for one in (
                f"team={team.pk}",
                "channel=call",
                "hour=09",
                "outcome=rejected",
                "counted=yes",
                "country=PL",
            )
        ),
    ]
    links = [ShareLink(subject=ShareLink.Subject.EXPLORE, query=query) for query in queries]
    names = names_of_links(links, factories.user("Reader"))
    assert len(set(names)) == len(links)
    assert (
        "1 Mar 2025 to 31 Mar 2025" in names[0] and names[2].endswith("Hunters") and names[3].endswith("call")
    )
    unknown = ShareLink(
        subject=ShareLink.Subject.EXPLORE, query=f"{queries[0]}&channel=pigeon&hour=99&team=none"
    )
    assert names_of_links([unknown], factories.user("Other reader")) == names[:1]


@pytest.mark.parametrize(
    "query", ["agreement=%00", "campaign=1&agreement=%2500".replace("%25", "%"), "x=a%00b"]
)
def test_an_address_with_a_letter_that_is_none_is_not_shared(client, company, query):
    client.force_login(factories.user("Reader", is_superuser=True))
    for subject, chart in (("measures", "x"), ("campaign", "campaign"), ("waterfall", "waterfall")):
        said = urlencode({"subject": subject, "chart": chart, "query": query})
        assert client.get(f"/shares/new/?{said}").status_code in (302, 400, 404)
