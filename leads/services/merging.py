"""Two leads that are one person or company are merged, and that is undone.

The hand-offs, attempts and deals of the absorbed lead become the survivor's; none is deleted. Its row stays, with the
id by which its system knows it and what that says of it, so that files and programs that name it reach the survivor.
Hand-offs are numbered anew in the order in which they began: so a person counts once, by the first. One is open at
most: where both leads had one, the survivor's goes on and the other is closed as cancelled. An attempt stays with its
hand-off, unless that had not begun or was closed by then and another one was with sales.

Undone, each has again what it had: the hand-offs that came with the absorbed lead, also those begun under its id since,
and the deals of its id. What happened to them meanwhile stays with them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from leads.models import Deal, HandOff, HandOffEvent, Lead, Merge
from leads.services.facts import attempts_rebound, refresh_facts
from leads.services.hand_offs import close, note
from leads.services.locks import hold_leads
from leads.services.routing import route, still_works

if TYPE_CHECKING:
    from slaproject.accounts.models import User

CONTACT = ("name", "company", "job_title", "email", "phone", "country")
# Asked of both leads under the lock: whether who acts may (still) know them.
MayKnow = Callable[[Lead], bool]

# Numbers are unique within a lead: they are moved out of the way first.
AWAY = 16_000
NUMBER = """
UPDATE leads_handoff h SET lead_id = n.lead_id, merged_from_id = n.merged_from_id, number = n.number
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::int[]) AS n(id, lead_id, merged_from_id, number)
WHERE h.id = n.id
"""


BACK = """
UPDATE leads_followupattempt a SET hand_off_id = m.was_at
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS m(id, was_at, went_to)
WHERE a.id = m.id AND a.hand_off_id = m.went_to
"""


@transaction.atomic
def merge_leads(
    *, survivor: Lead, absorbed: Lead, now: dt.datetime, by: User, may_know: MayKnow, reason: str = ""
) -> Merge:
    """Take `absorbed` into `survivor`; ValidationError where one of them was merged away meanwhile."""
    if survivor.pk == absorbed.pk:
        raise ValidationError(_("A lead cannot be merged with itself."))
    leads = _locked([survivor.pk, absorbed.pk])
    survivor, absorbed = leads[survivor.pk], leads[absorbed.pk]
    for lead in (survivor, absorbed):
        if lead.merged_into_id is not None:
            raise ValidationError(_("%(lead)s was merged into another lead meanwhile.") % {"lead": lead})
        if not may_know(lead):
            raise ValidationError(_("One of these leads is not yours to see any more."))
    _locked_hand_offs([survivor, absorbed])
    closed = _close_second(survivor, absorbed, now, by)
    hand_offs = _locked_hand_offs([survivor, absorbed])
    came = [one for one in hand_offs if one.lead_id == absorbed.pk]
    for one in came:
        one.lead_id, one.merged_from_id = survivor.pk, one.merged_from_id or absorbed.pk
    _number(hand_offs)
    attempts = attempts_rebound([survivor.pk])
    deals = sorted(Deal.objects.filter(lead=absorbed).values_list("pk", flat=True))
    Deal.objects.filter(pk__in=deals).update(lead=survivor)
    followers = sorted(absorbed.absorbed.values_list("pk", flat=True))
    Lead.objects.filter(pk__in=[absorbed.pk, *followers]).update(merged_into=survivor)
    merge = Merge.objects.create(
        survivor=survivor,
        absorbed=absorbed,
        made_at=now,
        by=by,
        reason=reason.strip(),
        closed=closed,
        filled=_fill(survivor, absorbed),
        moved={"deals": deals, "leads": followers, "attempts": attempts},
    )
    refresh_facts([one.pk for one in hand_offs], now=now, actor=by)
    for one in came:
        note(one, HandOffEvent.Kind.MERGED, max(now, one.handed_off_at), now, by, merge=merge.pk)
    return merge


@transaction.atomic
def undo_merge(*, merge: Merge, now: dt.datetime, by: User) -> Merge:
    """Give each lead what was its own; ValidationError says what makes that impossible."""
    leads = _locked([merge.survivor_id, merge.absorbed_id, *merge.moved["leads"]])
    merge = Merge.objects.select_for_update().get(pk=merge.pk)
    survivor, absorbed = leads[merge.survivor_id], leads[merge.absorbed_id]
    if refusal := why_not_undone(merge, survivor, now=now):
        raise ValidationError(refusal)
    hand_offs = _locked_hand_offs([survivor])
    _move_attempts_back(merge)
    own_ids = {absorbed.pk, *merge.moved["leads"]}
    back = [one for one in hand_offs if one.merged_from_id in own_ids]
    for one in back:
        one.lead_id = absorbed.pk
        if one.merged_from_id == absorbed.pk:
            one.merged_from_id = None
    _number(hand_offs)
    _move_deals_back(merge, [leads[pk] for pk in sorted(own_ids)])
    Lead.objects.filter(pk=absorbed.pk).update(merged_into=None)
    Lead.objects.filter(pk__in=merge.moved["leads"]).update(merged_into=absorbed)
    emptied = [name for name, text in merge.filled.items() if getattr(survivor, name) == text]
    if emptied:
        Lead.objects.filter(pk=survivor.pk).update(**dict.fromkeys(emptied, ""))
    reopened = _reopen(merge, absorbed)
    refresh_facts([one.pk for one in hand_offs], now=now, actor=by)
    if reopened is not None:
        _route_who_left(reopened, now, by)
    for one in back:
        more: dict[str, object] = {"reopened": True} if one.pk == reopened else {}
        note(one, HandOffEvent.Kind.SEPARATED, max(now, one.handed_off_at), now, by, merge=merge.pk, **more)
    merge.undone_at, merge.undone_by, merge.filled = now, by, {}
    merge.save(update_fields=["undone_at", "undone_by", "filled"])
    return merge


def why_not_undone(merge: Merge, survivor: Lead, *, now: dt.datetime) -> str:
    """Say why a merge cannot be undone; empty where it can."""
    if merge.undone_at is not None:
        return _("This merge was undone already.")
    if now > merge.undoable_until:
        return _("A merge can be undone for 30 days.")
    if survivor.merged_into_id is not None:
        return _("The lead was merged into another one since: undo that first.")
    return ""


def forget_what_was_filled(*, now: dt.datetime) -> int:
    """Take away the contact data kept for the undo of merges that can be undone no more; return of how many."""
    return Merge.objects.filter(made_at__lt=now - Merge.UNDO_FOR).exclude(filled={}).update(filled={})


def open_of(lead: Lead) -> HandOff | None:
    """Return the hand-off by which a lead is with sales now."""
    return lead.hand_offs.filter(closed_at=None).first()


def _locked(lead_ids: Iterable[int]) -> dict[int, Lead]:
    """Lock these leads with their hand-offs; return them as they are then."""
    wanted = set(lead_ids)
    hold_leads(wanted)
    return Lead.objects.in_bulk(wanted)


def _locked_hand_offs(leads: Sequence[Lead]) -> list[HandOff]:
    return list(HandOff.objects.select_for_update().filter(lead__in=leads).order_by("pk"))


def _close_second(survivor: Lead, absorbed: Lead, now: dt.datetime, by: User) -> HandOff | None:
    """Close the absorbed lead's open hand-off where the survivor has one; a miss before that stays one."""
    second = open_of(absorbed)
    if second is None or open_of(survivor) is None:
        return None
    return close(hand_off=second, closed_as=HandOff.ClosedAs.CANCELLED, at=now, now=now, by=by)


