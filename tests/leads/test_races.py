"""Reps, managers and sweeps at once on the same hand-off: nothing is lost, nothing happens twice."""

import datetime as dt
import uuid
from functools import partial
from random import Random

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.urls import reverse

from agreements.models import Membership
from leads import acting
from leads.acting import Acting
from leads.models import FollowUpAttempt, HandOff, HandOffEvent, Lead
from leads.services.attempts import log_attempt, void_attempt
from leads.services.facts import rebuild_facts
from leads.services.hand_offs import accept, assign, close, hand_over, whose
from leads.services.sweep import sweep_clocks
from tests import factories
from tests.leads.people import browser, make_office
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


def test_of_fifty_who_accept_on_the_page_one_wins_and_49_are_told_who():
    office = make_office()
    people = [office.kim, *(factories.user(f"Rep {n}") for n in range(49))]
    Membership.objects.bulk_create(
        Membership(user=person, team=office.team) for person in people if person != office.kim
    )
    browsers = [browser(person) for person in people]
    turns = rounds(1)
    for turn in range(turns):
        for client in browsers:
            client.cookies.pop("messages", None)  # no page has shown those of the turn before
        hand_off = office.hand_off(f"Lead {turn}")
        address = reverse("leads:accept", kwargs={"pk": hand_off.pk})
        answers = race(*[partial(client.post, address) for client in browsers])
        said = [str(next(iter(get_messages(answer.wsgi_request)))) for answer in answers]
        hand_off.refresh_from_db()
        assert [answer.status_code for answer in answers] == [302] * 50
        assert said.count(f"Lead {turn} is yours.") == 1
        winner = people[said.index(f"Lead {turn} is yours.")]
        told = [line for line in said if line.startswith(f"Taken by {winner} ")]
        assert len(told) == 49 and hand_off.owner == winner
        assert hand_off.events.filter(kind="accepted").count() == 1
    print(f"{turns} rounds of 50 who accept: each time 1 won, 49 were told who, 1 event")


def test_a_form_sent_twice_at_once_logs_once_on_the_page():
    office = make_office()
    for turn in range(rounds(2)):
        hand_off = office.hand_off(f"Lead {turn}", owner=office.kim)
        sent = {"channel": "call", "outcome": "no_answer", "key": str(uuid.uuid4())}
        address = reverse("leads:log-attempt", kwargs={"pk": hand_off.pk})
        answers = race(*[partial(browser(office.kim).post, address, sent) for _ in range(4)])
        assert [answer.status_code for answer in answers] == [302] * 4
        assert hand_off.follow_up_attempts.count() == 1
        assert hand_off.events.filter(kind="attempted").count() == 1


def test_a_form_sent_twice_at_once_enters_one_lead():
    office = make_office()
    for turn in range(rounds(2)):
        sent = {"name": f"Lead {turn}", "origin": "marketing", "key": str(uuid.uuid4())}
        answers = race(
            *[partial(browser(office.marketer).post, reverse("leads:new-lead"), sent) for _ in range(4)]
        )
        assert len({answer.url for answer in answers}) == 1
        assert Lead.objects.filter(name=f"Lead {turn}").count() == 1


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


def test_who_may_no_more_is_refused_under_the_lock_whoever_was_first():
    office = make_office()
    kim, manager = browser(office.kim), browser(office.manager)
    for turn in range(rounds(3)):
        hand_off = office.hand_off(f"Lead {turn}", owner=office.kim)
        attempt = {"channel": "call", "outcome": "no_answer", "key": str(uuid.uuid4())}
        race(
            partial(manager.post, reverse("leads:assign", args=[hand_off.pk]), {"owner": office.rob.pk}),
            partial(kim.post, reverse("leads:log-attempt", args=[hand_off.pk]), attempt),
        )
        kinds = list(hand_off.events.order_by("pk").values_list("kind", flat=True))
        assert "assigned" in kinds
        if "attempted" in kinds:
            assert kinds.index("attempted") < kinds.index("assigned"), "not by the owner that was"


def test_what_another_took_between_the_question_and_the_lock_is_refused():
    office = make_office()
    hand_off = office.hand_off("Lead", owner=office.kim)
    stale = HandOff.objects.get(pk=hand_off.pk)
    assign(hand_off=hand_off, owner=office.rob, at=NOW, now=NOW, by=office.manager)
    me = Acting(office.kim)
    may = acting.still(me.may_work, acting.who_may_work)
    for act in (
        partial(log_attempt, attempted_at=NOW, channel="call", outcome="no_answer", by=office.kim),
        partial(close, closed_as="unreachable", at=NOW, by=office.kim),
    ):
        with pytest.raises(ValidationError, match="Only Rob Roy or who manages them"):
            act(hand_off=stale, now=NOW, still=may)
    assert not FollowUpAttempt.objects.exists()


def test_of_two_managers_who_give_away_one_lead_the_second_is_told():
    office = make_office()
    for turn in range(rounds(3)):
        hand_off = office.hand_off(f"Lead {turn}")
        seen = whose(hand_off)
        give = partial(assign, hand_off=hand_off, at=NOW, now=NOW, by=office.manager, seen=seen)
        found = race(partial(give, owner=office.kim), partial(give, owner=office.rob))
        (refused,) = (one for one in found if isinstance(one, ValidationError))
        (given,) = (one for one in found if isinstance(one, HandOff))
        assert refused.messages == [f"This lead was given to {given.owner}."]
        assert hand_off.events.filter(kind="assigned").count() == 1
