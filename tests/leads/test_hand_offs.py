"""Handing over, assigning, accepting, closing; logging an attempt twice, early, or too late."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from leads import clock
from leads.models import FollowUpAttempt, HandOff, HandOffEvent
from leads.services.attempts import log_attempt
from leads.services.hand_offs import accept, assign, close, episode_for, hand_over
from leads.services.sweep import sweep_clocks
from tests import factories

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)
START = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
NOW = START + 6 * HOUR


@pytest.fixture
def hand_off():
    factories.signed(factories.agreement())
    return hand_over(lead=factories.lead(START), at=START, now=START)


def test_the_states_are_the_words_of_the_clock():
    assert set(HandOff.State.values) == {state.value for state in clock.State}


def test_a_lead_that_is_with_sales_is_not_handed_over_again(hand_off):
    with pytest.raises(ValidationError, match="already with sales"):
        hand_over(lead=hand_off.lead, now=NOW)


def test_a_recycled_lead_begins_a_second_episode(hand_off):
    close(hand_off=hand_off, closed_as="recycled", at=START + HOUR, now=NOW)
    with pytest.raises(ValidationError, match="still with sales then"):
        hand_over(lead=hand_off.lead, at=START, now=NOW)
    again = hand_over(lead=hand_off.lead, at=START + 2 * HOUR, now=NOW)
    assert again.number == 2
    assert episode_for(hand_off.lead, attempted_at=START + HOUR) == hand_off
    assert episode_for(hand_off.lead, attempted_at=START + 2 * HOUR) == again
    assert episode_for(hand_off.lead, attempted_at=START - HOUR) == hand_off


def test_nothing_is_handed_over_in_the_future(hand_off):
    with pytest.raises(ValidationError, match="future"):
        hand_over(lead=factories.lead(START), at=NOW + HOUR, now=NOW)


def test_reassignment_keeps_the_clock(hand_off):
    due_at = hand_off.due_at
    assigned = assign(hand_off=hand_off, owner=factories.user(), at=START + HOUR, now=START + HOUR)
    assert assigned.due_at == due_at


def test_only_the_first_accepts(hand_off):
    accept(hand_off=hand_off, at=START + HOUR, now=NOW)
    with pytest.raises(ValidationError, match="accepted already"):
        accept(hand_off=hand_off, at=START + HOUR, now=NOW)
    assert HandOffEvent.objects.filter(kind="accepted").count() == 1


def test_what_is_closed_cannot_be_closed_or_assigned_again(hand_off):
    close(hand_off=hand_off, closed_as="lost", at=START + HOUR, now=NOW)
    with pytest.raises(ValidationError, match="closed as lost"):
        close(hand_off=hand_off, closed_as="won", at=START + HOUR, now=NOW)
    with pytest.raises(ValidationError, match="closed as lost"):
        assign(hand_off=hand_off, owner=factories.user(), at=NOW, now=NOW)


def test_a_rejection_says_why(hand_off):
    with pytest.raises(ValidationError, match="needs a reason"):
        close(hand_off=hand_off, closed_as="rejected", at=START + HOUR, now=NOW)


@pytest.mark.parametrize(
    ("at", "message"), [(START - HOUR, "before the hand-off"), (NOW + HOUR, "in the future")]
)
def test_an_attempt_outside_the_hand_offs_life_is_refused(hand_off, at, message):
    with pytest.raises(ValidationError, match=message):
        log_attempt(hand_off=hand_off, attempted_at=at, channel="call", outcome="no_answer", now=NOW)
    assert not FollowUpAttempt.objects.exists()


def test_a_form_sent_twice_logs_once(hand_off):
    given = {
        "attempted_at": START + HOUR,
        "channel": "call",
        "outcome": "no_answer",
        "now": NOW,
        "key": "form-1",
    }
    first = log_attempt(hand_off=hand_off, **given)
    assert log_attempt(hand_off=hand_off, **given) == first
    assert HandOffEvent.objects.filter(kind="attempted").count() == 1
    other = hand_over(lead=factories.lead(START), at=START, now=START)
    with pytest.raises(ValidationError, match="another attempt"):
        log_attempt(hand_off=other, **given)


def test_instants_are_kept_to_the_second(hand_off):
    at = hand_off.due_at + dt.timedelta(microseconds=700_000)
    log_attempt(hand_off=hand_off, attempted_at=at, channel="call", outcome="no_answer", now=NOW)
    hand_off.refresh_from_db()
    assert hand_off.state == "met"


def refused(statement, *parameters):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def test_attempts_are_append_only(hand_off):
    attempt = log_attempt(
        hand_off=hand_off, attempted_at=START + HOUR, channel="call", outcome="no_answer", now=NOW
    )
    refused("DELETE FROM leads_followupattempt WHERE id = %s", attempt.pk)
    refused("UPDATE leads_followupattempt SET outcome = 'connected' WHERE id = %s", attempt.pk)
    FollowUpAttempt.objects.filter(pk=attempt.pk).update(voided_at=NOW)
    refused("UPDATE leads_followupattempt SET voided_at = NULL WHERE id = %s", attempt.pk)
    refused("UPDATE leads_followupattempt SET void_reason = 'x' WHERE id = %s", attempt.pk)


def test_an_attempt_moves_to_no_other_lead(hand_off):
    attempt = log_attempt(
        hand_off=hand_off, attempted_at=START + HOUR, channel="call", outcome="no_answer", now=NOW
    )
    other = hand_over(lead=factories.lead(START), at=START, now=START)
    refused("UPDATE leads_followupattempt SET hand_off_id = %s WHERE id = %s", other.pk, attempt.pk)


def test_the_sweep_moves_each_clock_once_with_an_event(hand_off):
    other = hand_over(lead=factories.lead(START), at=START + HOUR, now=NOW)
    assert sweep_clocks(now=hand_off.at_risk_at).items() >= {"at_risk": 1, "overdue": 0}.items()
    assert sweep_clocks(now=hand_off.due_at).items() >= {"at_risk": 1, "overdue": 0}.items()
    assert (
        sweep_clocks(now=hand_off.due_at + dt.timedelta(seconds=1)).items()
        >= {"at_risk": 0, "overdue": 1}.items()
    )
    assert sweep_clocks(now=hand_off.due_at + 9 * HOUR).items() >= {"at_risk": 0, "overdue": 1}.items()
    assert sweep_clocks(now=hand_off.due_at + 9 * HOUR).items() >= {"at_risk": 0, "overdue": 0}.items()
    events = HandOffEvent.objects.filter(kind__in=["at_risk", "overdue"]).order_by("id")
    assert [(event.hand_off_id, event.kind, event.happened_at) for event in events] == [
        (hand_off.pk, "at_risk", hand_off.at_risk_at),
        (other.pk, "at_risk", other.at_risk_at),
        (hand_off.pk, "overdue", hand_off.due_at),
        (other.pk, "overdue", other.due_at),
    ]


def test_queries_by_clock_agree_with_the_states(hand_off):
    assert list(HandOff.objects.at_risk(hand_off.due_at)) == [hand_off]
    assert not HandOff.objects.overdue(hand_off.due_at).exists()
    assert list(HandOff.objects.overdue(hand_off.due_at + dt.timedelta(seconds=1))) == [hand_off]
