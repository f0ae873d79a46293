"""The rows behind a waterfall are exactly those it counts; whom they are about is shown to who may know."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agreements.models import Excuse
from leads.models import HandOff, Lead
from leads.services.hand_offs import close, hand_over
from reports import rollups
from reports.pages.contents import waterfall_contents
from reports.pages.counted import counted_page
from reports.pages.frame import page_of_agreement
from reports.readings import counted as counting
from reports.readings.counted import ROWS_A_PAGE
from tests import factories
from tests.reports.answers import rows_of
from tests.reports.sample_month import MARCH, NOW, fill_month, make_company, make_month

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture()
def company():
    return make_month()


def a_page(company):
    return page_of_agreement(company.agreement, month=MARCH, now=NOW)


def rows(company, measure, user, day=None, number=1):
    return counted_page(a_page(company), measure=measure, day=day, user=user, number=number)


@pytest.mark.parametrize("measure", ["handed_off", "accepted", "net", "qualified"])
def test_as_many_rows_as_the_waterfall_counts_on_each_day(company, measure):
    for hand_off in HandOff.objects.filter(closed_at=None).order_by("pk")[:5]:
        close(hand_off=hand_off, closed_as="rejected", reason="duplicate", at=NOW, now=NOW)
    HandOff.objects.filter(pk__in=HandOff.objects.order_by("-pk")[:9].values("pk")).update(accepted_at=NOW)
    rollups.refresh(now=NOW, wait=True)
    document = waterfall_contents(a_page(company), measure=measure).document
    assert document["measure"] == measure
    actual = document["summary"]["actual"]
    assert 0 < actual <= 40
    assert rows(company, measure, company.admin).counted.total == actual
    for day in document["days"]:
        if day["actual"] is not None:
            found = rows(company, measure, company.admin, dt.date.fromisoformat(day["on"])).counted
            assert found.total == len(found.rows) == day["actual"]
            assert {row.on.isoformat() for row in found.rows} <= {day["on"]}


def test_filters_of_the_waterfall_hold_for_its_rows(company, client):
    client.force_login(company.viewer)
    for asked in ({"source": "partner"}, {"segment": "executives"}):
        figures = client.get("/waterfall/", {"month": "2026-03", "format": "csv", **asked}).text
        actual = re.findall(r"^2026-03-17,.*$", figures, re.M)[0].split(",")
        page = client.get("/waterfall/leads/", {"month": "2026-03", **asked})
        total = page.context["found"].counted.total
        assert str(total) in actual
        assert 0 < total < 40


def test_names_are_shown_to_who_may_know_the_lead(company, client):
    lead = HandOff.objects.filter(owner=company.kim).order_by("handed_off_on", "pk").first().lead
    lead.name = "Ana Sample"
    lead.save(update_fields=["name"])
    on = lead.hand_offs.get().handed_off_on
    for person in (company.viewer, company.kim, company.lee, company.admin):
        client.force_login(person)
        page = client.get("/waterfall/leads/", {"month": "2026-03", "day": on})
        assert page.status_code == 200
        is_known = Lead.objects.visible_to(person).filter(pk=lead.pk).exists()
        assert is_known or person != company.admin
        assert not is_known or person != company.viewer
        assert ("Ana Sample" in page.text) is is_known
        assert (f"/leads/{lead.pk}/" in page.text) is is_known
    client.force_login(company.viewer)
    page = client.get("/waterfall/leads/", {"month": "2026-03"})
    assert "Kim Ito" not in page.text
    assert page.text.count("not shown to you") == 2 * 40


def test_the_waterfall_leads_to_its_rows(company, client):
    client.force_login(company.viewer)
    page = client.get("/waterfall/", {"month": "2026-03", "measure": "net", "source": "web"})
    found = re.search(r'href="(/waterfall/leads/[^"]+)"', page.text)
    address = found[1].replace("&amp;", "&")
    assert {"month=2026-03", "measure=net", "source=web"} <= set(address.split("?")[1].split("&"))
    assert client.get(address).context["found"].measure == "net"


def test_what_cannot_be_understood_is_said(company, client):
    client.force_login(company.viewer)
    page = client.get(
        "/waterfall/leads/", {"month": "2026-03", "day": "someday", "page": "-1", "measure": "x"}
    )
    assert page.status_code == 200
    assert page.text.count('class="notice" role="alert"') == 3
    # Another month's day has no rows; a page that is not there is the first.
    elsewhere = client.get("/waterfall/leads/", {"month": "2026-03", "day": "2026-04-01"})
    assert elsewhere.context["found"].counted.total == 0
    assert (
        client.get("/waterfall/leads/", {"month": "2026-03", "page": "99"}).context["found"].counted.number
        == 1
    )
    assert client.get("/waterfall/leads/", {"agreement": "nobody"}).status_code == 404


def test_the_file_has_every_row_and_names_for_who_may_know_them(company, client, monkeypatch):
    monkeypatch.setattr(counting, "ROWS_AT_ONCE", 7)
    address = {"month": "2026-03", "agreement": company.agreement.slug}

    def file(user, **more):
        client.force_login(user)
        answer = client.get("/waterfall/leads/", address | {"format": "csv"} | more)
        assert 'filename="leads-counted-' in answer.headers["Content-Disposition"]
        return rows_of(answer)

    shown, given = rows(company, None, company.admin), file(company.admin)
    assert len(given) == shown.counted.total > 14
    assert [row["day"] for row in given[:50]] == [row.on.isoformat() for row in shown.counted.rows]
    assert [row["external_id"] for row in given[:50]] == [row.lead.external_id for row in shown.counted.rows]
    assert all(row["lead"] and row["system"] for row in given)
    hidden = file(company.viewer)
    assert len(hidden) == len(given)
    assert {(row["lead"], row["external_id"], row["owner"]) for row in hidden} == {("", "", "")}
    day = given[0]["day"]
    assert {row["day"] for row in file(company.admin, day=day)} == {day}
    assert len(file(company.admin, page="2")) == len(given)
    page = client.get("/waterfall/leads/", address)
    assert "format=csv" in page.text and "format=xlsx" in page.text
    assert client.get("/waterfall/leads/", address | {"format": "xlsx"}).content[:2] == b"PK"


def test_many_rows_stand_on_pages_and_take_as_many_queries(client):
    company = make_company()
    client.force_login(company.admin)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/waterfall/leads/?month=2026-03").status_code == 200
        return len(captured)

    fill_month(company)
    queries()
    few = queries()
    fill_month(company)
    assert queries() == few <= 25
    first = rows(company, None, company.admin).counted
    second = rows(company, None, company.admin, number=2).counted
    assert (len(first.rows), len(second.rows)) == (ROWS_A_PAGE, 80 - ROWS_A_PAGE)
    assert first.has_next
    assert not second.has_next


def test_revenue_is_offered_only_where_the_goal_is_worth_something(company, client):
    client.force_login(company.viewer)
    asked = {"month": "2026-03", "measure": "value"}
    assert client.get("/waterfall/", asked).context["contents"].measure == "value"
    company.executives.lead_value = None
    company.executives.save()
    page = client.get("/waterfall/", asked)
    assert page.context["contents"].measure == "handed_off"
    assert "value" not in page.context["measures"]
    other = client.get("/waterfall/", {"month": "2026-03", "measure": "accepted"})
    assert "The goal was agreed for another measure" in other.text
    with_none = client.get("/waterfall/leads/", {"month": "2026-03", "agreement": "", "measure": "value"})
    assert with_none.status_code == 200


def test_the_month_before_is_drawn_beside_this_one(company, client):
    for day in (2, 3, 27):
        at = dt.datetime(2026, 2, day, 9, tzinfo=dt.UTC)
        hand_over(lead=factories.lead(at), now=NOW, at=at, owner=company.kim, agreement=company.agreement)
    rollups.refresh(now=NOW, wait=True)
    assert "February 2026" not in [one.name for one in waterfall_contents(a_page(company)).charts[0].series]
    chart = waterfall_contents(a_page(company), with_before=True).charts[0]
    (before,) = [one for one in chart.series if one.name == "February 2026"]
    assert before.values[:3] == (0, 1, 2)  # 1 March is a Sunday, as 1 February is
    assert before.values[25:] == (2, 3, 3, 3, 3, 3)
    noted = "The thin line is February 2026 up to the same business day of that month; it ended at 3."
    assert noted in chart.notes
    client.force_login(company.viewer)
    page = client.get("/waterfall/", {"month": "2026-03", "before": "yes"})
    assert noted in page.text and 'name="before" value="yes" checked' in page.text
    assert noted not in client.get("/waterfall/", {"month": "2026-03"}).text
    assert "Month before" in client.get("/waterfall/", {"month": "2026-03", "before": "perhaps"}).text


def test_a_goal_that_changed_within_the_month_and_excused_days_are_noted(company):
    factories.signed(company.agreement, starts_on=dt.date(2026, 3, 16), goals={MARCH: 120})
    Excuse.objects.create(
        agreement=company.agreement,
        party=factories.party(company.agreement, "marketing"),
        month_on=MARCH,
        days=[dt.date(2026, 3, 11), dt.date(2026, 3, 10)],
        reason=Excuse.Reason.OUTAGE,
        note="Anna unplugged it",
        state=Excuse.State.ACCEPTED,
        proposed_at=NOW,
        answered_at=NOW,
        answered_by=company.lee,
        answered_for=factories.party(company.agreement, "sales"),
    )
    notes = waterfall_contents(a_page(company)).charts[0].notes
    assert "From 16 Mar on a goal of 120 for the month is in force, 100 before that." in notes
    assert "Excused by the other side: 10 Mar, 11 Mar (outage)." in notes
    assert not any("Anna" in note for note in notes)


def test_each_day_of_the_waterfall_leads_to_the_rows_of_it(company, client):
    client.force_login(company.viewer)
    page = client.get("/waterfall/", {"month": "2026-03", "segment": "executives"})
    linked = re.findall(r'<data value="([\d-]+)"><a href="(/waterfall/leads/[^"]+)">', page.text)
    total = 0
    for day, address in linked:
        found = client.get(address.replace("&amp;", "&")).context["found"]
        assert found.day.isoformat() == day and found.counted.total > 0
        total += found.counted.total
    assert (
        total
        == client.get("/waterfall/leads/", {"month": "2026-03", "segment": "executives"})
        .context["found"]
        .counted.total
    )
