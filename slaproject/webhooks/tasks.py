"""What Celery runs for webhooks. Each task may run twice, at once, and be killed."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from slaproject.webhooks import dispatching, retention, taking

BUDGET_SECONDS = 150  # well below the limit of a task


@shared_task
def take_incoming() -> None:
    """Take the webhooks that came in, batch after batch, as long as a task may take."""
    until = time.monotonic() + BUDGET_SECONDS
    while time.monotonic() < until and taking.take_next(now=timezone.now()):
        pass


@shared_task
def send_outgoing() -> None:
    """Send what waits, one webhook after the other, as long as a task may take."""
    until, left_alone, is_more = time.monotonic() + BUDGET_SECONDS, set[int](), True
    while is_more and time.monotonic() < until:
        is_more, failed = dispatching.dispatch_next(now=timezone.now(), left_alone=left_alone)
        if failed is not None:
            left_alone.add(failed)


@shared_task
def forget_old_webhooks() -> None:
    """Take away what came in, or went out, long ago."""
    retention.forget_old_webhooks(now=timezone.now())
