"""Logging an attempt, and voiding one."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from agreements.terms import company_zone
from leads.models import AttemptNote, FollowUpAttempt, HandOff, HandOffEvent
from leads.services.facts import refresh_facts
from leads.services.hand_offs import Still, whole_second
from leads.services.next_touches import propose_next_touch

if TYPE_CHECKING:
    from slaproject.accounts.models import User

# Attempts logged by hand are known by an id of their own; a form sent twice carries the same one.
SYSTEM = "sla"
# An instant that lies ahead by no more than this is now: the browser counts the server's time on.
CLOCKS_DIFFER = dt.timedelta(seconds=30)


class KeyUsedOtherwise(ValidationError):
    """A key that made one attempt came again with another one."""


@transaction.atomic
def log_attempt(
    *,
    hand_off: HandOff,
    attempted_at: dt.datetime | None,
    channel: str,
    outcome: str,
    now: dt.datetime,
    by: User | None = None,
    note: str = "",
    is_automated: bool = False,
    key: str = "",
    is_by_hand: bool = False,
    still: Still | None = None,
) -> FollowUpAttempt:
    """Log one attempt, made at `attempted_at` or just now, and work out the facts of its hand-off, in one transaction.

    `key` makes a repeated request harmless: the same key returns the attempt that it made, and says something else
    only once (KeyUsedOtherwise). An instant ahead by less than clocks differ is taken as now. Raises ValidationError
    for an instant in the future or before the hand-off, and for an outcome that the channel cannot have; `is_by_hand`
    also for an instant after it was closed.
    """
    hand_off = HandOff.objects.select_for_update(of=("self",)).select_related("agreement").get(pk=hand_off.pk)
    if key and (earlier := _logged_with(key)) is not None:
        said: dict[str, object] = {"channel": channel, "outcome": outcome, "by_id": by.pk if by else None}
        if attempted_at is not None:
            said |= {"attempted_at": _when(attempted_at, earlier.logged_at)}  # as it was taken then
        is_other = any(getattr(earlier, name) != value for name, value in said.items())
        if is_other or earlier.hand_off.lead_id != hand_off.lead_id:
            raise KeyUsedOtherwise(
                _("This was sent before as another attempt: %(attempt)s. Nothing was changed."),
                params={"attempt": earlier},
            )
        return earlier
    if still is not None:
        still(hand_off)
    refuse_impossible(channel, outcome)
    attempted_at = _when(attempted_at or now, now)
    if attempted_at > now:
        raise ValidationError(_("An attempt cannot lie in the future."))
    if attempted_at < hand_off.handed_off_at:
        raise ValidationError(_("An attempt cannot lie before the hand-off."))
    if is_by_hand and hand_off.closed_at is not None and attempted_at > hand_off.closed_at:
        raise ValidationError(
            _("This hand-off was closed as %(how)s; only attempts from before that can be added."),
            params={"how": hand_off.get_closed_as_display()},
        )
    zone = hand_off.agreement.zone if hand_off.agreement else company_zone()
    try:
        with transaction.atomic():
            attempt = FollowUpAttempt.objects.create(
                hand_off=hand_off,
                system=SYSTEM,
                external_id=key or str(uuid.uuid4()),
                attempted_at=attempted_at,
                attempted_on=attempted_at.astimezone(zone).date(),
                channel=FollowUpAttempt.Channel(channel),
                outcome=FollowUpAttempt.Outcome(outcome),
                is_automated=is_automated,
                by=by,
                logged_at=now,
            )
    except IntegrityError as error:
        raise KeyUsedOtherwise(_("This attempt was sent for another lead already.")) from error
    if note:  # browsers end lines as CR LF; files, which bring notes back, do not
        AttemptNote.objects.create(attempt=attempt, text=note.replace("\r\n", "\n"))
    HandOffEvent.objects.create(
        hand_off=hand_off,
        kind=HandOffEvent.Kind.ATTEMPTED,
        happened_at=attempted_at,
        recorded_at=now,
        actor=by,
        data={"attempt": attempt.pk, "channel": channel, "outcome": outcome},
    )
    refresh_facts([hand_off.pk], now=now, actor=by)
    hand_off.refresh_from_db()
    if hand_off.last_attempt_at == attempted_at and not is_automated:
        propose_next_touch(hand_off)
    return attempt


@transaction.atomic
def void_attempt(
    *,
    attempt: FollowUpAttempt,
    now: dt.datetime,
    by: User | None = None,
    reason: str = "",
    still: Still | None = None,
) -> bool:
    """Void an attempt and work out the facts of its hand-off anew; False when it was voided already."""
    hand_off = HandOff.objects.select_for_update().get(pk=attempt.hand_off_id)
    if still is not None:
        still(hand_off)
    claimed = FollowUpAttempt.objects.filter(pk=attempt.pk, voided_at__isnull=True).update(
        voided_at=now, voided_by=by, void_reason=reason
    )
    if not claimed:
        return False
    HandOffEvent.objects.create(
        hand_off_id=attempt.hand_off_id,
        kind=HandOffEvent.Kind.ATTEMPT_VOIDED,
        happened_at=now,
        recorded_at=now,
        actor=by,
        data={"attempt": attempt.pk},
    )
    was_last = hand_off.last_attempt_at == attempt.attempted_at
    refresh_facts([hand_off.pk], now=now, actor=by)
    if was_last:
        hand_off.refresh_from_db()
        propose_next_touch(hand_off)
    return True


def refuse_impossible(channel: str, outcome: str) -> None:
    """Raise ValidationError for an outcome that this channel cannot have."""
    if not FollowUpAttempt.can_be(channel, outcome):
        raise ValidationError(
            _("“%(outcome)s” cannot be the outcome here; the channel is: %(channel)s."),
            params={
                "outcome": FollowUpAttempt.Outcome(outcome).label,
                "channel": FollowUpAttempt.Channel(channel).label,
            },
        )


def _when(attempted_at: dt.datetime, now: dt.datetime) -> dt.datetime:
    """Return the instant as it is kept, by somebody's clock that may run ahead a little."""
    return whole_second(now if now < attempted_at <= now + CLOCKS_DIFFER else attempted_at)


def _logged_with(key: str) -> FollowUpAttempt | None:
    """Return the attempt that this key made: the one that stands, else the one that was undone.

    It may have moved to another episode of its lead since.
    """
    made = FollowUpAttempt.objects.filter(system=SYSTEM, external_id=key).select_related("hand_off")
    return made.order_by(F("voided_at").desc(nulls_first=True)).first()
