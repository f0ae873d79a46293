"""Reps, managers and sweeps at once on the same hand-off: nothing is lost, nothing happens twice."""

import datetime as dt
from functools import partial
from random import Random

import pytest
from django.core.exceptions import ValidationError

from leads.models import FollowUpAttempt, HandOff, HandOffEvent
from leads.services.attempts import log_attempt, void_attempt
from leads.services.facts import rebuild_facts
from leads.services.hand_offs import accept, close, hand_over
from leads.services.sweep import sweep_clocks
from tests import factories
from tests.races import race, rounds

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = dt.timedelta(hours=1)
START = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
NOW = START + 30 * HOUR


@pytest.fixture
def hand_off():
    factories.signed(factories.agreement())
    return hand_over(lead=factories.lead(START), at=START, now=START)


def test_attempts_logged_and_voided_at_once_leave_exact_facts(hand_off):
    random = Random(7)
    for turn in range(rounds(4)):
        times = [START + random.randrange(1, 300) * dt.timedelta(minutes=1) for _ in range(6)]
        standing = list(FollowUpAttempt.objects.standing())
        loggers = [
            partial(
                log_attempt, hand_off=hand_off, attempted_at=at, channel="call", outcome="no_answer", now=NOW
            )
            for at in times
        ]
        voiders = [partial(void_attempt, attempt=attempt, now=NOW) for attempt in standing[:2]]
        results = race(*loggers, *voiders)
        assert not [result for result in results if isinstance(result, Exception)], turn
        assert rebuild_facts(now=NOW) == 0
    hand_off.refresh_from_db()
    assert hand_off.attempts == FollowUpAttempt.objects.standing().count()


def test_of_many_who_accept_one_wins_and_the_others_are_told():
    factories.signed(factories.agreement())
    for _ in range(rounds(3)):
        hand_off = hand_over(lead=factories.lead(START), at=START, now=START)
        results = race(*[partial(accept, hand_off=hand_off, at=NOW, now=NOW)] * 8)
        assert sum(isinstance(result, HandOff) for result in results) == 1
        assert sum(isinstance(result, ValidationError) for result in results) == 7
        assert HandOffEvent.objects.filter(hand_off=hand_off, kind="accepted").count() == 1


def test_a_form_sent_twice_at_once_logs_once(hand_off):
    given = {
        "attempted_at": START + HOUR,
        "channel": "call",
        "outcome": "no_answer",
        "now": NOW,
        "key": "same",
    }
    results = race(*[partial(log_attempt, hand_off=hand_off, **given)] * 6)
    assert {result.pk for result in results} == {FollowUpAttempt.objects.get().pk}


def test_a_lead_handed_over_by_two_at_once_has_one_new_episode():
    lead = factories.lead(START)
    results = race(*[partial(hand_over, lead=lead, at=START, now=NOW)] * 4)
    assert sum(isinstance(result, HandOff) for result in results) == 1
    assert lead.hand_offs.count() == 1


def test_two_sweeps_at_once_note_each_clock_once():
    factories.signed(factories.agreement())
    hand_offs = [hand_over(lead=factories.lead(START), at=START, now=START) for _ in range(30)]
    race(*[partial(sweep_clocks, now=NOW)] * 4)
    assert HandOffEvent.objects.filter(kind="overdue").count() == len(hand_offs)
    assert set(HandOff.objects.values_list("state", flat=True)) == {"overdue"}


def test_a_close_and_an_attempt_at_once_leave_exact_facts():
    factories.signed(factories.agreement())
    for _ in range(rounds(4)):
        hand_off = hand_over(lead=factories.lead(START), at=START, now=START)
        race(
            partial(close, hand_off=hand_off, closed_as="recycled", at=START + HOUR, now=NOW),
            partial(
                log_attempt,
                hand_off=hand_off,
                attempted_at=START + 2 * HOUR,
                channel="call",
                outcome="connected",
                now=NOW,
            ),
        )
        assert rebuild_facts(now=NOW) == 0
