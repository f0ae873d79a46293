"""The bell of the frame: how many notices are unread."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from agreements.rights import rights_of
from slaproject.outbox.models import Alert

MOST = 99


def count_text(user: Any) -> str:
    """Return how many notices are unread, as the bell says it; empty for none. Counting ends at a hundred."""
    n = Alert.objects.visible_to(user).unread()[: MOST + 1].count()
    return "" if not n else f"{MOST}+" if n > MOST else str(n)


def bell(request: HttpRequest) -> dict[str, Any]:
    """Give templates the count of the bell; it is asked for only where the frame is drawn."""
    if not request.user.is_authenticated or rights_of(request.user).is_nobody:
        return {}
    return {"unread": SimpleLazyObject(lambda: count_text(request.user))}
