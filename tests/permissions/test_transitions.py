"""Every step of a draft's negotiation, in every state, by everybody: done, or refused with a sentence that says why."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from agreements.models import Comment, Version
from tests import factories
from tests.permissions.rows import may
from tests.permissions.scene import IDENTITIES, NOT_SIGNED_IN, Scene, make_scene

pytestmark = pytest.mark.django_db

WRITERS = "manager sales_director marketing_director administrator"
SPEAKERS = "manager sales_director marketing_director"
SALES = "manager sales_director"
DONE, REFUSED, NOT_YOURS, ABSENT = 302, 409, 403, 404
DRAFT, IN_REVIEW, CHANGES_ASKED = "draft", "in_review", "changes_asked"
WITHDRAWN, SIGNED = "withdrawn", "signed"
REASONS = {
    DRAFT: "not in review yet",
    IN_REVIEW: "in review already",
    CHANGES_ASKED: "asked for already",
    WITHDRAWN: "was withdrawn",
    SIGNED: "signed by all parties",
}


def by(people: str, status: int, *, not_theirs: str = "", others: int = ABSENT) -> dict[str, int]:
    """Who gets which status; those not theirs are refused although they see the draft."""
    return may(people, status, others=others) | dict.fromkeys(not_theirs.split(), NOT_YOURS)


def of_readers(people: str, status: int) -> dict[str, int]:
    """A signed version is everybody's to read: who does not write it is told who does."""
    return by(people, status, others=NOT_YOURS)


ADA = "administrator"
TRANSITIONS: dict[str, dict[str, dict[str, int]]] = {
    "send-to-review": {
        DRAFT: by(WRITERS, DONE),
        IN_REVIEW: by(WRITERS, REFUSED),
        CHANGES_ASKED: by(WRITERS, DONE),
        WITHDRAWN: by(WRITERS, REFUSED),
        SIGNED: of_readers(WRITERS, REFUSED),
    },
    "comment": {
        DRAFT: by(SPEAKERS, REFUSED, not_theirs=ADA),
        IN_REVIEW: by(SPEAKERS, DONE, not_theirs=ADA),
        CHANGES_ASKED: by(SPEAKERS, DONE, not_theirs=ADA),
        WITHDRAWN: by(SPEAKERS, REFUSED, not_theirs=ADA),
        SIGNED: of_readers(SPEAKERS, REFUSED),
    },
    "answer": {
        DRAFT: by(SPEAKERS, REFUSED, not_theirs=ADA),
        IN_REVIEW: by(SPEAKERS, DONE, not_theirs=ADA),
        CHANGES_ASKED: by(SPEAKERS, DONE, not_theirs=ADA),
        WITHDRAWN: by(SPEAKERS, REFUSED, not_theirs=ADA),
        SIGNED: of_readers(SPEAKERS, REFUSED),
    },
    # The open comment is one of sales: marketing has none that says what is to be changed.
    "ask-for-changes": {
        DRAFT: by(SPEAKERS, REFUSED, not_theirs=ADA),
        IN_REVIEW: by(SALES, DONE, not_theirs=ADA) | {"marketing_director": REFUSED},
        CHANGES_ASKED: by(SPEAKERS, REFUSED, not_theirs=ADA),
        WITHDRAWN: by(SPEAKERS, REFUSED, not_theirs=ADA),
        SIGNED: of_readers(SPEAKERS, REFUSED),
    },
    "settle": {
        DRAFT: by(SALES, REFUSED, not_theirs=f"{ADA} marketing_director"),
        IN_REVIEW: by(SALES, DONE, not_theirs=f"{ADA} marketing_director"),
        CHANGES_ASKED: by(SALES, DONE, not_theirs=f"{ADA} marketing_director"),
        WITHDRAWN: by(SALES, REFUSED, not_theirs=f"{ADA} marketing_director"),
        SIGNED: of_readers(SALES, REFUSED),
    },
}


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_scene()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def clients(scene: Scene) -> dict[str, Client]:
    made = {name: Client(raise_request_exception=False) for name in IDENTITIES}
    for name in set(made) & set(scene.people):
        made[name].force_login(scene.people[name])
    return made


@pytest.mark.parametrize("state", REASONS)
@pytest.mark.parametrize("step", TRANSITIONS)
def test_each_step_is_for_those_declared_in_the_states_declared(
    step: str, state: str, scene: Scene, clients: dict[str, Client]
):
    with transaction.atomic():
        comment = in_state(state, scene)
        version = comment.version
        base = f"/agreements/{version.agreement.slug}/versions/{version.number}"
        for identity in IDENTITIES:
            expected = TRANSITIONS[step][state][identity]
            with transaction.atomic():
                said = take(clients[identity], step, base, comment)
                transaction.set_rollback(True)
            about = f"{identity} {step} in {state}"
            assert said.status_code == expected, about
            if expected == DONE:
                assert ("/sign-in/" in said.url) == (identity in NOT_SIGNED_IN), about
            if expected == REFUSED:
                assert any(reason in said.text for reason in (*REASONS.values(), "Write a comment first")), (
                    about
                )
            if expected == NOT_YOURS and identity not in ("integration",):
                assert "anagers and directors of Company" in said.text, about
        transaction.set_rollback(True)


def in_state(state: str, scene: Scene) -> Any:
    """Put the draft into the state, or take the signed version, with an open comment of sales on it."""
    number = scene.own["signed" if state == SIGNED else "draft"]
    version = Version.objects.get(agreement__slug=scene.own["agreement"], number=number)
    if state != SIGNED:
        Version.objects.filter(pk=version.pk).update(state=state)
    party = version.agreement.parties.get(team__function="sales")
    return Comment.objects.create(
        version=version,
        party=party,
        author=scene.people["sales_director"],
        text="Is this enough?",
        written_at=factories.NOON,
        token=uuid.uuid4(),
    )


def take(client: Client, step: str, base: str, comment: Comment) -> Any:
    """Send the step's form."""
    remark = {"text": "Words", "form_id": str(uuid.uuid4())}
    if step == "comment":
        return client.post(f"{base}/negotiation/", remark | {"about": ""})
    if step == "answer":
        return client.post(f"{base}/negotiation/", remark | {"answer_to": comment.pk})
    if step == "settle":
        return client.post(f"{base}/comments/{comment.pk}/settle/")
    return client.post(f"{base}/{step}/")
