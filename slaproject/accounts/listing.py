"""Which people a list shows, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Count, Q
from django.db.models.functions import Lower

from agreements.models import Membership
from agreements.table_files import Cell, instant
from slaproject.accounts.models import User, UserQuerySet
from slaproject.accounts.roles import places_of

CHUNK = 1_000
HEADINGS = ["name", "email", "places", "account", "last_here_at", "time_zone", "language"]
INVITED = Q(is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX) & ~Q(role=User.Role.INTEGRATION)


def find_people(user: Any, asked: Mapping[str, Any]) -> UserQuerySet:
    """Return those whom this person may see and who match: `q`, `team`, `role` and `state`, as far as given."""
    found = User.objects.visible_to(user).filter(_by_state(asked.get("state") or ""))
    if text := asked.get("q"):
        found = found.filter(Q(name__icontains=text) | Q(email__icontains=text))
    places = Membership.objects.all()
    if team := asked.get("team"):
        places = places.filter(team=team)
    role = asked.get("role") or ""
    if role in Membership.Role.values:
        places = places.filter(role=role)
    elif role == "administrator":
        found = found.filter(is_superuser=True)
    elif role:
        found = found.filter(role=role, is_superuser=False)
    if team or role in Membership.Role.values:
        found = found.filter(pk__in=places.values("user"))
    return found.prefetch_related("memberships__team").order_by(Lower("name"), "pk")


def people_rows(found: UserQuerySet) -> Iterator[list[Cell]]:
    """Write these people as files have them, a part of them in memory; places stand in one cell, a line for each."""
    for one in found.iterator(CHUNK):
        state = "closed" if not one.is_active else "invited" if one.is_invited else "active"
        places = "\n".join(places_of(one))
        yield [one.name, one.email, places, state, instant(one.last_login), one.time_zone, one.language]


def people_count(user: Any) -> dict[str, int]:
    """Return how many can sign in (`active`), how many are invited and have no password yet, and how many closed."""
    return User.objects.visible_to(user).aggregate(
        active=Count("pk", filter=Q(is_active=True) & ~INVITED),
        invited=Count("pk", filter=INVITED),
        closed=Count("pk", filter=Q(is_active=False)),
    )


def _by_state(state: str) -> Q:
    if state == "all":
        return Q()
    if state == "closed":
        return Q(is_active=False)
    return INVITED if state == "invited" else Q(is_active=True)
