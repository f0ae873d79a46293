"""Writes the signs of life of beat and the workers."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Greatest, Least, Now

from slaproject.heartbeat.models import Heartbeat


def record_heartbeat(*, sent_at: datetime, executed_at: datetime) -> None:
    """Record that beat lived at `sent_at` and a worker at `executed_at`; a task that comes late moves neither back.

    By the database's clock neither was seen later than now: a host whose clock is ahead would live on when it is dead.
    """
    with transaction.atomic():
        for name, seen_at in ((Heartbeat.Name.BEAT, sent_at), (Heartbeat.Name.WORKER, executed_at)):
            Heartbeat.objects.update_or_create(
                name=name,
                defaults={"seen_at": Least(Greatest("seen_at", Value(seen_at)), Now())},
                create_defaults={"seen_at": Least(Value(seen_at), Now())},
            )
