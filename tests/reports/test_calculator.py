"""The calculator: what it starts from, what it says, what wrong input gets, and that its answers come quickly."""

from __future__ import annotations

import csv
import datetime as dt
import html
import re
from decimal import Decimal
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone, translation
from hypothesis import given, settings
from hypothesis import strategies as st

from agreements.models import Membership, MonthGoal
from agreements.typed_numbers import neutral, read_number, typed
from reports.charts import words
from tests import factories
from tests.reports.sample_month import NOW

EXAMPLE = {
    "agreement": "",
    "start": "2026-03",
    "period": "month",
    "split": "equal",
    "per": "all",
    "by": "none",
    "quota": "5000",
    "marketing_share": "100",
    "average_deal": "100",
    "close_rate": "50",
    "cycle_days": "0",
    "attempts": "6",
    "minutes": "10",
    "reps": "1",
    "hours": "8",
    "time_share": "50",
    "own_minutes": "0",
}


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def stranger(client, db):
    """A person in a company without agreements, leads and segments."""
    factories.calendar(is_default=True)
    client.force_login(factories.user())
    return client


def plan(client, *, fragment: bool = False, **inputs: str):
    headers = {"HX-Request": "true"} if fragment else {}
    return client.get("/plan/", {**EXAMPLE, **inputs}, headers=headers)


def first_line(answer) -> str:
    found = re.search(r"<h1>(.*?)</h1>", answer.text, re.S)
    assert found
    return html.unescape(found.group(1))


def errors(answer) -> dict[str, str]:
    """What is wrong, by field."""
    found = re.findall(r'id="id_([-\w]+)_error"[^>]*>([^<]+)</p>', answer.text)
    return {name: html.unescape(text) for name, text in found if text.strip()}


def rows(client, table: str, **inputs: str) -> list[dict[str, str]]:
    answer = client.get("/plan/", {**EXAMPLE, **inputs, "format": "csv", "table": table})
    assert answer.status_code == 200
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


def test_golden_quota_needs_100_leads(stranger):
    assert first_line(plan(stranger)) == (
        "You need 100 MQLs a month (4.5 per business day): 50 customers at 50%."
    )
    assert "needs 1.2 reps; you have 1: 12 leads of the month would go" in plan(stranger).text


def test_seven_customers_at_five_per_cent_are_140_leads(stranger):
    said = first_line(plan(stranger, quota="700", close_rate="5"))
    assert said == "You need 140 MQLs a month (6.4 per business day): 7 customers at 5%."


def test_without_anything_known_it_starts_from_the_example(stranger):
    answer = stranger.get("/plan/")
    assert first_line(answer).startswith("You need 100 MQLs a month")
    assert "an example" in answer.text


def test_first_calculation_of_an_empty_company_is_about_this_month_and_can_begin_the_agreement(client, db):
    factories.calendar(is_default=True)
    ann, bo = factories.user("Ann"), factories.user("Bo")
    for person, name, function in ((ann, "Growth", "marketing"), (bo, "Field", "sales")):
        Membership.objects.create(user=person, team=factories.team(name, function), role="director")
    client.force_login(ann)
    opened = client.get("/plan/", {"quota": "60000"})
    assert 'name="start" value="2026-03"' in opened.text
    assert "Begin the agreement with this goal" in opened.text
    calculation = html.unescape(re.search(r'name="calculation" value="([^"]+)"', opened.text).group(1))
    asked = client.get("/agreements/new/", {"calculation": calculation})
    assert 'name="starts_on" value="2026-03-01"' in asked.text
    assert "The calculation that you come from becomes its goal" in asked.text
    sent = {
        "name": "Company",
        "marketing": Membership.objects.get(user=ann).team_id,
        "sales": Membership.objects.get(user=bo).team_id,
        "time_zone": "UTC",
        "currency": "PLN",
        "starts_on": "2026-03-01",
        "calculation": calculation,
    }
    begun = client.post("/agreements/new/", sent, follow=True)
    assert begun.redirect_chain[-1][0].endswith("#use")
    assert first_line(begun) == first_line(opened)
    assert "Its goal comes next" in begun.text
    inputs = html.unescape(re.search(r'name="inputs" value="([^"]+)"', begun.text).group(1))
    client.post("/plan/goal/", {"inputs": inputs, "version": "1"})
    goal = MonthGoal.objects.get(commitment__version__agreement__slug="company")
    assert (goal.month_on, goal.goal) == (dt.date(2026, 3, 1), 1200)


