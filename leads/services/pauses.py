"""Pausing the clock of a hand-off and letting it go on, only as the agreement allows.

A pause is known with its end from the beginning, so its effect is worked out at once: `due_at` and `at_risk_at` move
on by the business time in it. It ends by itself at that instant, which the sweep notes; ended sooner, both move back.
What was used up before it began stays where it was.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements.spans import Pauses
from agreements.terms import TermsBook
from leads import clock
from leads.models import HandOff, HandOffEvent, Pause
from leads.phrases import length, moment
from leads.services.facts import state_now
from leads.services.hand_offs import Still, lock_open, note, whole_second
from leads.services.next_touches import set_next_touch

if TYPE_CHECKING:
    from slaproject.accounts.models import User

ZERO = dt.timedelta(0)


@transaction.atomic
def pause(
    *,
    hand_off: HandOff,
    until: dt.datetime,
    reason: str,
    now: dt.datetime,
    by: User | None = None,
    still: Still | None = None,
) -> Pause:
    """Pause the clock of an open hand-off from now on until that instant.

    Raises ValidationError where the agreement allows no pause or none so long, where the clock does not run, and where
    it is due: a pause hides no miss.
    """
    hand_off = lock_open(hand_off, still)
    starts_at, until = whole_second(now), whole_second(until)
    _refuse_unless_running(hand_off, now)
    if until <= now:
        raise ValidationError(_("A pause ends in the future."))
    before = _spans(hand_off)
    _refuse_unless_agreed(hand_off, before, until - starts_at)
    try:
        with transaction.atomic():
            made = Pause.objects.create(
                hand_off=hand_off,
                starts_at=starts_at,
                ends_at=until,
                planned_until_at=until,
                reason=Pause.Reason(reason),
                paused_by=by,
            )
    except IntegrityError as error:
        raise ValidationError(_("It is paused at that time already.")) from error
    was = hand_off.due_at
    _move(hand_off, before, [*before, (starts_at, until)])
    hand_off.paused_at, hand_off.paused_until = starts_at, until
    hand_off.state = clock.State.PAUSED
    _save(hand_off)
    # Nobody is told to try a lead that asked for a later time before that.
    set_next_touch(hand_off, until)
    said = {"until": until.isoformat(), "reason": made.reason, "due_at": _from_to(was, hand_off.due_at)}
    note(hand_off, HandOffEvent.Kind.PAUSED, starts_at, now, by, **said)
    return made


@transaction.atomic
def resume(
    *, hand_off: HandOff, now: dt.datetime, by: User | None = None, still: Still | None = None
) -> HandOff:
    """End the pause of an open hand-off now; ValidationError where it is not paused."""
    hand_off = lock_open(hand_off, still)
    is_paused = hand_off.state == clock.State.PAUSED == state_now(hand_off, now=now)
    if not is_paused or hand_off.paused_at is None:  # by its own end, or by what came first
        raise ValidationError(_("This hand-off is not paused."))
    ended_at = whole_second(now)
    before = _spans(hand_off)
    hand_off.pauses.filter(starts_at=hand_off.paused_at).update(ends_at=ended_at, resumed_by=by)
    was = hand_off.due_at
    _move(hand_off, before, _spans(hand_off))
    hand_off.paused_until = ended_at
    hand_off.state = clock.state_after_pause(paused_at=hand_off.paused_at, at_risk_at=hand_off.at_risk_at)
    _save(hand_off)
    note(
        hand_off,
        HandOffEvent.Kind.RESUMED,
        ended_at,
        now,
        by,
        due_at=_from_to(was, hand_off.due_at),
    )
    return hand_off


def pause_limit(hand_off: HandOff) -> dt.timedelta | None:
    """Return how long the agreement lets a hand-off be paused in all; None: it is never paused."""
    if hand_off.version_id is None:
        return None
    return (
        TermsBook()
        .promised_to(
            version_id=hand_off.version_id,
            re_dated_under_id=hand_off.re_dated_under_id,
            segment_id=hand_off.segment_id,
            on=hand_off.handed_off_on,
        )
        .pause_limit
    )


def pause_left(hand_off: HandOff, limit: dt.timedelta | None) -> dt.timedelta:
    """Return how long it may still be paused, what is paused ahead counted as used; zero where none is agreed.

    `limit` is its `pause_limit`.
    """
    return ZERO if limit is None else max(limit - _length(_spans(hand_off)), ZERO)


def _refuse_unless_running(hand_off: HandOff, now: dt.datetime) -> None:
    state = state_now(hand_off, now=now)
    if state == clock.State.PAUSED and hand_off.paused_until is not None:
        raise ValidationError(
            _("It is paused already, until %(until)s."),
            params={"until": moment(hand_off.paused_until, now=now)},
        )
    if state == clock.State.OVERDUE or (state in clock.WAITING and now == hand_off.due_at):
        raise ValidationError(_("It is due already: a pause hides no miss that came before it."))
    if state not in clock.WAITING:
        raise ValidationError(_("No clock of this hand-off runs: there is nothing to pause."))


def _refuse_unless_agreed(hand_off: HandOff, before: Pauses, asked: dt.timedelta) -> None:
    limit = pause_limit(hand_off)
    if limit is None:
        raise ValidationError(_("The agreement allows no pauses."))
    left = max(limit - _length(before), ZERO)
    if asked > left:
        raise ValidationError(
            _("The agreement allows pauses of %(limit)s in all; %(left)s are left for this lead."),
            params={"limit": length(limit), "left": length(left)},
        )


def _move(hand_off: HandOff, was: Pauses, pauses: Pauses) -> None:
    """Work out the instants of its clock for other pauses; ValidationError where its hours end before."""
    calendar = hand_off.calendar_revision.compiled()
    assert hand_off.due_at is not None
    start = hand_off.handed_off_at
    due_at = clock.under_pauses(calendar, start, hand_off.due_at, was=was, pauses=pauses)
    if due_at is None:
        raise ValidationError(_("Its business hours have no opening time left after such a pause."))
    hand_off.due_at = due_at
    if hand_off.at_risk_at is not None:
        hand_off.at_risk_at = clock.under_pauses(calendar, start, hand_off.at_risk_at, was=was, pauses=pauses)


def _spans(hand_off: HandOff) -> Pauses:
    return Pause.objects.spans([hand_off.pk]).get(hand_off.pk, ())


def _length(pauses: Pauses) -> dt.timedelta:
    return sum((ends_at - starts_at for starts_at, ends_at in pauses), ZERO)


def _save(hand_off: HandOff) -> None:
    hand_off.save(update_fields=["due_at", "at_risk_at", "paused_at", "paused_until", "state"])


def _from_to(was: dt.datetime | None, is_now: dt.datetime | None) -> list[str | None]:
    return [instant.isoformat() if instant else None for instant in (was, is_now)]
