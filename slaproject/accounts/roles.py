"""What someone is here, in words: one kind beside the teams, and a place in each team."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from agreements.models import Membership, Team
from slaproject.accounts.models import User


class Kind(models.TextChoices):
    """What administrators choose between: `User.role`, and being an administrator."""

    IN_TEAMS = "", _("Works in teams, and may do what the place there allows")
    VIEWER = "viewer", _("Viewer: reads figures and signed agreements")
    AUDITOR = "auditor", _("Auditor: reads agreements, their history and figures, no personal data")
    ADMINISTRATOR = (
        "administrator",
        _("Administrator: looks after people and settings, signs nothing by this"),
    )
    INTEGRATION = "integration", _("Integration: a program, for the API alone")


SHORT = {
    Kind.VIEWER: _("Viewer"),
    Kind.AUDITOR: _("Auditor"),
    Kind.ADMINISTRATOR: _("Administrator"),
    Kind.INTEGRATION: _("Integration"),
}
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
    """Return what this person is, one line for each; `memberships__team` should have been fetched before."""
    places = [str(SHORT[kind])] if (kind := kind_of(person)) in SHORT else []
    for membership in sorted(person.memberships.all(), key=lambda membership: membership.team.name):
        words = {"role": role_word(membership), "team": membership.team.name}
        places.append(_t("%(role)s, %(team)s") % words)
    return places
