"""The hand-offs behind figures of speed, depth and the gap: as many as the figure says, wherever it stands."""

from __future__ import annotations

import datetime as dt
import html

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agreements.models import Membership
from leads.models import HandOff, Lead
from leads.services.attempts import log_attempt
from leads.services.hand_offs import close
from reports import rollups
from reports.pages.behind_addresses import FIGURE_OF
from reports.periods import Period
from reports.readings.behind import FIGURES, all_behind, behind
from reports.readings.explored import By
from reports.readings.scope import build_scope
from tests import factories
from tests.hostile_text import HOSTILE_TEXTS
from tests.query_counts import MOST_QUERIES, assert_same_queries
from tests.reports.answers import rows_of, texts
from tests.reports.sample_month import NOW, fill_month

MARCH = {"first": "2026-03-01", "last": "2026-03-31", "agreement": "company"}


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def mixed(company):
    """The month with teams, a source and a segment that some lack, further attempts and hand-offs given up."""
    team = factories.party(company.agreement, "sales").team
    for place, one in enumerate(HandOff.objects.order_by("pk")):
        if place % 2:
            HandOff.objects.filter(pk=one.pk).update(team=team)
        if place % 7 == 0:
            Lead.objects.filter(pk=one.lead_id).update(source="")
    for one in HandOff.objects.filter(connected_at=None, closed_at=None).order_by("pk")[::3]:
        for channel in ("email", "call", "call"):
            log_attempt(hand_off=one, attempted_at=NOW, channel=channel, outcome="no_answer", now=NOW)
    for one in HandOff.objects.filter(closed_at=None).order_by("pk")[:6]:
        close(hand_off=one, closed_as="unreachable", at=NOW, now=NOW)
    rollups.rebuild()
    return company


def links_of(chart, place=1):
    """The rows that lead to hand-offs: address and the number that stands there."""
    return [(row[0].address, row[place].value) for row in chart.table.rows if row[0].address]


def listed(client, address):
    answer = client.get(address)
    assert answer.status_code == 200 and 'role="alert"' not in answer.text, address
    return answer.context["found"].counted.total


SPEED = ("speed", "in-time")
DEPTH = ("depth", "at-least")


@pytest.mark.parametrize("page", ["/speed/", "/depth/"])
@pytest.mark.parametrize("by", ["day", "week", "month"])
@pytest.mark.parametrize("asked", [{}, {"segment": "executives"}, {"source": "web", "counted": "yes"}])
def test_each_row_leads_to_as_many_hand_offs_as_it_says(client, mixed, page, by, asked):
    client.force_login(mixed.admin)
    answer = client.get(page, {"month": "2026-03", "by": by, **asked})
    charts = {one.key: one for one in answer.context["contents"].charts}
    for key in SPEED if page == "/speed/" else DEPTH:
        place = 2 if key == "in-time" else 1
        links = links_of(charts[key], place)
        assert links
        assert len(links) == sum(bool(row[place].value) for row in charts[key].table.rows)
        for address, n in links:
            assert listed(client, address) == n
            assert html.escape(address) in answer.text
    behind = answer.context["contents"].behind
    assert behind
    for name, address in behind:
        assert listed(client, address) == int(name.rpartition(": ")[2])


@pytest.mark.parametrize("page", ["/speed/", "/depth/"])
@pytest.mark.parametrize("group", ["team", "segment", "source", "channel", "hour", "rep"])
def test_each_group_leads_to_its_hand_offs(client, mixed, page, group):
    client.force_login(mixed.admin)
    answer = client.get(page, {"month": "2026-03", "group": group})
    (chart,) = (one for one in answer.context["contents"].charts if one.key == "groups")
    links = links_of(chart)
    assert len(links) == sum(bool(row[1].value) for row in chart.table.rows) > 0
    assert sum(n for _address, n in links) == 40
    for address, n in links:
        assert listed(client, address) == n


