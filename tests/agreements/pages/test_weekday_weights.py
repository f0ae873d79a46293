"""A goal line by weekday weights is written on the draft's page, said, compared, copied and drawn."""

import datetime as dt
import json
import re
from decimal import Decimal
from fractions import Fraction

import pytest

from agreements.models import AgreementEvent, Commitment
from agreements.readings.changes import Changes
from agreements.services.draft_values import draft_values
from agreements.services.drafting import begin_amendment, edit_draft
from agreements.services.edited_words import changes_of
from agreements.services.signed_text import canonical_text
from reports.periods import Period
from reports.readings.scope import build_scope
from reports.readings.waterfall import waterfall_report
from tests import factories
from tests.agreements.pages.sent import edit_address, filled

pytestmark = pytest.mark.django_db

NOON = factories.NOON
MARCH, APRIL, MAY = (dt.date(2026, month, 1) for month in (3, 4, 5))
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def by_weights(*weights):
    """What a browser sends of a choice of weekday weights, Monday first."""
    sent = {f"counting-0-weight_{day}": weight for day, weight in zip(DAYS, weights, strict=True)}
    return {"counting-0-profile": "weights", **sent}


def goal_of(version, segment=None):
    return version.commitments.get(kind="mql_goal", segment=segment)


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def goal_line(agreement, month, end):
    """The goal of each day as the waterfall has it, and what they sum to day by day."""
    scope = build_scope(period=Period(month, end), now=NOON, agreement=agreement)
    days = waterfall_report(scope).months[0].waterfall.days
    return [day.goal for day in days], [day.goal_cumulative for day in days]


def test_the_page_offers_seven_numbers_and_says_what_they_mean(agreement, as_ann):
    page = as_ann.get(edit_address(factories.draft(agreement)))
    assert '<option value="weights">by weekday weights</option>' in page.text
    for day in DAYS:
        assert f'name="counting-0-weight_{day}"' in page.text
    assert "a day with weight 2 is expected to bring twice a day with weight 1" in text_of(page)


def test_weights_are_kept_exactly_said_and_noted_day_by_day(agreement, as_ann, ann):
    version = factories.draft(agreement, goals={MARCH: 270})
    sent = filled(version) | by_weights("2", "1", "1", "0.125", " 1 000 ", "", "0")
    assert as_ann.post(edit_address(version), sent).status_code == 302
    promise = goal_of(version)
    assert promise.profile == "weights"
    assert promise.weekday_weights == {
        "mon": "2",
        "tue": "1",
        "wed": "1",
        "thu": "0.125",
        "fri": "1000",
        "sat": "0",
        "sun": "0",
    }
    said = text_of(as_ann.get("/agreements/company/versions/1/"))
    assert (
        "Goal line by weekday weights: Monday 2, Tuesday 1, Wednesday 1, Thursday 0.125, Friday 1,000, "
        "Saturday 0, Sunday 0." in said
    )
    event = AgreementEvent.objects.get(kind="edited")
    changes = changes_of(event)
    assert changes["counting-0-weight_thu"] == [None, "0.125"]
    assert changes["counting-0-profile"] == ["calendar_days", "weights"]
    read = {one.name: one.after for one in Changes([event], agreement, user=ann).of(event)}
    assert (read["Weight of Thursday"], read["Weight of Friday"]) == ("0.125", "1,000")
    version.refresh_from_db()
    assert as_ann.post(edit_address(version), filled(version)).status_code == 302
    version.refresh_from_db()
    assert version.edits == 1, "saved as it is, the page changes nothing"


@pytest.mark.parametrize(
    "weight,sentence",
    [
        ("-1", "A weight is from 0 to a thousand million."),
        ("1000000000.5", "A weight is from 0 to a thousand million."),
        ("9" * 5000, "is too long for a number"),
        ("9" * 50, "A weight is from 0 to a thousand million."),
        ("0.0000000000001", "A weight has at most 12 decimals."),
        ("twice", "is no number."),
        ("NaN", "is no number."),
        ("1e9", "is no number."),
        ("\0", "is no number."),
        ("1,5", "Write 1.5."),
    ],
)
def test_a_weight_that_cannot_be_is_refused_at_its_field_and_kept(agreement, as_ann, weight, sentence):
    version = factories.draft(agreement, goals={MARCH: 270})
    sent = filled(version) | by_weights("7.25", "1", weight, "1", "1", "", "")
    refused = as_ann.post(edit_address(version), sent)
    assert refused.status_code == 422
    at_the_field = re.search(r'id="id_counting-0-weight_wed_error">([^<]*)<', refused.text)
    assert at_the_field is not None and sentence in at_the_field[1]
    assert refused.text.count('aria-invalid="true"') == 1
    assert '<option value="weights" selected>' in refused.text and 'value="7.25"' in refused.text
    assert '<details class="counting" open>' in refused.text
    assert goal_of(version).profile == "calendar_days"


