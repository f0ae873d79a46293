"""What happens to agreements by itself. Each task may run twice, and at once, and does its work once."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from agreements.services.deliveries import write_out_due_dates


@shared_task
def write_out_what_is_owed() -> int:
    """Write out when what is owed falls due."""
    return write_out_due_dates(now=timezone.now())
