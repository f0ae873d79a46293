"""What someone is here, in words: one kind beside the teams, and a place in each team."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agreements.models import Membership, Team
from slaproject.accounts.models import User


class Kind(models.TextChoices):
    """What administrators choose between: `User.role`, and being an administrator."""

    IN_TEAMS = "", _("Works in teams")
    VIEWER = "viewer", _("Viewer")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")
    INTEGRATION = "integration", _("Integration: a program")


OF_MEMBERS = {Team.Function.MARKETING: _("Marketer"), Team.Function.SALES: _("Sales rep")}


def kind_of(person: User) -> Kind:
    """Return what this person is beside the teams."""
    return Kind.ADMINISTRATOR if person.is_superuser else Kind(person.role)


def role_word(membership: Membership) -> str:
    """Return the role in its team as people call it."""
    if membership.role == Membership.Role.MEMBER:
        return str(OF_MEMBERS.get(Team.Function(membership.team.function), _("Member")))
    return membership.get_role_display()


def places_of(person: Any) -> list[str]:
    """Return what this person is, one line for each role; `memberships__team` should have been fetched before."""
    kind = kind_of(person)
    places = [] if kind == Kind.IN_TEAMS else [str(kind.label)]
    teams_by_role: dict[str, list[str]] = {}
    for membership in sorted(person.memberships.all(), key=lambda membership: membership.team.name):
        teams_by_role.setdefault(role_word(membership), []).append(membership.team.name)
    for role, teams in teams_by_role.items():
        places.append(gettext("%(role)s: %(teams)s") % {"role": role, "teams": ", ".join(teams)})
    return places
