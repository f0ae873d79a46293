"""The explore page: the numbers of the other report pages by any dimension, and for whom figures per rep are."""

from __future__ import annotations

import datetime as dt
import json
import re
from fractions import Fraction
from html.parser import HTMLParser

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agreements.models import Membership, Segment
from leads.models import HandOff, Lead
from leads.services.hand_offs import close
from reports import rollups
from reports.charts.explored_words import BY_NAMES, MEASURE_WORDS
from reports.pages.explore import open_exploration
from reports.periods import Grain, Period, month_of
from reports.readings.depth import depth_report
from reports.readings.explored import By
from reports.readings.explored_measures import MEASURES
from reports.readings.numbers import number
from reports.readings.recalibration import recalibration_report
from reports.readings.scope import build_scope
from reports.readings.speed import speed_report
from tests import factories
from tests.hostile_text import HOSTILE_TEXTS
from tests.query_counts import assert_same_queries
from tests.reports.answers import rows_of, texts
from tests.reports.sample_month import MARCH, NOW, fill_month

MONTH = {"first": "2026-03-01", "last": "2026-03-31", "agreement": "company"}


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def viewer(client, company):
    client.force_login(company.viewer)
    return client


def opened(user, **asked):
    query = QueryDict(mutable=True)
    query.update(MONTH | asked)
    return open_exploration(query, user=user, now=NOW)


def found(user, **asked):
    return numbers(opened(user, **asked))


def numbers(page):
    """The file's numbers by the names of their groups."""
    measure, by, split = page.wanted.measure, page.seen.by, page.seen.split
    return {
        tuple(row[one.value] for one in (by, split) if one is not None): row[measure]
        for row in page.file()[1]
    }


def test_every_measure_and_dimension_has_its_words():
    assert set(MEASURE_WORDS) == set(MEASURES)
    assert set(BY_NAMES) == set(By)


def test_the_first_line_says_how_much_and_where_most(viewer):
    answer = viewer.get("/explore/", MONTH | {"measure": "handed_off", "by": "source"})
    assert texts(answer, "h1") == ["Handed off: 40 in all; highest for web, with 24."]
    assert "Explore · 1 Mar 2026 to 31 Mar 2026" in texts(answer, "p")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert viewer.post("/explore/").status_code == 405


SPEED = {
    "speed": lambda one: number(one.average),
    "speed_median": lambda one: number(one.median),
    "speed_p90": lambda one: number(one.p90),
    "in_time": lambda one: number(one.in_time.value),
    "open": lambda one: one.open,
    "overdue": lambda one: one.open_overdue,
}


@pytest.mark.parametrize("grain", list(Grain))
def test_the_numbers_of_speed_are_those_of_its_page(company, grain):
    for source in (None, "web", "fair <b>Łódź</b>"):
        scope = build_scope(period=month_of(MARCH), now=NOW, agreement=company.agreement, source=source)
        report = speed_report(scope, grain)
        asked = {"source": source} if source else {}
        for measure, read in SPEED.items():
            expected = {(one.period.start.isoformat(),): read(one) for one in report.buckets}
            page = opened(company.admin, measure=measure, by=grain.value, **asked)
            assert numbers(page) == expected
            assert number(exact_total(page)) == read(report.total)
            if source is None:
                continue
            crossed = found(company.admin, measure=measure, by=grain.value, split="source")
            of_source = {(day,): value for (day, name), value in crossed.items() if name == source}
            assert of_source.items() <= expected.items()
            assert {day for (day,) in expected.keys() - of_source.keys()} == {
                one.period.start.isoformat() for one in report.buckets if not one.handed_off
            }


def exact_total(page):
    return page.seen.measured(page.seen.found.total).value


@pytest.mark.parametrize(
    "measure,read",
    [
        ("depth", lambda one: number(one.average)),
        ("worked", lambda one: number(one.worked.value)),
        ("fully_worked", lambda one: number(one.fully_worked.value)),
        ("stopped_early", lambda one: number(one.stopped_early.value)),
    ],
)
def test_the_numbers_of_depth_are_those_of_its_page(company, measure, read):
    for hand_off in HandOff.objects.filter(closed_at=None).order_by("pk")[:6]:
        close(hand_off=hand_off, closed_as="unreachable", at=NOW, now=NOW)
    rollups.refresh(now=NOW, wait=True)
    for segment in (None, "executives"):
        scope = build_scope(period=month_of(MARCH), now=NOW, agreement=company.agreement, segment=segment)
        report = depth_report(scope, Grain.WEEK)
        asked = {"segment": segment} if segment else {}
        assert found(company.admin, measure=measure, **asked) == {
            (one.period.start.isoformat(),): read(one) for one in report.buckets
        }
        if segment is not None:
            by_segment = found(company.admin, measure=measure, by="segment")
            assert by_segment[("Executives",)] == read(report.total)


