"""Where a message goes to stands in no log and in no fault, whatever a mail server, a proxy or a database says."""

from __future__ import annotations

import logging
import smtplib

import pytest
from django.core.mail.backends.base import BaseEmailBackend

from slaproject.outbox.channels import chat, posting
from slaproject.outbox.choosing import ask_for_test, name_address
from slaproject.outbox.delivery import deliver_next
from slaproject.outbox.kinds import Channel
from slaproject.outbox.models import Message
from tests.outbox.office import NINE, office

pytestmark = pytest.mark.django_db
SECRET = "secret.person@example.com"
BACKEND = f"{__name__}.Failing"
FAULTS = {
    "refused": smtplib.SMTPRecipientsRefused({SECRET: (550, f"5.1.1 <{SECRET}>: no such user".encode())}),
    "sender": smtplib.SMTPSenderRefused(553, f"not for {SECRET}".encode(), SECRET),
    "answered": smtplib.SMTPDataError(554, f"{SECRET} is on holiday".encode()),
    "anything": RuntimeError(f"to {SECRET}"),
    "operating system": OSError(111, f"Connection refused for {SECRET}"),
    "named": type(SECRET, (Exception,), {})("x"),
}


class Failing(BaseEmailBackend):
    """A mail server that tells everybody whom it did not reach, and why that was."""

    fault: Exception

    def send_messages(self, email_messages):
        try:
            raise KeyError(SECRET)
        except KeyError as cause:
            raise self.fault from cause


@pytest.mark.parametrize("fault", FAULTS)
def test_the_address_of_a_mail_that_is_not_taken_is_noted_nowhere(
    fault, settings, monkeypatch, caplog, capfd
):
    here = office()
    here.rep.email = SECRET
    here.rep.save()
    settings.EMAIL_BACKEND = BACKEND
    monkeypatch.setattr(Failing, "fault", FAULTS[fault], raising=False)
    ask_for_test(person=here.rep, channel=Channel.MAIL, now=NINE)
    with caplog.at_level(logging.DEBUG):
        assert deliver_next(now=NINE)
    message = Message.objects.get()
    assert message.state == "waiting" and message.fault
    said = f"{message.fault} {caplog.text} {capfd.readouterr()}"
    assert "secret.person" not in said
    assert f"Message {message.pk} was not sent" in caplog.text
    if fault in ("refused", "sender", "answered"):
        assert "55" in message.fault, "the number of the answer is kept"
    if fault == "operating system":
        assert message.fault == "ConnectionRefusedError: Connection refused"


def test_the_address_of_a_chat_is_noted_nowhere(settings, monkeypatch, caplog):
    here = office()
    url = "https://hooks.slack.com/services/T0/B0/verysecretkey"
    name_address(person=here.rep, channel=Channel.CHAT, url=url)

    def failing(*_arguments, **_more):
        raise ValueError(f"cannot reach {url}")

    monkeypatch.setattr(chat, "post_json", failing)
    ask_for_test(person=here.rep, channel=Channel.CHAT, now=NINE)
    with caplog.at_level(logging.DEBUG):
        assert deliver_next(now=NINE)
    assert "verysecretkey" not in Message.objects.get().fault + caplog.text


def test_what_the_other_side_answered_is_still_told(monkeypatch):
    here = office()
    name_address(person=here.rep, channel=Channel.WEBHOOK, url="https://example.com/x")

    def refusing(*_arguments, **_more):
        raise posting.NotTaken("The other side answered 503.")

    monkeypatch.setattr("slaproject.outbox.channels.webhook.post", refusing)
    ask_for_test(person=here.rep, channel=Channel.WEBHOOK, now=NINE)
    assert deliver_next(now=NINE)
    assert Message.objects.get().fault == "The other side answered 503."
