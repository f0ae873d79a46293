"""What happens to agreements by itself. Each task may run twice, and at once, and does its work once."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from agreements.services.deliveries import write_out_due_dates
from agreements.services.noticing import mail_notices, make_notices
from agreements.services.reviewing import plan_reviews


@shared_task
def write_out_what_is_owed() -> None:
    """Write out when what is owed falls due, and plan the reviews that were agreed."""
    now = timezone.now()
    write_out_due_dates(now=now)
    plan_reviews(now=now)


@shared_task
def tell_people() -> None:
    """Tell people what is due, late, to be reviewed or about to end."""
    now = timezone.now()
    make_notices(now=now)
    mail_notices(now=now)
