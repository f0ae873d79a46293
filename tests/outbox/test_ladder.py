"""Who is told that a clock runs out: once, in order, and nobody of what waits no more."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection, transaction

from agreements.models import Membership
from leads.models import HandOff, HandOffEvent
from leads.services.attempts import log_attempt, void_attempt
from leads.services.hand_offs import assign, close, hand_over
from leads.services.pauses import pause
from slaproject.outbox.clocks import lay_out_rungs
from slaproject.outbox.models import Alert, Arrival, Rung
from slaproject.outbox.reading import read_arrivals
from tests import factories
from tests.outbox.office import HOUR, MINUTE, NINE, office, tick, told

pytestmark = pytest.mark.django_db
LADDER = ["handed_off", "early", "at_risk", "overdue"]


def tried(hand_off, at, by):
    return log_attempt(hand_off=hand_off, attempted_at=at, channel="call", outcome="no_answer", now=at, by=by)


def test_rep_manager_and_director_hear_as_the_clock_runs_out():
    here = office()
    here.given()  # due at 13:00; half at 11:00, at risk at 12:00; the director four hours after: 17:00
    for at in (NINE, NINE + 2 * HOUR - MINUTE):
        tick(at)
        assert told(here.rep) == ["handed_off"]
    tick(NINE + 2 * HOUR)
    assert told(here.rep) == LADDER[:2]
    tick(NINE + 3 * HOUR)
    assert told(here.rep) == LADDER[:3]
    tick(NINE + 4 * HOUR)
    assert told(here.rep) == LADDER[:3], "at the due time itself it can still be met"
    tick(NINE + 4 * HOUR + MINUTE)
    assert told(here.rep) == LADDER
    assert told(here.manager) == ["overdue"]
    assert told(here.director) == []
    tick(NINE + 8 * HOUR - MINUTE)
    assert told(here.director) == []
    tick(NINE + 8 * HOUR)
    assert told(here.director) == ["overdue_for_directors"]
    for n in range(48):
        tick(NINE + (9 + n) * HOUR)
    assert (told(here.rep), told(here.manager), told(here.director)) == (
        LADDER,
        ["overdue"],
        ["overdue_for_directors"],
    )
    assert not Arrival.objects.exists() and not Rung.objects.exists()
    assert not Alert.objects.filter(is_late=True).exists()


def test_nobody_hears_of_a_lead_that_was_tried_or_closed():
    here = office()
    attempted, closed = here.given(), here.given()
    tick(NINE)
    tried(attempted, NINE + HOUR, here.rep)
    close(hand_off=closed, closed_as="recycled", at=NINE + HOUR, now=NINE + HOUR, by=here.rep)
    for n in range(30):
        tick(NINE + n * HOUR)
    assert told(here.rep) == ["handed_off", "handed_off"]
    assert told(here.manager) == []
    assert told(here.marketer) == ["recycled"]


def test_after_an_outage_the_highest_rung_is_told_late_and_once():
    here = office()
    here.given()
    tick(NINE + MINUTE)
    back = NINE + 6 * HOUR
    tick(back)
    assert told(here.rep) == ["handed_off", "overdue"]
    overdue = Alert.objects.get(person=here.rep, kind="overdue")
    assert overdue.is_late and overdue.happened_at == NINE + 4 * HOUR and overdue.made_at == back
    tick(back + MINUTE)
    assert told(here.manager) == ["overdue"]


def test_a_new_owner_hears_what_comes_and_the_former_one_no_more():
    here = office()
    other = factories.user("Other Rep")
    Membership.objects.create(user=other, team=here.sales, role=Membership.Role.MEMBER)
    hand_off = here.given()
    tick(NINE + 2 * HOUR)
    assign(hand_off=hand_off, owner=other, at=NINE + 2 * HOUR, now=NINE + 2 * HOUR, by=here.manager)
    for at in (3, 4.1):
        tick(NINE + at * HOUR)
    assert told(here.rep) == ["handed_off", "early"]
    assert told(other) == ["assigned", "at_risk", "overdue"]


def test_who_takes_a_lead_for_themselves_is_not_told_that_they_did():
    here = office()
    hand_off = here.given()
    tick(NINE)
    assign(hand_off=hand_off, owner=here.manager, at=NINE, now=NINE, by=here.manager)
    tick(NINE + MINUTE)
    assert told(here.manager) == []


def test_a_lead_that_nobody_owns_is_its_managers_business_from_at_risk_on():
    here = office()
    hand_over(lead=factories.lead(NINE), at=NINE, now=NINE, team=here.sales, by=here.marketer)
    for at in (0, 2, 3, 4.1):
        tick(NINE + at * HOUR)
    assert told(here.manager) == ["at_risk", "overdue"]
    assert told(here.rep) == []


def test_a_team_without_a_manager_has_its_directors():
    here = office()
    Membership.objects.filter(user=here.manager).delete()
    here.given()
    tick(NINE + 5 * HOUR)
    assert told(here.director) == ["overdue"]


def test_each_thing_is_told_once_also_after_the_clock_was_put_back():
    here = office()
    hand_off = here.given()
    tick(NINE + 3 * HOUR)
    attempt = tried(hand_off, NINE + 3 * HOUR, here.rep)
    tick(NINE + 3.1 * HOUR)
    void_attempt(attempt=attempt, now=NINE + 3.2 * HOUR, by=here.rep)
    for n in range(10):
        tick(NINE + (3.5 + n) * HOUR)
    assert sorted(told(here.rep)) == ["at_risk", "handed_off", "overdue"]
    assert told(here.director) == ["overdue_for_directors"], "the rungs came back with the clock"


def test_history_that_an_import_left_is_told_to_nobody():
    here = office()
    lead = factories.lead(NINE - 10 * 24 * HOUR)
    hand_over(
        lead=lead, at=NINE - 10 * 24 * HOUR, now=NINE, team=here.sales, owner=here.rep, by=here.marketer
    )
    assert Rung.objects.count() == 0
    for n in range(30):
        tick(NINE + n * HOUR)
    assert HandOffEvent.objects.filter(kind="overdue").exists()
    assert not Alert.objects.exists()


def test_a_clock_that_moves_takes_its_rungs_along():
    here = office()
    hand_off = here.given()
    tick(NINE)
    HandOff.objects.filter(pk=hand_off.pk).update(due_at=NINE + 30 * HOUR, at_risk_at=NINE + 29 * HOUR)
    tick(NINE + 4.5 * HOUR)
    assert told(here.rep) == ["handed_off", "early"]
    director = Rung.objects.get(rung="overdue_for_directors")
    assert director.due_at == NINE + 30 * HOUR
    tick(NINE + 8 * HOUR)
    assert told(here.director) == []


def test_a_row_that_cannot_be_read_keeps_no_other_back(monkeypatch):
    here = office()
    bad, good = here.given(), here.given()

    def refusing(ids):
        if bad.pk in ids:
            raise RuntimeError("a row that nobody understands")
        return lay_out_rungs(ids)

    monkeypatch.setattr("slaproject.outbox.reading.lay_out_rungs", refusing)
    for n in range(3):
        read_arrivals(now=NINE + n * MINUTE)
    assert set(Rung.objects.values_list("hand_off", flat=True)) == {good.pk}
    assert told(here.rep) == ["handed_off", "handed_off"]
    assert list(Arrival.objects.values_list("source", "row_id")) == [("clock", bad.pk)]
    monkeypatch.undo()
    read_arrivals(now=NINE + HOUR)
    assert Rung.objects.filter(hand_off=bad).exists() and not Arrival.objects.exists()


def test_a_change_that_was_taken_back_leaves_nothing_to_read():
    here = office()
    read_arrivals(now=NINE)
    with transaction.atomic():
        here.given()
        assert Arrival.objects.count() == 2
        transaction.set_rollback(True)
    assert not Arrival.objects.exists()


def test_a_sweep_of_many_leaves_one_row_an_event():
    here = office()
    for _n in range(5):
        here.given()
    read_arrivals(now=NINE)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE leads_handoff SET attempts = attempts")
    assert not Arrival.objects.exists(), "a change that moves no clock is not read"
    tick(NINE + 4 * HOUR + dt.timedelta(seconds=1))
    assert told(here.manager) == ["overdue"] * 5


def test_a_pause_moves_the_ladder_and_its_end_is_told_once():
    here = office()
    with_pauses()
    hand_off = here.given()
    tick(NINE)
    pause(hand_off=hand_off, until=NINE + 25 * HOUR, reason="asked_later", now=NINE + HOUR, by=here.rep)
    for n in range(1, 25):
        tick(NINE + n * HOUR)
    assert told(here.rep) == ["handed_off"]
    tick(NINE + 25 * HOUR)  # Thursday at 10: three hours are left, half of the time is used at 11
    assert told(here.rep) == ["handed_off", "next_touch_due"]
    tick(NINE + 26 * HOUR - MINUTE)
    assert told(here.rep)[2:] == []
    tick(NINE + 26 * HOUR)
    assert told(here.rep)[2:] == ["early"]
    tick(NINE + 27 * HOUR)
    tick(NINE + 28 * HOUR + MINUTE)
    assert told(here.rep)[2:] == ["early", "at_risk", "overdue"]
    tick(NINE + 32 * HOUR - MINUTE)
    assert told(here.director) == []
    tick(NINE + 32 * HOUR)
    assert told(here.director) == ["overdue_for_directors"]


def with_pauses():
    """Let the agreement in force allow pauses: a signed promise is changed only here, without the guards."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE agreements_commitment SET pause_limit = interval '9 days' WHERE kind = 'speed'"
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
