"""A link for a password that somebody wants is mailed, once, whatever happens to brokers, mail servers and workers."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from slaproject.accounts import link_mails, services, tasks
from slaproject.accounts.link_mails import LONGEST_PAUSE, MOST_TRIES, mail_next, want_link
from slaproject.accounts.models import User, WantedLink
from tests.races import race

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 4, 9, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
SITE = "http://testserver/"


@pytest.fixture
def ada():
    return User.objects.create_user("ada@example.com", "a long enough one", name="Ada Nowak")


def mail_all(now):
    while mail_next(now=now):
        pass


def mailed(person, now):
    """Want a link for somebody, let a worker work, and return whether a mail went out."""
    before = len(mail.outbox)
    want_link(person_id=person.pk, site=SITE, now=now)
    mail_all(now)
    return len(mail.outbox) > before


def test_without_a_broker_the_next_sweep_mails_what_was_asked_for(client, ada, monkeypatch):
    monkeypatch.setattr(tasks, "ask_the_worker", lambda task: False)
    answer = client.post(reverse("reset-password"), {"email": "ada@example.com"})
    assert answer.url == reverse("reset-password-sent") and not mail.outbox
    tasks.mail_links()
    assert [one.to for one in mail.outbox] == [["ada@example.com"]] and not WantedLink.objects.exists()


def test_a_mailbox_is_not_filled_by_strangers(ada):
    assert [mailed(ada, NOW + n * MINUTE) for n in (0, 0, 4, 5, 9, 10)] == [
        True, False, False, True, False, True,
    ]  # fmt: skip
    ada.refresh_from_db()
    assert ada.link_mailed_at == NOW + 10 * MINUTE and not WantedLink.objects.exists()


def test_a_worker_that_ends_while_it_mails_loses_nothing(ada, monkeypatch):
    def end(*_given):
        raise SystemExit

    want_link(person_id=ada.pk, site=SITE, now=NOW)
    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(link_mails, "send_mail", end)
        mail_next(now=NOW)
    ada.refresh_from_db()
    assert ada.link_mailed_at is None and not mail.outbox
    mail_all(NOW + MINUTE)
    ada.refresh_from_db()
    assert ada.link_mailed_at == NOW + MINUTE and len(mail.outbox) == 1


def test_a_mail_that_was_not_taken_is_tried_again_with_growing_pauses_and_given_up(ada, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 9
    want_link(person_id=ada.pk, site=SITE, now=NOW)
    now, pauses = NOW, []
    while (wanted := WantedLink.objects.first()) is not None:
        pauses.append(wanted.try_at - now)
        now = wanted.try_at
        assert mail_next(now=now)
    assert len(pauses) == MOST_TRIES + 1 and sorted(pauses) == pauses and pauses[-1] == LONGEST_PAUSE
    assert "given up" in caplog.text and "ada@example.com" not in caplog.text
    ada.refresh_from_db()
    assert ada.link_mailed_at is None


def test_what_nobody_may_get_now_is_taken_away(ada):
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert not mailed(ada, NOW)
    want_link(person_id=None, site=SITE, now=NOW)
    mail_all(NOW)
    assert not WantedLink.objects.exists() and not mail.outbox


def test_an_invitation_that_is_renewed_while_the_one_before_is_on_its_way_is_mailed_too(ada, monkeypatch):
    root = User.objects.create_superuser("root@example.com", "a long enough one", name="Root")
    ada.set_unusable_password()
    ada.save()
    send = link_mails._send

    def renewed_meanwhile(person, site):
        send(person, site)
        services.renew_invitation(person=person, by=root)

    with monkeypatch.context() as patched:
        patched.setattr(link_mails, "_send", renewed_meanwhile)
        assert mailed(ada, NOW)
    assert mailed(ada, NOW + MINUTE)


def test_the_mail_is_in_the_language_of_the_person_and_has_no_line_of_others(ada):
    User.objects.filter(pk=ada.pk).update(name="Ada\r\nBcc: eve@example.com", language="pl")
    assert mailed(ada, timezone.now())
    message = mail.outbox[0].message()
    assert message["Bcc"] is None and message["To"] == "ada@example.com"
    assert mail.outbox[0].subject == "Wybierz nowe hasło"


@pytest.mark.django_db(transaction=True)
def test_of_workers_at_once_one_mails_each_person(ada):
    bo = User.objects.create_user("bo@example.com", "a long enough one", name="Bo Kowalski")
    for person in (ada, bo) * 6:
        want_link(person_id=person.pk, site=SITE, now=NOW)
    results = race(*[lambda: mail_all(NOW)] * 4)
    assert results == [None] * 4
    assert sorted(one.to[0] for one in mail.outbox) == ["ada@example.com", "bo@example.com"]
    mail_all(NOW + MINUTE)
    assert len(mail.outbox) == 2 and not WantedLink.objects.exists()
