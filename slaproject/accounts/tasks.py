"""Mails of accounts are sent by a worker: a page waits for no mail server, and takes equally long for everybody."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from leads.asking import ask_the_worker
from slaproject.accounts import link_mails

BUDGET_SECONDS = 150  # well below the limit of a task, with the longest mail in it


@shared_task
def mail_links() -> None:
    """Mail the links for choosing a password that wait, as long as a task may take."""
    until = time.monotonic() + BUDGET_SECONDS
    while time.monotonic() < until and link_mails.mail_next(now=timezone.now()):
        pass


def queue_link(person_id: int | None, site: str) -> None:
    """Have a person mailed the link for choosing a password: at once, or by the next sweep at the latest."""
    link_mails.want_link(person_id=person_id, site=site, now=timezone.now())
    ask_the_worker("slaproject.accounts.tasks.mail_links")
