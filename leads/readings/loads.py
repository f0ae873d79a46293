"""How much people of sales hold, and how much they may hold at most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from leads.models import HandOff, RoutingCap


@dataclass(frozen=True, slots=True)
class Load:
    """What one person holds: open hand-offs of all agreements. `cap` None: no limit."""

    name: str
    held: int = 0
    cap: int | None = None


def loads_of(people: Iterable[int]) -> dict[int, Load]:
    """Return the load of each of these people, in one query."""
    mine = HandOff.objects.filter(owner=OuterRef("pk"), closed_at=None).order_by()
    held = Subquery(mine.values("owner").annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    caps = RoutingCap.objects.filter(person=OuterRef("pk")).values("most_open")
    users = get_user_model().objects.filter(pk__in=list(people))
    found = users.annotate(held=Coalesce(held, 0), cap=Subquery(caps))
    return {user.pk: Load(str(user), user.held, user.cap) for user in found}
