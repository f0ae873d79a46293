"""A step that was decided on an older state of a hand-off is refused, where the program says which state it saw."""

from __future__ import annotations

import pytest

from agreements.models import Membership
from leads.models import FollowUpAttempt, HandOff
from leads.services.hand_offs import hand_over
from tests import factories
from tests.api import programs
from tests.api.test_door import is_problem
from tests.races import race, rounds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_pace")]


@pytest.fixture
def hand_off(agreement):
    sales = factories.party(agreement, "sales")
    for n in range(6):
        rep = factories.user(f"Rep {n}", email=f"rep{n}@example.com")
        Membership.objects.create(user=rep, team=sales.team, role=Membership.Role.MEMBER)
    return hand_over(
        lead=factories.lead(), now=factories.NOON, team=sales.team, owner=sales.signatory, at=factories.NOON
    )


def address(hand_off, step=""):
    return f"/api/v1/hand-offs/{hand_off.pk}/{step}"


def take(program, hand_off, step, seen=None, **body):
    headers = {} if seen is None else {"If-Match": seen}
    return program.post(address(hand_off, step), body, content_type="application/json", headers=headers)


def test_a_step_is_taken_while_the_hand_off_is_as_it_was_read(program, hand_off):
    seen = program.get(address(hand_off))["ETag"]
    assert take(program, hand_off, "assign/", f'"x", {seen}', owner="rep1@example.com").status_code == 200
    said = is_problem(
        take(program, hand_off, "assign/", seen, owner="rep2@example.com"), 412, "Precondition Failed"
    )
    assert said["detail"] == "It has changed since you read it. Read it again, and decide anew."
    assert HandOff.objects.get().owner.email == "rep1@example.com"
    assert take(program, hand_off, "assign/", owner="rep2@example.com").status_code == 200
    assert take(program, hand_off, "assign/", "*", owner="rep3@example.com").status_code == 200


def test_a_tag_that_a_compressing_proxy_made_weak_is_still_known(program, hand_off):
    seen = f"W/{program.get(address(hand_off))['ETag']}"
    assert take(program, hand_off, "assign/", f'"x", {seen}', owner="rep1@example.com").status_code == 200
    assert take(program, hand_off, "assign/", seen, owner="rep2@example.com").status_code == 412


def test_what_a_step_answers_is_known_as_what_is_read_then(program, hand_off):
    done = take(program, hand_off, "assign/", owner="rep1@example.com")
    assert done["ETag"] == program.get(address(hand_off))["ETag"]
    assert take(program, hand_off, "close/", done["ETag"], closed_as="lost").status_code == 200


@pytest.mark.parametrize("seen", ['"older"', "", "x", 'W/"x"', "\u00e9"])
def test_every_step_asks_whether_it_is_still_so(program, hand_off, seen):
    person = {"by": hand_off.owner.email}
    for step, body in {
        "accept/": person,
        "assign/": {"owner": "rep1@example.com"},
        "close/": {"closed_as": "won"},
        "log-attempt/": {"channel": "call", "outcome": "no_answer"},
        "next-touch/": {"at": None},
        "rate/": {"grade": "good", **person},
        "reject/": {"reason": "wrong_contact"},
    }.items():
        assert take(program, hand_off, step, seen, **body).status_code == 412, step
    assert not FollowUpAttempt.objects.exists()
    # Who may not take a step learns nothing of the state.
    factories.user("Viewer", email="viewer@example.com", role="viewer")
    assert take(program, hand_off, "accept/", seen, by="viewer@example.com").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_of_many_who_decided_on_the_same_state_one_is_heard(hand_off):
    secret = programs.token()[1]
    for _n in range(rounds(2)):
        seen = programs.client(secret).get(address(hand_off))["ETag"]
        owner = HandOff.objects.get().owner.email
        others = [f"rep{n}@example.com" for n in range(6) if f"rep{n}@example.com" != owner][:5]
        found = race(
            *[
                lambda one=one, seen=seen: (
                    take(programs.client(secret), hand_off, "assign/", seen, owner=one).status_code
                )
                for one in others
            ]
        )
        assert sorted(found) == [200] + [412] * 4


def test_a_refused_step_with_a_key_is_asked_anew(program, hand_off):
    headers = {"Idempotency-Key": "k", "If-Match": '"older"'}
    body = {"channel": "call", "outcome": "no_answer"}
    sent = {"content_type": "application/json"}
    assert program.post(address(hand_off, "log-attempt/"), body, headers=headers, **sent).status_code == 412
    headers["If-Match"] = program.get(address(hand_off))["ETag"]
    first = program.post(address(hand_off, "log-attempt/"), body, headers=headers, **sent)
    again = program.post(address(hand_off, "log-attempt/"), body, headers=headers, **sent)
    assert (first.status_code, again.status_code) == (201, 201) and first.content == again.content
    assert again["Idempotency-Replayed"] == "true" and FollowUpAttempt.objects.count() == 1