@pytest.mark.parametrize("measure", ["handed_off", "qualified", "accepted", "net", "value"])
def test_the_numbers_of_the_waterfall_are_those_of_its_page(viewer, company, measure):
    for hand_off in HandOff.objects.filter(closed_at=None).order_by("pk")[:5]:
        close(hand_off=hand_off, closed_as="rejected", reason="duplicate", at=NOW, now=NOW)
    HandOff.objects.filter(pk__in=HandOff.objects.order_by("-pk")[:9].values("pk")).update(accepted_at=NOW)
    rollups.refresh(now=NOW, wait=True)
    if measure == "value":  # offered beside it where the goal is one of value
        total = opened(company.viewer, measure=measure).seen.found.total["counted_value"]
        by_day = found(company.viewer, measure=measure, by="day")
        assert sum(by_day.values()) == total == 1000
        return
    for source in (None, "partner"):
        asked = {"source": source} if source else {}
        page = {"month": "2026-03", "agreement": "company", "measure": measure, "format": "csv", **asked}
        waterfall = {(row["on"],): row["actual"] for row in rows_of(viewer.get("/waterfall/", page))}
        said = found(company.viewer, measure=measure, by="day", **asked)
        assert said.keys() == waterfall.keys()
        assert {day: str(n) for day, n in said.items() if waterfall[day]} == {
            day: n for day, n in waterfall.items() if n
        }
        assert sum(value for value in said.values()) == sum(int(n) for n in waterfall.values() if n)


def test_customers_of_a_month_are_those_of_its_cohort(company):
    scope = build_scope(period=month_of(MARCH), now=NOW, agreement=company.agreement)
    cohort = recalibration_report(scope).cohort
    page = opened(company.viewer, measure="won", by="month")
    total = page.seen.found.total
    assert total["won"] > 0
    assert (total["won"], total["qualified"]) == (cohort.customers, cohort.marketing_leads)
    close_rate = opened(company.viewer, measure="close_rate", by="month")
    assert exact_total(close_rate) == Fraction(total["won"], total["qualified"])


PAIRS = (("source", "segment"), ("week", "source"), ("hour", "day"), ("team", "channel"), ("month", ""))


@pytest.mark.parametrize("place", range(len(PAIRS)))
def test_table_and_file_say_what_the_chart_draws(viewer, company, place):
    for measure in list(MEASURES)[place % 2 :: 2]:
        by, split = PAIRS[place]
        asked = MONTH | {"measure": measure, "by": by, "split": split}
        answer = viewer.get("/explore/", asked)
        assert answer.status_code == 200
        (chart,) = answer.context["contents"].charts
        drawn = [value for one in chart.series for value in one.values if value is not None]
        shown = {cell.value for row in chart.table.rows for cell in row[1:]}
        assert set(drawn) <= shown
        figure = json.loads(
            re.search(r'<script type="application/json">(.*?)</script>', answer.text, re.S)[1]
        )
        axis = "x" if chart.is_lying else "y"
        traced = [value for trace in figure["data"] for value in trace[axis] if value is not None]
        assert sorted(traced) == sorted(drawn)
        filed = {row[measure] for row in rows_of(viewer.get("/explore/", asked | {"format": "csv"}))}
        assert {str(value) for value in drawn if value} <= filed


def test_few_cases_are_hatched_and_said(viewer, company):
    answer = viewer.get("/explore/", MONTH | {"measure": "speed", "by": "source"})
    (chart,) = answer.context["contents"].charts
    small = {place for place, row in enumerate(chart.table.rows) if row[2].value < 20}
    assert small
    assert chart.series[0].muted == small
    assert "Hatched: fewer than 20 cases" in answer.text
    counts = viewer.get("/explore/", MONTH | {"measure": "handed_off", "by": "source"})
    assert not counts.context["contents"].charts[0].series[0].muted


def test_the_agreed_number_is_drawn_where_time_goes_along(company):
    assert opened(company.viewer, measure="speed").chart.goal.value == 7200
    assert opened(company.viewer, measure="depth").chart.goal.value == 6
    assert opened(company.viewer, measure="speed", by="source").chart.goal is None


