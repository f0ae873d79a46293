"""A draft is edited on its page, by two at once too, and says what its terms mean."""

import datetime as dt
import re
from decimal import Decimal

import pytest

from agreements.models import Team
from agreements.services.drafting import begin_amendment
from agreements.services.signed_text import canonical_text
from agreements.services.signing import sign_version
from tests import factories
from tests.agreements.pages.sent import edit_address, filled

pytestmark = pytest.mark.django_db

NOON = factories.NOON
MARCH, APRIL = (dt.date(2026, month, 1) for month in (3, 4))


def test_saving_the_page_as_it_is_changes_nothing(agreement, as_ann):
    factories.segment("Enterprise")
    version = factories.draft(agreement, goals={MARCH: 90})
    before = canonical_text(version)
    assert as_ann.post(edit_address(version), filled(version)).status_code == 302
    version.refresh_from_db()
    assert canonical_text(version) == before
    assert version.edits == 0


def test_terms_are_saved_as_typed(agreement, as_ann):
    version = factories.draft(agreement)
    given = filled(version, summary="Short") | {
        "goal-0-2026-03": "412",
        "speed-0-allowance_0": "2",
        "speed-0-allowance_1": "30",
        "speed-0-in_time_share": "87.5",
        "depth-0-window": "10",
        "worked-0-share": "95",
    }
    assert as_ann.post(edit_address(version), given).status_code == 302
    speed = version.commitments.get(kind="speed")
    assert (speed.allowance, speed.in_time_share) == (dt.timedelta(hours=2, minutes=30), Decimal("0.875"))
    assert version.commitments.get(kind="depth").window == dt.timedelta(days=10)
    assert version.commitments.get(kind="share_worked").share == Decimal("0.95")
    assert version.commitments.get(kind="mql_goal").month_goals.get().goal == 412


def test_a_segment_gets_fields_without_losing_what_was_typed(agreement, as_ann):
    segment = factories.segment("Enterprise")
    version = factories.draft(agreement)
    given = filled(version, summary="Not saved yet")
    shown = as_ann.post(edit_address(version), given | {"show_segment": "1", "add_segment": segment.pk}).text
    assert "Not saved yet" in shown
    assert f'name="speed-{segment.pk}-allowance_0"' in shown
    version.refresh_from_db()
    assert version.summary == ""
    for nonsense in ("", "9" * 5000, "-1", "\x00", "²"):
        again = as_ann.post(edit_address(version), given | {"show_segment": "1", "add_segment": nonsense})
        assert again.status_code == 200
    given |= {f"speed-{segment.pk}-allowance_0": "1"}
    assert as_ann.post(edit_address(version), given).status_code == 302
    assert version.commitments.get(kind="speed", segment=segment).allowance == dt.timedelta(hours=1)


@pytest.mark.parametrize(
    "name,value,sentence",
    [
        ("speed-0-allowance_0", "-1", "greater than or equal to 0"),
        ("speed-0-allowance_0", "99999", "less than or equal to 8784"),
        ("speed-0-in_time_share", "101", "less than or equal to 100"),
        ("speed-0-in_time_share", "NaN", "is no number"),
        ("depth-0-attempts", "lots", "Enter a whole number"),
        ("depth-0-window", "1e400", "is no number"),
        ("worked-0-share", "0", "above 0 %"),
        ("goal-0-2026-03", "9" * 5000, "is too long for a number"),
        ("starts_on", "yesterday", "Enter a valid date"),
        ("starts_on", "9999-12-31", "The year is from 2000 to 2100"),
        ("ends_on", "2025-01-01", "ends after its first day"),
        ("rejection_reasons_1", "has no word", "Write each reason of your own as a short word"),
        ("rejection_reasons_1", "region: not ours", "is the word of a usual reason"),
        ("summary", "nul\x00byte", "Null characters"),
        ("summary", "x" * 20_001, "at most 20000 characters"),
    ],
)
def test_what_cannot_be_is_named_beside_its_field_and_nothing_is_lost(
    agreement, as_ann, name, value, sentence
):
    version = factories.draft(agreement)
    given = filled(version) | {"clause-scope-0": "My long words", name: value}
    answer = as_ann.post(edit_address(version), given)
    assert answer.status_code == 422
    field = re.sub(r"_[01]$", "", name) if "allowance" in name or "reasons" in name else name
    beside = re.search(rf'id="id_{field}_error"[^>]*>([^<]*)', answer.text)
    assert beside and sentence in beside[1]
    assert "My long words" in answer.text
    version.refresh_from_db()
    assert version.edits == 0


