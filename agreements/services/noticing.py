"""What people are told ahead, or too late: each thing once.

A notice is a row with a unique key, made by whoever looks first. Who is told how, and when, is for who reads them: the
outbox settles a notice in the transaction in which it takes it over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef

from agreements.measured_periods import MONTHS, is_last_month, later
from agreements.models import (
    Agreement,
    CustomMeasure,
    MeasureValue,
    Membership,
    Notice,
    Occurrence,
    Party,
    Review,
    Version,
)
from agreements.services.ending import coming_ends
from agreements.services.measure_values import due_of

Kind = Notice.Kind
STILL_TOLD = dt.timedelta(days=30)
TWO_QUARTERS = dt.timedelta(days=184)


def make_notices(*, now: dt.datetime) -> int:
    """Write down what is to be told now and was not yet; return how many. Twice at once it is told once."""
    wanted = [*_owed(now), *_announced(now), *_values(now)]
    before = Notice.objects.count()
    Notice.objects.bulk_create(wanted, ignore_conflicts=True)
    return Notice.objects.count() - before


def _owed(now: dt.datetime) -> Iterator[Notice]:
    """What is due soon, and what is late, for who answers for it; a report attached by itself needs nobody."""
    places = Membership.objects.taking_part().filter(
        user=OuterRef("obligation__duty__person"), team=OuterRef("obligation__from_party__team")
    )
    undelivered = Occurrence.objects.undelivered().filter(Exists(places), obligation__report="")
    undelivered = undelivered.select_related("obligation__duty", "obligation__version")
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
    planned = Review.objects.to_hold().filter(
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


def _values(now: dt.datetime) -> Iterator[Notice]:
    """Values of measures that nobody entered: awaited in the month after their period, missing in the one after it."""
    lately = now.date() - TWO_QUARTERS
    signed = Version.objects.signed().filter(in_force__overlap=(lately, None))
    measures = CustomMeasure.objects.filter(version__in=signed).select_related("version__agreement", "party")
    entered = MeasureValue.objects.standing().filter(period_on__gte=lately)
    has_value = set(entered.values_list("agreement_id", "name", "period_on"))
    people: dict[int, set[int]] = {}
    for one in measures.order_by("pk"):
        version = one.version
        this_month = now.astimezone(version.agreement.zone).date().replace(day=1)
        for kind, ended_on in (
            (Kind.VALUE_AWAITED, this_month),
            (Kind.VALUE_MISSING, later(this_month, -1)),
        ):
            last_day, period_on = ended_on - dt.timedelta(days=1), later(ended_on, -MONTHS[one.period])
            if not version.governs(last_day) or not is_last_month(later(ended_on, -1), one.period):
                continue
            if (version.agreement_id, one.name, period_on) in has_value or due_of(one, period_on) is None:
                continue
            if one.party_id not in people:
                people[one.party_id] = _answering(one.party)
            for person in sorted(people[one.party_id]):
                yield _notice(person, version.agreement_id, kind, one.pk, now, period_on)


def _answering(party: Party) -> set[int]:
    """Return who answers for what a party measures: its signatory, or else who manages and directs its team."""
    places = Membership.objects.taking_part().filter(team=party.team_id)
    if party.signatory_id and places.filter(user=party.signatory_id).exists():
        return {party.signatory_id}
    leading = places.filter(role__in=(Membership.Role.MANAGER, Membership.Role.DIRECTOR))
    return set(leading.values_list("user_id", flat=True))


def told_of(agreement: Agreement) -> set[int]:
    """Return the ids of who is told of an agreement's dates: directors of its teams, and its signatories."""
    parties = Party.objects.filter(agreement=agreement)
    places = Membership.objects.taking_part().filter(team__in=parties.values("team"))
    directors = places.filter(role=Membership.Role.DIRECTOR)
    signatories = places.filter(team__parties__agreement=agreement, team__parties__signatory=F("user"))
    return {*directors.values_list("user_id", flat=True), *signatories.values_list("user_id", flat=True)}


def _notice(
    person_id: int | None,
    agreement_id: int,
    kind: Kind,
    about: int,
    now: dt.datetime,
    period_on: dt.date | None = None,
) -> Notice:
    assert person_id is not None
    return Notice(
        person_id=person_id,
        agreement_id=agreement_id,
        kind=kind,
        about=about,
        period_on=period_on,
        made_at=now,
    )
