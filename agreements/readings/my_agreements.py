"""The agreements of somebody's teams, by their signed versions: what first pages tell of them, read in one query."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q

from agreements.models import MonthResult, Party, Version
from agreements.models.versions import VersionQuerySet
from agreements.rights import Rights, rights_of

LATELY = dt.timedelta(days=100)


def my_signed_versions(user: Any, *, now: dt.datetime) -> list[Version]:
    """Return the signed versions of agreements to which a team of this person is a party, the earliest first.

    Each with its agreement; `is_directed`: this person directs a party of it, or signs for it; `closed_months`: the
    first days of its months that were closed lately.
    """
    rights = rights_of(user)
    if not rights.teams:
        return []
    seats = Party.objects.filter(agreement=OuterRef("agreement"), team__in=rights.teams)
    directs = Exists(seats.filter(Q(team__in=rights.directed) | Q(signatory=rights.user_id)))
    return list(
        signed_versions_of(rights, now=now).annotate(is_directed=directs).defer("signed_text", "signed_rows")
    )


def signed_versions_of(rights: Rights, *, now: dt.datetime) -> VersionQuerySet:
    """The same of who has these rights, without what they direct, for who needs no more than some columns of it."""
    seats = Party.objects.filter(team__in=rights.teams).values("agreement")
    closed = MonthResult.objects.filter(
        agreement=OuterRef("agreement"), closed_at__isnull=False, month_on__gte=(now - LATELY).date()
    )
    found = Version.objects.signed().filter(agreement__in=seats).select_related("agreement")
    return found.annotate(closed_months=ArraySubquery(closed.values("month_on"))).order_by(
        "agreement__name", "agreement_id", "starts_on", "pk"
    )
