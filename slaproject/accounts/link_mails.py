"""Links for choosing a password, by mail: each is wanted, claimed, sent, and gone; nothing in between loses it.

It is done as messages are delivered (`outbox.delivery`). First the claim: one try more and the time of the next are
written, and committed. Then, under the lock of the row, it is sent, noted at the person and taken away: whoever is
killed in between leaves one that waits for its next try.
"""

from __future__ import annotations

import datetime as dt
import logging

from django.core.mail import send_mail
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from slaproject.accounts.links import link_path
from slaproject.accounts.models import User, WantedLink
from slaproject.outbox.faults import fault_of, whence

LOG = logging.getLogger(__name__)
BETWEEN_MAILS = dt.timedelta(minutes=5)  # a stranger who asks for links fills nobody's mailbox
FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(seconds=10), dt.timedelta(minutes=4)
MOST_TRIES = 31


def want_link(*, person_id: int | None, site: str, now: dt.datetime) -> None:
    """Write down that a person is to get a link; of nobody too, so that an unknown address is as much work."""
    WantedLink.objects.create(person_id=person_id, site=site, wanted_at=now, try_at=now)


def mail_next(*, now: dt.datetime) -> bool:
    """Mail the link that has waited longest, or put it off; return whether there was one."""
    with transaction.atomic():
        waiting = WantedLink.objects.filter(try_at__lte=now).order_by("try_at", "pk")
        wanted = waiting.select_for_update(skip_locked=True).first()
        if wanted is None:
            return False
        if wanted.tries >= MOST_TRIES:
            LOG.error("The link for person %s was given up after %s tries", wanted.person_id, wanted.tries)
            wanted.delete()
            return True
        wanted.try_at = now + min(FIRST_PAUSE * 2**wanted.tries, LONGEST_PAUSE)
        wanted.tries += 1
        wanted.save(update_fields=["tries", "try_at"])
    send_claimed(wanted.pk, tries=wanted.tries, now=now)
    return True


@transaction.atomic
def send_claimed(pk: int, *, tries: int, now: dt.datetime) -> None:
    """Mail a link that was claimed by this try, and take it away; one that nobody may get now is taken away too."""
    # Not skipped where it is locked: somebody who looks for what waits may hold it for a moment, and leaves it alone.
    wanted = WantedLink.objects.select_for_update().filter(pk=pk, tries=tries).first()
    if wanted is None:
        return
    if (person_id := wanted.person_id) is not None:
        if not _is_held_alone(person_id):
            return  # another link is on its way to them: at the next try it is known whether it came
        try:
            _mail(person_id, wanted.site, now)
        except Exception as error:
            LOG.warning(
                "The link for person %s was not mailed: %s, at %s",
                person_id,
                fault_of(error),
                whence(error),
            )
            return
    wanted.delete()


def _mail(person_id: int, site: str, now: dt.datetime) -> None:
    person = User.objects.filter(pk=person_id, is_active=True).first()
    if person is None:
        return
    if person.link_mailed_at is not None and person.link_mailed_at > now - BETWEEN_MAILS:
        return
    _send(person, site)
    # Not where the invitation was renewed meanwhile: this link is dead then, and the next one must not wait.
    same = User.objects.filter(pk=person.pk, password=person.password)
    same.update(link_mailed_at=now)


def _is_held_alone(person_id: int) -> bool:
    """Whether no other worker mails this person at this moment; the lock goes with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"link of {person_id}"])
        (is_alone,) = cursor.fetchone() or (False,)
    return bool(is_alone)


def _send(person: User, site: str) -> None:
    with translation.override(person.language):
        subject, template = (
            (_("You are invited to Promises of sales and marketing"), "accounts/mail/invitation.txt")
            if person.is_invited
            else (_("Choose a new password"), "accounts/mail/new-password.txt")
        )
        link = site.rstrip("/") + link_path(person)
        send_mail(subject, render_to_string(template, {"person": person, "link": link}), None, [person.email])
