"""What follows a rejection: marketing agrees or disputes it, a manager of sales upholds or withdraws it.

A rejection that nobody disputed counts as upheld; a disputed one does not until it is decided. Withdrawn, the hand-off
is open again and its clock runs as if it had never been rejected: what fell due meanwhile is overdue at once. Its owner
has it as before, and the turn that it took counts again; where they work leads no more, the rules give it to
another.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from leads.models import Dispute, HandOff, HandOffEvent, Lead
from leads.services.facts import refresh_facts
from leads.services.hand_offs import Still, note, whole_second
from leads.services.routing import route, still_works
from leads.services.turns import take_turn_again

if TYPE_CHECKING:
    from slaproject.accounts.models import User

Answer = HandOff.RejectionAnswer


@transaction.atomic
def agree_to_rejection(
    *, hand_off: HandOff, now: dt.datetime, by: User | None = None, still: Still | None = None
) -> HandOff:
    """Marketing agrees that the lead was rejected; ValidationError where the rejection is answered already."""
    hand_off = _unanswered(hand_off, still)
    _write(hand_off, Answer.AGREED)
    note(hand_off, HandOffEvent.Kind.REJECTION_AGREED, now, now, by)
    return hand_off


@transaction.atomic
def dispute_rejection(
    *,
    hand_off: HandOff,
    words: str,
    now: dt.datetime,
    by: User | None = None,
    still: Still | None = None,
) -> Dispute:
    """Marketing disputes a rejection, with a word; ValidationError where it is answered, or its lead went on."""
    hand_off = _unanswered(hand_off, still)
    if not words.strip():
        raise ValidationError(_("Say why the rejection is disputed."))
    assert hand_off.closed_at is not None
    made = Dispute.objects.create(
        hand_off=hand_off,
        rejected_at=hand_off.closed_at,
        rejection_reason=hand_off.rejection_reason,
        opened_at=now,
        opened_by=by,
        words=words.strip(),
    )
    _write(hand_off, Answer.DISPUTED)
    note(hand_off, HandOffEvent.Kind.REJECTION_DISPUTED, now, now, by, dispute=made.pk)
    return made


@transaction.atomic
def decide_dispute(
    *,
    hand_off: HandOff,
    outcome: str,
    now: dt.datetime,
    by: User | None = None,
    answer: str = "",
    still: Still | None = None,
) -> HandOff:
    """Sales upholds or withdraws a disputed rejection; ValidationError where nothing waits for a decision.

    A lead that a file handed over again meanwhile has one open hand-off already: then it can only be upheld.
    """
    hand_off = _locked(hand_off, still)
    if outcome == Dispute.Outcome.WITHDRAWN:
        _refuse_later(hand_off)
    waiting = hand_off.disputes.undecided()
    decided = waiting.update(
        outcome=Dispute.Outcome(outcome), decided_at=now, decided_by=by, answer=answer.strip()
    )
    if not decided:
        raise ValidationError(_("No dispute about this hand-off waits for a decision."))
    if outcome == Dispute.Outcome.UPHELD:
        _write(hand_off, Answer.UPHELD)
        note(hand_off, HandOffEvent.Kind.REJECTION_UPHELD, now, now, by)
        return hand_off
    was = hand_off.closed_at
    hand_off.closed_as, hand_off.closed_at = "", None
    hand_off.rejection_reason = hand_off.rejection_label = hand_off.rejection_answer = ""
    said = ["rejection_reason", "rejection_label", "rejection_answer"]
    hand_off.save(update_fields=["closed_as", "closed_at", *said])
    rejected_at = was.isoformat() if was else None
    note(
        hand_off,
        HandOffEvent.Kind.REJECTION_WITHDRAWN,
        whole_second(now),
        now,
        by,
        rejected_at=rejected_at,
    )
    refresh_facts([hand_off.pk], now=now, actor=by)
    if hand_off.owner is not None and still_works(hand_off):
        take_turn_again(hand_off=hand_off)
    elif hand_off.owner is not None:
        route(hand_offs=[hand_off.pk], now=now, by=by, leaving=hand_off.owner)
    hand_off.refresh_from_db()
    return hand_off


def is_unanswered(hand_off: HandOff) -> bool:
    """Return whether marketing may still agree to a rejection, or dispute it."""
    return hand_off.closed_as == HandOff.ClosedAs.REJECTED and not hand_off.rejection_answer


def _locked(hand_off: HandOff, still: Still | None) -> HandOff:
    """Lock the lead, then the hand-off as it is now: a lead handed over again meanwhile is seen."""
    Lead.objects.select_for_update(no_key=True).get(pk=hand_off.lead_id)
    current = HandOff.objects.select_for_update().get(pk=hand_off.pk)
    if still is not None:
        still(current)
    return current


def _unanswered(hand_off: HandOff, still: Still | None) -> HandOff:
    current = _locked(hand_off, still)
    if current.closed_as != HandOff.ClosedAs.REJECTED:
        raise ValidationError(_("This hand-off is not rejected."))
    if current.rejection_answer:
        raise ValidationError(
            _("This rejection is answered already: %(how)s."),
            params={"how": current.get_rejection_answer_display()},
        )
    _refuse_later(current)
    return current


def _refuse_later(hand_off: HandOff) -> None:
    others = HandOff.objects.filter(lead=hand_off.lead_id).exclude(pk=hand_off.pk)
    if others.filter(Q(number__gt=hand_off.number) | Q(closed_at=None)).exists():
        raise ValidationError(_("The lead has been handed over again since."))


def _write(hand_off: HandOff, answer: str) -> None:
    hand_off.rejection_answer = answer
    hand_off.save(update_fields=["rejection_answer"])
