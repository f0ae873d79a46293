"""Webhooks are kept for a month, failed ones for three: as long their ids are known, and none comes twice."""

from __future__ import annotations

import datetime as dt

from slaproject.webhooks.models import Dispatch, Incoming

KEPT = dt.timedelta(days=30)
FAILED_KEPT = dt.timedelta(days=90)


def forget_old_webhooks(*, now: dt.datetime) -> int:
    """Delete what came in or went out long ago; return how many. What still waits stays."""
    came = Incoming.objects.exclude(state=Incoming.State.WAITING)
    gone = came.filter(state=Incoming.State.DONE, received_at__lt=now - KEPT).delete()[0]
    gone += came.filter(received_at__lt=now - FAILED_KEPT).delete()[0]
    went = Dispatch.objects.exclude(state=Dispatch.State.WAITING)
    gone += went.filter(state=Dispatch.State.SENT, made_at__lt=now - KEPT).delete()[0]
    return gone + went.filter(made_at__lt=now - FAILED_KEPT).delete()[0]
