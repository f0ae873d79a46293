"""What a person may do, from their places in teams and their role beside these: one answer, everywhere.

Definitions. Someone *belongs* to the teams of which they are a member in whatever role, *manages* those in which
they are manager or director, and *directs* those in which they are director. An administrator may do everything that
is not a signature. Viewers and auditors belong to no team: they read what is about nobody in particular. A program
reads all leads, no drafts, and belongs nowhere. Which rows a
person sees is each model's `visible_to(user)`, built on this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agreements.models.teams import Membership, Team


@dataclass(frozen=True, slots=True)
class Rights:
    """One person's rights as of when they were read. Teams are ids; `functions` are those of `Team.Function`."""

    user_id: int | None
    is_administrator: bool = False
    is_auditor: bool = False
    is_integration: bool = False
    teams: frozenset[int] = frozenset()
    managed: frozenset[int] = frozenset()
    directed: frozenset[int] = frozenset()
    functions: frozenset[str] = frozenset()
    managed_functions: frozenset[str] = frozenset()

    @property
    def is_nobody(self) -> bool:
        """Not signed in, or an account that is no person's."""
        return self.user_id is None

    @property
    def reads_what_is_open(self) -> bool:
        """Whether this one reads what everybody at the company reads: signed agreements and figures."""
        return not self.is_nobody or self.is_integration

    @property
    def knows_all_leads(self) -> bool:
        """Administrators, and programs: the systems that leads come from know them anyway."""
        return self.is_administrator or self.is_integration

    @property
    def is_marketing(self) -> bool:
        return Team.Function.MARKETING in self.functions

    @property
    def is_sales(self) -> bool:
        return Team.Function.SALES in self.functions

    @property
    def manages_marketing(self) -> bool:
        return Team.Function.MARKETING in self.managed_functions

    @property
    def manages_sales(self) -> bool:
        return Team.Function.SALES in self.managed_functions

    @property
    def may_work_leads(self) -> bool:
        """Whether leads are this person's work at all."""
        return self.is_administrator or self.is_marketing or self.is_sales

    @property
    def may_hand_over(self) -> bool:
        return self.is_administrator or self.is_marketing

    @property
    def may_write_agreements(self) -> bool:
        """Whether this person may start an agreement; a draft also asks for a seat in one of its parties."""
        return self.is_administrator or bool(self.directed)


NOBODY = Rights(user_id=None)
PROGRAM = Rights(user_id=None, is_integration=True)


def rights_of(user: Any) -> Rights:
    """Return the rights of a user, read once for each user object; NOBODY for who is not signed in or deactivated.

    An integration is no person and has no pages, whatever team or role it was given: it reads by the API alone, and
    there what the scopes of its token say.
    """
    if not user.is_authenticated or not user.is_active:
        return NOBODY
    if user.role == user.Role.INTEGRATION:
        return PROGRAM
    known: Rights | None = user.__dict__.get("_rights")
    if known is None:
        known = user.__dict__["_rights"] = _read(user)
    return known


def _read(user: Any) -> Rights:
    # Who was made a viewer or an auditor has no more part in the teams that they are still listed in.
    looks_on = user.role in (user.Role.VIEWER, user.Role.AUDITOR) and not user.is_superuser
    places = Membership.objects.none() if looks_on else Membership.objects.filter(user_id=user.pk)
    rows = list(places.values_list("team_id", "role", "team__function"))
    managing = (Membership.Role.MANAGER, Membership.Role.DIRECTOR)
    return Rights(
        user_id=user.pk,
        is_administrator=user.is_superuser,
        is_auditor=user.role == user.Role.AUDITOR,
        teams=frozenset(team for team, _, _ in rows),
        managed=frozenset(team for team, role, _ in rows if role in managing),
        directed=frozenset(team for team, role, _ in rows if role == Membership.Role.DIRECTOR),
        functions=frozenset(function for _, _, function in rows),
        managed_functions=frozenset(function for _, role, function in rows if role in managing),
    )


def people_seen_by(user: Any) -> set[int] | None:
    """Return the ids of those whose figures as a person this one may see: their own, and of those they manage.

    None: everybody's.
    """
    rights = rights_of(user)
    if rights.is_administrator:
        return None
    if rights.user_id is None:
        return set()
    managed = Membership.objects.filter(team__in=rights.managed).values_list("user_id", flat=True)
    return {rights.user_id, *managed}