@pytest.mark.parametrize("measure", ["handed_off", "net", "qualified"])
def test_where_the_gap_comes_from_leads_to_its_leads(client, mixed, measure):
    client.force_login(mixed.viewer)
    answer = client.get("/waterfall/", {"month": "2026-03", "measure": measure})
    charts = [one for one in answer.context["contents"].charts if one.key in ("sources", "segments")]
    assert len(charts) == 2
    for chart in charts:
        links = links_of(chart)
        assert len(links) == sum(bool(row[1].value) for row in chart.table.rows) > 1
        assert sum(n for _address, n in links) == 40
        for address, n in links:
            assert listed(client, address) == n
    lacking = next(
        address for address, _n in links_of(charts[0]) + links_of(charts[1]) if "without" in address
    )
    assert "without a s" in client.get(lacking).text


@pytest.mark.parametrize("by", list(By))
def test_what_is_explored_leads_to_the_hand_offs_it_rests_on(client, mixed, by):
    Lead.objects.filter(pk__in=Lead.objects.order_by("pk")[:9].values("pk")).update(
        country="PL", campaign="Fair"
    )
    rollups.rebuild()
    client.force_login(mixed.admin)
    for measure in FIGURE_OF if by in (By.WEEK, By.SOURCE) else ("hand_offs", "in_time", "depth"):
        asked = MARCH | {"measure": measure, "by": by.value, "segment": "executives" if by is By.DAY else ""}
        page = client.get("/explore/", asked).context["explored"]
        n_of = {key: page.seen.measured(row).n for key, row in page.seen.found.first.items()}
        assert page.seen.addresses.keys() == {key for key, n in n_of.items() if n}
        assert page.seen.addresses
        for key, address in page.seen.addresses.items():
            assert listed(client, address) == n_of[key], (measure, key)


def test_every_figure_of_the_days_stands_beside_with_its_number(client, mixed):
    client.force_login(mixed.viewer)
    answer = client.get("/behind/", MARCH)
    choices = {one.figure: int(one.n) for one in answer.context["found"].choices}
    assert choices["hand_offs"] == 40 and set(choices) <= set(FIGURES)
    for figure, n in choices.items():
        assert (
            listed(client, f"/behind/?figure={figure}&first=2026-03-01&last=2026-03-31&agreement=company")
            == n
        )
    assert choices["due"] == choices["in_time"] + choices["late"]
    assert choices["not_connected"] == choices["worked"] + choices["unworked"]
    assert texts(answer, "h1") == ["40 hand-offs"]
    assert 'aria-current="true"' in answer.text
    one_day = client.get("/behind/", {"first": "2026-03-03", "agreement": "company"})
    assert "3 Mar 2026" in texts(one_day, "p")[0]
    assert texts(client.get("/behind/", MARCH | {"figure": "tried_10"}), "h1") == [
        "0 hand-offs: Tried at least 10 times"
    ]


def test_names_are_for_who_may_know_the_lead_and_files_have_all(client, mixed, monkeypatch):
    lead = HandOff.objects.filter(owner=mixed.kim).order_by("pk").first().lead
    Lead.objects.filter(pk=lead.pk).update(name="Ana Sample")
    Membership.objects.create(
        user=mixed.kim, team=factories.party(mixed.agreement, "sales").team, role="member"
    )
    for person, knows in ((mixed.viewer, False), (mixed.kim, True), (mixed.admin, True)):
        client.force_login(person)
        assert ("Ana Sample" in client.get("/behind/", MARCH).text) == knows
        rows = rows_of(client.get("/behind/", MARCH | {"format": "csv"}))
        assert len(rows) == 40
        assert ("Ana Sample" in {row["lead"] for row in rows}) == knows
    client.force_login(mixed.viewer)
    rows = rows_of(client.get("/behind/", MARCH | {"format": "csv", "figure": "open"}))
    assert len(rows) == listed(
        client, "/behind/?figure=open&first=2026-03-01&last=2026-03-31&agreement=company"
    )
    assert client.get("/behind/", MARCH | {"format": "xlsx"}).status_code == 200


