"""The life of a hand-off: handed over, assigned, accepted, rejected, recycled, closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from agreements.models import Agreement, Team
from agreements.rejection_reasons import Reason
from agreements.services.agreed_reasons import reasons_under
from agreements.terms import Terms, TermsBook
from leads import clock
from leads.models import FollowUpAttempt, HandOff, HandOffEvent, Lead
from leads.phrases import rough_length
from leads.services.facts import rebind_attempts, refresh_facts
from leads.services.re_dating import hold_terms
from leads.services.routing import note_decisions, route_new
from leads.services.turns import give_turns_back

if TYPE_CHECKING:
    from slaproject.accounts.models import User

# Asked of the locked row, as it is now: raises where who acts may do so no more.
Still = Callable[[HandOff], None]


def whole_second(instant: dt.datetime) -> dt.datetime:
    """Instants that the clock compares are kept to the second."""
    return instant.replace(microsecond=0)


def start_clock(hand_off: HandOff, terms: Terms, *, start_at: dt.datetime) -> None:
    """Give `hand_off` the due times of its terms, counted from `start_at`; not saved.

    No allowance, only a day known, or a calendar that never opens again: no clock. A clock always starts as
    running: the sweep moves one that is entered late, so that nobody misses the event.
    """
    calendar = terms.calendar_revision.compiled()
    hand_off.allowance = hand_off.due_at = hand_off.at_risk_at = None
    if terms.allowance is not None and not hand_off.is_date_only:
        due_at = calendar.due(start_at, terms.allowance)
        if due_at is not None:
            hand_off.allowance = terms.allowance
            hand_off.due_at = due_at
            hand_off.at_risk_at = clock.at_risk_at(calendar, start_at, terms.allowance, terms.at_risk_share)
    hand_off.state = clock.State.NO_CLOCK if hand_off.due_at is None else clock.State.RUNNING
    for name, allowance in (("acceptance", terms.acceptance), ("outcome", terms.outcome)):
        due_at = None
        if allowance is not None and not hand_off.is_date_only:
            due_at = calendar.due(start_at, allowance)
        setattr(hand_off, f"{name}_due_at", due_at)
        setattr(hand_off, f"{name}_allowance", allowance if due_at is not None else None)
        setattr(hand_off, name, clock.Deadline.NONE if due_at is None else clock.Deadline.WAITING)


def put_under_terms(hand_off: HandOff, terms: Terms) -> None:
    """Copy the terms that applied at the hand-off onto it, except its clock; not saved."""
    hand_off.handed_off_on = terms.on
    hand_off.agreement_id = terms.agreement_id
    hand_off.version_id = terms.version_id
    hand_off.calendar_revision = terms.calendar_revision
    hand_off.agreed_attempts = terms.attempts
    hand_off.window_ends_at = hand_off.handed_off_at + terms.window if terms.version_id else None
    hand_off.counts_automated = terms.counts_automated
    hand_off.counts_recycled = terms.promised.counts_recycled
    hand_off.counts_sales_origin = terms.promised.counts_sales_origin
    hand_off.lead_value = terms.lead_value


@transaction.atomic
def hand_over(
    *,
    lead: Lead,
    now: dt.datetime,
    at: dt.datetime | None = None,
    team: Team | None = None,
    owner: User | None = None,
    agreement: Agreement | None = None,
    by: User | None = None,
    book: TermsBook | None = None,
) -> HandOff:
    """Give the lead to sales at the instant `at` (default: now): a new episode with its own clock.

    Raises ValidationError while an earlier episode is open, or when `at` lies in the future or before the end of
    the one before. Attempts logged before this was entered move to it where they fall in it. `book` saves reading
    the terms again for each of many. With no owner named, the routing rules may know one.
    """
    hold_terms()
    lead = Lead.objects.select_for_update(no_key=True).get(pk=lead.pk)
    at = whole_second(at or now)
    if at > now:
        raise ValidationError(_("A lead cannot be handed off in the future."))
    if lead.merged_into_id is not None:
        raise ValidationError(_("This lead was merged into another one: hand that over."))
    last = _last_of(lead, at)
    book = book or TermsBook()
    team_id = team.pk if team else (book.team_of(owner.pk) if owner else None)
    owner_id, assigned_at = (owner.pk, at) if owner else (None, None)
    routed = None if owner else route_new(lead=lead, team_id=team_id, now=now)
    if routed is not None:
        team_id, owner_id = routed.team_id, routed.owner_id
        assigned_at = max(whole_second(now), at) if owner_id else None
    terms = book.terms(
        at=at,
        agreement_id=agreement.pk if agreement else None,
        agreement_zone=agreement.zone if agreement else None,
        team_id=team_id,
        owner_id=owner_id,
        segment_id=lead.segment_id,
    )
    hand_off = HandOff(
        lead=lead,
        number=last.number + 1 if last else 1,
        handed_off_at=at,
        handed_off_by=by,
        team_id=team_id,
        segment_id=lead.segment_id,
        owner_id=owner_id,
        assigned_at=assigned_at,
    )
    put_under_terms(hand_off, terms)
    start_clock(hand_off, terms, start_at=at)
    hand_off.save()
    note(hand_off, HandOffEvent.Kind.HANDED_OFF, at, now, by)
    if routed is not None:
        note_decisions([(hand_off, routed)], now=now)
    if last is not None and (moved := rebind_attempts([lead.pk])):
        refresh_facts(moved, now=now, actor=by)
        hand_off.refresh_from_db()
    return hand_off


def _last_of(lead: Lead, at: dt.datetime) -> HandOff | None:
    """Return the lead's last episode; ValidationError where another may not begin at this instant."""
    episodes = list(lead.hand_offs.order_by("number"))
    if any(one.closed_at is None for one in episodes):
        raise ValidationError(_("This lead is already with sales, and not closed."))
    if any(one.rejection_answer == HandOff.RejectionAnswer.DISPUTED for one in episodes):
        raise ValidationError(_("The lead's rejection is disputed: it goes on once sales has decided."))
    if any(one.closed_at is not None and at < one.closed_at for one in episodes):
        raise ValidationError(_("The lead was still with sales then."))
    return episodes[-1] if episodes else None