def _number(hand_offs: Sequence[HandOff]) -> None:
    """Write whose these hand-offs are, and number those of each lead in the order in which they began."""
    ordered = sorted(hand_offs, key=lambda one: (one.lead_id, one.handed_off_at, one.number, one.pk))
    last: dict[int, int] = {}
    for one in ordered:
        one.number = last[one.lead_id] = last.get(one.lead_id, 0) + 1
    HandOff.objects.filter(pk__in=[one.pk for one in ordered]).update(number=F("number") + AWAY)
    columns = [
        [getattr(one, name) for one in ordered] for name in ("pk", "lead_id", "merged_from_id", "number")
    ]
    with connection.cursor() as cursor:
        cursor.execute(NUMBER, columns)


def _fill(survivor: Lead, absorbed: Lead) -> dict[str, str]:
    """Fill what the survivor lacks of the contact; return it."""
    filled = {
        name: getattr(absorbed, name)
        for name in CONTACT
        if not getattr(survivor, name) and getattr(absorbed, name)
    }
    if filled:
        Lead.objects.filter(pk=survivor.pk).update(**filled)
    return filled


def _move_attempts_back(merge: Merge) -> None:
    """Put attempts that the merge gave to another hand-off back, while that is where they are."""
    if moved := merge.moved["attempts"]:
        with connection.cursor() as cursor:
            cursor.execute(BACK, [list(column) for column in zip(*moved, strict=True)])


def _move_deals_back(merge: Merge, own: Sequence[Lead]) -> None:
    is_own = Q(pk__in=merge.moved["deals"])
    for lead in own:
        is_own |= Q(system=lead.system, lead_external_id=lead.external_id)
    Deal.objects.filter(is_own, lead=merge.survivor_id).update(lead=merge.absorbed_id)


def _route_who_left(hand_off_id: int, now: dt.datetime, by: User) -> None:
    """Give what is open again to another where its owner works leads no more."""
    hand_off = HandOff.objects.select_related("owner").get(pk=hand_off_id)
    if hand_off.owner is not None and not still_works(hand_off):
        route(hand_offs=[hand_off.pk], now=now, by=by, leaving=hand_off.owner)


def _reopen(merge: Merge, absorbed: Lead) -> int | None:
    """Open again what the merge closed, unless the lead was handed over again since; return its id."""
    hand_off = merge.closed
    if hand_off is None:
        return None
    later = absorbed.hand_offs.exclude(pk=hand_off.pk).filter(handed_off_at__gte=merge.made_at)
    if later.exists() or open_of(absorbed) is not None:
        return None
    as_closed = {"closed_as": HandOff.ClosedAs.CANCELLED, "closed_at": merge.made_at.replace(microsecond=0)}
    closed = HandOff.objects.filter(pk=hand_off.pk, lead=absorbed, **as_closed)
    return hand_off.pk if closed.update(closed_as="", closed_at=None) else None
