"""The task by which beat and the workers show that they live."""

from __future__ import annotations

from datetime import UTC, datetime

from celery import shared_task
from django.utils import timezone

from slaproject.heartbeat.services import record_heartbeat


@shared_task
def beat_heartbeat(sent: float) -> None:
    """Record when beat sent this (seconds since 1970) and that a worker executes it now."""
    record_heartbeat(sent_at=datetime.fromtimestamp(sent, UTC), executed_at=timezone.now())
