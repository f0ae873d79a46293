"""Delivery: each waiting message is claimed, sent and marked, and nothing that happens in between loses it.

First the claim: one try more and the time of the next are written, and committed. Then, under the lock of the row, it
is sent and marked. Whoever is killed in between leaves a message that waits for its next try; only one that was on its
way just then can come twice. One that kills its worker each time has its tries counted, and is parked like any other.
What a fault says may hold an address, or a chat's secret one: only its kind is kept and logged.
"""

from __future__ import annotations

import datetime as dt
import logging

from django.db import transaction
from django.utils.translation import gettext as _

from slaproject.accounts.models import User
from slaproject.outbox.channels import chat, mail, webhook
from slaproject.outbox.channels.posting import Refused
from slaproject.outbox.faults import fault_of, whence
from slaproject.outbox.hearing import PAUSES_BETWEEN_TRIES, next_try
from slaproject.outbox.kinds import Channel, Subject
from slaproject.outbox.messages import Words, words_of
from slaproject.outbox.models import Address, Message
from slaproject.outbox.people import people_to_answer, people_to_tell, reach_of

LOG = logging.getLogger(__name__)
State = Message.State
MOST_TRIES = len(PAUSES_BETWEEN_TRIES) + 1
AFTER_THE_LAST = dt.timedelta(minutes=1)


def deliver_next(*, now: dt.datetime) -> bool:
    """Deliver the message that has waited longest, or put it off; return whether there was one."""
    with transaction.atomic():
        waiting = Message.objects.filter(state=State.WAITING, try_at__lte=now).order_by("try_at", "pk")
        message = waiting.select_for_update(skip_locked=True).first()
        if message is None:
            return False
        try:
            with transaction.atomic():
                is_claimed = _claim(message, now)
        except Exception as error:
            _put_off(message, error, now)
            return True
    if is_claimed:
        send_claimed(message.pk, tries=message.tries, now=now)
    return True


def _claim(message: Message, now: dt.datetime) -> bool:
    """Count a try of a locked message; False when it is put off, or was tried as often as may be and is parked."""
    if not (message.is_test or message.is_digest):
        opens_at = reach_of([message.person_id], now)[message.person_id].next_open(now)
        if opens_at > now:
            Message.objects.filter(pk=message.pk).update(try_at=opens_at)
            return False
    if message.tries >= MOST_TRIES:
        message.fault = message.fault or _("Its worker ended while it was sent.")
        _end(message, State.PARKED, now)
        return False
    message.tries += 1
    message.try_at = next_try(message.tries, now) or now + AFTER_THE_LAST
    message.save(update_fields=["tries", "try_at"])
    return True


def _put_off(message: Message, error: Exception, now: dt.datetime) -> None:
    """Count a try of a message that could not even be claimed, so that it stands in the way of no other."""
    LOG.warning("Message %s was not claimed: %s, at %s", message.pk, fault_of(error), whence(error))
    message.refresh_from_db(fields=["tries"])
    again = next_try(message.tries + 1, now)
    message.tries, message.fault = message.tries + 1, fault_of(error)
    message.try_at = again or message.try_at
    message.save(update_fields=["tries", "try_at", "fault"])
    if again is None:
        _end(message, State.PARKED, now)


@transaction.atomic
def send_claimed(message_id: int, *, tries: int, now: dt.datetime) -> None:
    """Send a message that was claimed by this try, and mark what became of it."""
    # Not skipped where it is locked: somebody who looks for what waits may hold it for a moment, and leaves it alone.
    claimed = Message.objects.filter(pk=message_id, state=State.WAITING, tries=tries)
    message = claimed.select_for_update(of=("self",)).select_related("person").first()
    if message is None:
        return
    try:
        with transaction.atomic():
            is_sent = _send(message, now)
    except Refused as error:
        message.fault = fault_of(error)
        _end(message, State.PARKED, now)
    except Exception as error:
        message.fault = fault_of(error)
        LOG.warning("Message %s was not sent: %s, at %s", message.pk, message.fault, whence(error))
        if next_try(tries, now) is None:
            _end(message, State.PARKED, now)
        else:
            message.save(update_fields=["fault"])
    else:
        message.fault = ""
        _end(message, State.SENT if is_sent else State.DROPPED, now)


def _send(message: Message, now: dt.datetime) -> bool:
    """Send it by its channel; return False when nothing is left to tell, or nobody to tell it to."""
    person: User = message.person
    is_asked_for = message.is_test or _is_of_files(message)
    if person.pk not in (people_to_answer() if is_asked_for else people_to_tell()):
        return False
    words = words_of(message, person, now=now)
    if words is None:
        return False
    return _send_by(message.channel, person, words)


def _is_of_files(message: Message) -> bool:
    """Whether it tells of nothing but files that its person asked for."""
    subjects = set(message.errands.values_list("alert__subject", flat=True))
    return bool(subjects) and subjects <= {Subject.FILES, Subject.SCHEDULED}


def _send_by(channel: str, person: User, words: Words) -> bool:
    if channel == Channel.MAIL:
        mail.send(person, words)
        return True
    address = Address.objects.filter(person=person, channel=channel).first()
    if address is None:
        return False
    if channel == Channel.CHAT:
        chat.send(address.url, words)
    else:
        webhook.send(address.url, address.secret, words)
    return True


def _end(message: Message, state: str, now: dt.datetime) -> None:
    message.state, message.ended_at = state, now
    message.save(update_fields=["state", "ended_at", "fault"])


@transaction.atomic
def replay(*, message_id: int, now: dt.datetime) -> bool:
    """Send a parked message again, with as many tries as a new one; return whether it was parked."""
    parked = Message.objects.filter(pk=message_id, state=State.PARKED)
    return bool(parked.update(state=State.WAITING, ended_at=None, tries=0, try_at=now, fault=""))
