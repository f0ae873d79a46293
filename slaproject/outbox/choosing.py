"""What a person chooses: how soon they hear of what by which way, and where their chat and webhook are."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from slaproject.accounts.models import User
from slaproject.outbox.kinds import Channel, Subject, offered, usual
from slaproject.outbox.models import Address, Message, Preference

BETWEEN_TESTS = dt.timedelta(minutes=1)


@transaction.atomic
def choose(*, person: Any, chosen: Mapping[tuple[Subject, Channel], str]) -> None:
    """Keep what was chosen; what is as usual anyway is not kept, so that it follows a later release."""
    for (subject, channel), rhythm in chosen.items():
        if rhythm not in offered(subject, channel):
            raise ValidationError(_("This cannot be chosen here."))
        cell = {"person": person, "subject": subject.value, "channel": channel.value}
        if rhythm == usual(subject, channel):
            Preference.objects.filter(**cell).delete()
        else:
            Preference.objects.update_or_create(**cell, defaults={"rhythm": rhythm})


@transaction.atomic
def name_address(*, person: Any, channel: Channel, url: str) -> None:
    """Keep where a person's chat or webhook is; empty takes it away. Another address gets another secret."""
    mine = Address.objects.filter(person=person, channel=channel.value)
    if not url:
        mine.delete()
    elif not mine.filter(url=url).exists():
        secret = secrets.token_urlsafe(32) if channel is Channel.WEBHOOK else ""
        Address.objects.update_or_create(
            person=person, channel=channel.value, defaults={"url": url, "secret": secret}
        )


@transaction.atomic
def ask_for_test(*, person: Any, channel: Channel, now: dt.datetime) -> None:
    """Send the person a test by this way, by the same delivery as everything; ValidationError says why not."""
    User.objects.select_for_update().get(pk=person.pk)  # two clicks at once: the second sees the first
    mine = Message.objects.filter(person=person, channel=channel.value, is_test=True)
    if mine.filter(made_at__gt=now - BETWEEN_TESTS).exists():
        raise ValidationError(_("A test is on its way. Wait a minute before the next."))
    if channel is not Channel.MAIL and not Address.objects.filter(person=person, channel=channel).exists():
        raise ValidationError(_("Save an address first."))
    Message.objects.create(person=person, channel=channel.value, is_test=True, made_at=now, try_at=now)