def test_a_draft_that_is_not_ones_own_is_no_place_for_a_goal_and_looks_absent(client, db):
    ours, theirs = factories.agreement("ours"), factories.agreement("theirs")
    factories.signed(ours)
    draft = factories.draft(ours)
    inputs = f"agreement={ours.slug}&quota=60000&start=2026-04"

    def status(director, number):
        client.force_login(director)
        return client.post("/plan/goal/", {"inputs": inputs, "version": number}).status_code

    other = factories.party(theirs, "sales").signatory
    assert status(other, draft.number) == status(other, draft.number + 1) == 404
    assert status(factories.party(ours, "sales").signatory, draft.number) == 302


def test_calculation_without_an_agreement_says_who_can_go_on(stranger):
    assert "Directors begin one: save this calculation" in stranger.get("/plan/").text
    factories.signed(factories.agreement())
    assert "choose it above" in stranger.get("/plan/", {"agreement": ""}).text


def test_a_year_is_spread_and_moved_ahead_by_the_cycle(stranger):
    year = {"period": "year", "split": "calendar_days", "cycle_days": "45", "quota": "60000"}
    months = rows(stranger, "months", **year)
    assert sum(int(row["leads"]) for row in months) == 1200
    assert months[0]["month"] == "2026-01-01"
    assert "needs its leads from 15 Jan 2026 to 14 Jan 2027" in plan(stranger, **year).text
    quotas = rows(stranger, "quota", **year)
    assert sum(Decimal(row["quota"]) for row in quotas) == 60_000
    assert len(rows(stranger, "work", **year)) == 12


def test_weights_of_months_and_shares_of_sources(stranger):
    quarter = {"period": "quarter", "split": "weights", "weight-1": "1", "weight-2": "2", "weight-3": "1"}
    assert [row["leads"] for row in rows(stranger, "work", **quarter)] == ["25", "50", "25"]
    mix = {
        "by": "source",
        "name-source-1": "Fair",
        "part-source-1": "33.4",
        "name-source-2": "=Web",
        "part-source-2": "66.6",
    }
    found = rows(stranger, "sources", **mix)
    assert [(row["name"], row["leads"]) for row in found] == [("Fair", "33"), ("'=Web", "67")]


@pytest.mark.parametrize(
    "field,text,said",
    [
        ("quota", "", "A number is missing."),
        ("quota", "0", "It must be above 0."),
        ("quota", "-5", "It must be above 0."),
        ("quota", "1e400", "“1e400” is no number."),
        ("quota", "NaN", "“NaN” is no number."),
        ("quota", "Infinity", "is no number."),
        ("quota", "9" * 10_000, "is too long for a number."),
        ("quota", "9" * 40, "It must not be above"),
        ("quota", "1,23", "a comma groups thousands, as in 60,000. Write 1.23."),
        ("quota", "1.005", "At most 2 decimal places."),
        ("quota", "\0", "is no number."),
        ("close_rate", "101", "It must not be above 100%."),
        ("close_rate", "0", "It must be above 0%."),
        ("cycle_days", "1.5", "A whole number is needed."),
        ("hours", "25", "It must not be above 24."),
        ("start", "2026-13", "is not a month"),
        ("period", "decade", "decade"),
    ],
)
def test_wrong_input_is_named_and_the_last_result_stays(stranger, field, text, said):
    plan(stranger, quota="700", close_rate="5")
    answer = plan(stranger, **{field: text})
    assert answer.status_code == 200
    assert said in errors(answer)[field]
    assert first_line(answer).startswith("You need 140 MQLs")  # what was seen last, labelled
    assert "they are the last that could be worked out" in answer.text
    assert 'aria-invalid="true"' in answer.text
    fragment = plan(stranger, fragment=True, **{field: text})
    assert fragment.headers["HX-Reswap"] == "none"
    assert said in errors(fragment)[field]
    assert "<h1>" not in fragment.text


def test_shares_that_miss_a_hundred_say_by_how_much(stranger):
    factories.segment("Managers")
    factories.segment("Directors")
    each = {"per": "segment", "share-managers": "40", "share-directors": "57.5"}
    each |= {f"{name}-{one}": "50" for name in ("deal", "rate") for one in ("managers", "directors")}
    assert errors(plan(stranger, **each)) == {
        "share-directors": "The shares sum to 97.50%: 2.50% are missing."
    }
    mix = {
        "by": "source",
        "name-source-1": "Fair",
        "part-source-1": "60",
        "name-source-2": "Web",
        "part-source-2": "60",
    }
    assert errors(plan(stranger, **mix)) == {"part-source-1": "The shares sum to 120%: 20% too much."}
    assert "name-source-1" in errors(plan(stranger, **mix | {"name-source-1": "", "part-source-1": "40"}))


