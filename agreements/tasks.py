"""What happens to agreements by itself. Each task may run twice, and at once, and does its work once."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from agreements import signed_documents
from agreements.models import Agreement
from agreements.readings.verification import strangers, verify
from agreements.services.deliveries import write_out_due_dates
from agreements.services.noticing import make_notices
from agreements.services.reviewing import plan_reviews
from agreements.services.verifying import note_verification

logger = logging.getLogger(__name__)


@shared_task
def write_out_what_is_owed() -> None:
    """Write out when what is owed falls due, and plan the reviews that were agreed."""
    now = timezone.now()
    write_out_due_dates(now=now)
    plan_reviews(now=now)


@shared_task
def notice_dates() -> None:
    """Write down who is to be told what is due, late, to be reviewed or about to end."""
    make_notices(now=timezone.now())


@shared_task
def make_missing_documents() -> None:
    """Make and mail the documents of what was signed. Safe to run twice, at once, and to kill."""
    signed_documents.make_missing_documents(now=timezone.now())


@shared_task
def verify_records() -> None:
    """Verify every agreement's record: the heads are noted in the log, what is not as it was written as errors."""
    now, found = timezone.now(), strangers()
    for agreement in Agreement.objects.order_by("slug"):
        verified = verify(agreement)
        logger.info("%s", verified.summary)
        found += verified.lines
        note_verification(
            agreement=agreement, events=verified.events, findings=len(verified.findings), now=now
        )
    for line in found:
        logger.error("record of an agreement: %s", line)
