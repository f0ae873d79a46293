"""What happened to an agreement, with from what to what: terms, states and people; words stay apart."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine

from agreements.models import AgreementEvent, Membership, Review, Team
from agreements.readings.coming import coming_dates
from agreements.readings.history import history_lines
from agreements.services.contacts import change_contact, name_contact
from agreements.services.deliveries import hand_on_duty
from agreements.services.drafting import edit_draft, withdraw_draft
from agreements.services.handing_on import change_signatory
from agreements.services.negotiation import send_to_review
from agreements.services.reviewing import decide, settle_decision
from tests import factories
from tests.factories import NOON
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreement():
    return factories.agreement()


@pytest.fixture
def sales(agreement):
    return factories.party(agreement, Team.Function.SALES)


def told(agreement, user=None, kind=""):
    """From what to what, of the events of a kind, as this person is told it; the latest first."""
    events = agreement.events.select_related("actor", "version").order_by("-pk")
    if kind:
        events = events.filter(kind=kind)
    user = user or factories.user("Viewer", role="viewer")
    lines = history_lines(list(events), agreement, user=user)
    return [[(one.name, one.before, one.after) for one in line.changes] for line in lines]


def test_an_edit_says_each_term_from_what_to_what_and_of_words_that_they_changed(agreement, sales):
    version = factories.draft(agreement, goals={dt.date(2026, 3, 1): 90})
    values = {
        "ends_on": dt.date(2026, 12, 1),
        "goal-0-2026-03": 120,
        "speed-0-allowance": dt.timedelta(hours=3),
        "speed-0-in_time_share": Decimal("0.9"),
        "depth-0-window": dt.timedelta(days=7),
        "depth-0-attempts": 5,
        "depth-0-counts_automated": True,
        "reach": "also_open",
        "summary": "Secret words",
    }
    edit_draft(version=version, edits=0, values=values, now=NOON, by=sales.signatory)
    (changes,) = told(agreement, kind="edited")
    assert sorted(changes) == sorted(
        [
            ("Ends before", "–", "1 Dec 2026"),
            ("MQL goal, March 2026", "90", "120"),
            ("Time to the first attempt", "4 h", "3 h"),
            ("Share in time", "–", "90%"),
            ("Follow-up window", "14 days", "7 days"),
            ("Attempts", "6", "5"),
            ("Automated messages count", "no", "yes"),
            ("It is for", "new hand-offs only", "also open ones"),
            ("Summary", "", ""),
        ]
    )


def test_a_draft_says_from_which_state_to_which(agreement, sales):
    version = factories.draft(agreement)
    send_to_review(version=version, now=NOON, by=sales.signatory)
    withdraw_draft(version=version, now=NOON, by=sales.signatory)
    assert told(agreement) == [[("State", "In review", "Withdrawn")], [("State", "Draft", "In review")]]
    signed = factories.agreement("signed")
    factories.signed(signed)
    assert told(signed, kind="in_force") == [[("State", "Draft", "Signed")]]


def test_who_answered_before_and_after_is_named_but_to_auditors(agreement, sales):
    version = factories.draft(agreement)
    owed = factories.obligation(version)
    heir = factories.user("Heir")
    Membership.objects.create(user=heir, team=sales.team)
    was = sales.signatory
    given = {"now": NOON, "by": was}
    hand_on_duty(obligation=owed, person=heir, **given)
    contact = name_contact(party=sales, responsibility="Data", person=None, outside="Secret Kim", **given)
    change_contact(contact=contact, responsibility="Data", person=heir, outside="", **given)
    change_signatory(party=sales, signatory=heir, **given)
    viewer, auditor = factories.user("Viewer", role="viewer"), factories.user("Auditor", role="auditor")
    assert told(agreement, viewer) == [
        [("Signatory", str(was), "Heir")],
        [("Contact", "somebody outside", "Heir")],
        [("Contact", "–", "somebody outside")],
        [("Who answers for it", str(was), "Heir")],
    ]
    assert told(agreement, auditor)[0] == [("Signatory", "a person", "a person")]
    assert "Heir" not in str(told(agreement, auditor))


def test_what_a_review_decides_and_what_is_done_leave_events(agreement, sales):
    review = Review.objects.create(agreement=agreement, planned_on=dt.date(2026, 4, 6))
    given = {"review": review, "text": "Call more", "owner": sales.signatory, "due_on": dt.date(2026, 4, 20)}
    for _twice in range(2):
        decision = decide(**given, now=NOON, by=sales.signatory)
    for _twice in range(2):
        settle_decision(decision=decision, now=NOON, by=sales.signatory)
    events = AgreementEvent.objects.order_by("pk")
    assert [(one.kind, one.actor) for one in events] == [
        ("decided", sales.signatory),
        ("decision_done", sales.signatory),
    ]


def test_events_of_earlier_releases_and_broken_ones_are_told_all_the_same(agreement):
    version = factories.draft(agreement)
    for data in (
        {"changes": {"contact-5": None, "goal-x": ["a", "b"], "speed-0-allowance": ["x", None]}},
        {"changes": {"speed-0-unknown": ["1", "2"], "starts_on": ["never", None]}},
        {"terms": {"weekday": [4, 5], "name": None, "from": ["a", "b"]}},
        {"changes": []},
        {},
    ):
        AgreementEvent.objects.create(
            agreement=agreement, version=version, kind="edited", happened_at=NOON, data=data
        )
    ada = factories.user("Ada", is_superuser=True)
    assert [len(one) for one in told(agreement, ada)] == [0, 0, 3, 2, 3]


@time_machine.travel(NOON, tick=False)
def test_pages_of_history_ask_as_often_for_many_changes_as_for_few(agreement, sales, client):
    factories.sign(factories.draft(agreement))
    client.force_login(factories.user("Viewer", role="viewer"))
    people = [factories.user(f"Person {n}") for n in range(6)]
    for person in people:
        Membership.objects.create(user=person, team=sales.team)

    def more():
        for person in people:
            change_signatory(party=sales, signatory=person, now=NOON, by=person)

    more()
    assert_same_queries(lambda: client.get("/agreements/company/record/"), add_rows=more)
    said = client.get("/agreements/company/").text
    assert "Signatory: Person 4 → Person 5" in said


def test_directors_are_told_of_ends_and_reviews_of_the_next_thirty_days(agreement, sales):
    factories.sign(factories.draft(agreement, ends_on=dt.date(2026, 4, 3)))
    for day in (dt.date(2026, 3, 2), dt.date(2026, 4, 3), dt.date(2026, 4, 4)):
        Review.objects.create(agreement=agreement, planned_on=day)
    rep = factories.user("Rep")
    Membership.objects.create(user=rep, team=sales.team)
    assert coming_dates(rep, now=NOON) == []
    assert [one.sentence for one in coming_dates(sales.signatory, now=NOON)] == [
        "The review of Company planned for 2 Mar 2026 was not held yet.",
        "Company ends with 2 Apr 2026.",
        "The next review of Company is on 3 Apr 2026.",
    ]
    day_before = NOON - dt.timedelta(days=1)
    assert len(coming_dates(sales.signatory, now=day_before)) == 1
