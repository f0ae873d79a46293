"""What drafted terms would have meant, as people read it: beside the fields of a draft, and on a page of its own."""

import csv
import datetime as dt
import re
from decimal import Decimal
from io import StringIO

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.models import Agreement, Commitment, MonthGoal, Party
from agreements.services.draft_values import draft_values
from leads.models import HandOff
from leads.services.attempts import log_attempt
from leads.services.hand_offs import hand_over
from reports import rollups
from reports.charts.simulation import spans
from reports.pages.simulator import terms_of
from reports.periods import Period
from reports.readings.population import CameUnder, population
from reports.readings.simulation import REST, DepthTerms, curve, depth_under
from tests import factories
from tests.query_counts import assert_same_queries

HOUR = dt.timedelta(hours=1)
NOW = dt.datetime(2026, 4, 20, 12, tzinfo=dt.UTC)
# Friday, 6 March 2026, 13:00, on a calendar open from 9 to 17 in UTC: four hours end at closing time.
FRIDAY = dt.datetime(2026, 3, 6, 13, tzinfo=dt.UTC)
MARCH = Period(dt.date(2026, 3, 1), dt.date(2026, 4, 1))


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def agreement(db):
    made = factories.agreement()
    factories.signed(made, goals={dt.date(2026, 3, 1): 20})
    return made


def tried(agreement, *offsets, segment=None, at=FRIDAY, **named):
    """A hand-off on Friday at 13:00, tried after each of these lengths of wall time."""
    hand_off = hand_over(
        lead=factories.lead(at, segment=segment), at=at, now=at, agreement=agreement, **named
    )
    for offset in offsets:
        log_attempt(hand_off=hand_off, attempted_at=at + offset, channel="call", outcome="no_answer", now=NOW)
    return hand_off


def draft_of(agreement, **terms):
    draft = factories.draft(agreement, starts_on=dt.date(2026, 5, 1), **terms)
    return draft, draft_values(draft)


