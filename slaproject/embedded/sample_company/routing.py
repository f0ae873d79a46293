"""How the sample company routes its leads, and who of it is away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from leads.models import Absence, HandOff, RoutingRule
from leads.services.routing import route
from leads.services.routing_rules import add_rule, change_rule, set_caps
from slaproject.accounts.models import User
from slaproject.embedded.sample_company.people import NAMED, NEW_YORK, REGIONS, REPS, WARSAW, Staff

CAP = 40
SENIORS = (0, 5)  # of each region: the two who get the largest companies
MANAGERS = {WARSAW: NAMED[2].email, NEW_YORK: NAMED[3].email}
DAY = dt.timedelta(days=1)


def route_by_rules(*, staff: Staff, now: dt.datetime) -> None:
    """Write the rules of both regions, with caps; one rep of each is away these days, one will be."""
    for region in REGIONS:
        team, reps = staff.teams[region], [staff.users[rep.email] for rep in REPS[region]]
        seniors = [reps[n] for n in SENIORS]
        enterprise = add_rule(
            team=team,
            name=f"Enterprise, {team.name}",
            segment=staff.segments["enterprise"],
            weight_of_others=0,
        )
        change_rule(
            rule=enterprise,
            weights={seniors[0].pk: 2, seniors[1].pk: 1},
            when_nobody="person",
            stand_in=staff.users[MANAGERS[region]],
        )
        everybody = add_rule(team=team, name=f"Every lead of {team.name}")
        change_rule(rule=everybody, weights={reps[1].pk: 2, reps[7].pk: 0})
        set_caps(caps=dict.fromkeys((one.pk for one in reps), CAP))
    _away(staff.users[REPS[WARSAW][4].email], now, 2, 5)
    _away(staff.users[REPS[NEW_YORK][7].email], now, 1, 3)
    _away(staff.users[REPS[WARSAW][1].email], now, -10, 21)
    # One lead of each goes by the rules, so that its page says why; another waits for somebody.
    for region in REGIONS:
        free = HandOff.objects.filter(team=staff.teams[region], owner=None, owner_name="", closed_at=None)
        at_risk = free.at_risk(now).order_by("-pk").values_list("pk", flat=True)
        route(hand_offs=at_risk[:1], now=now)


@contextmanager
def rules_at_rest() -> Iterator[None]:
    """Let what is invented meanwhile be with whom it is meant to be, or with nobody."""
    ids = list(RoutingRule.objects.filter(is_on=True).values_list("pk", flat=True))
    RoutingRule.objects.filter(pk__in=ids).update(is_on=False)
    yield
    RoutingRule.objects.filter(pk__in=ids).update(is_on=True)


def _away(person: User, now: dt.datetime, began_days_ago: int, ends_in_days: int) -> None:
    today = now.date()
    Absence.objects.create(
        person=person,
        first_on=today - began_days_ago * DAY,
        last_on=today + ends_in_days * DAY,
        noted_by=person,
        noted_at=now,
    )
