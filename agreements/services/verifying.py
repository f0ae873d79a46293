"""Keeping how an agreement's record stood when it was verified, for the register."""

from __future__ import annotations

import datetime as dt

from agreements.models import Agreement, Verification


def note_verification(*, agreement: Agreement, events: int, findings: int, now: dt.datetime) -> None:
    """Write down that the record was verified up to so many events, and what was found; the latest counts."""
    Verification.objects.update_or_create(
        agreement=agreement, defaults={"verified_at": now, "events": events, "findings": findings}
    )
