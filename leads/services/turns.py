"""Turns given back and taken again: what a routing rule owes to whom follows.

One lock for all routing, taken after the rows of leads and hand-offs and held to the end of the transaction.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import QuerySet

from leads.models import HandOff, HandOffEvent, RoutingDecision, RoutingShare
from leads.routing import Why, after_turn, turned_back

ROUTING_LOCK = 7_240_131
OWED_PLACES = Decimal("1e-15")

Owed = Mapping[int, Fraction]


def give_turns_back(
    *, hand_offs: Iterable[HandOff], now: dt.datetime, taken_at: dt.datetime | None = None
) -> int:
    """The turns by which their owners got these count no more; return how many there were.

    `taken_at`: only those of that instant. Call it with the hand-offs locked, and before they get other owners.
    """
    owners = {one.pk: one.owner_id for one in hand_offs}
    turns = RoutingDecision.objects.filter(hand_off__in=owners, given_back_at=None)
    if taken_at is not None:
        turns = turns.filter(decided_at=taken_at)
    return _move(turns, owners, turned_back, given_back_at=now)


def take_turn_again(*, hand_off: HandOff) -> bool:
    """The rejection was withdrawn: the turn that it gave back counts again. Return whether there was one.

    Call it with the hand-off locked. A turn that was given back for another cause stays so.
    """
    closings = HandOffEvent.objects.filter(hand_off=hand_off, kind=HandOffEvent.Kind.CLOSED).order_by("-pk")
    turns = RoutingDecision.objects.filter(
        hand_off=hand_off, given_back_at__in=closings.values("recorded_at")[:1]
    )
    return bool(_move(turns, {hand_off.pk: hand_off.owner_id}, after_turn, given_back_at=None))


def hold_routing() -> None:
    """Let nobody else route, or change what is routed by, until the transaction ends. After all locks on rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ROUTING_LOCK])


def write_owed(owed: Mapping[int, Owed]) -> None:
    """Write what each of these rules owes to whom; under the lock."""
    shares = [
        RoutingShare(
            rule_id=rule_id,
            person_id=person,
            owed=(Decimal(one.numerator) / Decimal(one.denominator)).quantize(OWED_PLACES),
        )
        for rule_id, by_person in sorted(owed.items())
        for person, one in sorted(by_person.items())
    ]
    RoutingShare.objects.bulk_create(
        shares, update_conflicts=True, unique_fields=["rule", "person"], update_fields=["owed"]
    )


def _move(
    turns: QuerySet[RoutingDecision],
    owners: Mapping[int, int | None],
    moved: Callable[[Owed, Mapping[int, int], int], dict[int, Fraction]],
    *,
    given_back_at: dt.datetime | None,
) -> int:
    """Move what is owed by the last turn of each owner, and note of the turn whether it counts."""
    turns = turns.filter(why=Why.TURN, rule__isnull=False).order_by("pk")
    if not turns.exists():
        return 0
    hold_routing()
    last = {one.hand_off_id: one for one in turns if one.person_id == owners[one.hand_off_id]}
    RoutingDecision.objects.filter(pk__in=[one.pk for one in last.values()]).update(
        given_back_at=given_back_at
    )
    owed: dict[int, dict[int, Fraction]] = defaultdict(dict)
    rules = {one.rule_id for one in last.values()}
    for rule_id, person, leads in RoutingShare.objects.filter(rule__in=rules).values_list(
        "rule", "person", "owed"
    ):
        owed[rule_id][person] = Fraction(leads)
    for one in last.values():
        assert one.rule_id is not None and one.person_id is not None
        turn = {int(person): weight for person, weight in one.data.get("turn", {}).items()}
        owed[one.rule_id] = moved(owed[one.rule_id], turn, one.person_id)
    there = set(
        get_user_model()
        .objects.filter(pk__in={person for by_person in owed.values() for person in by_person})
        .values_list("pk", flat=True)
    )
    write_owed(
        {
            rule_id: {person: leads for person, leads in by_person.items() if person in there}
            for rule_id, by_person in owed.items()
        }
    )
    return len(last)