def test_two_directors_edit_one_draft_and_neither_loses_a_word(agreement, client, ann, bo):
    version = factories.draft(agreement, goals={MARCH: 90})
    read_by_both = filled(version)
    client.force_login(ann)
    hers = read_by_both | {
        "summary": "Ann's summary",
        "goal-0-2026-03": "120",
        "clause-scope-0": "Ann's scope",
        "rejection_reasons_0": ["region", "other"],
        "rejection_reasons_1": "budget: has no budget",
    }
    assert client.post(edit_address(version), hers).status_code == 302
    client.force_login(bo)
    his = read_by_both | {"summary": "Bo's summary", "speed-0-allowance_0": "3"}
    told = client.post(edit_address(version), his)
    assert told.status_code == 409
    assert "Director of Company Marketing wrote at 12:00, while you were writing the above:" in told.text
    assert "<blockquote>Ann&#x27;s summary</blockquote>" in told.text
    form = told.context["form"]
    assert form["edits"].value() == "1"
    assert form["summary"].value() == "Bo's summary", "his words stay his"
    assert form["goal-0-2026-03"].value() == "120", "what he had not touched is hers now"
    assert form["clause-scope-0"].value() == "Ann's scope"
    assert form["rejection_reasons"].value() == [["region", "other"], "budget: has no budget"]
    version.refresh_from_db()
    assert (version.summary, version.edits) == ("Ann's summary", 1)
    again = dict(form.data.lists())
    assert client.post(edit_address(version), again).status_code == 302, "saving again is his decision"
    version.refresh_from_db()
    assert version.summary == "Bo's summary"
    assert version.rejection_reasons == "region\nother\nbudget: has no budget"
    assert version.commitments.get(kind="mql_goal").month_goals.get().goal == 120
    assert version.commitments.get(kind="speed").allowance == dt.timedelta(hours=3)
    assert version.clauses.get(topic="scope").text == "Ann's scope"


def test_a_form_sent_after_a_signature_keeps_its_words_and_says_why(agreement, as_ann, bo):
    version = factories.draft(agreement)
    given = filled(version, summary="Too late")
    sign_version(version=version, signer=bo, now=NOON)
    told = as_ann.post(edit_address(version), given)
    assert told.status_code == 409
    assert "A signed text cannot be edited while a signature stands" in told.text
    assert "Too late" in told.text
    assert f'href="{edit_address(version, "start-over")}"' in told.text


def test_each_term_is_said_by_the_clock_that_would_count_it(client):
    warsaw = factories.calendar("Office", tz="Europe/Warsaw", is_default=True)
    agreement = factories.agreement(time_zone="Europe/Warsaw", calendar=warsaw)
    segment = factories.segment("Demo")
    version = factories.draft(agreement)
    client.force_login(factories.party(agreement, Team.Function.SALES).signatory)
    given = filled(version) | {
        "goal-0-2026-04": "412",
        "speed-0-allowance_0": "1",
        "speed-0-allowance_1": "0",
        f"speed-{segment.pk}-allowance_0": "0",
        f"speed-{segment.pk}-allowance_1": "30",
        "depth-0-attempts": "6",
        "worked-0-share": "95",
    }
    said = client.post(edit_address(version, "preview"), given).text
    for sentence in (
        "A lead arriving Friday 16:30 must be tried by Monday 09:30 (business hours: Office, Warsaw).",
        "A lead of “Demo” arriving Friday 16:30 must be tried by Friday 17:00",
        "6 attempts within 14 days: until Wednesday 18 March for a lead of today.",
        "412 MQLs in April: 18.7 per business day.",
        "Of 100 leads, at most 5 stay without any attempt.",
    ):
        assert sentence in said, sentence
    wrong = client.post(edit_address(version, "preview"), given | {"depth-0-attempts": "0"}).text
    assert "greater than or equal to 1" in wrong
    version.refresh_from_db()
    assert version.edits == 0
    assert version.commitments.get(kind="speed").allowance == dt.timedelta(hours=4), (
        "a preview stores nothing"
    )


