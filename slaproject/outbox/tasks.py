"""What Celery runs for the outbox. Each task may run twice, at once, and be killed."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from slaproject.outbox import bundling, clocks, delivery, digests, pace, reading, retention

BUDGET_SECONDS = 150  # well below the limit of a task, with the longest delivery in it


@shared_task
def tell_people() -> None:
    """Read what the apps left and tell people of it; what goes out of the house is put into messages.

    A step that fails keeps no later one from being done; the task fails all the same, so that it is seen.
    """
    now = timezone.now()
    faults: list[Exception] = []
    for step in (
        reading.read_arrivals,
        reading.read_notices,
        clocks.tell_of_rungs,
        bundling.bundle_errands,
    ):
        try:
            step(now=now)
        except Exception as error:
            faults.append(error)
    if faults:
        raise ExceptionGroup("People could not be told of everything.", faults)


@shared_task
def deliver_messages() -> None:
    """Deliver what waits, one message after the other, as long as a task may take."""
    until = time.monotonic() + BUDGET_SECONDS
    while time.monotonic() < until and delivery.deliver_next(now=timezone.now()):
        pass


@shared_task
def look_at_goals() -> None:
    """Look how each month's goal stands, once a day."""
    pace.look_at_goals(now=timezone.now())


@shared_task
def send_digests() -> None:
    """Tell everybody whose hour has come how marketing gets on, or how the week was."""
    digests.tell_digests(now=timezone.now())


@shared_task
def forget_old_alerts() -> None:
    """Take away what was told long ago."""
    retention.forget_old_alerts(now=timezone.now())