@transaction.atomic
def assign(
    *,
    hand_off: HandOff,
    owner: User,
    at: dt.datetime,
    now: dt.datetime,
    by: User | None = None,
    seen: str | None = None,
    still: Still | None = None,
) -> HandOff:
    """Give an open hand-off to this person; the clock runs on. The first assignment ends the routing part.

    What sales accepted stays accepted, whoever works it then: marketing's count of accepted leads does not shrink by
    what sales does among its own. `seen` is whose it was (`whose`) when the assignment was decided on: ValidationError
    says who took it meanwhile.
    """
    hand_off = lock_open(hand_off, still)
    if hand_off.owner_id == owner.pk:
        return hand_off
    if seen is not None and seen != whose(hand_off):
        raise ValidationError(_who_has(hand_off, now))
    former = {"from": hand_off.owner_id} if hand_off.owner_id else {}
    hand_off.owner = owner
    hand_off.owner_name = ""
    hand_off.assigned_at = hand_off.assigned_at or max(whole_second(at), hand_off.handed_off_at)
    hand_off.save(update_fields=["owner", "owner_name", "assigned_at"])
    refresh_facts([hand_off.pk], now=now, actor=by)
    note(hand_off, HandOffEvent.Kind.ASSIGNED, at, now, by, owner=owner.pk, **former)
    return hand_off


def whose(hand_off: HandOff) -> str:
    """Tell in a word whose a hand-off is, and whether they accepted it: what a form remembers of what it showed."""
    owner = str(hand_off.owner_id) if hand_off.owner_id else f"name:{hand_off.owner_name}"
    return f"{owner} accepted" if hand_off.accepted_at else owner


@transaction.atomic
def accept(*, hand_off: HandOff, at: dt.datetime, now: dt.datetime, by: User | None = None) -> HandOff:
    """Accept an open hand-off; who accepts one without an owner becomes its owner, also where another had accepted it.

    Of many at once the first wins; ValidationError tells the others who did. Who accepted it already may do so
    again, and nothing happens.
    """
    accepted_at = max(whole_second(at), hand_off.handed_off_at)
    waiting = HandOff.objects.filter(pk=hand_off.pk, closed_at=None)
    change: dict[str, object] = {"accepted_at": Coalesce("accepted_at", Value(accepted_at))}
    if by is None:
        waiting = waiting.filter(accepted_at=None)
    else:
        waiting = waiting.filter(Q(owner=by, accepted_at=None) | Q(owner=None, owner_name=""))
        change |= {"owner": by, "assigned_at": Coalesce("assigned_at", Value(accepted_at))}
    if not waiting.update(**change):
        current = lock_open(hand_off)
        if by is not None and current.owner_id == by.pk and current.accepted_at is not None:
            return current
        raise ValidationError(_who_has(current, now))
    refresh_facts([hand_off.pk], now=now, actor=by)
    note(hand_off, HandOffEvent.Kind.ACCEPTED, accepted_at, now, by)
    hand_off.refresh_from_db()
    return hand_off


