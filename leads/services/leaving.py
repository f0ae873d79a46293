"""Nothing is orphaned: the open work of who leaves or is away goes to others, by the same routing."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Membership, Team
from agreements.terms import company_zone
from leads.models import Absence, HandOff
from leads.services.routing import Routed, route

if TYPE_CHECKING:
    from slaproject.accounts.models import User

LONGEST_ABSENCE = dt.timedelta(days=3 * 366)


def move_open_work(*, person: User, now: dt.datetime, by: User | None = None) -> Routed:
    """Give all open hand-offs of this person to others, as the rules say; what no rule gives is free in its team.

    Clocks run on, and what was accepted stays accepted.
    """
    mine = HandOff.objects.filter(owner=person, closed_at=None).values_list("pk", flat=True)
    return route(hand_offs=list(mine), now=now, by=by, leaving=person)


def move_work_left(
    *, person: User, now: dt.datetime, by: User | None = None, team: Team | None = None
) -> Routed:
    """Give what this person works no more to others, as `move_open_work` does all.

    That is what they have in the `team` that they were taken out of, and everything once no sales team is left in which
    they have a part.
    """
    others = Membership.objects.taking_part().filter(user=person)
    is_of_sales = team is None or team.function == Team.Function.SALES
    if is_of_sales:
        others = others.filter(team__function=Team.Function.SALES)
    mine = HandOff.objects.filter(owner=person, closed_at=None)
    if others.exists():
        mine = mine.filter(team=team) if team is not None else mine.none()
    ids = list(mine.values_list("pk", flat=True))
    home = team if is_of_sales else None
    return route(hand_offs=ids, now=now, by=by, leaving=person, home=home)


def note_absence(
    *,
    person: User,
    first_on: dt.date,
    last_on: dt.date,
    now: dt.datetime,
    by: User | None = None,
    moves_work: bool = False,
) -> Absence:
    """Note that a person is out of office from the first to the last of these days."""
    if last_on < first_on:
        raise ValidationError({"last_on": _("The last day is before the first.")})
    if last_on < now.astimezone(company_zone()).date():
        raise ValidationError({"last_on": _("These days are over.")})
    if last_on - first_on > LONGEST_ABSENCE:
        raise ValidationError({"last_on": _("Longer than three years: close the account instead.")})
    return Absence.objects.create(
        person=person, first_on=first_on, last_on=last_on, moves_work=moves_work, noted_by=by, noted_at=now
    )


def end_absence(*, absence: Absence, now: dt.datetime) -> bool:
    """The person is back, or does not go: one that began ends with yesterday, one to come is taken away."""
    today = now.astimezone(company_zone()).date()
    begun = Absence.objects.filter(pk=absence.pk, first_on__lt=today, last_on__gte=today)
    if begun.update(last_on=today - dt.timedelta(days=1)):
        return True
    return bool(Absence.objects.filter(pk=absence.pk, first_on__gte=today).delete()[0])


def move_work_of_the_absent(*, now: dt.datetime) -> int:
    """Give away the open work of those whose absence began, where it says so; return of how many people.

    Each absence once, also with two sweeps at once: the note that it was done is the claim.
    """
    today = now.astimezone(company_zone()).date()
    begun = Absence.objects.filter(
        moves_work=True, moved_at=None, first_on__lte=today, last_on__gte=today
    ).select_related("person")
    moved = 0
    for absence in begun:
        with transaction.atomic():
            claimed = Absence.objects.filter(pk=absence.pk, moved_at=None).update(moved_at=now)
            if claimed:
                move_open_work(person=absence.person, now=now)
                moved += 1
    return moved


def open_work(person: User) -> int:
    """Return how many open hand-offs this person has."""
    return HandOff.objects.filter(owner=person, closed_at=None).count()
