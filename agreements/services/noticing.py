"""What people are told ahead, or too late: each thing once.

A notice is a row with a unique key, made by whoever looks first. Who is told how, and when, is for who reads them: the
outbox settles a notice in the transaction in which it takes it over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db.models import F, Q

from agreements.models import Agreement, Membership, Notice, Occurrence, Party, Review, Version
from agreements.services.ending import coming_ends

Kind = Notice.Kind
STILL_TOLD = dt.timedelta(days=30)


def make_notices(*, now: dt.datetime) -> int:
    """Write down what is to be told now and was not yet; return how many. Twice at once it is told once."""
    wanted = [*_owed(now), *_announced(now)]
    before = Notice.objects.count()
    Notice.objects.bulk_create(wanted, ignore_conflicts=True)
    return Notice.objects.count() - before


def _owed(now: dt.datetime) -> Iterator[Notice]:
    """What is due soon, and what is late, for who answers for it; a report attached by itself needs nobody."""
    in_team = Q(
        obligation__duty__person__memberships__team=F("obligation__from_party__team"),
        obligation__duty__person__is_active=True,
    )
    undelivered = Occurrence.objects.undelivered().filter(in_team, obligation__report="")
    undelivered = undelivered.select_related("obligation__duty", "obligation__version").distinct()
    soon = undelivered.filter(due_at__gte=now, due_at__lte=F("obligation__duty__remind_before") + now)
    late = undelivered.filter(due_at__lt=now, due_at__gt=now - STILL_TOLD)
    for kind, several in ((Kind.DUE_SOON, soon), (Kind.OVERDUE, late)):
        for one in several:
            obligation = one.obligation
            yield _notice(obligation.duty.person_id, obligation.version.agreement_id, kind, one.pk, now)


def _announced(now: dt.datetime) -> Iterator[Notice]:
    """Reviews and ends of the next 30 days, for directors and signatories: 30 days ahead, and again 7."""
    signed = Agreement.objects.filter(versions__state=Version.State.SIGNED).distinct()
    today = now.date()
    days: list[tuple[Agreement, str, int, dt.date]] = [
        (version.agreement, "end", version.pk, last + dt.timedelta(days=1))
        for version, last in coming_ends(signed, since=today - dt.timedelta(days=1))
    ]
    planned = Review.objects.planned().filter(
        agreement__in=signed, planned_on__gte=today - dt.timedelta(days=1)
    )
    days += [(one.agreement, "review", one.pk, one.planned_on) for one in planned.select_related("agreement")]
    people: dict[int, set[int]] = {}
    for agreement, what, pk, on in days:
        ahead = (on - now.astimezone(agreement.zone).date()).days
        if not 0 <= ahead <= 30:
            continue
        kind = Kind(f"{what}_in_{7 if ahead <= 7 else 30}")
        if agreement.pk not in people:
            people[agreement.pk] = told_of(agreement)
        for person_id in sorted(people[agreement.pk]):
            yield _notice(person_id, agreement.pk, kind, pk, now)


def told_of(agreement: Agreement) -> set[int]:
    """Return the ids of who is told of an agreement's dates: directors of its teams, and its signatories."""
    parties = Party.objects.filter(agreement=agreement)
    directors = Membership.objects.filter(
        team__in=parties.values("team"), role=Membership.Role.DIRECTOR, user__is_active=True
    )
    signatories = parties.filter(
        signatory__is_active=True, signatory__memberships__team=F("team")
    ).values_list("signatory_id", flat=True)
    return {*directors.values_list("user_id", flat=True), *(pk for pk in signatories if pk)}


def _notice(person_id: int | None, agreement_id: int, kind: Kind, about: int, now: dt.datetime) -> Notice:
    assert person_id is not None
    return Notice(person_id=person_id, agreement_id=agreement_id, kind=kind, about=about, made_at=now)
