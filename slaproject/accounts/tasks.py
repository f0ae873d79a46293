"""Mails of accounts are sent by a worker: a page waits for no mail server, and takes equally long for everybody."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from slaproject.accounts import services


@shared_task(
    autoretry_for=(OSError,),  # SMTPException is one
    retry_backoff=10,
    retry_backoff_max=240,  # below the broker's visibility timeout, else a waiting task comes twice
    max_retries=30,
)
def mail_link(person_id: int, site: str) -> None:
    """Mail a person the link for choosing a password; executed twice it mails once."""
    services.mail_link(person_id=person_id, site=site, now=timezone.now())


def queue_link(person_id: int, site: str) -> bool:
    """Have the link mailed; return False when no worker can be told."""
    try:
        mail_link.delay(person_id, site)
    except OperationalError:
        return False
    return True
