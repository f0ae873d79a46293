"""Rating a lead's quality."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction

from leads.models import HandOff, HandOffEvent, Rating
from leads.services.hand_offs import Still

if TYPE_CHECKING:
    from slaproject.accounts.models import User


@transaction.atomic
def rate_lead(
    *,
    hand_off: HandOff,
    grade: str,
    reason: str | None = None,
    now: dt.datetime,
    by: User,
    still: Still | None = None,
) -> Rating:
    """Say how good the lead of a hand-off was, open or closed; the event says from what to what.

    Without a reason the one that stands stays, as long as the grade does. The same again changes nothing.
    """
    current = HandOff.objects.select_for_update().get(pk=hand_off.pk)
    if still is not None:
        still(current)
    rating = Rating.objects.filter(hand_off=current).first()
    before = [rating.grade, rating.reason] if rating is not None else None
    if reason is None:
        reason = rating.reason if rating is not None and rating.grade == grade else ""
    if rating is not None and before == [grade, reason]:
        return rating
    rating = rating or Rating(hand_off=current)
    rating.grade, rating.reason, rating.rated_at, rating.rated_by = grade, reason, now, by
    rating.save()
    HandOffEvent.objects.create(
        hand_off=current,
        kind=HandOffEvent.Kind.RATED,
        happened_at=now,
        recorded_at=now,
        actor=by,
        data={"from": before, "to": [grade, reason]},
    )
    return rating