def test_figures_per_rep_are_for_the_rep_and_who_manages_them(client, company):
    sales = factories.party(company.agreement, "sales").team
    boss = factories.user("Bo Boss")
    Membership.objects.create(user=company.kim, team=sales, role="member")
    Membership.objects.create(user=boss, team=sales, role="manager")
    by_rep = MONTH | {"by": "rep", "split": "week"}
    kim, lee = "Kim Ito", "Lee &amp; &lt;i&gt;Sons&lt;/i&gt;"

    def seen(person, asked=by_rep):
        client.force_login(person)
        answer = client.get("/explore/", asked)
        rows = client.get("/explore/", asked | {"format": "csv"})
        return answer, {row.get("rep") for row in rows_of(rows)}

    answer, reps = seen(company.viewer)
    assert "Figures per rep are shown to the rep and to those who manage them" in answer.text
    assert 'value="rep"' not in answer.text
    assert reps == {None}
    for asked in (by_rep, MONTH | {"by": "source", "split": "rep"}):
        answer, reps = seen(company.kim, asked)
        assert reps == {kim}
        assert "Sons" not in answer.text
        assert "All” is all of them" in answer.text
        answer, reps = seen(boss, asked)
        assert reps == {kim}
        answer, reps = seen(company.admin, asked)
        assert reps == {kim, "Lee & <i>Sons</i>"}
        assert kim in answer.text
        assert lee in answer.text
    total = opened(company.kim, by="rep").seen.found.total
    assert total["counted"] == 40
    for person, shows in ((company.viewer, False), (company.kim, True)):
        client.force_login(person)
        answer = client.get("/explore/", MONTH | {"owner": str(company.kim.pk)})
        assert ("Owner: Kim Ito ×" in texts(answer, "li")) == shows


@pytest.mark.parametrize(
    "asked,said",
    [
        ({"by": "week", "split": "week"}, "Both dimensions are the same"),
        (
            {"by": "week", "split": "month"},
            "Time can be cut only one way: by “Week”, and not by “Month” as well.",
        ),
        ({"measure": "qualified", "by": "hour"}, "they have no “Hour of arrival” yet"),
        ({"measure": "won", "split": "channel"}, "they have no “Channel of the first attempt” yet"),
        ({"first": "2026-03-31", "last": "2026-03-01"}, "taken the other way round"),
        ({"first": "2020-01-01", "last": "2026-03-01"}, "At most three years"),
        ({"first": "2025-01-01", "by": "day"}, "shown by “Week”, not by “Day”"),
        ({"first": "2024-01-01", "last": "2026-12-01", "by": "day"}, "shown by “Month”, not by “Day”"),
        ({"measure": "nothing"}, "Measure: Select a valid choice"),
        ({"by": "<b>"}, "&lt;b&gt;"),
        ({"first": "soon"}, "First day: Enter a valid date."),
        ({"last": "0001-01-01"}, "Last day:"),
        ({"team": "none"}, "There is no such team."),
        ({"team": "9" * 20}, "There is no such team."),
        ({"source": "nowhere"}, "No lead has the source “nowhere”."),
    ],
)
def test_what_does_not_go_together_is_said_in_words(viewer, asked, said):
    answer = viewer.get("/explore/", MONTH | asked)
    assert answer.status_code == 200
    assert said in answer.text


def test_what_is_chosen_together_has_no_complaint(viewer):
    for measure in MEASURES:
        answer = viewer.get("/explore/", MONTH | {"measure": measure, "by": "country", "split": "campaign"})
        assert 'role="alert"' not in answer.text


def test_the_address_holds_the_whole_state(viewer, company, monkeypatch):
    team = factories.party(company.agreement, "sales").team
    asked = {
        "measure": "in_time",
        "by": "source",
        "split": "month",
        "segment": "executives",
        "team": str(team.pk),
    }
    page = opened(company.viewer, **asked)
    query = QueryDict(page.state)
    assert query.dict() == {
        "measure": "in_time",
        "by": "source",
        "split": "month",
        **MONTH,
        "segment": "executives",
        "team": str(team.pk),
    }
    usual = open_exploration(QueryDict(""), user=company.viewer, now=NOW)
    assert (usual.first, usual.last) == (dt.date(2025, 12, 29), dt.date(2026, 3, 22))
    later = open_exploration(QueryDict(usual.state), user=company.viewer, now=NOW + dt.timedelta(days=40))
    assert (later.first, later.last) == (usual.first, usual.last)
    answer = viewer.get("/explore/?known=0&measure=won")
    assert "format=csv" in answer.text
    assert "known=" not in re.search(r'href="([^"]*format=csv)"', answer.text)[1]
    assert viewer.get("/explore/", {"agreement": "no-such"}).status_code == 404