def test_the_most_decimals_and_the_largest_weight_are_taken(agreement, as_ann):
    version = factories.draft(agreement, goals={MARCH: 270})
    sent = filled(version) | by_weights("0.000000000001", "1000000000", "", "", "", "", "")
    assert as_ann.post(edit_address(version), sent).status_code == 302
    assert goal_of(version).weekday_weights["mon"] == "0.000000000001"
    assert (
        "Monday 0.000000000001, Tuesday 1,000,000,000," in as_ann.get("/agreements/company/versions/1/").text
    )


@pytest.mark.parametrize("nothing", ["", "0", "0.000"])
def test_all_zero_is_refused(agreement, as_ann, nothing):
    version = factories.draft(agreement, goals={MARCH: 270})
    refused = as_ann.post(edit_address(version), filled(version) | by_weights(*[nothing] * 7))
    assert refused.status_code == 422
    assert (
        '<a href="#id_counting-0-weight_mon">Monday</a>: Give at least one weekday a weight' in refused.text
    )
    assert goal_of(version).profile == "calendar_days"


def test_without_that_goal_line_weights_are_neither_refused_nor_kept(agreement, as_ann):
    version = factories.draft(agreement, goals={MARCH: 270})
    sent = filled(version) | by_weights("-1", "x", "2", "", "", "", "")
    sent["counting-0-profile"] = "business_days"
    assert as_ann.post(edit_address(version), sent).status_code == 302
    assert (goal_of(version).profile, goal_of(version).weekday_weights) == ("business_days", {})


def test_leaving_weights_takes_them_out_of_the_draft(agreement, as_ann):
    factories.signed(
        agreement, goals={MARCH: 90}, goal_terms={"profile": "weights", "weekday_weights": {"mon": 2}}
    )
    version = begin_amendment(
        agreement=agreement, starts_on=APRIL, now=NOON, by=factories.party(agreement, "marketing").signatory
    )
    sent = filled(version) | {"counting-0-profile": "calendar_days"}
    assert as_ann.post(edit_address(version), sent).status_code == 302
    assert goal_of(version).weekday_weights == {}
    signing = text_of(as_ann.get(edit_address(version, "sign")))
    assert "Goal line by weekday weights every calendar day alike changed" in signing
    assert "Weight of Monday 2 – removed" in signing


def test_segments_go_by_the_weights_of_all_leads(agreement, as_ann):
    segment = factories.segment("Enterprise")
    version = factories.draft(agreement, goals={MARCH: 270})
    sent = filled(version) | by_weights("2", "1", "1", "1", "1", "", "")
    assert as_ann.post(edit_address(version), sent | {f"goal-{segment.pk}-2026-03": 27}).status_code == 302
    version.refresh_from_db()
    assert goal_of(version, segment).weekday_weights == goal_of(version).weekday_weights != {}
    april = filled(version) | {f"goal-{segment.pk}-2026-04": 26, "counting-0-weight_mon": "3"}
    assert as_ann.post(edit_address(version), april).status_code == 302
    assert goal_of(version, segment).weekday_weights["mon"] == "3"
    other = factories.segment("Small")
    Commitment.objects.filter(version=version, segment=segment).delete()
    version.refresh_from_db()
    assert (
        as_ann.post(edit_address(version), filled(version) | {f"goal-{other.pk}-2026-04": 5}).status_code
        == 302
    )
    assert goal_of(version, other).weekday_weights == goal_of(version).weekday_weights


