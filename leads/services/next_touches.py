"""The next touch of a hand-off: proposed after each attempt, changed by who works it, raised once when it comes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from leads.models import FollowUpAttempt, HandOff, HandOffEvent
from leads.next_touch import proposed_next_touch
from leads.services.hand_offs import Still, lock_open, note, whole_second

if TYPE_CHECKING:
    from slaproject.accounts.models import User

FARTHEST = dt.timedelta(days=366)


def propose_next_touch(hand_off: HandOff) -> None:
    """Store what the agreement proposes after the last standing attempt of a locked hand-off; nothing for a closed one.

    Its facts must be up to date. Automated messages are no touch, and neither is an attempt of which only the day is
    known.
    """
    last = (
        hand_off.follow_up_attempts.standing()
        .filter(is_automated=False, is_date_only=False, attempted_at__gte=hand_off.handed_off_at)
        .order_by("-attempted_at", "-pk")
        .first()
    )
    touch = None
    if last is not None and hand_off.closed_at is None:
        touch = proposed_next_touch(
            hand_off.calendar_revision.compiled(),
            attempted_at=last.attempted_at,
            made=hand_off.attempts,
            agreed=hand_off.agreed_attempts,
            window_ends_at=hand_off.window_ends_at,
            is_connected=hand_off.connected_at is not None,
            asked_for_later=last.outcome == FollowUpAttempt.Outcome.CALLBACK_REQUESTED,
        )
    set_next_touch(hand_off, touch)


def set_next_touch(hand_off: HandOff, at: dt.datetime | None) -> None:
    """Store the next touch of a locked hand-off; one that was raised is raised again when the new one comes."""
    if hand_off.next_touch_at == at:
        return
    hand_off.next_touch_at, hand_off.next_touch_raised_at = at, None
    hand_off.save(update_fields=["next_touch_at", "next_touch_raised_at"])


@transaction.atomic
def plan_next_touch(
    *,
    hand_off: HandOff,
    at: dt.datetime | None,
    now: dt.datetime,
    by: User | None = None,
    still: Still | None = None,
) -> HandOff:
    """Plan the next touch of an open hand-off for that instant, or none; ValidationError for one that is past."""
    hand_off = lock_open(hand_off, still)
    if at is not None:
        at = whole_second(at)
        if not now < at <= now + FARTHEST:
            raise ValidationError(_("The next touch lies ahead, by a year at most."))
    if hand_off.next_touch_at != at:
        set_next_touch(hand_off, at)
        said = at.isoformat() if at else None
        note(hand_off, HandOffEvent.Kind.NEXT_TOUCH_PLANNED, now, now, by, planned_for=said)
    return hand_off
