"""First pages and the review: whom they are for, what they say first, what they show of persons, how often they ask."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agreements.models import Commitment, Membership
from agreements.services.drafting import begin_amendment, withdraw_draft
from agreements.services.signing import sign_version
from leads.models import HandOff, RoutingCap
from leads.services.attempts import log_attempt
from leads.services.hand_offs import close, hand_over
from reports import rollups
from tests import factories
from tests.reports.answers import texts
from tests.reports.sample_month import NOW

ADDRESSES = ("/marketing/", "/sales/", "/review/")
HOSTILE = '<script>alert("1")</script> & $x$ ' + "x" * 60


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def company(company):
    sales = factories.party(company.agreement, "sales").team
    for person, role in ((company.kim, "member"), (company.lee, "manager")):
        Membership.objects.create(user=person, team=sales, role=role)
    return company


def tile(answer, key: str) -> str:
    found = re.search(rf'id="tile-{key}".*?</section>', answer.text, re.S)
    assert found is not None, key
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found.group(0))).split())


def signed_in(client, user):
    client.force_login(user)
    return client


def team_file(client):
    answer = client.get("/sales/?month=2026-03&format=csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="team-2026-03.csv"'
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_marketing_home_says_how_the_month_stands_and_what_sales_did(client, company):
    answer = signed_in(client, company.viewer).get("/marketing/")
    assert texts(answer, "h1") == ["Company Marketing is 15 leads behind: 40 of 55 due by 17 Mar."]
    assert "40 55 were due by now; the month's goal is 100." in tile(answer, "goal")
    assert "Still untouched 7" in tile(answer, "untouched")
    assert "Executives: 10 of 14 due by now." in texts(answer, "li")
    assert "Kim Ito" not in answer.text


def test_first_page_says_right_after_the_verdict_whose_signature_a_draft_waits_for(client, company):
    version = begin_amendment(
        agreement=company.agreement,
        starts_on=dt.date(2026, 5, 1),
        now=NOW,
        by=factories.party(company.agreement, "marketing").signatory,
    )
    ann, bo = (factories.party(company.agreement, name).signatory for name in ("marketing", "sales"))
    line = f"Version {version.number} of Company waits for your signature"
    said = signed_in(client, ann).get("/marketing/").text
    after_verdict = said.split("</h1>")[1]
    assert after_verdict.split("</a>")[0].endswith(line)
    assert f'href="/agreements/company/versions/{version.number}/sign/"' in after_verdict.split("</a>")[0]
    assert f"It is still being written: {ann} changed it last, on 17 Mar 2026." in said
    sign_version(version=version, signer=ann, now=NOW)
    for address in ADDRESSES:
        assert line not in client.get(address).text
    said = signed_in(client, bo).get("/sales/").text
    assert line in said
    assert "Company Marketing signed it." in said
    assert line not in signed_in(client, company.viewer).get("/sales/").text
    withdraw_draft(version=version, now=NOW, by=bo)
    assert line not in signed_in(client, bo).get("/sales/").text


def test_draft_that_promises_nothing_and_team_that_was_left_ask_for_no_signature(client, company):
    bo = factories.party(company.agreement, "sales").signatory
    empty = factories.draft(factories.agreement("other"), allowance=None, attempts=None)
    empty.commitments.all().delete()
    of_empty = factories.party(empty.agreement, "sales").signatory
    assert "waits for your signature" not in signed_in(client, of_empty).get("/sales/").text
    factories.draft(company.agreement, starts_on=dt.date(2026, 5, 1))
    assert "waits for your signature" in signed_in(client, bo).get("/review/").text
    Membership.objects.filter(user=bo).delete()
    assert "waits for your signature" not in client.get("/review/").text


def test_count_on_the_home_is_that_of_the_report_it_leads_to(client, company):
    at = NOW - dt.timedelta(hours=1)
    hand_over(lead=factories.lead(at, origin="sales"), now=NOW, at=at, agreement=company.agreement)
    rollups.refresh(now=NOW, wait=True)
    answer = signed_in(client, company.viewer).get("/marketing/")
    address = html.unescape(re.search(r'id="tile-untouched".*?href="([^"]+)"', answer.text, re.S).group(1))
    assert "Still untouched 7" in tile(answer, "untouched")
    report = client.get(address)
    assert "7 still open, 5 overdue" in texts(report, "h1")[0]
    assert "Leads: only those that count towards the goal ×" in texts(report, "li")
    without = client.get(address.replace("&counted=yes", ""))
    assert "8 still open, 5 overdue" in texts(without, "h1")[0]


def test_rejections_are_counted_by_reason(client, company):
    own_words = "Ana Sample does not answer her private phone"
    for reason, n in (("duplicate", 3), ("other", 1), (HOSTILE, 1)):
        for _ in range(n):
            at = NOW - dt.timedelta(hours=2)
            hand_off = hand_over(lead=factories.lead(at), now=NOW, at=at, agreement=company.agreement)
            said = "other" if reason == HOSTILE else reason
            close(
                hand_off=hand_off, closed_as="rejected", at=NOW, now=NOW, reason=said, reason_text=own_words
            )
            if reason == HOSTILE:  # as somebody could write it past every form
                HandOff.objects.filter(pk=hand_off.pk).update(rejection_reason=HOSTILE[:100])
    rollups.refresh(now=NOW, wait=True)
    answer = signed_in(client, company.viewer).get("/marketing/")
    said = tile(answer, "rejected")
    assert said.partition("> ")[2].startswith(
        "Rejected 5 leads of this month were sent back; most often because: "
        "3 × we have this lead already 2 × another reason"
    )
    assert "Ana Sample" not in answer.text
    assert "<script>alert" not in answer.text


def test_one_lead_sent_back_is_said_as_one(client, company):
    hand_off = hand_over(
        lead=factories.lead(NOW), now=NOW, at=NOW - dt.timedelta(hours=2), agreement=company.agreement
    )
    close(hand_off=hand_off, closed_as="rejected", at=NOW, now=NOW, reason="duplicate")
    rollups.refresh(now=NOW, wait=True)
    said = tile(signed_in(client, company.viewer).get("/marketing/"), "rejected")
    assert "Rejected 1 lead of this month was sent back, because: 1 × we have this lead already" in said


def test_sales_home_says_who_is_late_and_shows_persons_only_to_those_who_may(client, company):
    answer = signed_in(client, company.viewer).get("/sales/")
    assert texts(answer, "h1") == [
        "5 leads are overdue and 0 at risk now. 74% of the 38 due were tried in time in March 2026."
    ]
    assert "74% were first tried in time" in client.get("/speed/").text
    assert "Overdue now 5" in tile(answer, "overdue")
    assert "No lead that you work with is overdue" in answer.text
    for name in ("Kim Ito", "Sons"):
        assert name not in answer.text
    assert team_file(client) == []
    own = signed_in(client, company.kim).get("/sales/")
    assert 'data-row="hand-off-' in own.text
    assert "Kim Ito" in own.text.split('id="team"')[1]
    assert "Sons" not in own.text.split('id="team"')[1]
    (row,) = team_file(client)
    assert row["rep"] == "Kim Ito" and row["in_time_denominator"].isdecimal()
    assert f"<td>{row['open']}</td><td>{row['at_risk']}</td><td>{row['overdue']}</td>" in own.text
    assert [name for name in row if name.startswith("median_")][-1] == "median_2026-03-16"
    RoutingCap.objects.create(person=company.kim, most_open=3)
    managed = signed_in(client, company.lee).get("/sales/")
    assert "Kim Ito" in managed.text
    (kim,) = (row for row in texts(managed, "tr") if row.startswith("Kim Ito"))
    assert "of 3" in kim and "Median speed of the last eight weeks, this one last: " in kim
    assert "Lee &amp; &lt;i&gt;Sons&lt;/i&gt;" in managed.text
    assert "<i>Sons" not in managed.text
    assert "until an owner was assigned (routing)" in managed.text


def test_needed_now_comes_by_due_time_with_those_without_an_owner(client, company):
    for hours in (3, 1):
        at = NOW - dt.timedelta(hours=hours)
        lead = factories.lead(at, name=f"{hours} hours {HOSTILE}")
        hand_over(lead=lead, now=NOW, at=at, team=factories.party(company.agreement, "sales").team)
    answer = signed_in(client, company.lee).get("/sales/")
    rows = [text for text in texts(answer, "tr") if "nobody yet" in text]
    assert [row[0] for row in rows] == ["3", "1"]
    assert answer.text.count('data-row="hand-off-') == 7
    assert "<script>alert" not in answer.text


def judged(answer) -> dict[str, str]:
    heads = re.findall(
        r'class="promise-head"><a href="[^"]+">([^<]+)</a>\s*<strong[^>]*>(.*?)</strong>', answer.text
    )
    return {title: re.sub(r"<[^>]+>", "", outcome).strip() for title, outcome in heads}


def test_review_of_a_running_month_judges_nothing_yet(client, company):
    answer = signed_in(client, company.viewer).get("/review/")
    assert texts(answer, "h1") == [
        "As it stands, Company Marketing keeps 0 of 2 promises. As it stands, Company Sales keeps 0 of 4 promises."
    ]
    assert set(judged(answer)) == {
        "MQL goal",
        "MQL goal · Executives",
        "Speed on average",
        "Share tried in time",
        "Depth",
        "Share worked",
    }
    assert all("on the way" in outcome for outcome in judged(answer).values())
    assert re.findall(r'data-chart="(\w+)"', answer.text) == ["waterfall", "speed", "depth"]
    assert "Planned and measured, March 2026" in texts(answer, "caption")


def test_review_leaves_out_the_median_that_it_does_not_work_out(client, company):
    median = "Median, the unanswered counted (business)"
    assert median not in texts(signed_in(client, company.viewer).get("/review/"), "th")
    assert median in texts(client.get("/speed/"), "th")


@pytest.mark.parametrize("address", ADDRESSES)
def test_agreement_in_draft_is_offered_to_nobody_else(client, company, address):
    secret = factories.agreement("secret")
    factories.draft(secret)
    answer = signed_in(client, company.viewer).get(address)
    assert "secret" not in answer.text
    assert client.get(address, {"agreement": "secret"}).status_code == 404
    assert client.get(address, {"agreement": "company", "month": "x\0"}).status_code == 200


def test_months_far_away_are_pages_too(client, company):
    assert signed_in(client, company.viewer).get("/review/", {"month": "2030-01"}).status_code == 200
    assert client.get("/marketing/", {"month": "1990-01"}).status_code == 200
    assert client.get("/sales/", {"month": "2100-12"}).status_code == 200


def ask_again(client, address, known):
    return client.get(address, {"known": known}, headers={"HX-Request": "true"})


def known_of(answer) -> str:
    found = re.search(r'"known": "(\d+)"', answer.text)
    assert found
    return found[1]


@pytest.mark.parametrize("address", [*ADDRESSES, "/speed/", "/waterfall/", "/depth/", "/recalibration/"])
def test_open_page_gets_nothing_while_its_figures_are_the_newest_and_then_the_new_ones(
    client, company, address
):
    first = signed_in(client, company.viewer).get(address)
    with CaptureQueriesContext(connection) as captured:
        answer = ask_again(client, address, known_of(first))
    assert (answer.status_code, answer.content) == (204, b"")
    assert len(captured) <= 6
    rollups.refresh(now=NOW + dt.timedelta(seconds=20), wait=True)
    newer = ask_again(client, address, known_of(first))
    assert newer.status_code == 200
    assert int(known_of(newer)) > int(known_of(first))
    assert "<nav" not in newer.text.split('id="figures"')[0]
    assert "known=" not in newer.text


def test_new_attempt_is_in_the_next_answer(client, company):
    page = signed_in(client, company.viewer).get("/speed/")
    assert "7 still open" in texts(page, "h1")[0]
    hand_off = company.agreement.hand_offs.filter(first_attempt_at=None).first()
    log_attempt(hand_off=hand_off, attempted_at=NOW, channel="call", outcome="no_answer", now=NOW)
    rollups.refresh(now=NOW + dt.timedelta(seconds=1), wait=True)
    assert "6 still open" in texts(ask_again(client, "/speed/", known_of(page)), "h1")[0]


@pytest.mark.parametrize("known", ["", "-1", "x", "1e9", "9" * 400, "\0", "²"])
def test_what_an_open_page_cannot_know_gets_the_figures(client, company, known):
    assert ask_again(signed_in(client, company.viewer), "/speed/", known).status_code == 200


def test_address_with_known_typed_by_hand_is_the_whole_page(client, company):
    answer = signed_in(client, company.viewer).get("/speed/", {"known": "9" * 18})
    assert answer.status_code == 200
    assert "<!doctype html>" in answer.text


def test_page_that_asks_by_itself_keeps_no_session_alive(client, company, monkeypatch):
    first = signed_in(client, company.viewer).get("/speed/")
    seen = client.session["seen_at"]
    monkeypatch.setattr(timezone, "now", lambda: NOW + dt.timedelta(minutes=10))
    assert ask_again(client, "/speed/", known_of(first)).status_code == 204
    assert client.session["seen_at"] == seen
    client.get("/speed/")
    assert client.session["seen_at"] == seen + 600


def test_report_and_review_agree_on_a_promise_missed_by_little(client, company):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE agreements_commitment DISABLE TRIGGER USER")  # signed terms never change
        cursor.execute(
            "SELECT business_seconds, attempted FROM reports_periodfigure WHERE grain='month' AND "
            "dimension='' AND agreement_id IS NOT NULL AND starts_on='2026-03-01'"
        )
        seconds, attempted = cursor.fetchone()
    just_less = dt.timedelta(seconds=seconds // attempted - 1)
    Commitment.objects.filter(kind="speed").update(average_goal=just_less)
    answer = signed_in(client, company.viewer).get("/speed/")
    assert "less than a minute slower than agreed" in texts(answer, "h1")[0]
    assert "would be missed" in judged(client.get("/review/"))["Speed on average"]