@pytest.mark.parametrize(
    "text,number",
    [
        ("0.5", "0.5"),
        ("1 234 567,89", "1234567.89"),
        ("1,234,567.89", "1234567.89"),
        ("1.234.567,89", "1234567.89"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("1’234.5", "1234.5"),
        ("1\u202f234", "1234"),
        (" 60\u00a0000 ", "60000"),
        ("60 000,5", "60000.5"),
        ("60\u00a0000,5", "60000.5"),
        ("60\u202f000,5", "60000.5"),
        ("1.234", "1.234"),
        ("5 %", "5"),
        ("−3", "-3"),
        (".5", "0.5"),
    ],
)
def test_commas_and_dots_are_read_where_the_digits_say_what_they_mean(text, number):
    for language in ("en", "pl", "ko"):
        with translation.override(language):
            assert read_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text,in_english,in_polish",
    [
        ("60,000", "60000", "60"),
        ("1,234", "1234", "1.234"),
        ("1,234,567.50", "1234567.5", "1234567.5"),
        ("1,5", None, "1.5"),
        ("12,34", None, "12.34"),
        ("0,125", None, "0.125"),
        ("1234,567", None, "1234.567"),
    ],
)
def test_one_comma_is_what_the_language_of_the_reader_prints_it_for(text, in_english, in_polish):
    for language, number in (("en", in_english), ("ko", in_english), ("pl", in_polish)):
        with translation.override(language):
            if number is not None:
                assert read_number(text) == Decimal(number)
                assert read_number(words.amount(Decimal(number), 3)) == Decimal(number)
                everywhere = neutral(text)
            else:
                with pytest.raises(ValidationError, match=r"60,000.* [0-9]+\.[0-9]+"):
                    read_number(text)
                everywhere = None
        for other in ("en", "pl", "ko"):
            with translation.override(other):
                assert everywhere is None or read_number(everywhere) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "12,3,4",
        "1.2.3,4",
        "1,2.3,4",
        "--1",
        "1-",
        "½",
        "٣",
        "0x10",
        "1_000",
        "%",
        "1 2",
        "12 34",
        "1 0000",
        "1e5",
        ",",
    ],
)
def test_what_means_nothing_is_refused_in_every_language(text):
    for language in ("en", "pl", "ko"):
        with translation.override(language), pytest.raises(ValidationError):
            read_number(text)


def test_a_link_means_the_same_numbers_to_readers_of_another_language(stranger):
    grouped = stranger.get("/plan/", {**EXAMPLE, "quota": "60,000"}, follow=True)
    assert "quota=60000&" in grouped.redirect_chain[0][0]
    assert "You need 1,200 MQLs" in first_line(grouped)
    fragment = plan(stranger, fragment=True, quota="60,000")
    assert "quota=60000&" in fragment.headers["HX-Replace-Url"]
    stranger.cookies["django_language"] = "pl"
    polish = stranger.get(grouped.redirect_chain[0][0])
    assert re.search(r'name="quota" value="60000"', polish.text)
    assert 'name="cycle_days" value="0"' in polish.text
    halves = stranger.get("/plan/", {**EXAMPLE, "close_rate": "12,5"}, follow=True)
    assert "close_rate=12.5" in halves.redirect_chain[0][0]
    assert 'name="close_rate" value="12,5"' in halves.text


@given(st.decimals(-(10**9), 10**9, places=4))
@settings(max_examples=300)
def test_what_is_written_is_read_back(value):
    for language in ("en", "pl", "ko"):
        with translation.override(language):
            assert read_number(typed(value)) == value
            everywhere = neutral(typed(value))
        assert read_number(everywhere) == value


def test_polish_fields_have_commas_and_the_link_means_the_same_everywhere(stranger):
    inputs = {"close_rate": "0,5", "marketing_share": "12,5"}
    in_polish = stranger.get("/plan/", {**EXAMPLE, **inputs}, headers={"Accept-Language": "pl"})
    in_english = plan(stranger, **inputs)
    assert 'name="close_rate" value="0,5"' in in_polish.text
    assert in_polish.context["contents"].calculation == in_english.context["contents"].calculation


def test_an_agreement_that_is_not_there_is_not_found(stranger):
    assert plan(stranger, agreement="nothing").status_code == 404
    assert stranger.get("/plan/?format=csv&table=nothing").status_code == 404


def test_the_form_keeps_what_another_choice_needs(stranger):
    kept = plan(stranger, **{"weight-2": "7", "evil": "1", "name-source-1": "Fair"}).context["form"].passed_on
    assert kept == {"weight-2": "7", "name-source-1": "Fair"}
