"""What was told long ago is taken away: a year of it is kept."""

from __future__ import annotations

import datetime as dt

from slaproject.outbox.models import Alert, GoalLook, Message, SetAside

KEPT = dt.timedelta(days=365)
ASIDE_KEPT = dt.timedelta(days=7)


def forget_old_alerts(*, now: dt.datetime) -> int:
    """Delete alerts and messages older than a year; return how many rows. What still waits to be sent stays."""
    before = now - KEPT
    ended = Message.objects.exclude(state=Message.State.WAITING).filter(made_at__lt=before)
    gone = ended.delete()[0]
    # The alert of a clock is what keeps it from being told again, so it stays while its hand-off is open.
    old = Alert.objects.filter(made_at__lt=before, errands=None).exclude(
        hand_off__closed_at=None, hand_off__isnull=False
    )
    gone += old.delete()[0]
    gone += SetAside.objects.filter(tried_at__lt=now - ASIDE_KEPT).delete()[
        0
    ]  # tried each hour while it is there
    return gone + GoalLook.objects.filter(looked_on__lt=before.date()).delete()[0]
