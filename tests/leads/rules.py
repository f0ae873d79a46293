"""Routing rules for tests."""

from __future__ import annotations

from typing import Any

from agreements.models import Team
from leads.models import RoutingRule, RoutingShare


def rule(team: Team, name: str = "Everybody", **fields: Any) -> RoutingRule:
    """A rule after all others; for every lead of the team unless told."""
    last = RoutingRule.objects.order_by("-position").first()
    return RoutingRule.objects.create(
        team=team, name=name, position=last.position + 1 if last else 1, **fields
    )


def share(of: RoutingRule, person: Any, weight: int | None) -> RoutingShare:
    """A person's own weight in a rule."""
    return RoutingShare.objects.create(rule=of, person=person, weight=weight)
