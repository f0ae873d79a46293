"""A stored plan as a page: why 412?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from agreements import words
from agreements.derivation import Derivation, derivation, derivation_of_plan
from agreements.models import MonthGoal, Plan, Segment, Version
from agreements.services.planning import leads_of_month


@dataclass(frozen=True, slots=True)
class PlanMonth:
    """What the plan needs in a month, and what versions agreed for it."""

    name: str
    value: str
    leads: str
    agreed: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class PlanPage:
    """The question, the answer's steps, and the months."""

    headline: str
    derivation: Derivation
    months: list[PlanMonth]


def plan_page(plan: Plan, *, month: str, user: Any) -> PlanPage:
    """Read a plan: of one month (as 2026-11) where it has that one, else as a whole."""
    names = dict(Segment.objects.values_list("slug", "name"))
    agreed: dict[dt.date, list[tuple[int, str]]] = defaultdict(list)
    goals = MonthGoal.objects.filter(plan=plan, commitment__version__in=Version.objects.visible_to(user))
    overall = goals.filter(commitment__segment=None).select_related("commitment__version")
    for goal in overall.order_by("commitment__version__number"):
        agreed[goal.month_on].append((goal.commitment.version.number, words.amount(goal.goal, 2)))
    months = {key: dt.date.fromisoformat(key) for key in sorted(plan.derivation["months"])}
    asked = months.get(f"{month}-01")
    found = derivation_of_plan(plan, names)
    if asked is None:
        headline = _("A quota of %(quota)s needs %(leads)s.") % {
            "quota": words.money(plan.quota, plan.currency, 2),
            "leads": words.leads(plan.leads),
        }
    else:
        leads = leads_of_month(plan, asked) or 0
        written = next((one for one in overall if one.month_on == asked), None)
        goal = written or MonthGoal(month_on=asked, goal=Decimal(leads))
        goal.plan = plan
        found = derivation(goal, names) or found
        headline = _("Why %(goal)s in %(month)s? The quota of %(quota)s needs them.") % {
            "goal": words.amount(goal.goal, 2),
            "month": words.month(asked),
            "quota": words.money(plan.quota, plan.currency, 2),
        }
    lines = [
        PlanMonth(words.month(on), f"{on:%Y-%m}", words.amount(leads_of_month(plan, on)), agreed[on])
        for on in months.values()
    ]
    return PlanPage(headline, found, lines)