def posted(draft, values):
    """The values as the editor's form sends them."""
    sent = {}
    for key, value in values.items():
        if isinstance(value, dt.timedelta) and not key.endswith("window"):
            minutes = value // dt.timedelta(minutes=1)
            sent |= {f"{key}_0": minutes // 60, f"{key}_1": minutes % 60}
        elif isinstance(value, dt.timedelta):
            sent[key] = value // dt.timedelta(days=1)
        elif key.endswith("share"):
            sent[key] = value * 100
        elif value is not None and not isinstance(value, bool):
            sent[key] = value
    return sent


def says(client, draft, values):
    address = reverse("reports:simulated", args=[draft.agreement.slug, draft.number])
    answer = client.post(address, posted(draft, values))
    assert answer.status_code == 200
    found = re.findall(
        r'<p class="simulated" id="id_([^"]+)_simulated" hx-swap-oob="true">(.*?)</p>', answer.text
    )
    return dict(found)


@pytest.fixture
def director(client, agreement):
    client.force_login(factories.party(agreement, "sales").signatory)
    return client


def test_a_call_on_saturday_would_have_missed_what_ended_on_friday(director, agreement):
    for offset in (HOUR, 4 * HOUR, 20 * HOUR):
        tried(agreement, offset)
    draft, values = draft_of(agreement)
    values["speed-0-in_time_share"] = Decimal("0.9")
    said = says(director, draft, values)
    assert said["speed-0-allowance"].startswith("Quarter 1 of 2026: 67% (2 of 3) would have met 4 h.")
    assert "within 4 h" in said["speed-0-allowance"]
    assert said["speed-0-average_goal"].endswith("3 h on average over 3; 2 h would have been missed.")
    assert said["speed-0-in_time_share"].endswith("66.7% in time (2 of 3); 90% would not have been reached.")
    said = says(director, draft, values | {"speed-0-allowance": 5 * HOUR})
    assert "100% (3 of 3) would have met 5 h." in said["speed-0-allowance"]
    assert says(director, draft, {})["speed-0-allowance"] == ""


def test_each_segment_is_tried_with_its_own_terms(director, agreement):
    executives = factories.segment("Executives")
    for offset in (HOUR, 3 * HOUR):
        tried(agreement, offset, segment=executives)
        tried(agreement, offset)
    draft, values = draft_of(agreement, segment_allowances={executives: 2 * HOUR})
    values |= {"speed-0-in_time_share": Decimal("0.75"), f"worked-{executives.pk}-share": Decimal(1)}
    said = says(director, draft, values)
    assert "50% (1 of 2) would have met 2 h" in said[f"speed-{executives.pk}-allowance"]
    assert "100% (2 of 2, those of no segment with terms of its own)" in said["speed-0-allowance"]
    assert "75% in time (3 of 4, each by its segment" in said["speed-0-in_time_share"]
    assert said["speed-0-in_time_share"].endswith("would have been reached.")
    assert "100% worked (2 of 2); 100% would have been reached." in said[f"worked-{executives.pk}-share"]


def test_depth_counts_attempts_within_the_drafted_window_to_the_second(agreement):
    tried(agreement, HOUR, 24 * HOUR, 48 * HOUR)
    asked = population(agreement, MARCH, NOW)

    def fully(attempts, window):
        return depth_under(asked, {REST: DepthTerms(attempts, window)})[REST].fully_worked

    assert [fully(2, 24 * HOUR + dt.timedelta(seconds=n)) for n in (-1, 0, 1)] == [0, 1, 1]
    assert [fully(3, 48 * HOUR + dt.timedelta(seconds=n)) for n in (-1, 0)] == [0, 1]
    assert fully(4, 99 * HOUR) == 0


def test_depth_is_said_for_the_drafted_attempts_and_window(director, agreement):
    tried(agreement, HOUR, 24 * HOUR, 48 * HOUR)
    tried(agreement, HOUR)
    tried(agreement)
    draft, values = draft_of(agreement, attempts=2)
    values |= {"depth-0-window": dt.timedelta(days=1), "worked-0-share": Decimal("0.6")}
    said = says(director, draft, values)
    assert said["depth-0-attempts"] == (
        "Quarter 1 of 2026: 1.3 attempts on average on the 3 not connected; 33% had all 2 within 1 day."
    )
    assert said["worked-0-share"].endswith("66.7% worked (2 of 3); 60% would have been reached.")
    said = says(director, draft, values | {"depth-0-window": dt.timedelta(days=60)})
    assert said["depth-0-window"] == "3 would still be within this window, and are not counted."


def test_a_goal_shows_the_same_month_a_year_before_and_the_last_three(director, agreement):
    for number in range(3):
        tried(agreement, at=FRIDAY + number * dt.timedelta(days=3))
    rollups.refresh(now=NOW, wait=True)
    march = dt.date(2027, 3, 1)
    draft, values = draft_of(agreement, goals={march: 25})
    said = says(director, draft, values)
    assert said["goal-0-2027-03"] == "March 2026: 3 handed over of 20 promised."
    assert said["goals-0"].endswith("February 2026: 0 handed over. March 2026: 3 handed over of 20 promised.")
    assert "goal-0-2027-06" not in said or not said["goal-0-2027-06"]


def test_the_first_draft_is_tried_on_what_came_under_no_agreement(client, db):
    new = factories.agreement("new")
    for offset in (HOUR, 5 * HOUR):
        tried(None, offset)
    assert not HandOff.objects.exclude(agreement=None).exists()
    rollups.refresh(now=NOW, wait=True)
    draft, values = draft_of(new, goals={dt.date(2027, 3, 1): 5})
    client.force_login(factories.party(new, "sales").signatory)
    said = says(client, draft, values)
    assert "50% (1 of 2) would have met 4 h" in said["speed-0-allowance"]
    assert said["goal-0-2027-03"] == "March 2026: 2 handed over."
    assert "no agreement" in said["population"]


@pytest.fixture
def below(agreement):
    """A new agreement of a team below the company's; nothing is signed."""
    return factories.agreement("below", parent=agreement, level=Agreement.Level.TEAM)


def test_a_new_agreement_below_another_is_tried_on_what_would_have_come_under_it(client, agreement, below):
    team = factories.party(below, "sales").team
    tried(agreement, HOUR, team=team)
    tried(agreement, 5 * HOUR, team=team)
    tried(agreement, 5 * HOUR, team=factories.party(agreement, "marketing").team)
    tried(None, 5 * HOUR, team=factories.team("Elsewhere"))
    assert set(HandOff.objects.values_list("agreement__slug", flat=True)) == {"company", None}
    draft, values = draft_of(below)
    client.force_login(factories.party(below, "sales").signatory)
    said = says(client, draft, values)
    assert "50% (1 of 2) would have met 4 h" in said["speed-0-allowance"]
    assert "came under the agreement above" in said["population"]
    page = client.get(reverse("reports:simulator", args=["below"]), {"version": draft.number}).text
    assert "50% (1 of 2) would have met 4 h" in page
    assert "came under the agreement above" in page


def test_a_new_service_agreement_is_tried_on_its_segment(agreement, below):
    executives = factories.segment("Executive")
    service = factories.agreement("service", parent=below, level=Agreement.Level.SERVICE, segment=executives)
    team = factories.party(below, "sales").team
    Party.objects.create(agreement=service, team=team)
    own = tried(agreement, HOUR, team=team, segment=executives)
    tried(agreement, HOUR, team=team)
    tried(agreement, HOUR, segment=executives)  # no team received it, and the service leaves out a party
    asked = population(service, MARCH, NOW)
    assert asked.came_under is CameUnder.ABOVE
    assert curve(asked, [4 * 3600])[0].met == 1
    HandOff.objects.filter(pk=own.pk).update(segment=None)
    assert population(service, MARCH, NOW).came_under is CameUnder.NOTHING


def test_what_an_agreement_below_promises_itself_is_not_tried_above(director, agreement, below):
    own = factories.draft(below, allowance=HOUR, attempts=None)
    factories.sign(own)
    team = factories.party(below, "sales").team
    tried(below, 5 * HOUR, team=team)
    tried(agreement, HOUR)
    draft, values = draft_of(agreement)
    values |= {"worked-0-share": Decimal("0.5")}
    said = says(director, draft, values)
    assert "100% (1 of 1) would have met 4 h" in said["speed-0-allowance"]
    assert "on the 2 not connected" in said["depth-0-attempts"]
    assert "judged there" in said["population"]
    page = director.get(reverse("reports:simulator", args=["company"])).text
    assert "100% (1 of 1) would have met 4 h" in page and "on the 2 not connected" in page


def test_the_page_begins_with_the_terms_that_hold_also_those_from_above(client, agreement, below):
    executives = factories.segment("Executive")
    draft = factories.draft(below, allowance=3 * HOUR, attempts=None)
    today = dt.date(2026, 4, 20)
    for version, allowance in ((draft, 3 * HOUR), (None, 4 * HOUR)):
        terms = terms_of(below, version, None, today)
        assert (terms["allowance"], terms["attempts"], terms.get("share")) == (allowance, 6, None)
    draft.commitments.filter(kind="speed").update(segment=executives)
    assert terms_of(below, draft, executives, today)["allowance"] == 3 * HOUR
    assert terms_of(below, draft, None, today)["allowance"] == 4 * HOUR
    client.force_login(factories.party(below, "sales").signatory)
    page = client.get(reverse("reports:simulator", args=["below"])).text
    assert re.search(r'name="attempts"[^>]*value="6"', page) or re.search(
        r'value="6"[^>]*name="attempts"', page
    )


def test_more_segments_months_and_hand_offs_ask_the_database_no_more(director, agreement):
    tried(agreement, HOUR)
    rollups.refresh(now=NOW, wait=True)
    draft, values = draft_of(agreement, goals={dt.date(2027, 3, 1): 5})
    address = reverse("reports:simulated", args=[agreement.slug, draft.number])

    def add():
        for number in range(6):
            segment = factories.segment(f"Segment {number}")
            tried(agreement, HOUR, segment=segment)
            tried(agreement, HOUR, segment=segment)
            values[f"speed-{segment.pk}-allowance"] = 2 * HOUR
            values[f"goal-{segment.pk}-2027-03"] = 4
        rollups.refresh(now=NOW, wait=True)

    assert_same_queries(lambda: director.post(address, posted(draft, values)), add_rows=add)


def test_the_page_says_it_draws_it_and_gives_the_file(director, agreement):
    for offset in (HOUR, 4 * HOUR, 20 * HOUR):
        tried(agreement, offset)
    address = reverse("reports:simulator", args=[agreement.slug])
    answer = director.get(address)
    assert "67% (2 of 3) would have met 4 h" in answer.text
    assert 'data-chart="simulated"' in answer.text
    asked = {"allowance_0": "5", "allowance_1": "0", "period": "2026-Q1", "attempts": "2", "window": "3"}
    answer = director.get(address, asked)
    assert "100% (3 of 3) would have met 5 h" in answer.text
    assert "had all 2 within 3 days" in answer.text
    rows = list(csv.DictReader(StringIO(director.get(address, asked | {"format": "csv"}).text)))
    by_allowance = {row["allowance"]: (row["met"], row["due"]) for row in rows}
    assert by_allowance["18000"] == ("3", "3") and by_allowance["14400"] == ("2", "3")
    empty = director.get(address, asked | {"period": "2025-Q3"})
    assert "Nothing was handed off in the quarter 3 of 2025" in empty.text


def test_the_page_reads_a_drafts_terms_only_for_who_may_read_it(client, director, agreement):
    tried(agreement, HOUR)
    draft, _values = draft_of(agreement, allowance=7 * HOUR)
    address = reverse("reports:simulator", args=[agreement.slug])
    assert "would have met 7 h" in director.get(address, {"version": draft.number}).text
    client.force_login(factories.user("Vera Viewer"))
    assert client.get(address, {"version": draft.number}).status_code == 404
    assert "would have met 4 h" in client.get(address).text


@pytest.mark.parametrize(
    "text", ["<script>x()</script>", "\0", "\u202e7", "x" * 10_000, "", "-1", "9" * 20, "9e9", "NaN"]
)
def test_what_cannot_be_tried_is_said_at_its_field(director, agreement, text):
    address = reverse("reports:simulator", args=[agreement.slug])
    names = ("allowance_0", "allowance_1", "attempts", "window", "share", "segment", "period")
    answer = director.get(address, dict.fromkeys(names, text))
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert director.get(address, {"version": text, "segment": text, "period": text}).status_code in (200, 404)
    draft, _values = draft_of(agreement)
    fields = ("speed-0-allowance_0", "depth-0-attempts", "depth-0-window", "worked-0-share", "goal-0-2026-05")
    simulated = reverse("reports:simulated", args=[agreement.slug, draft.number])
    assert director.post(simulated, dict.fromkeys(fields, text)).status_code == 200


def test_periods_to_ask_about_are_over():
    found = spans(dt.date(2026, 4, 20))
    assert [span.value for span in found] == ["2026-Q1", "2025-Q4", "2025-Q3", "2025-Q2", "month", "year"]
    assert found[0].period == Period(dt.date(2026, 1, 1), dt.date(2026, 4, 1))
    assert found[4].period == MARCH
    assert found[5].period == Period(dt.date(2025, 4, 1), dt.date(2026, 4, 1))
    assert all(span.period.end <= dt.date(2026, 1, 1) for span in spans(dt.date(2026, 1, 1)))


@pytest.mark.parametrize("measure", ["qualified", "accepted", "net", "value"])
def test_a_past_month_is_counted_by_the_goals_own_measure(director, agreement, measure):
    segment = factories.segment("Dear", lead_value=Decimal(50))
    tried(agreement, HOUR, segment=segment)
    rejected = tried(agreement, HOUR)
    HandOff.objects.filter(pk=rejected.pk).update(closed_as="rejected", closed_at=NOW)
    rollups.refresh(now=NOW, wait=True)
    draft, _values = draft_of(agreement, goals={dt.date(2027, 3, 1): 5}, goal_terms={"measure": measure})
    of_segment = Commitment.objects.create(
        version=draft,
        party=factories.party(agreement, "marketing"),
        kind=Commitment.Kind.MQL_GOAL,
        segment=segment,
        measure=measure,
    )
    MonthGoal.objects.create(commitment=of_segment, month_on=dt.date(2027, 3, 1), goal=2)
    said = says(director, draft, draft_values(draft))
    expected = {
        "qualified": ("2 qualified of 20 promised.", "1 qualified."),
        "accepted": ("0 accepted of 20 promised.", "0 accepted."),
        "net": ("1 handed over less those rejected, of 20 promised.", "1 handed over less those rejected."),
        "value": ("worth 50 EUR of 20 EUR promised.", "worth 50 EUR."),
    }[measure]
    keys = ("goal-0-2027-03", f"goal-{segment.pk}-2027-03")
    assert tuple(said[key].removeprefix("March 2026: ") for key in keys) == expected
