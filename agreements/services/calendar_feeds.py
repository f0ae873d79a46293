"""The secret address of a person's calendar: made, made anew, ended; found by its hash alone."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any

from agreements.models import CalendarFeed


def make_address(*, person: Any, now: dt.datetime) -> str:
    """Return a new secret for this person's calendar; the one before serves no more."""
    token = secrets.token_urlsafe(32)
    CalendarFeed.objects.update_or_create(
        person=person, defaults={"token_sha256": _hashed(token), "made_at": now}
    )
    return token


def end_address(*, person: Any) -> None:
    """End the address of this person's calendar; nothing happens when there is none."""
    CalendarFeed.objects.filter(person=person).delete()


def person_of_token(token: str) -> Any:
    """Return whose calendar has this secret; None for nobody's, and for an account that is closed."""
    feed = (
        CalendarFeed.objects.filter(token_sha256=_hashed(token), person__is_active=True)
        .select_related("person")
        .first()
    )
    return feed.person if feed is not None else None


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
