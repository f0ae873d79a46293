"""The report pages of the sample month: what they say first, whom they show what, and that files equal tables."""

from __future__ import annotations

import csv
import datetime as dt
import html
import json
import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from leads.models import Deal
from leads.services.hand_offs import hand_over
from reports import rollups
from reports.periods import month_of
from reports.readings.recalibration import recalibration_report
from reports.readings.scope import build_scope
from reports.readings.trend import monthly_rates
from tests import factories
from tests.query_counts import assert_same_queries
from tests.reports.answers import first, rows_of, texts
from tests.reports.sample_month import NOW, win

NAMES = ("waterfall", "speed", "depth", "recalibration")
MARCH = {"month": "2026-03"}


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def viewer(client, company):
    client.force_login(company.viewer)
    return client


@pytest.mark.parametrize(
    "name,finding",
    [
        ("waterfall", "Company Marketing is 15 leads behind: 40 of 55 due by 17 Mar."),
        (
            "speed",
            "Company Sales is 15 m slower than agreed: 2 h 15 m (business) on average against 2 h; "
            "7 still open, 5 overdue.",
        ),
        (
            "depth",
            "Company Sales stopped 3.7 attempts short: 2.3 of 6 on average on the 8 hand-offs whose follow-up "
            "has ended.",
        ),
        (
            "recalibration",
            "The plan says a close rate of 20%; so far 15% (7%–29%, n = 40), and the leads are still young.",
        ),
    ],
)
def test_page_answers_its_question_in_the_first_line(viewer, name, finding):
    answer = viewer.get(f"/{name}/", MARCH)
    assert answer.status_code == 200
    assert texts(answer, "h1") == [finding]
    assert "As of 10:42 UTC" in texts(answer, "p")
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_pages_only_read(viewer):
    for name in NAMES:
        assert viewer.post(f"/{name}/").status_code == 405


def test_charts_load_the_drawing_library_only_where_there_are_charts(viewer):
    assert "plotly-cartesian" in viewer.get("/waterfall/", MARCH).text
    assert "plotly-cartesian" in viewer.get("/recalibration/", MARCH).text
    assert "plotly-cartesian" not in viewer.get("/speed/", {"month": "2025-06"}).text


def test_filter_is_shown_as_a_chip_that_can_be_taken_away(viewer):
    answer = viewer.get("/waterfall/", MARCH | {"segment": "executives"})
    assert texts(answer, "li")[-1] != ""
    assert "Segment: Executives ×" in texts(answer, "li")
    assert 'href="?month=2026-03"' in answer.text
    assert texts(answer, "h1") == ["Company Marketing is 4 leads behind: 10 of 14 due by 17 Mar."]


def test_figures_of_one_person_are_for_them_and_those_who_manage_them(client, company):
    kim = str(company.kim.pk)
    client.force_login(company.viewer)
    answer = client.get("/speed/", MARCH | {"owner": kim})
    assert "shown to them and to those who manage them" in answer.text
    assert "Kim Ito" not in answer.text
    assert '"owner"' not in answer.text
    client.force_login(company.kim)
    answer = client.get("/speed/", MARCH | {"owner": kim})
    assert "Owner: Kim Ito ×" in texts(answer, "li")
    assert "Sons" not in answer.text
    client.force_login(company.admin)
    answer = client.get("/speed/", MARCH | {"owner": kim})
    assert "Owner: Kim Ito ×" in texts(answer, "li")
    assert "Lee &amp; &lt;i&gt;Sons&lt;/i&gt;" in answer.text


def test_month_without_a_goal_still_shows_what_came(client, company):
    client.force_login(company.viewer)
    at = dt.datetime(2026, 2, 10, 9, tzinfo=dt.UTC)
    hand_over(lead=factories.lead(at), now=NOW, at=at, agreement=company.agreement)
    rollups.refresh(now=NOW, wait=True)
    answer = client.get("/waterfall/", {"month": "2026-02"})
    assert texts(answer, "h1") == ["No goal is agreed for this month; 1 lead came by 28 Feb."]
    assert 'data-chart="waterfall"' in answer.text