@pytest.mark.parametrize(
    "language,goal,share", [("en", "60,000", "87.5"), ("pl", "60\u00a0000", "87,5"), ("pl", "60000", "87.5")]
)
def test_a_draft_takes_numbers_as_pages_print_them(agreement, as_ann, language, goal, share):
    version = factories.draft(agreement)
    as_ann.cookies["django_language"] = language
    given = filled(version) | {"goal-0-2026-03": goal, "speed-0-in_time_share": share}
    assert as_ann.post(edit_address(version), given).status_code == 302
    assert version.commitments.get(kind="mql_goal").month_goals.get().goal == 60_000
    assert version.commitments.get(kind="speed").in_time_share == Decimal("0.875")


def test_numbers_that_cannot_be_are_refused_beside_their_field(agreement, as_ann):
    version = factories.draft(agreement)
    refused = as_ann.post(
        edit_address(version),
        filled(version) | {"goal-0-2026-03": "12.5", "speed-0-in_time_share": "87,5", "depth-0-window": "\0"},
    )
    assert refused.status_code == 422
    for said in ("A whole number is needed.", "Write 87.5.", "is no number."):
        assert said in refused.text


def test_how_the_goal_is_counted_is_edited_said_and_compared(agreement, as_ann):
    segment = factories.segment("Enterprise")
    factories.signed(agreement, goals={MARCH: 90})
    version = begin_amendment(
        agreement=agreement, starts_on=APRIL, now=NOON, by=factories.party(agreement, "marketing").signatory
    )
    page = as_ann.get(edit_address(version)).text
    assert "How it is counted" in page
    assert 'name="counting-0-profile"' in page
    given = filled(version) | {
        f"goal-{segment.pk}-2026-04": 5,
        "counting-0-measure": "accepted",
        "counting-0-profile": "business_days",
        "counting-0-tolerance": "5",
        "counting-0-counts_recycled": "on",
    }
    assert as_ann.post(edit_address(version), given).status_code == 302
    for promise in version.commitments.filter(kind="mql_goal"):
        assert (promise.measure, promise.profile, promise.tolerance) == (
            "accepted",
            "business_days",
            Decimal("0.05"),
        )
        assert (promise.counts_recycled, promise.counts_sales_origin) == (True, False)
    said = as_ann.get("/agreements/company/versions/2/").text
    for sentence in (
        "Counted: accepted.",
        "Goal line: business days only.",
        "On pace within 5% either way.",
        "Recycled leads count again when they are handed over again.",
    ):
        assert sentence in said
    assert "Counted:" not in as_ann.get("/agreements/company/versions/1/").text, "the usual needs no words"
    signing = re.sub(r"<[^>]+>|\s+", " ", as_ann.get("/agreements/company/versions/2/sign/").text)
    signing = " ".join(signing.split())
    assert "What is counted handed off accepted changed" in signing
    assert "On pace within 10% 5% −50%" in signing
    for odd in (
        {"counting-0-measure": "x"},
        {"counting-0-profile": "by_moon"},
        {"counting-0-tolerance": "101"},
    ):
        assert as_ann.post(edit_address(version), filled(version) | odd).status_code == 422


def test_weights_of_weekdays_survive_an_edit_of_something_else(agreement, as_ann):
    weights = {"mon": 2, "tue": 1}
    version = factories.draft(
        agreement, goals={MARCH: 90}, goal_terms={"profile": "weights", "weekday_weights": weights}
    )
    assert "by weekday weights" in as_ann.get(edit_address(version)).text
    assert as_ann.post(edit_address(version), filled(version, summary="Short")).status_code == 302
    promise = version.commitments.get(kind="mql_goal")
    assert (promise.profile, promise.weekday_weights) == ("weights", weights)
