"""Facts of a hand-off follow from its attempts, whatever the order in which these arrive."""

import datetime as dt
from importlib import import_module
from itertools import permutations
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from leads.models import FollowUpAttempt, HandOff, HandOffEvent
from leads.services.attempts import log_attempt, void_attempt
from leads.services.facts import rebuild_facts, refresh_facts
from leads.services.hand_offs import assign, close, hand_over
from tests import factories

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)
# Monday, 2 March 2026, 10:00, on a calendar open from 9 to 17 in UTC; the allowance of four hours ends at 14:00.
START = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
NOW = START + 30 * HOUR


@pytest.fixture
def hand_off():
    factories.signed(factories.agreement())
    return hand_over(lead=factories.lead(START), at=START, now=START)


def appended(hand_off, at, *, outcome="no_answer", **fields):
    """An attempt as an import appends it: early, automated or with just its day, if told."""
    return FollowUpAttempt.objects.create(
        hand_off=hand_off,
        system="test",
        external_id=f"a{FollowUpAttempt.objects.count()}",
        attempted_at=at,
        attempted_on=at.date(),
        channel="call",
        outcome=outcome,
        logged_at=NOW,
        **fields,
    )


def facts(hand_off):
    refresh_facts([hand_off.pk], now=NOW)
    hand_off.refresh_from_db()
    return hand_off


def test_a_hand_off_is_given_its_due_time_and_its_terms(hand_off):
    assert hand_off.due_at == START + 4 * HOUR
    assert hand_off.at_risk_at == START + 3 * HOUR
    assert hand_off.agreed_attempts == 6
    assert hand_off.window_ends_at == START + dt.timedelta(days=14)
    assert hand_off.state == HandOff.State.RUNNING


def test_the_earliest_attempt_wins_in_whatever_order_they_are_logged():
    factories.signed(factories.agreement())
    times = [START + 5 * HOUR, START + HOUR, START + 3 * HOUR]
    outcomes = []
    for order in permutations(times):
        hand_off = hand_over(lead=factories.lead(START), at=START, now=START)
        for at in order:
            log_attempt(hand_off=hand_off, attempted_at=at, channel="call", outcome="no_answer", now=NOW)
        hand_off.refresh_from_db()
        outcomes.append(
            (
                hand_off.first_attempt_at,
                hand_off.first_attempt_business_seconds,
                hand_off.state,
                hand_off.attempts,
            )
        )
    assert set(outcomes) == {(START + HOUR, 3600, "met", 3)}


def test_a_late_logged_earlier_attempt_turns_a_miss_into_a_hit(hand_off):
    log_attempt(
        hand_off=hand_off, attempted_at=START + 5 * HOUR, channel="call", outcome="no_answer", now=NOW
    )
    hand_off.refresh_from_db()
    assert hand_off.state == HandOff.State.MISSED
    log_attempt(
        hand_off=hand_off, attempted_at=START + 4 * HOUR, channel="call", outcome="no_answer", now=NOW
    )
    hand_off.refresh_from_db()
    assert hand_off.state == HandOff.State.MET
    kinds = HandOffEvent.objects.filter(hand_off=hand_off, kind__in=["met", "missed"]).values_list(
        "kind", flat=True
    )
    assert list(kinds) == ["missed", "met"]


def test_voiding_the_only_attempt_lets_the_clock_run_again(hand_off):
    attempt = log_attempt(
        hand_off=hand_off, attempted_at=START + HOUR, channel="call", outcome="connected", now=START + HOUR
    )
    assert void_attempt(attempt=attempt, now=START + 2 * HOUR)
    assert not void_attempt(attempt=attempt, now=START + 2 * HOUR)
    hand_off.refresh_from_db()
    assert (hand_off.state, hand_off.first_attempt_at, hand_off.connected_at, hand_off.attempts) == (
        "running",
        None,
        None,
        0,
    )


def test_an_automated_message_neither_stops_the_clock_nor_counts_unless_agreed(hand_off):
    appended(hand_off, START + HOUR, outcome="sent", is_automated=True)
    assert (facts(hand_off).first_attempt_at, hand_off.attempts) == (None, 0)
    HandOff.objects.filter(pk=hand_off.pk).update(counts_automated=True)
    assert (facts(hand_off).first_attempt_at, hand_off.attempts) == (None, 1)


def test_an_attempt_before_the_hand_off_is_kept_and_counted_apart(hand_off):
    appended(hand_off, START - HOUR, outcome="connected")
    facts(hand_off)
    assert (hand_off.early_attempts, hand_off.attempts) == (1, 0)
    assert (hand_off.first_attempt_at, hand_off.connected_at) == (None, None)


