"""What waits for a first attempt at this moment, whatever month it came in: how much, which, and with whom."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Count, F, Q

from agreements.models import Agreement
from leads.models import HandOff
from leads.models.hand_offs import HandOffQuerySet, in_pause
from leads.readings.clocks import ClockFace, clock_face, with_calendars

MOST_SHOWN = 20
NOBODY = "name:"
NOBODYS = Q(owner=None, owner_name="")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many hand-offs wait unanswered; `unassigned` ones may also be overdue or at risk."""

    open: int = 0
    at_risk: int = 0
    overdue: int = 0
    unassigned: int = 0


@dataclass(frozen=True, slots=True)
class Pressing:
    """One hand-off that needs somebody now."""

    hand_off: HandOff
    face: ClockFace

    @property
    def is_unassigned(self) -> bool:
        return self.hand_off.owner_id is None and not self.hand_off.owner_name


def waiting_by_owner(agreement: Agreement | None, now: dt.datetime) -> dict[str, Waiting]:
    """Return how many wait with each owner, of an agreement or of all; the key NOBODY has what nobody owns."""
    rows = (
        _open(agreement)
        .order_by()
        .values("owner_id", "owner_name")
        .annotate(
            open=Count("pk"),
            at_risk=Count("pk", filter=_at_risk(now)),
            overdue=Count("pk", filter=Q(due_at__lt=now)),
        )
        .values_list("owner_id", "owner_name", "open", "at_risk", "overdue")
    )
    return {
        key: Waiting(count, at_risk, overdue, unassigned=count if key == NOBODY else 0)
        for owner, name, count, at_risk, overdue in rows
        for key in (str(owner) if owner else f"{NOBODY}{name}",)
    }


def together(parts: Iterable[Waiting]) -> Waiting:
    """Return how many wait in all."""
    sums = Counter[str]()
    for part in parts:
        sums.update(asdict(part))
    return Waiting(**sums)


def pressing(user: Any, agreement: Agreement | None, now: dt.datetime) -> tuple[list[Pressing], bool]:
    """Return the hand-offs that this user may know and that are overdue, at risk or nobody's, by due time.

    The second value says whether there are more than are returned.
    """
    needed = Q(due_at__lt=now) | _at_risk(now) | NOBODYS
    found = _open(agreement).visible_to(user).filter(needed).select_related("lead", "owner", "team")
    hand_offs = list(found.order_by(F("due_at").asc(nulls_last=True), "pk")[: MOST_SHOWN + 1])
    shown = hand_offs[:MOST_SHOWN]
    with_calendars(shown)
    return [Pressing(one, clock_face(one, now)) for one in shown], len(hand_offs) > MOST_SHOWN


def _open(agreement: Agreement | None) -> HandOffQuerySet:
    hand_offs = HandOff.objects.unanswered().filter(closed_at=None)
    if agreement is None:
        return hand_offs
    return hand_offs.filter(agreement__in=Agreement.objects.at_or_below(agreement))


def _at_risk(now: dt.datetime) -> Q:
    return Q(at_risk_at__lte=now, due_at__gte=now) & ~in_pause(now)
