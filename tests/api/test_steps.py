"""The steps of hand-offs that programs take: as on the pages, by the same rights, refused in the same words."""

from __future__ import annotations

import datetime as dt

import pytest

from agreements.models import Membership
from leads.models import FollowUpAttempt, HandOff, HandOffEvent
from leads.services.hand_offs import hand_over
from tests import factories
from tests.api import programs
from tests.api.test_door import is_problem
from tests.races import race

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_pace")]


@pytest.fixture
def sales(agreement):
    return factories.party(agreement, "sales").team


@pytest.fixture
def rep(sales):
    made = factories.user("Rep", email="rep@example.com")
    Membership.objects.create(user=made, team=sales, role=Membership.Role.MEMBER)
    return made


@pytest.fixture
def director(agreement):
    return factories.party(agreement, "sales").signatory


@pytest.fixture
def marketer(agreement):
    return factories.party(agreement, "marketing").signatory


def given(sales, marketer, owner=None):
    return hand_over(
        lead=factories.lead(name="Ana"),
        now=factories.NOON,
        at=factories.NOON,
        team=sales,
        owner=owner,
        by=marketer,
    )


def take(program, hand_off, name, **body):
    address = f"/api/v1/hand-offs/{hand_off.pk}/{name}/"
    return program.post(address, body, content_type="application/json")


