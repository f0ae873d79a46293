"""A step is taken on what its asker may know alone, whoever that is: anything else looks absent.

Programs know all leads today, so each address is asked here as if somebody of sales had come by it.
"""

from __future__ import annotations

import pytest
from rest_framework.test import APIRequestFactory, force_authenticate

from agreements.models import Membership
from leads.api.handing_over import HandOver
from leads.api.merging import MergeLead, UndoMerge
from leads.api.steps import Accept, UndoAttempt
from leads.services.attempts import log_attempt
from leads.services.hand_offs import hand_over
from leads.services.merging import merge_leads
from slaproject.accounts.models import User
from tests import factories
from tests.api import programs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_pace")]


@pytest.fixture
def two_reps(agreement):
    """Two who work for one team, and each knows their own leads alone."""
    team = factories.party(agreement, "sales").team
    reps = [factories.user(name, email=f"{name.lower()}@example.com") for name in ("Ann", "Bo")]
    for rep in reps:
        Membership.objects.create(user=rep, team=team, role=Membership.Role.MEMBER)
    return reps


@pytest.fixture
def attempt(agreement, two_reps):
    hand_off = hand_over(
        lead=factories.lead(name="Ana"),
        now=factories.NOON,
        at=factories.NOON,
        team=factories.party(agreement, "sales").team,
        owner=two_reps[0],
        by=factories.party(agreement, "marketing").signatory,
    )
    return log_attempt(
        hand_off=hand_off,
        attempted_at=None,
        channel="call",
        outcome="no_answer",
        now=factories.NOON,
        by=two_reps[0],
    )


@pytest.mark.parametrize("view", [Accept, HandOver, MergeLead, UndoAttempt, UndoMerge])
def test_what_its_asker_does_not_know_looks_absent(view, two_reps, attempt):
    knows, other = two_reps
    token = programs.token()[0]
    lead = attempt.hand_off.lead
    merge = merge_leads(
        survivor=lead,
        absorbed=factories.lead(),
        now=factories.NOON,
        by=knows,
        may_know=lambda one: True,
    )
    pk = {
        Accept: attempt.hand_off_id,
        HandOver: lead.pk,
        MergeLead: lead.pk,
        UndoAttempt: attempt.pk,
        UndoMerge: merge.pk,
    }[view]
    # All is said as it must be for the one who knows it, so that nothing else can refuse the other.
    said = {
        "by": knows.email,
        "team": attempt.hand_off.team.slug,
        "reason": "Logged on the wrong lead.",
        "absorbed": merge.absorbed_id,
    }
    body = {name: value for name, value in said.items() if name in view.body().fields}

    def status(person: User, pk: int) -> int:
        request = APIRequestFactory().post("/", body, format="json")
        force_authenticate(request, user=person, token=token)
        answer: int = view.as_view()(request, pk=pk).status_code
        return answer

    absent = 987654321
    assert status(other, pk) == status(other, absent) == 404
    assert status(knows, pk) != 404