def test_an_amendment_copies_the_weights_and_compares_them(agreement, as_ann, ann):
    signed = factories.draft(agreement, goals={MARCH: 270, APRIL: 260})
    sent = filled(signed) | by_weights("2", "1", "1", "1", "1", "", "")
    assert as_ann.post(edit_address(signed), sent).status_code == 302
    factories.sign(signed)
    text = signed.signed_text
    kept = next(one for one in json.loads(text)["commitments"] if one["kind"] == "mql_goal")
    assert kept["profile"] == "weights"
    assert kept["weekday_weights"] == {
        "mon": "2",
        **dict.fromkeys(DAYS[1:5], "1"),
        **dict.fromkeys(DAYS[5:], "0"),
    }
    version = begin_amendment(agreement=agreement, starts_on=APRIL, now=NOON, by=ann)
    assert goal_of(version).weekday_weights == kept["weekday_weights"]
    sent = filled(version) | {"counting-0-weight_mon": "3", "counting-0-weight_sat": "0.5"}
    assert as_ann.post(edit_address(version), sent).status_code == 302
    signing = text_of(as_ann.get(edit_address(version, "sign")))
    assert "Weight of Monday 2 3 +50% Weight of Saturday 0 0.5 changed" in signing
    assert "Weight of Tuesday" not in signing
    signed.refresh_from_db()
    assert signed.signed_text == text == canonical_text(signed)


def test_weights_that_somebody_else_gave_meanwhile_are_taken_or_stand_beside_yours(agreement, as_ann, bo):
    version = factories.draft(agreement, goals={MARCH: 270})
    untouched, rival = (filled(version, summary="Ann's") | more for more in ({}, by_weights(*"3111100")))
    values = {"counting-0-profile": "weights", "counting-0-weight_mon": Decimal("2.5")}
    edit_draft(version=version, edits=0, values=values, now=NOON, by=bo)
    taken = as_ann.post(edit_address(version), untouched)
    assert taken.status_code == 409
    assert '<option value="weights" selected>' in taken.text and 'value="2.5"' in taken.text
    beside = as_ann.post(edit_address(version), rival)
    assert beside.status_code == 409
    assert 'value="3"' in beside.text and "<blockquote>2.5</blockquote>" in beside.text
    assert goal_of(version).weekday_weights == {"mon": "2.5"}


def test_weights_written_as_numbers_stay_as_they_are(agreement, as_ann):
    weights = {"mon": 2, "tue": 0.14285714285714285, "wed": "1.50"}
    version = factories.draft(
        agreement, goals={MARCH: 90}, goal_terms={"profile": "weights", "weekday_weights": weights}
    )
    before = canonical_text(version)
    assert as_ann.post(edit_address(version), filled(version)).status_code == 302
    assert canonical_text(version) == before
    assert draft_values(version)["counting-0-weight_tue"] == Decimal("0.14285714285714285")
    version.refresh_from_db()
    sent = filled(version) | {"counting-0-weight_mon": "4", "counting-0-weight_sun": "1"}
    assert as_ann.post(edit_address(version), sent).status_code == 302
    assert goal_of(version).weekday_weights == weights | {"mon": "4", "sun": "1"}


def test_the_goal_line_of_signed_weights_is_the_arithmetic(agreement, as_ann, ann):
    version = factories.draft(agreement, goals={MARCH: 270, APRIL: 261})
    sent = filled(version) | by_weights("2", "1", "1", "1", "1", "", "0")
    assert as_ann.post(edit_address(version), sent).status_code == 302
    factories.sign(version)
    # March 2026 begins on a Sunday: 5 Mondays of weight 2, 5 Tuesdays and 12 others of weight 1 are 27.
    daily, running = goal_line(agreement, MARCH, APRIL)
    week = [0, 20, 10, 10, 10, 10, 0]
    assert daily == [*week * 4, 0, 20, 10]
    assert running[:9] == [0, 20, 30, 40, 50, 60, 60, 60, 80]
    assert running[-1] == 270
    # April: 4 Mondays of weight 2 and 18 days of weight 1 are 26; amended, 4 of weight 3 and 4 Saturdays of ½ are 32.
    assert goal_line(agreement, APRIL, MAY)[0][5:7] == [Fraction(261 * 2, 26), Fraction(261, 26)]
    amended = begin_amendment(agreement=agreement, starts_on=APRIL, now=NOON, by=ann)
    sent = filled(amended) | {"counting-0-weight_mon": "3", "counting-0-weight_sat": ".5"}
    assert as_ann.post(edit_address(amended), sent).status_code == 302
    factories.sign(amended)
    daily, running = goal_line(agreement, APRIL, MAY)
    assert daily[3:7] == [Fraction(261, 64), 0, Fraction(261 * 3, 32), Fraction(261, 32)]
    assert running[-1] == 261
    assert goal_line(agreement, MARCH, APRIL)[0] == [*week * 4, 0, 20, 10], "what was agreed for March stays"
