"""How a goal was derived from the quota, a step a line: why 412?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from agreements import words
from agreements.models import MonthGoal, Plan
from agreements.services.planning import leads_of_month


@dataclass(frozen=True, slots=True)
class Step:
    """What is worked out, how, and what comes out."""

    name: str
    sum: str
    result: str


@dataclass(frozen=True, slots=True)
class Derivation:
    """The question, the steps from quota to leads, and what a reader must know besides."""

    question: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...]


def derivation(goal: MonthGoal | None, segment_names: Mapping[str, str]) -> Derivation | None:
    """Return the derivation of a month's goal; None where it was set by hand."""
    if goal is None or goal.plan is None:
        return None
    plan = goal.plan
    steps = _segment_steps(plan, segment_names) if plan.segments else _overall_steps(plan)
    return Derivation(
        question=_("Why %(goal)s?") % {"goal": words.amount(goal.goal)},
        steps=(*steps, *_month_steps(plan, goal)),
        notes=tuple(_notes(plan, goal)),
    )


def derivation_of_plan(plan: Plan, segment_names: Mapping[str, str]) -> Derivation:
    """Return the derivation of all leads that a plan needs, whatever was agreed for a month."""
    steps = _segment_steps(plan, segment_names) if plan.segments else _overall_steps(plan)
    return Derivation(
        question=_("Why %(goal)s?") % {"goal": words.amount(plan.leads)},
        steps=tuple(steps),
        notes=tuple(_period_notes(plan)),
    )


def _overall_steps(plan: Plan) -> list[Step]:
    exact = plan.derivation
    revenue, customers = Fraction(exact["revenue_goal"]), Fraction(exact["customers_exact"])
    leads = Fraction(exact["leads_exact"])
    return [
        _revenue_step(plan, revenue),
        Step(
            _("Customers needed"),
            f"{words.money(revenue, plan.currency, 2)} ÷ {words.money(plan.average_deal, plan.currency, 2)}",
            words.amount(customers, 2),
        ),
        Step(
            _("Leads needed, rounded up"),
            f"{words.amount(customers, 2)} ÷ {words.percent(Fraction(plan.close_rate), 2)} = {words.amount(leads, 2)}",
            words.leads(plan.leads),
        ),
    ]


def _segment_steps(plan: Plan, names: Mapping[str, str]) -> list[Step]:
    revenue = Fraction(plan.derivation["revenue_goal"])
    steps = [_revenue_step(plan, revenue)]
    whole: Mapping[str, Any] = plan.derivation.get("segments", {})
    for segment in plan.segments:
        key = segment["segment"]
        steps.append(
            Step(
                names.get(key, key),
                f"{words.money(revenue, plan.currency, 2)} × {words.percent(Fraction(segment['share']), 2)}"
                f" ÷ {words.money(Decimal(segment['average_deal']), plan.currency, 2)}"
                f" ÷ {words.percent(Fraction(segment['close_rate']), 2)}",
                words.leads(int(whole[key])) if key in whole else words.NONE,
            )
        )
    steps.append(
        Step(
            _("Leads needed, rounded up once"),
            words.amount(Fraction(plan.derivation["leads_exact"]), 2),
            words.leads(plan.leads),
        )
    )
    return steps


def _revenue_step(plan: Plan, revenue: Fraction) -> Step:
    quota = words.money(plan.quota, plan.currency, 2)
    return Step(
        _("Revenue expected from marketing"),
        f"{quota} × {words.percent(Fraction(plan.marketing_share), 2)}",
        words.money(revenue, plan.currency, 2),
    )


def _month_steps(plan: Plan, goal: MonthGoal) -> list[Step]:
    planned = leads_of_month(plan, goal.month_on)
    if planned is None:
        return []
    months = len(plan.derivation.get("quotas", {}))
    if months <= 1 and not plan.cycle_days:
        return []
    how = _("%(leads)s over %(n)s months, %(split)s") % {
        "leads": words.leads(plan.leads),
        "n": months,
        "split": plan.get_split_display(),
    }
    return [
        Step(_("Of these in %(month)s") % {"month": words.month(goal.month_on)}, how, words.leads(planned))
    ]


def _notes(plan: Plan, goal: MonthGoal) -> list[str]:
    notes = _period_notes(plan)
    planned = leads_of_month(plan, goal.month_on)
    if planned is not None and planned != goal.goal:
        notes.append(
            _("The plan gives %(planned)s; %(goal)s were agreed.")
            % {"planned": words.leads(planned), "goal": words.amount(goal.goal)}
        )
    return notes


def _period_notes(plan: Plan) -> list[str]:
    last = plan.ends_on - dt.timedelta(days=1)
    notes = [
        _("The quota covers %(first)s to %(last)s.")
        % {"first": words.month(plan.starts_on), "last": words.month(last)}
        if (plan.starts_on.year, plan.starts_on.month) != (last.year, last.month)
        else _("The quota is that of %(month)s.") % {"month": words.month(plan.starts_on)}
    ]
    if measured := plan.derivation.get("measured"):
        notes.append(_measured_note(measured))
    if plan.cycle_days:
        notes.append(
            _("Leads are needed %(days)s days before the revenue: that is the sales cycle of the plan.")
            % {"days": plan.cycle_days}
        )
    return notes


def _measured_note(measured: Mapping[str, Any]) -> str:
    first = dt.date.fromisoformat(measured["from"])
    last = dt.date.fromisoformat(measured["to"]) - dt.timedelta(days=1)
    is_month = (first.year, first.month) == (last.year, last.month)
    said = {
        "customers": words.amount(measured["customers"]),
        "leads": words.leads(measured["marketing_leads"]),
        "time": words.month(first) if is_month else f"{words.month(first)} – {words.month(last)}",
    }
    if measured["way"] == "cohort":
        return (
            _(
                "The rates are measured: of the %(leads)s of %(time)s, %(customers)s became customers, whenever."
            )
            % said
        )
    return (
        _("The rates are measured: %(customers)s customers were won in %(time)s, when %(leads)s came.") % said
    )