def test_month_without_data_says_so(viewer):
    answer = viewer.get("/speed/", {"month": "2025-06"})
    assert texts(answer, "h1") == ["There were no first attempts in these days."]
    assert texts(answer, "h2") == ["Nothing to draw for June 2025"]


def test_stale_figures_are_announced_for_past_months_too(viewer, monkeypatch):
    assert 'role="status"' not in viewer.get("/waterfall/", MARCH).text
    monkeypatch.setattr(timezone, "now", lambda: NOW + dt.timedelta(seconds=90))
    assert 'role="status"' not in viewer.get("/waterfall/", MARCH).text
    monkeypatch.setattr(timezone, "now", lambda: NOW + dt.timedelta(seconds=91))
    for month in ("2026-03", "2025-06"):
        answer = viewer.get("/waterfall/", {"month": month})
        assert "Figures are from 10:42 UTC; the refresh has not run since." in answer.text


def test_time_is_that_of_the_readers_zone(client, company):
    company.viewer.time_zone = "Asia/Seoul"
    company.viewer.save(update_fields=["time_zone"])
    client.force_login(company.viewer)
    assert "As of 19:42 KST" in texts(client.get("/waterfall/", MARCH), "p")


def test_goal_is_derived_step_by_step(viewer):
    answer = viewer.get("/waterfall/", MARCH)
    assert "Why 100?" in texts(answer, "summary")
    cells = texts(answer, "td")
    assert "50,000 EUR ÷ 2,500 EUR" in cells
    assert "20 ÷ 20% = 100" in cells


@pytest.mark.parametrize("name", ["waterfall", "speed", "depth", "recalibration"])
def test_file_has_the_rows_of_the_report_command(viewer, capsys, name):
    options = {} if name in ("waterfall", "recalibration") else {"by": "week"}
    answer = viewer.get(f"/{name}/", MARCH | options | {"format": "csv"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}-2026-03.csv"'
    out = StringIO()
    call_command(
        "report",
        name,
        "--from=2026-03-01",
        "--to=2026-04-01",
        "--agreement=company",
        "--format=csv",
        *(f"--{key}={value}" for key, value in options.items()),
        stdout=out,
    )
    printed = list(csv.DictReader(StringIO(out.getvalue())))
    now_dependent = {"open", "open_overdue", "in_time_numerator", "in_time_denominator"}
    ours = rows_of(answer)
    assert [row.keys() for row in ours] == [row.keys() for row in printed]
    if name == "recalibration":
        printed = [row for row in printed if row["name"] != "is_immature"]
        ours = [row for row in ours if row["name"] != "is_immature"]
        assert ours == printed
    elif name == "waterfall":
        seen = slice(0, NOW.day)  # the command's clock is the real one: later days are over for it
        assert [row["actual_cumulative"] for row in ours][seen] == [
            row["actual_cumulative"] for row in printed
        ][seen]
        assert [row["goal_cumulative"] for row in ours] == [row["goal_cumulative"] for row in printed]
    else:
        same = ("from", "to", "handed_off", "average", "attempts", "attempted", "worked_numerator")
        for key in set(same) & ours[0].keys() - now_dependent:
            assert [row[key] for row in ours] == [row[key] for row in printed], key


@pytest.mark.parametrize(
    "address,chart,columns",
    [
        (
            "/waterfall/",
            "waterfall",
            {"Goal": "goal_cumulative", "Actual": "actual_cumulative", "Per day": "actual"},
        ),
        ("/waterfall/", "sources", {"Leads": "actual"}),
        ("/speed/?by=day", "speed", {"Average to the first attempt": "average"}),
        ("/speed/?by=week", "in-time", {"In time": "in_time"}),
        ("/speed/?by=month", "speed", {"Average to the first attempt": "average"}),
        ("/depth/?by=day", "depth", {"Average attempts": "average"}),
        (
            "/depth/?by=week",
            "at-least",
            {"tried so often": "attempted_share", "connected earlier": "connected_earlier_share"},
        ),
    ],
)
def test_figure_table_and_file_have_the_same_numbers(viewer, address, chart, columns):
    page = viewer.get(address + ("&" if "?" in address else "?") + "month=2026-03")
    block = first(rf'(<figure class="chart" data-chart="{chart}".*?</figure>)', page.text)
    figure = json.loads(first(r'<script type="application/json">(.*?)</script>', block))
    keys = re.findall(r'data-key="([^"]+)"', block)
    body = first(r"<tbody>(.*?)</tbody>", block)
    table = [
        dict(zip(keys, map(html.unescape, re.findall(r'<data value="([^"]*)"', row)), strict=True))
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.S)
    ]
    link = html.unescape(first(r'href="([^"]+)"\s+aria-label="CSV', block))
    file = rows_of(viewer.get(address.split("?")[0] + link))
    for series, column in columns.items():
        (trace,) = [one for one in figure["data"] if one["name"] == series]
        drawn = trace["x"] if trace.get("orientation") == "h" else trace["y"]
        assert ["" if value is None else float(value) for value in drawn] == [
            float(row[column]) if row[column] else "" for row in table
        ]
        assert [row[column] for row in file] == [row[column] for row in table]


