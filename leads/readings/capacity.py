"""Who could take several hand-offs: what they have open now, what they would have, their cap, and whether they work."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Membership, Team
from leads.acting import Acting
from leads.models import HandOff
from leads.phrases import day
from leads.readings.away import away_words
from leads.readings.loads import loads_of
from leads.services.routing import Router, decide_others
from leads.services.team_hours import TeamHours

MOST_PEOPLE = 200


@dataclass(frozen=True, slots=True)
class Capacity:
    """One person before several hand-offs are given to them."""

    person: Any
    teams: str
    open: int
    after: int
    cap: int | None
    today: str
    is_here: bool

    @property
    def is_over(self) -> bool:
        return self.cap is not None and self.after > self.cap


def capacities(me: Acting, hand_offs: Sequence[HandOff], *, now: dt.datetime) -> list[Capacity]:
    """Return those to whom this person may give hand-offs: who is here and has most room first."""
    places = Membership.objects.taking_part().filter(team__function=Team.Function.SALES)
    if not me.rights.is_administrator:
        places = places.filter(team__in=me.rights.managed)
    by_person: dict[int, list[Membership]] = {}
    for place in places.select_related("user", "team").order_by("user__name", "user_id", "team__name"):
        by_person.setdefault(place.user_id, []).append(place)
    ids = list(by_person)[:MOST_PEOPLE]
    loads, away = loads_of(ids), away_words(ids, now=now)
    hours = TeamHours({place.team_id for one in ids for place in by_person[one]}, now=now)
    theirs = Counter(one.owner_id for one in hand_offs)
    rows = []
    for one in ids:
        mine = by_person[one]
        is_open = any(hours.is_open(place.team_id) for place in mine)
        next_on = min(hours.next_working_day(place.team_id) for place in mine)
        rows.append(
            Capacity(
                person=mine[0].user,
                teams=", ".join(place.team.name for place in mine),
                open=loads[one].held,
                after=loads[one].held + len(hand_offs) - theirs.get(one, 0),
                cap=loads[one].cap,
                today=away.get(one) or _today(is_open, next_on, now),
                is_here=one not in away,
            )
        )
    members = {one for one in ids if any(place.role == Membership.Role.MEMBER for place in by_person[one])}
    return sorted(
        rows,
        key=lambda row: (
            not row.is_here,
            row.is_over,
            row.person.pk not in members,
            row.after,
            str(row.person),
        ),
    )


def _today(is_open: bool, next_on: dt.date, now: dt.datetime) -> str:
    if is_open:
        return _("works now")
    today = timezone.localtime(now).date()
    return (
        _("works today")
        if next_on == today
        else _("works next on %(day)s") % {"day": day(next_on, today=today)}
    )


def by_the_rules(hand_offs: Sequence[HandOff], *, now: dt.datetime) -> str:
    """Say to whom the routing rules would give these now: decided as it is done."""
    decided = decide_others(hand_offs, Router(now, lock=False))
    given = Counter(decision.owner_id for _, decision in decided if decision.owner_id is not None)
    people = get_user_model().objects.in_bulk(given)
    named = [f"{people[one]} {n}" for one, n in given.most_common(8)]
    rest = len(hand_offs) - sum(given.values())
    if not named:
        return _("Nobody could take them by the rules now.")
    said = ", ".join(named)
    if not rest:
        return _("Would go to: %(names)s.") % {"names": said}
    stays = ngettext("%(n)s stays as it is", "%(n)s stay as they are", rest) % {"n": rest}
    return _("Would go to: %(names)s; %(stays)s.") % {"names": said, "stays": stays}
