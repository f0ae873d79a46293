"""One row, one person or one agreement that makes trouble is set aside, seen and tried again; all others are told."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.test import Client

from agreements.services.deliveries import write_out_due_dates
from agreements.services.noticing import make_notices
from slaproject.accounts.models import User
from slaproject.outbox import pace, tasks
from slaproject.outbox.bundling import bundle_errands
from slaproject.outbox.clocks import tell_of_rungs
from slaproject.outbox.delivery import deliver_next
from slaproject.outbox.models import Alert, Errand, GoalLook, Message, SetAside
from slaproject.outbox.reading import read_arrivals, read_notices
from slaproject.outbox.retention import forget_old_alerts
from tests import factories
from tests.factories import NOON
from tests.outbox.office import HOUR, MINUTE, NINE, office, tick, told

pytestmark = pytest.mark.django_db
NOWHERE = "Atlantis/Nowhere"


def move(person, zone):
    """Give somebody a zone, also one that no list of zones knows (any more)."""
    User.objects.filter(pk=person.pk).update(time_zone=zone)


def two_who_owe():
    people = []
    for slug in ("bakery", "garage"):
        agreement = factories.agreement(slug)
        version = factories.draft(agreement)
        factories.obligation(version, f"Status of {slug}")
        factories.sign(version)
        people.append(factories.party(agreement, "sales").signatory)
    write_out_due_dates(now=NOON)
    read_arrivals(now=NOON)
    Alert.objects.all().delete()
    return people


def test_a_notice_that_cannot_be_told_stops_no_other_and_is_told_once_it_can_be():
    bad, good = two_who_owe()
    move(bad, NOWHERE)
    now = NOON + 29 * HOUR
    make_notices(now=now)
    assert read_notices(now=now) == 1
    assert told(good) == ["due_soon"] and told(bad) == []
    aside = SetAside.objects.get()
    assert (aside.source, aside.tries, aside.fault) == ("notice", 1, "CalendarError")
    assert aside.try_at > now and read_notices(now=now + MINUTE) == 0
    assert SetAside.objects.get().tries == 1, "it is left alone for a while"
    move(bad, "UTC")
    assert read_notices(now=now + HOUR) == 1
    assert told(bad) == ["due_soon"] and told(good) == ["due_soon"] and not SetAside.objects.exists()


def test_an_agreement_that_cannot_be_looked_at_stops_no_other(monkeypatch):
    for slug in ("atlantis", "bakery"):
        factories.signed(factories.agreement(slug), goals={dt.date(2026, 3, 1): 31})
    standing = pace._standing

    def refusing(agreement, today, now):
        if agreement.slug == "atlantis":
            raise ZeroDivisionError("a plan that nobody understands")
        return standing(agreement, today, now)

    monkeypatch.setattr(pace, "_standing", refusing)
    morning = dt.datetime(2026, 3, 9, 7, 5, tzinfo=dt.UTC)
    assert pace.look_at_goals(now=morning) == 1
    assert GoalLook.objects.get().agreement.slug == "bakery"
    assert SetAside.objects.get().source == "goal"
    assert pace.look_at_goals(now=morning + MINUTE) == 0
    monkeypatch.undo()
    assert pace.look_at_goals(now=morning + 2 * HOUR) == 1
    assert GoalLook.objects.count() == 2 and not SetAside.objects.exists()


def test_a_rung_that_cannot_be_told_stops_no_other():
    here, there = office("here"), office("there")
    here.given()
    there.given()
    read_arrivals(now=NINE)
    Alert.objects.all().delete()
    move(here.rep, NOWHERE)
    assert tell_of_rungs(now=NINE + 2 * HOUR) == 1
    assert told(there.rep) == ["early"] and told(here.rep) == []
    move(here.rep, "UTC")
    tell_of_rungs(now=NINE + 2.5 * HOUR)
    assert told(here.rep) == []
    assert SetAside.objects.get().source == "rung"


def test_somebody_whose_messages_cannot_be_made_stops_nobody_elses():
    here, there = office("here"), office("there")
    for one in (here, there):
        one.given()
    tick(NINE + 3 * HOUR, deliver=False)
    Errand.objects.update(message=None, send_at=NINE)
    Message.objects.all().delete()
    move(here.rep, NOWHERE)
    bundle_errands(now=NINE + 3 * HOUR)
    waiting = Errand.objects.filter(message=None)
    assert waiting.filter(person=here.rep).exists() and not waiting.filter(person=there.rep).exists()
    assert SetAside.objects.get().source == "person"
    mail.outbox.clear()
    while deliver_next(now=NINE + 3 * HOUR):
        pass
    assert {address for one in mail.outbox for address in one.to} == {there.rep.email}


def test_a_message_that_cannot_be_worded_is_put_off_and_the_next_goes_out():
    here, there = office("here"), office("there")
    for one in (here, there):
        one.given()
    tick(NINE + 3 * HOUR, deliver=False)
    move(here.rep, NOWHERE)
    mail.outbox.clear()
    for _n in range(50):
        if not deliver_next(now=NINE + 3 * HOUR):
            break
    else:
        raise AssertionError("it comes up again and again")
    assert {address for one in mail.outbox for address in one.to} == {there.rep.email}


def test_a_step_that_fails_keeps_no_later_step_from_being_done(monkeypatch):
    done = []

    def broken(*, now):
        raise RuntimeError("out of order")

    monkeypatch.setattr(tasks.reading, "read_arrivals", broken)
    monkeypatch.setattr(tasks.reading, "read_notices", broken)
    monkeypatch.setattr(tasks.bundling, "bundle_errands", lambda *, now: done.append(now))
    with pytest.raises(ExceptionGroup):
        tasks.tell_people()
    assert len(done) == 1


def test_administrators_see_what_is_set_aside_and_nobody_else():
    bad, _good = two_who_owe()
    move(bad, NOWHERE)
    now = NOON + 29 * HOUR
    make_notices(now=now)
    read_notices(now=now)
    client = Client()
    client.force_login(factories.user("Boss", is_superuser=True))
    page = client.get("/notices/deliveries/").text
    assert "1 thing could not be told" in page and "CalendarError" in page
    client.force_login(factories.user("Other"))
    assert client.get("/notices/deliveries/").status_code == 403


def test_what_was_set_aside_and_went_away_is_forgotten():
    SetAside.objects.create(source="rung", row_id=1, tried_at=NOON, try_at=NOON, fault="ValueError")
    forget_old_alerts(now=NOON + 24 * HOUR)
    assert SetAside.objects.exists()
    forget_old_alerts(now=NOON + 8 * 24 * HOUR)
    assert not SetAside.objects.exists()
