"""What routing goes by, changed: rules, their order, each person's weight and cap. Nobody routes meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max

from agreements.models import Team
from leads.models import RoutingCap, RoutingRule, RoutingShare
from leads.services.turns import hold_routing


@transaction.atomic
def add_rule(**terms: Any) -> RoutingRule:
    """Add a rule after all others."""
    hold_routing()
    last = RoutingRule.objects.aggregate(last=Max("position"))["last"] or 0
    return RoutingRule.objects.create(position=last + 1, **terms)


@transaction.atomic
def begin_rule(*, team: Team, name: str) -> tuple[RoutingRule, bool]:
    """Return a new rule of this team and True, or the one it has of this name and False: pressed twice, it is one."""
    hold_routing()
    known = RoutingRule.objects.filter(team=team, name=name).first()
    return (known, False) if known else (add_rule(team=team, name=name), True)


@transaction.atomic
def change_rule(*, rule: RoutingRule, weights: Mapping[int, int | None], **terms: Any) -> None:
    """Change a rule and the weights of these people in it; None: as others have. What is owed to whom stays."""
    hold_routing()
    for name, value in terms.items():
        setattr(rule, name, value)
    rule.save(update_fields=list(terms))
    RoutingShare.objects.bulk_create(
        [RoutingShare(rule=rule, person_id=person, weight=weight) for person, weight in weights.items()],
        update_conflicts=True,
        unique_fields=["rule", "person"],
        update_fields=["weight"],
    )


@transaction.atomic
def delete_rule(*, rule: RoutingRule) -> None:
    """Take a rule away; what it decided stays written down, with its name."""
    hold_routing()
    rule.delete()


@transaction.atomic
def move_rule(*, rule: RoutingRule, among: Any, up: bool) -> bool:
    """Let a rule be asked before the one above it, or after the one below, of those `among` which it is shown.

    Return whether there was such a one.
    """
    hold_routing()
    here = RoutingRule.objects.get(pk=rule.pk)
    if up:
        other = among.filter(position__lt=here.position).order_by("-position").first()
    else:
        other = among.filter(position__gt=here.position).order_by("position").first()
    if other is None:
        return False
    RoutingRule.objects.filter(pk=here.pk).update(position=other.position)
    RoutingRule.objects.filter(pk=other.pk).update(position=here.position)
    return True


@transaction.atomic
def set_caps(*, caps: Mapping[int, int | None]) -> None:
    """Say for each of these people how many open hand-offs they have at most; None: no limit."""
    hold_routing()
    RoutingCap.objects.filter(person__in=[one for one, cap in caps.items() if cap is None]).delete()
    RoutingCap.objects.bulk_create(
        [RoutingCap(person_id=one, most_open=cap) for one, cap in caps.items() if cap is not None],
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=["most_open"],
    )
