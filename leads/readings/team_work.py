"""What needs a sales manager now: leads due within the hour or late, those of nobody, full and absent people."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Team
from leads.acting import Acting
from leads.models import HandOff, RoutingCap
from leads.models.hand_offs import HandOffQuerySet, in_pause
from leads.readings.away import away_words
from leads.readings.clocks import ClockFace, clock_face, with_calendars
from leads.services.routing import open_by_owner

MOST_SHOWN = 50
HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Row:
    """One hand-off of a list."""

    hand_off: HandOff
    face: ClockFace


@dataclass(frozen=True, slots=True)
class WorkList:
    """Hand-offs in one list, at most fifty; `count` are all."""

    key: str
    title: str
    empty: str
    count: int
    rows: list[Row]

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


@dataclass(frozen=True, slots=True)
class Waiting:
    """All hand-offs of one list, those due first."""

    key: str
    title: str
    empty: str
    found: HandOffQuerySet


@dataclass(frozen=True, slots=True)
class PersonLoad:
    """One person with too much, or away: what they have open, and what is said of it."""

    person: Any
    open: int
    cap: int | None
    away: str


@dataclass(frozen=True, slots=True)
class TeamWork:
    sentence: str
    lists: list[WorkList]
    overloaded: list[PersonLoad]
    away: list[PersonLoad]

    @property
    def people_full(self) -> int:
        return len(self.overloaded)

    @property
    def people_away(self) -> int:
        return len(self.away)


def read_team_work(me: Acting, *, now: dt.datetime) -> TeamWork:
    """Return what needs somebody now among those whom this person manages."""
    lists = [_list(one) for one in waiting_lists(me, now=now)]
    with_calendars([row.hand_off for one in lists for row in one.rows])
    lists = [
        WorkList(one.key, one.title, one.empty, one.count, [_faced(row, now) for row in one.rows])
        for one in lists
    ]
    people = _people(me)
    held = open_by_owner(people)
    caps = dict(RoutingCap.objects.filter(person__in=list(people)).values_list("person", "most_open"))
    away = away_words(people, now=now)
    loads = [
        PersonLoad(person, held.get(pk, 0), caps.get(pk), away.get(pk, "")) for pk, person in people.items()
    ]
    overloaded = [one for one in loads if one.cap is not None and one.open > 0 and one.open >= one.cap]
    return TeamWork(
        _sentence(lists),
        lists,
        sorted(overloaded, key=lambda one: (one.cap or 0) - one.open),
        sorted((one for one in loads if one.away), key=lambda one: -one.open),
    )


def waiting_lists(me: Acting, *, now: dt.datetime) -> list[Waiting]:
    """Return the lists of what needs somebody now among those whom this person manages."""
    unanswered = _open(me).unanswered()
    soon = unanswered.filter(due_at__gte=now, due_at__lte=now + HOUR).exclude(in_pause(now))
    lists = [
        Waiting("soon", _("Due within the hour"), _("No first attempt is due within the hour."), soon),
        Waiting(
            "overdue", _("Overdue"), _("No first attempt is overdue."), unanswered.filter(due_at__lt=now)
        ),
        Waiting(
            "free",
            _("With nobody"),
            _("Every open lead is with somebody."),
            _open(me).filter(owner=None, owner_name=""),
        ),
    ]
    due_first = (F("due_at").asc(nulls_last=True), "pk")
    return [replace(one, found=one.found.order_by(*due_first)) for one in lists]


def _open(me: Acting) -> HandOffQuerySet:
    """Open hand-offs of those whom this person manages, and of nobody in their teams."""
    hand_offs = HandOff.objects.filter(closed_at=None)
    if me.rights.is_administrator:
        return hand_offs
    return hand_offs.concerning(me.rights).exclude(owner__isnull=False, owner__in=_not_managed(me))


def _not_managed(me: Acting) -> set[int]:
    """One's own leads are no matter of managing, unless one manages oneself."""
    return {me.rights.user_id or 0} - me.people


def _list(waiting: Waiting) -> WorkList:
    found = waiting.found
    rows = list(found.select_related("lead", "owner", "team")[:MOST_SHOWN])
    count = found.count() if len(rows) == MOST_SHOWN else len(rows)
    empty_face = ClockFace("", "")
    shown = [Row(one, empty_face) for one in rows]
    return WorkList(waiting.key, waiting.title, waiting.empty, count, shown)


def _faced(row: Row, now: dt.datetime) -> Row:
    return Row(row.hand_off, clock_face(row.hand_off, now))


def _people(me: Acting) -> dict[int, Any]:
    users = get_user_model().objects.filter(is_active=True)
    if me.rights.is_administrator:
        users = users.filter(memberships__team__function=Team.Function.SALES).distinct()
    else:
        users = users.filter(pk__in=me.people)
    return {user.pk: user for user in users.order_by("name", "pk")}


def _sentence(lists: list[WorkList]) -> str:
    counts = {one.key: one.count for one in lists}
    if not any(counts.values()):
        return _(
            "Nothing needs you now: no first attempt is late or due within the hour, every lead is with somebody."
        )
    soon = ngettext(
        "%(n)s first attempt is due within the hour",
        "%(n)s first attempts are due within the hour",
        counts["soon"],
    ) % {"n": counts["soon"]}
    late = ngettext("%(n)s is overdue", "%(n)s are overdue", counts["overdue"]) % {"n": counts["overdue"]}
    free = ngettext("%(n)s lead is with nobody", "%(n)s leads are with nobody", counts["free"]) % {
        "n": counts["free"]
    }
    return _("%(soon)s, %(late)s, %(free)s.") % {"soon": soon, "late": late, "free": free}