def test_rows_behind_a_number_are_one_step_away(client, company):
    client.force_login(company.admin)
    for asked, count in (
        ({"by": "day"}, 31),
        ({"by": "month"}, 1),
        ({"by": "source"}, 3),
        ({"by": "rep"}, 2),
        ({"by": "segment", "measure": "qualified"}, 1),
    ):
        page = opened(company.admin, **asked)
        linked = [row for row in page.chart.table.rows if row[0].address]
        assert len(linked) == count
        for row in linked:
            answer = client.get(row[0].address)
            assert answer.context["found"].counted.total == row[1].value, row[0].text
    assert not any(row[0].address for row in opened(company.admin, by="week").chart.table.rows)
    assert not any(row[0].address for row in opened(company.admin, by="source", split="rep").chart.table.rows)


def test_as_many_queries_for_many_rows_as_for_few(client, company):
    client.force_login(company.admin)
    addresses = [
        f"/explore/?first=2026-03-01&last=2026-03-31&measure={measure}&by={by}&split={split}"
        for measure, by, split in (
            ("speed", "week", ""),
            ("in_time", "rep", "segment"),
            ("won", "source", "team"),
            ("handed_off", "day", "channel"),
        )
    ]
    assert_same_queries(
        lambda: [client.get(address) for address in addresses],
        add_rows=lambda: (fill_month(company, times=2), rollups.refresh(now=NOW, wait=True)),
        at_most=25 * len(addresses),
    )
    for address in addresses:
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        assert len(asked) <= 25


def injected(text):
    """The elements that hostile text would have made."""
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if any(name == "data-injected" for name, _value in attrs):
                found.append(tag)

    Reader().feed(text)
    return found


def test_hostile_names_stay_texts(client, company):
    leads = list(Lead.objects.order_by("pk"))
    for place, text in enumerate(HOSTILE_TEXTS[: len(leads)]):
        Lead.objects.filter(pk=leads[place].pk).update(source=text[:100], campaign=text, country=text[:64])
    Segment.objects.update(name=HOSTILE_TEXTS[20][:80])
    rollups.rebuild()
    client.force_login(company.admin)
    for by, split in (("source", ""), ("campaign", "country"), ("week", "campaign"), ("segment", "source")):
        answer = client.get("/explore/", MONTH | {"by": by, "split": split})
        assert answer.status_code == 200
        assert "<script>window.hacked" not in answer.text
        assert not injected(answer.text)
        assert client.get("/explore/", MONTH | {"by": by, "split": split, "format": "csv"}).status_code == 200


def test_days_without_anything_say_so(viewer):
    answer = viewer.get("/explore/", {"first": "2025-06-01", "last": "2025-06-30", "agreement": "company"})
    assert texts(answer, "h1") == ["Nothing of these days fits what was chosen."]
    assert "Nothing to draw" in texts(answer, "h2")
    assert "plotly-cartesian" not in answer.text


def test_so_many_groups_are_cut_down(company, monkeypatch):
    monkeypatch.setattr("reports.readings.explored.MOST_GROUPS", 12)
    page = opened(company.viewer, by="day", split="source")
    assert page.wanted.split is None
    assert any("more than 5,000 groups" in one for one in page.frame.complaints)


def test_too_many_groups_of_one_dimension_are_months_instead(company, monkeypatch):
    monkeypatch.setattr("reports.readings.explored.MOST_GROUPS", 1)
    page = opened(company.viewer, by="source")
    assert (page.wanted.by, page.wanted.split) == ("month", None)
    assert any("more than 5,000 groups" in one for one in page.frame.complaints)


def test_as_many_cases_are_behind_a_value_as_leads_were_counted(company):
    page = opened(company.viewer, measure="value", by="month")
    rows = page.file()[1]
    leads = opened(company.viewer, measure="handed_off", by="month").file()[1]
    assert [row["n"] for row in rows] == [row["handed_off"] for row in leads] and any(
        row["n"] for row in rows
    )


def test_the_span_may_begin_within_a_week(company):
    page = opened(
        company.viewer, first="2026-03-04", last="2026-03-16", by="week", split="source", measure="hand_offs"
    )
    days = Period(dt.date(2026, 3, 4), dt.date(2026, 3, 17))
    assert list(page.seen.found.first) == ["2026-03-04", "2026-03-09", "2026-03-16"]
    assert (
        page.seen.found.total["handed_off"]
        == HandOff.objects.filter(handed_off_on__gte=days.start, handed_off_on__lt=days.end).count()
    )