@transaction.atomic
def close(
    *,
    hand_off: HandOff,
    closed_as: str,
    at: dt.datetime,
    now: dt.datetime,
    by: User | None = None,
    reason: str = "",
    reason_text: str = "",
    returns_on: dt.date | None = None,
    still: Still | None = None,
) -> HandOff:
    """Close an open hand-off in one of the ways of HandOff.ClosedAs; a rejection says why.

    Attempts after it was rejected, recycled, cancelled or excused no longer count, so facts are worked out anew.
    `reason_text` are a person's own words: they stay with the hand-off, and out of its events. `returns_on` is when
    a recycled lead is worth being handed over again. Closed as unreachable below the agreed number of attempts, it was
    stopped too early, and its event says so.
    """
    hand_off = lock_open(hand_off, still)
    at = whole_second(at)
    if at > now or at < hand_off.handed_off_at:
        raise ValidationError(_("A hand-off is closed after it began, and not in the future."))
    hand_off.rejection_label = ""
    if closed_as == HandOff.ClosedAs.REJECTED:
        agreed = _agreed_reason(hand_off, reason)
        hand_off.rejection_label = str(agreed.label) if agreed.is_own else ""
    hand_off.closed_as = HandOff.ClosedAs(closed_as)
    hand_off.closed_at = at
    hand_off.rejection_reason = f"{reason}: {reason_text}" if reason_text else reason
    if returns_on is not None and (
        closed_as != HandOff.ClosedAs.RECYCLED or returns_on < at.date() - dt.timedelta(days=1)
    ):
        raise ValidationError(_("Only a recycled lead comes back, on a day to come."))
    hand_off.returns_on = returns_on
    rejected = ["rejection_reason", "rejection_label"]
    hand_off.save(update_fields=["closed_as", "closed_at", "returns_on", *rejected])
    refresh_facts([hand_off.pk], now=now, actor=by)
    if closed_as == HandOff.ClosedAs.REJECTED:
        give_turns_back(hand_offs=[hand_off], now=now)
    hand_off.refresh_from_db()
    more: dict[str, object] = {"stopped_early": True} if hand_off.stopped_early else {}
    if returns_on is not None:
        more["returns_on"] = returns_on.isoformat()
    note(hand_off, HandOffEvent.Kind.CLOSED, at, now, by, closed_as=closed_as, reason=reason, **more)
    return hand_off


def reasons_for(hand_off: HandOff) -> tuple[Reason, ...]:
    """Return for which reasons this lead may be given back: as the version says whose terms it has."""
    version = hand_off.re_dated_under
    if version is not None:
        return reasons_under(version.pk, version.starts_on)
    return reasons_under(hand_off.version_id, hand_off.handed_off_on)


def episode_for(lead: Lead, *, attempted_at: dt.datetime) -> HandOff:
    """Return the episode of the lead that an attempt at this instant falls in: the latest begun, or the first.

    Episodes of leads that were merged overlap: what was not closed by then comes first.
    """
    begun = list(lead.hand_offs.filter(handed_off_at__lte=attempted_at).order_by("-number"))
    if not begun:
        return lead.hand_offs.get(number=1)
    still_open = (one for one in begun if one.closed_at is None or one.closed_at >= attempted_at)
    return next(still_open, begun[0])


def standing_attempts(hand_off: HandOff) -> list[FollowUpAttempt]:
    """Return the attempts on a hand-off that were not voided, in order of time."""
    return list(hand_off.follow_up_attempts.standing().order_by("attempted_at", "pk"))


def lock_open(hand_off: HandOff, still: Still | None = None) -> HandOff:
    """Lock the hand-off as it is now; ValidationError when it was closed meanwhile, or is this person's no more."""
    current = HandOff.objects.select_for_update().get(pk=hand_off.pk)
    if still is not None:
        still(current)
    if current.closed_at is not None:
        raise ValidationError(
            _("This hand-off was closed as %(how)s."), params={"how": current.get_closed_as_display()}
        )
    return current


def _agreed_reason(hand_off: HandOff, word: str) -> Reason:
    if not word:
        raise ValidationError(_("A rejection needs a reason."))
    found = next((one for one in reasons_for(hand_off) if one.word == word), None)
    if found is None:
        raise ValidationError(
            _("“%(reason)s” is none of the reasons agreed for this lead."), params={"reason": word}
        )
    return found


def _who_has(hand_off: HandOff, now: dt.datetime) -> str:
    """Say why this open hand-off cannot be accepted."""
    if hand_off.accepted_at is None:
        if hand_off.owner_id is None and not hand_off.owner_name:
            return _("This lead is nobody’s any more. Look at it again.")
        return _("This lead was given to %(owner)s.") % {"owner": hand_off.owner or hand_off.owner_name}
    accepted = hand_off.events.filter(kind=HandOffEvent.Kind.ACCEPTED).select_related("actor").last()
    if accepted is None or accepted.actor is None:
        return _("This hand-off is accepted already.")
    ago = {"name": accepted.actor, "ago": rough_length(now - accepted.recorded_at)}
    return _("Taken by %(name)s %(ago)s ago.") % ago


def note(
    hand_off: HandOff,
    kind: HandOffEvent.Kind,
    at: dt.datetime,
    now: dt.datetime,
    by: User | None,
    **data: object,
) -> None:
    HandOffEvent.objects.create(
        hand_off=hand_off, kind=kind, happened_at=at, recorded_at=now, actor=by, data=data
    )