def test_attempts_after_the_connection_do_not_count(hand_off):
    appended(hand_off, START + HOUR)
    appended(hand_off, START + 2 * HOUR, outcome="callback_requested")
    appended(hand_off, START + 3 * HOUR)
    facts(hand_off)
    assert (hand_off.connected_at, hand_off.attempts) == (START + 2 * HOUR, 2)


def test_an_attempt_with_just_its_day_takes_no_part_in_speed_but_in_depth(hand_off):
    appended(hand_off, START.replace(hour=0), is_date_only=True)
    facts(hand_off)
    assert (hand_off.first_attempt_at, hand_off.attempts, hand_off.early_attempts) == (None, 1, 0)


def test_business_time_runs_only_while_open(hand_off):
    # Monday 10:00 to Tuesday 10:00: seven hours on Monday, one on Tuesday.
    appended(hand_off, START + 24 * HOUR)
    assert facts(hand_off).first_attempt_business_seconds == 8 * 3600


def test_the_routing_part_ends_with_the_first_assignment(hand_off):
    assign(hand_off=hand_off, owner=factories.user(), at=START + HOUR, now=START + HOUR)
    assign(hand_off=hand_off, owner=factories.user(), at=START + 2 * HOUR, now=START + 2 * HOUR)
    appended(hand_off, START + 3 * HOUR)
    facts(hand_off)
    assert (hand_off.routing_business_seconds, hand_off.first_attempt_business_seconds) == (3600, 3 * 3600)


def test_released_in_time_is_not_missed_and_later_attempts_do_not_count(hand_off):
    close(hand_off=hand_off, closed_as="rejected", at=START + HOUR, now=NOW, reason="region")
    appended(hand_off, START + 2 * HOUR, outcome="connected")
    facts(hand_off)
    assert (hand_off.state, hand_off.first_attempt_at, hand_off.attempts) == ("rejected", None, 0)


def test_released_after_it_was_due_is_missed(hand_off):
    close(hand_off=hand_off, closed_as="recycled", at=START + 5 * HOUR, now=NOW)
    hand_off.refresh_from_db()
    assert hand_off.state == HandOff.State.MISSED


def test_facts_can_be_rebuilt_and_nothing_changes(hand_off):
    log_attempt(hand_off=hand_off, attempted_at=START + HOUR, channel="call", outcome="connected", now=NOW)
    assert rebuild_facts(now=NOW) == 0
    HandOff.objects.filter(pk=hand_off.pk).update(attempts=7, state="running", connected_at=None)
    assert rebuild_facts(now=NOW) == 1
    hand_off.refresh_from_db()
    assert (hand_off.attempts, hand_off.state) == (1, "met")


def test_many_hand_offs_take_as_many_queries_as_one(hand_off, django_assert_num_queries):
    others = [hand_over(lead=factories.lead(START), at=START, now=START) for _ in range(20)]
    for each in (hand_off, *others):
        appended(each, START + HOUR)
    with django_assert_num_queries(7):
        assert refresh_facts([hand_off.pk, *(other.pk for other in others)], now=NOW) == 21


def test_the_least_allowance_follows_what_ended_the_wait(hand_off):
    assert facts(hand_off).least_allowance_seconds is None
    evening = START.replace(hour=19)
    attempt = log_attempt(
        hand_off=hand_off, attempted_at=evening, channel="call", outcome="no_answer", now=NOW
    )
    assert facts(hand_off).least_allowance_seconds == 7 * 3600 + 1
    void_attempt(attempt=attempt, now=NOW)
    assert facts(hand_off).least_allowance_seconds is None
    close(hand_off=hand_off, closed_as="recycled", at=START + 2 * HOUR, now=NOW)
    assert facts(hand_off).least_allowance_seconds == 2 * 3600
    HandOff.objects.update(least_allowance_seconds=None)
    assert rebuild_facts(now=NOW) == 1
    assert facts(hand_off).least_allowance_seconds == 2 * 3600


def test_hand_offs_of_before_are_given_their_least_allowance(hand_off):
    log_attempt(
        hand_off=hand_off, attempted_at=START + 8 * HOUR, channel="call", outcome="no_answer", now=NOW
    )
    waiting = hand_over(lead=factories.lead(START), at=START, now=START)
    released = hand_over(lead=factories.lead(START), at=START, now=START)
    close(hand_off=released, closed_as="rejected", reason="other", at=START + HOUR, now=NOW)
    before = dict(HandOff.objects.values_list("pk", "least_allowance_seconds"))
    assert before == {hand_off.pk: 7 * 3600 + 1, waiting.pk: None, released.pk: 3600}
    HandOff.objects.update(least_allowance_seconds=None)
    import_module("leads.migrations.0003_least_allowance").work_out(
        apps, SimpleNamespace(connection=connection)
    )
    assert dict(HandOff.objects.values_list("pk", "least_allowance_seconds")) == before
