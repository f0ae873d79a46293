"""Marking notices as read."""

from __future__ import annotations

import datetime as dt
from typing import Any

from slaproject.outbox.models import Alert


def mark_read(*, alert: Alert, now: dt.datetime) -> None:
    """Mark one notice as read; when it was read first stays."""
    Alert.objects.filter(pk=alert.pk, read_at=None).update(read_at=now)


def mark_all_read(*, person: Any, now: dt.datetime) -> int:
    """Mark what a person was told by now as read; what comes meanwhile stays unread."""
    return Alert.objects.visible_to(person).unread().filter(made_at__lte=now).update(read_at=now)
