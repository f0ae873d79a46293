"""A small company for tests of what people are told, and a tick of everything that tells them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core import mail

from agreements.models import Membership, Team
from leads.models import HandOff
from leads.services.hand_offs import hand_over
from leads.services.sweep import sweep_clocks
from slaproject.outbox.bundling import bundle_errands
from slaproject.outbox.clocks import tell_of_rungs
from slaproject.outbox.delivery import deliver_next
from slaproject.outbox.models import Alert
from slaproject.outbox.reading import read_arrivals, read_notices
from tests import factories

HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
NINE = dt.datetime(2026, 3, 4, 9, tzinfo=dt.UTC)  # a Wednesday, an opening


@dataclass
class Office:
    """Sales under an agreement of four hours to the first attempt, Monday to Friday 9 to 17 in UTC."""

    agreement: Any
    sales: Team
    rep: Any
    manager: Any
    director: Any
    marketer: Any

    def given(self, at: dt.datetime = NINE, owner: Any = None, **more: Any) -> HandOff:
        """A lead handed over to the rep at this instant."""
        lead = factories.lead(at, **more)
        return hand_over(lead=lead, at=at, now=at, team=self.sales, owner=owner or self.rep, by=self.marketer)


def office(slug: str = "company", *, time_zone: str = "UTC", **terms: Any) -> Office:
    calendar = factories.calendar(f"Hours of {slug}", tz=time_zone)
    agreement = factories.agreement(slug, time_zone=time_zone, calendar=calendar)
    factories.signed(agreement, **terms)
    marketing, sales = (factories.party(agreement, one) for one in ("marketing", "sales"))
    Team.objects.filter(pk__in=[marketing.team_id, sales.team_id]).update(calendar=calendar)
    people = {}
    for name, team, role in (
        ("rep", sales.team, Membership.Role.MEMBER),
        ("manager", sales.team, Membership.Role.MANAGER),
        ("marketer", marketing.team, Membership.Role.MEMBER),
    ):
        people[name] = factories.user(f"{name} of {slug}", time_zone=time_zone)
        Membership.objects.create(user=people[name], team=team, role=role)
    Alert.objects.all().delete()
    read_arrivals(now=factories.NOON - 30 * 24 * HOUR)
    Alert.objects.all().delete()
    return Office(agreement, sales.team, director=sales.signatory, **people)


def tick(now: dt.datetime, *, deliver: bool = True) -> None:
    """Do what the workers do, once."""
    sweep_clocks(now=now)
    read_arrivals(now=now)
    read_notices(now=now)
    tell_of_rungs(now=now)
    bundle_errands(now=now)
    while deliver and deliver_next(now=now):
        pass


def told(person: Any) -> list[str]:
    """What a person was told of, in order."""
    return list(Alert.objects.filter(person=person).order_by("made_at", "pk").values_list("kind", flat=True))


def mails_to(person: Any) -> list[Any]:
    """The mails that were sent to this person."""
    return [one for one in mail.outbox if one.to == [person.email]]
