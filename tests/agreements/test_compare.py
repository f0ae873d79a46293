"""Any two versions beside each other: words, terms in per cent, and what that means for leads and hours."""

import datetime as dt
import re
from fractions import Fraction

import pytest
from django.utils import timezone

from agreements.models import Clause, Commitment, MonthGoal, Team
from agreements.readings.effects import hours_of
from agreements.services.drafting import begin_amendment, edit_draft
from tests import factories
from tests.agreements.pages.sent import HOSTILE
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db

NOON = factories.NOON
MARCH, APRIL, MAY = (dt.date(2026, month, 1) for month in (3, 4, 5))


@pytest.fixture(autouse=True)
def _wednesday_noon(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)


@pytest.fixture
def ann(agreement):
    return factories.party(agreement, Team.Function.MARKETING).signatory


@pytest.fixture
def amended(agreement, ann):
    """Version 1 in force, and the draft of version 2 with other goals, words and attempts."""
    first = factories.draft(agreement, goals={MARCH: 80, APRIL: 100, MAY: 200})
    Clause.objects.create(version=first, topic="scope", text="All leads from Europe.\nNo partners.")
    Clause.objects.create(version=first, topic="review", text="Each month.")
    factories.sign(first)
    draft = begin_amendment(agreement=agreement, starts_on=APRIL, now=NOON, by=ann)
    values = {
        "goal-0-2026-04": 150,
        "goal-0-2026-05": 210,
        "depth-0-attempts": 4,
        "speed-0-allowance": dt.timedelta(hours=3),
        "clause-scope-0": "All leads from Europe and Asia.\nNo partners.",
        "clause-review-0": "",
        "clause-cancellation-0": "With a month's notice.",
    }
    return edit_draft(version=draft, edits=0, values=values, now=NOON, by=ann)


def said(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def test_what_changed_stands_in_words_per_cent_leads_and_hours(amended, client, ann):
    client.force_login(ann)
    page = client.get("/agreements/company/compare/?from=1&to=2")
    text = said(page)
    for part in (
        "From version 1 to version 2: 8 terms change.",
        "MQL goal, April 2026 100 150 +50%",
        "Time to the first attempt 4 h 3 h −25%",
        "All leads from Europe [added: and Asia ]",
        "Conditions of cancellation – With a month&#x27;s notice. added",
        "Review Each month. – removed",
        # 100 and 200 leads × 6 attempts × 10 minutes are 100 and 200 hours; 150 and 210 × 4 are 100 and 140.
        "In an average month 150 → 180 MQLs (+20%), which take the reps 150 → 120 hours (−20%).",
        "A lead is counted with all agreed attempts, 10 minutes each",
        "April 2026 100 → 150 +50% 100 → 100 0%",
    ):
        assert part in text, part
    assert "March 2026" not in text, "what was agreed for months before the new version stays"
    back = said(client.get("/agreements/company/compare/?from=2&to=1"))
    assert "MQL goal, April 2026 150 100 −33.3%" in back
    assert "[removed: and Asia ]" in back
    assert "From version 1 to version 2" in said(client.get("/agreements/company/compare/"))
    same = said(client.get("/agreements/company/compare/?from=2&to=2"))
    assert "Versions 2 and 2 say the same." in same
    assert "/agreements/company/compare/?to=2" in client.get("/agreements/company/versions/2/").text
    sign = client.get("/agreements/company/versions/2/sign/")
    assert "/agreements/company/compare/?from=1&amp;to=2" in sign.text
    assert "In an average month 150 → 180 MQLs" in said(sign)


def test_only_versions_that_one_may_read_are_compared_others_look_like_absent_ones(amended, client):
    client.force_login(factories.user("Reader"))
    absent = client.get("/agreements/company/compare/?from=1&to=3")
    foreign = client.get("/agreements/company/compare/?from=1&to=2")
    assert (absent.status_code, foreign.status_code) == (404, 404)
    for nonsense in ("from=2", "to=x", "from=-1", "to=" + "9" * 5000, "to=", "from=1%00", "to=²"):
        assert client.get(f"/agreements/company/compare/?{nonsense}").status_code == 404, nonsense
    alone = client.get("/agreements/company/compare/")
    assert "There is one version only" in alone.text
    assert "ersion 2" not in alone.text
    assert client.get("/agreements/nothing/compare/").status_code == 404


def test_hours_are_those_of_each_segment_by_its_own_attempts():
    values = {
        "goal-0-2026-04": 100,
        "goal-7-2026-04": 30,
        "goal-8-2026-04": 20,
        "goal-7-2026-05": 99,
        "depth-0-attempts": 6,
        "depth-7-attempts": 12,
    }
    assert hours_of(values, APRIL) == Fraction(30 * 12 + 20 * 6 + 50 * 6) * 10 / 60
    assert hours_of(values, MAY) is None, "no goal for all leads"
    assert hours_of({"goal-0-2026-04": 100}, APRIL) is None, "no attempts"
    assert hours_of({"goal-0-2026-04": 0}, APRIL) == 0
    over = {"goal-0-2026-04": 10, "goal-7-2026-04": 12, "depth-0-attempts": 1}
    assert hours_of(over, APRIL) == 2, "segments above the whole are not taken off again"


def test_a_goal_in_money_says_no_hours(agreement, client, ann):
    for number in (1, 2):
        version = factories.draft(agreement, goal_terms={"measure": Commitment.Measure.VALUE})
        promise = version.commitments.get(kind="mql_goal")
        MonthGoal.objects.create(commitment=promise, month_on=APRIL, goal=1000 * number)
    client.force_login(ann)
    text = said(client.get("/agreements/company/compare/?from=1&to=2"))
    assert "The goal is in money" in text
    assert "hours" in text and "In an average month" not in text


def test_hostile_words_stay_words_between_the_marks(amended, client, ann):
    edit_draft(version=amended, edits=1, values={"clause-scope-0": f"All leads {HOSTILE}"}, now=NOON, by=ann)
    client.force_login(ann)
    for address in ("compare/?from=1&to=2", "versions/2/sign/"):
        text = client.get(f"/agreements/company/{address}").text
        assert "<script>alert" not in text and "<img src=x" not in text


def test_the_page_asks_as_often_for_many_terms_as_for_few(amended, client, ann):
    client.force_login(ann)
    made = []

    def add():
        for _ in range(5):
            segment = factories.segment(f"Segment {len(made)}")
            made.append(segment)
            amended.refresh_from_db()
            values = {f"goal-{segment.pk}-2026-04": 5, f"clause-qualification-0-{segment.pk}": "Asks for it"}
            edit_draft(version=amended, edits=amended.edits, values=values, now=NOON, by=ann)

    assert_same_queries(lambda: client.get("/agreements/company/compare/?from=1&to=2"), add_rows=add)
