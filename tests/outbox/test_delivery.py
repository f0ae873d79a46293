"""What leaves the house: bundled, in hours, claimed, tried again, parked; no name that was typed does harm in it."""

from __future__ import annotations

import json
import smtplib
from email import message_from_bytes, policy

import pytest
from django.core import mail

from slaproject.outbox.bundling import bundle_errands
from slaproject.outbox.channels import chat
from slaproject.outbox.choosing import ask_for_test, choose
from slaproject.outbox.delivery import MOST_TRIES, deliver_next, replay
from slaproject.outbox.kinds import Channel, Subject
from slaproject.outbox.messages import Words
from slaproject.outbox.models import Alert, Errand, Message
from slaproject.outbox.retention import forget_old_alerts
from tests.hostile_text import HOSTILE_TEXTS
from tests.outbox.office import HOUR, MINUTE, NINE, mails_to, office, tick
from tests.races import race

pytestmark = pytest.mark.django_db
DAY = 24 * HOUR
OVERDUE = NINE + 4 * HOUR + MINUTE


@pytest.fixture(autouse=True)
def _address(settings):
    settings.SITE_URL = "https://sla.example.com"


def test_many_breaches_in_one_tick_are_one_mail_a_person():
    here = office()
    for n in range(40):
        here.given(name=f"Lead {n}")
    tick(NINE)
    mail.outbox.clear()
    tick(OVERDUE)
    (one,) = mails_to(here.rep)
    assert one.subject.startswith("Overdue: Lead ") and one.subject.endswith("and 39 more")
    assert "And 20 more. https://sla.example.com/notices/" in one.body
    assert one.body.count("Overdue:") == 20
    assert not mails_to(here.manager), "the manager's come in one at the full hour"
    tick(NINE + 5 * HOUR)
    assert len(mails_to(here.manager)) == 1
    assert Alert.objects.filter(person=here.manager, kind="overdue").count() == 40


def test_outside_of_hours_nothing_is_sent_and_in_the_morning_one_mail():
    here = office()
    late = NINE + 7 * HOUR  # 16:00: at risk on Thursday at 11:00
    for _n in range(3):
        here.given(late)
    at, sent = late, []
    while at < late + 2 * DAY:
        before = len(mail.outbox)
        tick(at)
        sent += [at] * (len(mail.outbox) - before)
        at += 20 * MINUTE
    assert all(9 <= at.hour < 17 for at in sent), "the hours of the team"
    assert len(mails_to(here.rep)) == 2, "at risk and overdue, three leads in each"


def test_a_mail_says_why_and_how_to_stop_it():
    here = office()
    here.given(name="Ana")
    tick(OVERDUE)
    (one,) = mails_to(here.rep)
    assert "You are told because it is your lead." in one.body
    assert "https://sla.example.com/leads/" in one.body
    link = one.extra_headers["List-Unsubscribe"]
    assert link.startswith("<https://sla.example.com/notices/unsubscribe/") and link[1:-1] in one.body
    assert one.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_without_the_sites_address_a_mail_has_no_links(settings):
    settings.SITE_URL = ""
    here = office()
    here.given()
    tick(OVERDUE)
    (one,) = mails_to(here.rep)
    assert "://" not in one.body and "List-Unsubscribe" not in one.extra_headers


@pytest.mark.parametrize(
    "typed", [*HOSTILE_TEXTS[::19], "A\r\nBcc: x@example.com", "A\u2028B", "=?utf-8?q?x?=", "A" * 10_000]
)
def test_what_was_typed_into_a_name_stays_a_name(typed):
    here = office()
    here.given(name=typed[:150], company=typed[:150])
    tick(OVERDUE)
    (one,) = mails_to(here.rep)
    sent = message_from_bytes(one.message().as_bytes(), policy=policy.default)
    assert sent["To"] == here.rep.email and sent["Bcc"] is None and sent["Cc"] is None
    assert len(sent.get_all("Subject")) == 1 and len(one.subject) <= 150
    html = sent.get_body(("html",)).get_content()
    assert "<script" not in html and "<img" not in html and "javascript:" not in html.split("href=")[0]
    for service in chat.WRITERS.values():
        words = Words(1, NINE, "", "", lines=())
        assert json.dumps(service(words))


def test_what_was_settled_meanwhile_is_mailed_no_more():
    here = office()
    hand_off = here.given()
    tick(NINE + 3 * HOUR, deliver=False)
    hand_off.refresh_from_db()
    type(hand_off).objects.filter(pk=hand_off.pk).update(
        state="met", first_attempt_at=NINE + 3 * HOUR, first_attempt_business_seconds=1
    )
    while deliver_next(now=NINE + 3 * HOUR):
        pass
    assert not mails_to(here.rep)
    assert Message.objects.get(person=here.rep).state == Message.State.DROPPED


