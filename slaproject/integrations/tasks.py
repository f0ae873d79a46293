"""What Celery runs for the programs' door. It may run twice, at once, and be killed."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from slaproject.integrations.once import forget_answers


@shared_task
def forget_kept_answers() -> None:
    """Take away the answers whose keys serve no more."""
    forget_answers(now=timezone.now())
