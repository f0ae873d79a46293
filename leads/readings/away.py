"""Who is away or will be, of oneself and those whom one manages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.acting import Acting
from leads.models import Absence
from leads.phrases import day
from leads.services.routing import open_by_owner

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """One absence; `open` are the leads the person has now, `may_move` whether this reader may give them away."""

    absence: Absence
    days: str
    is_now: bool
    open: int
    may_move: bool


@dataclass(frozen=True, slots=True)
class Away:
    sentence: str
    rows: list[AbsenceRow]


def read_away(me: Acting, *, now: dt.datetime) -> Away:
    """Return the absences that this person may see and that are not over."""
    today = timezone.localtime(now).date()
    seen = Absence.objects.visible_to(me.user).filter(last_on__gte=today).select_related("person")
    found = list(seen[:MOST_SHOWN])
    held = open_by_owner({one.person_id for one in found})
    rows = [
        AbsenceRow(
            absence=one,
            days=_days(one, today),
            is_now=one.first_on <= today,
            open=held.get(one.person_id, 0),
            may_move=me.rights.is_administrator or one.person_id in me.people,
        )
        for one in found
    ]
    return Away(_sentence(len({row.absence.person_id for row in rows if row.is_now})), rows)


def away_words(people: Iterable[int], *, now: dt.datetime) -> dict[int, str]:
    """Say of those who are away today until when they are; by the id of a person."""
    today = timezone.localtime(now).date()
    said: dict[int, dt.date] = {}
    for one in Absence.objects.filter(person__in=list(people), first_on__lte=today, last_on__gte=today):
        said[one.person_id] = max(one.last_on, said.get(one.person_id, one.last_on))
    return {
        person: _("away until %(day)s") % {"day": day(last, today=today)} for person, last in said.items()
    }


def _days(absence: Absence, today: dt.date) -> str:
    first = day(absence.first_on, today=today)
    if absence.first_on == absence.last_on:
        return first
    return _("%(first)s to %(last)s") % {"first": first, "last": day(absence.last_on, today=today)}


def _sentence(n: int) -> str:
    if not n:
        return _("Nobody is away today.")
    return ngettext("%(n)s person is away today.", "%(n)s people are away today.", n) % {"n": n}