def test_who_lost_sight_of_a_lead_gets_no_mail_about_it():
    here = office()
    hand_off = here.given(name="Secret Lead")
    tick(NINE + 3 * HOUR, deliver=False)
    type(hand_off).objects.filter(pk=hand_off.pk).update(owner=here.director)
    while deliver_next(now=NINE + 3 * HOUR):
        pass
    assert not any("Secret" in one.body for one in mails_to(here.rep))


def test_who_cannot_sign_in_any_more_is_sent_nothing():
    here = office()
    here.given()
    tick(OVERDUE, deliver=False)
    here.rep.is_active = False
    here.rep.save()
    while deliver_next(now=OVERDUE):
        pass
    assert not mails_to(here.rep)


def test_a_mail_that_is_not_taken_is_tried_again_then_parked_and_can_be_sent_again(monkeypatch):
    here = office()
    here.given()
    tick(OVERDUE, deliver=False)
    message = Message.objects.get(person=here.rep)
    taken = []

    def refuse(self):
        taken.append(1)
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
    now, tried_at = OVERDUE, []
    while Message.objects.filter(pk=message.pk, state="waiting").exists():
        before = len(taken)
        deliver_next(now=now)
        tried_at += [now] * (len(taken) - before)
        now += 10 * MINUTE
        assert now < OVERDUE + 10 * DAY
    message.refresh_from_db()
    assert (message.state, message.tries, len(tried_at)) == ("parked", MOST_TRIES, MOST_TRIES)
    assert message.fault == "SMTPServerDisconnected", "what a mail server says may name the address"
    assert all(9 <= at.hour < 17 and at.weekday() < 5 for at in tried_at), "no try at night either"
    monkeypatch.undo()
    assert replay(message_id=message.pk, now=NINE + 7 * DAY)
    assert not replay(message_id=message.pk, now=NINE + 7 * DAY)
    assert deliver_next(now=NINE + 7 * DAY)
    assert len(mails_to(here.rep)) == 1


def test_a_message_that_kills_its_worker_each_time_is_parked():
    here = office()
    ask_for_test(person=here.rep, channel=Channel.MAIL, now=NINE)
    Message.objects.update(tries=MOST_TRIES)  # claimed as often as may be, and nobody noted what became of it
    assert deliver_next(now=NINE)
    message = Message.objects.get()
    assert message.state == "parked" and "worker ended" in message.fault


def test_never_more_than_the_cap_at_once_and_the_rest_in_one():
    here = office()
    tick(NINE)
    for n in range(20):
        here.given(NINE + n * MINUTE)
    mail.outbox.clear()
    for n in range(180, 240):
        tick(NINE + n * MINUTE)
    assert len(mails_to(here.rep)) == 6
    tick(NINE + 240 * MINUTE)
    assert len(mails_to(here.rep)) == 7
    assert "and 13 more" in mails_to(here.rep)[-1].subject


def test_what_somebody_chose_is_kept_to():
    here = office()
    choose(
        person=here.rep, chosen={(Subject.MINE, Channel.MAIL): "never", (Subject.GIVEN, Channel.APP): "never"}
    )
    choose(person=here.manager, chosen={(Subject.TEAM, Channel.MAIL): "daily"})
    here.given()
    tick(NINE)
    tick(OVERDUE)
    assert not mails_to(here.rep)
    assert set(Alert.objects.visible_to(here.rep).values_list("kind", flat=True)) == {"overdue"}
    for n in range(1, 20):
        tick(NINE + 4 * HOUR + n * HOUR)
        assert not mails_to(here.manager)
    tick(NINE + DAY)
    assert len(mails_to(here.manager)) == 1


def test_what_was_told_a_year_ago_is_taken_away_but_not_what_keeps_an_open_clock_from_being_told_again():
    here = office()
    closed, still_open = here.given(), here.given()
    tick(OVERDUE)
    tick(NINE + 5 * HOUR)  # the manager's go out at the full hour; what waits to be sent would stay
    type(closed).objects.filter(pk=closed.pk).update(closed_as="lost", closed_at=OVERDUE)
    forget_old_alerts(now=OVERDUE + 364 * DAY)
    assert Alert.objects.filter(hand_off=closed).exists()
    forget_old_alerts(now=OVERDUE + 366 * DAY)
    assert set(Alert.objects.values_list("hand_off", flat=True)) == {still_open.pk}
    assert not Message.objects.filter(state="sent").exists()


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_bundle_and_deliver_each_once():
    here = office()
    for _n in range(10):
        here.given()
    tick(OVERDUE, deliver=False)
    Errand.objects.update(message=None)
    Message.objects.all().delete()
    Errand.objects.all().delete()
    Errand.objects.bulk_create(
        Errand(alert=one, person_id=one.person_id, channel="mail", is_at_once=True, send_at=OVERDUE)
        for one in Alert.objects.filter(kind="overdue")
    )

    def work():
        bundle_errands(now=OVERDUE)
        while deliver_next(now=OVERDUE):
            pass

    mail.outbox.clear()
    assert race(*[work] * 6) == [None] * 6
    assert len(mails_to(here.rep)) == len(mails_to(here.manager)) == 1
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
