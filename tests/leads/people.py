"""A sales team under an agreement, with those who work its leads, and a browser for each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.test import Client

from agreements.models import Membership, Team
from leads.models import HandOff, Lead
from leads.services.hand_offs import hand_over
from tests import factories

HOUR = dt.timedelta(hours=1)
# Monday, 2 March 2026, 10:00 in UTC; the agreement allows four hours from nine to five.
START = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)


@dataclass
class Office:
    """The team with one of each kind; `kim` and `rob` are reps of the same team, `other` is of another one."""

    team: Team
    other_team: Team
    kim: Any
    rob: Any
    manager: Any
    other: Any
    marketer: Any
    admin: Any

    def hand_off(
        self, name: str = "Ana Sample", *, owner: Any = None, at: dt.datetime = START, **lead: Any
    ) -> HandOff:
        """A lead of that name handed to the team by the marketer."""
        made = factories.lead(at, name=name, **lead)
        return hand_over(lead=made, at=at, now=at, team=self.team, owner=owner, by=self.marketer)

    def new_lead(self, name: str = "Ana Sample", **lead: Any) -> Lead:
        """A lead that nobody has handed over."""
        return factories.lead(START, name=name, **lead)


def make_office() -> Office:
    """Make the company with its agreement in force."""
    agreement = factories.agreement()
    factories.signed(agreement)
    team = factories.party(agreement, Team.Function.SALES).team
    marketing = factories.party(agreement, Team.Function.MARKETING).team
    other_team = factories.team("Elsewhere")

    def person(name: str, of: Team, role: str = Membership.Role.MEMBER) -> Any:
        made = factories.user(name)
        Membership.objects.create(user=made, team=of, role=role)
        return made

    return Office(
        team=team,
        other_team=other_team,
        kim=person("Kim Ito", team),
        rob=person("Rob Roy", team),
        manager=person("Mia Manager", team, Membership.Role.MANAGER),
        other=person("Otto Other", other_team),
        marketer=person("Mark Eter", marketing),
        admin=factories.user("Ada Admin", is_superuser=True, is_staff=True),
    )


def browser(user: Any) -> Client:
    """A browser in which that person is signed in."""
    client = Client()
    client.force_login(user)
    return client