def test_rows_of_a_file_stay_what_they_were_when_it_was_begun(mixed, monkeypatch):
    monkeypatch.setattr("reports.readings.counted.ROWS_AT_ONCE", 2)
    period = Period(dt.date(2026, 3, 1), dt.date(2026, 4, 1))
    scope = build_scope(period=period, now=NOW, agreement=mixed.agreement)
    total = behind(scope, "open", user=mixed.admin, number=1).total
    rows = all_behind(scope, "open", user=mixed.admin)
    ids = [next(rows).hand_off.pk]
    HandOff.objects.filter(closed_as="").update(closed_as="cancelled", closed_at=NOW)
    assert behind(scope, "open", user=mixed.admin, number=1).total < total
    ids += [row.hand_off.pk for row in rows]
    assert len(ids) == len(set(ids)) == total > 2


def test_a_source_and_none_at_all_cannot_both_be_asked_for(client, mixed):
    client.force_login(mixed.viewer)
    source = Lead.objects.exclude(source="").values_list("source", flat=True)[0]
    answer = client.get("/behind/", MARCH | {"source": source, "without": "source"})
    assert "“Source” is chosen already" in answer.text
    alone = client.get("/behind/", MARCH | {"source": source})
    assert answer.context["found"].counted.total == alone.context["found"].counted.total > 0


def test_one_persons_hand_offs_are_for_them_and_their_managers(client, mixed):
    asked = MARCH | {"owner": str(mixed.kim.pk)}
    for person, shows in ((mixed.viewer, False), (mixed.kim, True), (mixed.admin, True)):
        client.force_login(person)
        answer = client.get("/behind/", asked)
        assert ("Figures of one person are shown" in answer.text) != shows
        assert (answer.context["found"].counted.total < 40) == shows


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"figure": "nothing"}, "Figure: Select a valid choice"),
        ({"first": "soon"}, "First day: Enter a valid date."),
        ({"last": "0001-01-01"}, "Last day:"),
        ({"first": "2020-01-01"}, "At most three years"),
        ({"without": "owner"}, "Without: Select a valid choice"),
        ({"channel": "pigeon"}, "is none of these"),
    ],
)
def test_what_is_not_understood_is_said(client, mixed, asked, said):
    client.force_login(mixed.viewer)
    answer = client.get("/behind/", MARCH | asked)
    assert answer.status_code == 200 and said in answer.text
    assert client.get("/behind/", MARCH | {"agreement": "no-such"}).status_code == 404


def test_hostile_filters_stay_texts(client, mixed):
    client.force_login(mixed.viewer)
    for text in HOSTILE_TEXTS[:30]:
        answer = client.get(
            "/behind/", MARCH | {"figure": text, "source": text, "country": text[:64], "first": text}
        )
        assert answer.status_code == 200
        assert "<script>window.hacked" not in answer.text and "<b data-injected" not in answer.text


def test_as_many_queries_for_many_rows_as_for_few(client, company):
    client.force_login(company.admin)
    addresses = [
        "/behind/?figure=late&first=2026-03-01&last=2026-03-31&agreement=company&channel=call&without=source",
        "/behind/?first=2026-01-01&last=2026-12-31&agreement=company",
        "/speed/?month=2026-03&agreement=company&group=segment",
        "/depth/?month=2026-03&agreement=company&group=segment",
    ]
    assert_same_queries(
        lambda: [client.get(address) for address in addresses],
        add_rows=lambda: (fill_month(company, times=2), rollups.refresh(now=NOW, wait=True)),
        at_most=MOST_QUERIES * len(addresses),
    )
    for address in addresses:
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        assert len(asked) <= MOST_QUERIES, address