def done(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_free_lead_is_accepted_for_who_takes_it(program, sales, marketer, rep):
    hand_off = given(sales, marketer)
    said = done(take(program, hand_off, "accept", by="REP@example.com"))
    assert said["owner"] == "rep@example.com" and said["accepted_at"]
    assert said == program.get(f"/api/v1/hand-offs/{hand_off.pk}/").json()
    # Again it is theirs already; for another it is too late, as on the page.
    done(take(program, hand_off, "accept", by="rep@example.com"))
    other = factories.user("Other Rep", email="other@example.com")
    Membership.objects.create(user=other, team=sales, role=Membership.Role.MEMBER)
    refused = is_problem(take(program, hand_off, "accept", by="other@example.com"), 409, "Conflict")
    assert refused["detail"].startswith("Taken by Rep")
    event = hand_off.events.get(kind=HandOffEvent.Kind.ACCEPTED)
    assert event.actor == rep


def test_what_a_person_may_not_do_no_program_does_for_them(program, sales, marketer, rep, director):
    hand_off = given(sales, marketer, rep)
    stranger = factories.user("Stranger", email="stranger@example.com")
    Membership.objects.create(user=stranger, team=factories.team("Other Sales"), role=Membership.Role.MANAGER)
    viewer = factories.user("Viewer", email="viewer@example.com", role="viewer")
    for who in (stranger, viewer):
        for name, body in (
            ("accept", {}),
            ("log-attempt", {"channel": "call", "outcome": "connected"}),
            ("close", {"closed_as": "won"}),
            ("agree", {}),
        ):
            refused = is_problem(take(program, hand_off, name, by=who.email, **body), 403, "Forbidden")
            assert refused["detail"] == f"{who} may not see this lead."
    refused = is_problem(
        take(program, hand_off, "close", by=marketer.email, closed_as="won"), 403, "Forbidden"
    )
    assert refused["detail"] == "Only Rep or who manages them can close this."
    assert not hand_off.events.exclude(kind=HandOffEvent.Kind.HANDED_OFF).exists()
    assert not FollowUpAttempt.objects.exists()


@pytest.mark.parametrize(
    "email", ["nobody@example.com", "x", "", None, 5, ["rep@example.com"], "left@example.com"]
)
def test_who_has_no_open_account_cannot_be_named(program, sales, marketer, rep, email):
    factories.user("Left", email="left@example.com", is_active=False)
    answer = program.post(
        f"/api/v1/hand-offs/{given(sales, marketer).pk}/accept/",
        {"by": email},
        content_type="application/json",
    )
    assert is_problem(answer, 400, "Bad Request")["errors"][0]["at"] == "by"


def test_an_attempt_is_logged_answered_and_undone(program, sales, marketer, rep):
    hand_off = given(sales, marketer, rep)
    answer = take(
        program,
        hand_off,
        "log-attempt",
        channel="call",
        outcome="no_answer",
        attempted_at="2026-03-04T14:00:00+01:00",
        note="Call again",
        by=rep.email,
    )
    said = done(answer, 201)
    assert answer["Location"] == f"http://testserver/api/v1/attempts/{said['id']}/"
    assert said == program.get(answer["Location"]).json()
    assert (said["attempted_at"], said["by"], said["note"]) == (
        "2026-03-04T13:00:00Z",
        rep.email,
        "Call again",
    )
    hand_off.refresh_from_db()
    assert (hand_off.attempts, hand_off.state) == (1, "met")
    address = f"/api/v1/attempts/{said['id']}/undo/"
    needs = program.post(address, {}, content_type="application/json")
    assert is_problem(needs, 400, "Bad Request")["errors"][0]["at"] == "reason"
    own = program.post(address, {"by": rep.email}, content_type="application/json")
    assert done(own)["voided_at"]
    again = program.post(address, {"reason": "Wrong lead"}, content_type="application/json")
    assert is_problem(again, 409, "Conflict")["detail"] == "This attempt was undone already."
    hand_off.refresh_from_db()
    assert hand_off.attempts == 0


def test_an_outcome_that_the_channel_cannot_have_is_refused(program, sales, marketer, rep):
    hand_off = given(sales, marketer, rep)
    refused = take(program, hand_off, "log-attempt", channel="call", outcome="sent")
    (error,) = is_problem(refused, 400, "Bad Request")["errors"]
    assert error["at"] == "outcome" and "cannot be the outcome here" in error["detail"]
    assert not hand_off.follow_up_attempts.exists()


def test_without_a_person_the_program_does_it_itself(program, sales, marketer, rep):
    hand_off = given(sales, marketer, rep)
    said = done(
        take(program, hand_off, "log-attempt", channel="email", outcome="sent", is_automated=True), 201
    )
    assert said["is_automated"] and said["by"].endswith("@integration.invalid")
    assert done(take(program, hand_off, "close", closed_as="lost"))["closed_as"] == "lost"
    assert str(hand_off.events.get(kind=HandOffEvent.Kind.CLOSED).actor) == "CRM"
    late = is_problem(take(program, hand_off, "close", closed_as="won"), 409, "Conflict")
    assert late["detail"] == "This hand-off was closed as lost."


def test_a_rejection_is_disputed_and_decided_for_people(program, sales, marketer, rep, director):
    hand_off = given(sales, marketer, rep)
    other = is_problem(take(program, hand_off, "reject", reason="other"), 400, "Bad Request")
    assert other["errors"][0]["at"] == "text"
    unknown = is_problem(take(program, hand_off, "reject", reason="because"), 409, "Conflict")
    assert "none of the reasons agreed" in unknown["detail"]
    said = done(take(program, hand_off, "reject", reason="other", text="A test", by=rep.email))
    assert (said["closed_as"], said["rejection_reason"]) == ("rejected", "other: A test")
    assert take(program, hand_off, "dispute", words="No").status_code == 400
    said = done(take(program, hand_off, "dispute", words="It is real.", by=marketer.email))
    assert said["rejection_answer"] == "disputed"
    assert take(program, hand_off, "agree", by=marketer.email).status_code == 409
    not_theirs = is_problem(
        take(program, hand_off, "decide", outcome="withdrawn", by=rep.email), 403, "Forbidden"
    )
    assert not_theirs["detail"] == "Only who manages Rep decides a dispute."
    said = done(take(program, hand_off, "decide", outcome="withdrawn", by=director.email))
    assert (said["closed_as"], said["owner"]) == ("", rep.email)


def test_a_hand_off_is_given_on_within_sales(program, sales, marketer, rep, director):
    hand_off = given(sales, marketer, rep)
    said = done(take(program, hand_off, "assign", owner=director.email, by=director.email))
    assert said["owner"] == director.email
    refused = is_problem(take(program, hand_off, "assign", owner=marketer.email), 400, "Bad Request")
    assert refused["errors"][0]["at"] == "owner"
    # The program gives it to anybody of sales, a director to people of their own teams.
    elsewhere = factories.user("Elsewhere", email="elsewhere@example.com")
    Membership.objects.create(user=elsewhere, team=factories.team("Other Sales"), role=Membership.Role.MEMBER)
    assert take(program, hand_off, "assign", owner=elsewhere.email, by=director.email).status_code == 400
    assert done(take(program, hand_off, "assign", owner=elsewhere.email))["owner"] == elsewhere.email
    # It is with another team now, and no more this director's to give: as on the pages.
    refused = take(program, hand_off, "assign", owner=rep.email, by=director.email)
    said = is_problem(refused, 403, "Forbidden")["detail"]
    assert said == "Only who manages Elsewhere can give this lead to somebody."


def test_pauses_touches_and_ratings_are_as_on_the_pages(program, sales, marketer, rep):
    hand_off = given(sales, marketer, rep)
    no_clock = is_problem(take(program, hand_off, "resume"), 409, "Conflict")
    assert no_clock["detail"] == "This hand-off is not paused."
    until = "2099-03-06T09:00:00Z"
    assert take(program, hand_off, "pause", until=until, reason="asked_later").status_code == 409
    assert take(program, hand_off, "pause", until=until, reason="tired").status_code == 400
    soon = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(days=2)
    said = done(take(program, hand_off, "next-touch", at=soon.isoformat(), by=rep.email))
    assert dt.datetime.fromisoformat(said["next_touch_at"]) == soon
    assert done(take(program, hand_off, "next-touch", at=None))["next_touch_at"] is None
    assert take(program, hand_off, "rate", grade="good", reason="no_need", by=rep.email).status_code == 400
    done(take(program, hand_off, "rate", grade="good", reason="ready", by=rep.email))
    assert hand_off.rating.rated_by == rep


def test_a_token_that_only_reads_changes_nothing(sales, marketer, rep):
    hand_off = given(sales, marketer, rep)
    reader = programs.program("leads:read")
    said = is_problem(take(reader, hand_off, "close", closed_as="won"), 403, "Forbidden")
    assert "hand-offs:write" in said["detail"]
    assert is_problem(take(programs.person(rep), hand_off, "close", closed_as="won"), 403, "Forbidden")
    assert not HandOff.objects.exclude(closed_as="").exists()


def test_a_member_that_nobody_knows_is_refused(program, sales, marketer, rep):
    hand_off = given(sales, marketer, rep)
    said = is_problem(
        take(program, hand_off, "close", closed_as="won", closed_at="2026-03-04"), 400, "Bad Request"
    )
    assert said["errors"][0]["at"] == "closed_at" and "closed_as" in said["detail"]


HOSTILE = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"7",
    b'"x"',
    b"\xff",
    b'{"by": NaN}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"channel": "call\\u0000", "outcome": "\\u0000"}',
    b'{"channel": "call", "outcome": "no_answer", "note": "\\u0000"}',
    b'{"channel": "call", "outcome": "no_answer", "note": "\\ud800"}',
    b'{"channel": {"call": []}, "outcome": ["no_answer"]}',
    b'{"channel": "call", "outcome": "no_answer", "attempted_at": "0001-01-01T00:00:00+14:00"}',
    b'{"channel": "call", "outcome": "no_answer", "attempted_at": 1e400}',
    b'{"channel": "call", "outcome": "no_answer", "attempted_at": "2026-13-45T99:99:99Z"}',
    b'{"channel": "call", "outcome": "no_answer", "is_automated": "perhaps"}',
    b'{"channel": "call", "outcome": "no_answer", "note": "' + b"x" * 20_000 + b'"}',
)


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: repr(body[:24]))
@pytest.mark.parametrize("key", [None, "k"])
def test_what_cannot_be_read_is_told_and_writes_nothing(program, sales, marketer, rep, body, key):
    hand_off = given(sales, marketer, rep)
    headers = {"Idempotency-Key": key} if key else {}
    address = f"/api/v1/hand-offs/{hand_off.pk}/log-attempt/"
    answer = program.generic("POST", address, body, content_type="application/json", headers=headers)
    is_problem(answer, 400, "Bad Request")
    assert not FollowUpAttempt.objects.exists()


def test_what_stands_in_the_address_instead_of_the_body_is_refused(program, sales, marketer, rep):
    hand_off = given(sales, marketer, owner=rep)
    address = f"/api/v1/hand-offs/{hand_off.pk}/log-attempt/?by=rep@example.com"
    body = {"channel": "call", "outcome": "no_answer"}
    said = is_problem(program.post(address, body, content_type="application/json"), 400, "Bad Request")
    assert [one["at"] for one in said["errors"]] == ["by"]
    assert said["detail"] == "There are no parameters here: all that is meant stands in the body."
    assert not FollowUpAttempt.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_who_accept_at_once_one_wins(sales, marketer):
    hand_off = given(sales, marketer)
    secret = programs.token()[1]
    people = [factories.user(f"Rep {n}", email=f"rep{n}@example.com") for n in range(6)]
    for one in people:
        Membership.objects.create(user=one, team=sales, role=Membership.Role.MEMBER)
    found = race(
        *[lambda one=one: take(programs.client(secret), hand_off, "accept", by=one.email) for one in people]
    )
    assert sorted(answer.status_code for answer in found) == [200] + [409] * 5
    assert hand_off.events.filter(kind=HandOffEvent.Kind.ACCEPTED).count() == 1
