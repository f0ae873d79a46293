"""Several hand-offs given away at once, and that undone for ten minutes, as far as nobody has touched them since."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from leads.models import HandOff, HandOffEvent, Move, MovedHandOff
from leads.services.facts import refresh_facts
from leads.services.routing import route_on
from leads.services.turns import give_turns_back

if TYPE_CHECKING:
    from slaproject.accounts.models import User

UNDO_FOR = dt.timedelta(minutes=10)
MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of a move that was undone: `left` are those that somebody has touched since."""

    back: list[HandOff]
    left: list[HandOff]


@transaction.atomic
def move_hand_offs(
    *,
    hand_offs: Iterable[int],
    to: User | None,
    key: uuid.UUID,
    now: dt.datetime,
    by: User,
    may: Callable[[HandOff], bool],
) -> Move:
    """Give open hand-offs to this person, or (None) to others as the routing rules say; their clocks run on.

    `may` is asked of each under the lock: what was closed, or is this person's to give no more, is left out. What no
    rule gives away stays where it is. The same `key` again returns the move that it made.
    """
    move, is_new = Move.objects.get_or_create(key=key, defaults={"by": by, "to": to, "made_at": now})
    if not is_new:
        return move
    ids = sorted(set(hand_offs))[:MOST_AT_ONCE]
    open_ones = HandOff.objects.select_for_update().filter(pk__in=ids, closed_at=None).order_by("pk")
    found = [one for one in open_ones if may(one)]
    if to is None:
        route_on(hand_offs=_read_again(found), now=now, by=by)
    else:
        _give([one for one in found if one.owner_id != to.pk], to, now, by)
    current = HandOff.objects.in_bulk([one.pk for one in found])
    last = dict(
        HandOffEvent.objects.filter(hand_off__in=current).values_list("hand_off").annotate(last=Max("pk"))
    )
    MovedHandOff.objects.bulk_create(
        MovedHandOff(
            move=move,
            hand_off=one,
            from_owner_id=one.owner_id,
            from_owner_name=one.owner_name,
            from_team_id=one.team_id,
            from_assigned_at=one.assigned_at,
            to_owner_id=current[one.pk].owner_id,
            last_event_id=last[one.pk],
        )
        for one in found
        if (current[one.pk].owner_id, current[one.pk].owner_name) != (one.owner_id, one.owner_name)
    )
    return move


@transaction.atomic
def undo_move(*, move: Move, now: dt.datetime, by: User) -> Undone:
    """Give what was moved back to whom it was with, but for what somebody has touched since: closed, tried, given on.

    ValidationError when it was undone already, or longer ago than ten minutes.
    """
    move = Move.objects.select_for_update().get(pk=move.pk)
    if move.undone_at is not None:
        raise ValidationError(_("This was undone already."))
    if now - move.made_at > UNDO_FOR:
        raise ValidationError(_("Only for ten minutes can this be undone."))
    move.undone_at = now
    move.save(update_fields=["undone_at"])
    moved = {one.hand_off_id: one for one in move.moved.select_related("from_owner")}
    hand_offs = list(
        HandOff.objects.select_for_update(of=("self",))
        .select_related("lead")
        .filter(pk__in=moved)
        .order_by("pk")
    )
    touched = _touched(moved)
    back = [
        one
        for one in hand_offs
        if one.closed_at is None
        and one.pk not in touched
        and one.owner_id == moved[one.pk].to_owner_id
        and _is_still_there(moved[one.pk].from_owner)
    ]
    if move.to_id is None:
        give_turns_back(hand_offs=back, now=now, taken_at=move.made_at)
    for one in back:
        was = moved[one.pk]
        one.owner_id, one.owner_name = was.from_owner_id, was.from_owner_name
        one.team_id, one.assigned_at = was.from_team_id, was.from_assigned_at
    HandOff.objects.bulk_update(back, ["owner", "owner_name", "team", "assigned_at"], batch_size=1000)
    refresh_facts([one.pk for one in back], now=now, actor=by)
    _note(back, {one.pk: moved[one.pk].to_owner_id for one in back}, now, by, undone=True)
    ids = {one.pk for one in back}
    return Undone(back, [one for one in hand_offs if one.pk not in ids])


def _is_still_there(former: User | None) -> bool:
    return former is None or former.is_active


def _give(found: list[HandOff], to: User, now: dt.datetime, by: User) -> None:
    changed = _read_again(found)
    former = {one.pk: one.owner_id for one in changed}
    for one in changed:
        one.owner, one.owner_name = to, ""
        one.assigned_at = one.assigned_at or max(now.replace(microsecond=0), one.handed_off_at)
    HandOff.objects.bulk_update(changed, ["owner", "owner_name", "assigned_at"], batch_size=1000)
    refresh_facts([one.pk for one in changed], now=now, actor=by)
    _note(changed, former, now, by)


def _read_again(found: list[HandOff]) -> list[HandOff]:
    """Read locked hand-offs once more: what they were is noted from the first ones."""
    ids = [one.pk for one in found]
    return list(HandOff.objects.select_related("lead").filter(pk__in=ids).order_by("pk"))


def _touched(moved: dict[int, MovedHandOff]) -> set[int]:
    """Return those to which a person did something after the move; what the sweep noted is nobody's doing."""
    events = HandOffEvent.objects.filter(hand_off__in=moved, actor__isnull=False)
    later = events.values_list("hand_off").annotate(last=Max("pk"))
    return {pk for pk, last in later if last > moved[pk].last_event_id}


def _note(
    hand_offs: list[HandOff], former: dict[int, int | None], now: dt.datetime, by: User, **more: object
) -> None:
    HandOffEvent.objects.bulk_create(
        HandOffEvent(
            hand_off=one,
            kind=HandOffEvent.Kind.ASSIGNED,
            happened_at=max(now, one.handed_off_at),
            recorded_at=now,
            actor=by,
            data={
                "owner": one.owner_id,
                **({"from": former[one.pk]} if former[one.pk] else {}),
                **more,
            },
        )
        for one in hand_offs
    )