def test_names_from_outside_are_text_everywhere(viewer):
    page = viewer.get("/waterfall/", MARCH).text
    assert "fair <b>" not in page
    assert "fair &lt;b&gt;Łódź&lt;/b&gt;" in page


@pytest.mark.parametrize(
    "address", ["/waterfall/", "/speed/?by=day", "/speed/?by=month", "/depth/?by=week", "/recalibration/"]
)
def test_pages_ask_as_often_with_many_rows_as_with_few(client, company, address):
    client.force_login(company.admin)
    joined = address + ("&" if "?" in address else "?") + "month=2026-03"

    def add_rows() -> None:
        for number in range(60):
            at = dt.datetime(2026, 3, 3 + number % 3, 9, number, tzinfo=dt.UTC)
            lead = factories.lead(at, source=f"source {number}")
            hand_over(lead=lead, now=NOW, at=at, agreement=company.agreement, owner=factories.user())
        rollups.refresh(now=NOW, wait=True)

    assert_same_queries(lambda: client.get(joined), add_rows=add_rows)


def test_trend_has_the_rates_of_each_months_own_report(company):
    for number, day in enumerate((3, 9, 20)):
        at = dt.datetime(2026, 2, day, 9, tzinfo=dt.UTC)
        hand_off = hand_over(lead=factories.lead(at), now=NOW, at=at, agreement=company.agreement)
        if number:
            win(hand_off.lead, at + dt.timedelta(days=14))
    Deal.objects.create(
        system="test",
        external_id="lost lead",
        closed_at=NOW,
        closed_on=NOW.date(),
        amount=900,
        currency="EUR",
        is_won=True,
        origin="marketing",
    )
    months = [month_of(dt.date(2026, month, 1)) for month in (1, 2, 3)]
    for agreement in (None, company.agreement):
        scopes = [build_scope(period=month, now=NOW, agreement=agreement) for month in months]
        for scope, rates in zip(scopes, monthly_rates(scopes[-1], months, "EUR"), strict=True):
            report = recalibration_report(scope)
            same = report.same_month
            assert (rates.marketing_leads, rates.customers) == (same.marketing_leads, same.customers)
            assert rates.close_rate == same.close_rate
            assert rates.average_deal == same.average_deal
            assert rates.marketing_share == same.marketing_share
            assert rates.cohort_customers == report.cohort.customers
