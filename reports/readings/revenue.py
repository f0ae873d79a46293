"""The revenue goal of a month by the plan behind its goal, and what marketing's leads brought in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Sum

from agreements.models import Agreement, Commitment, MonthGoal, Plan, Version
from leads.models import Deal, Lead
from reports.periods import month_of


@dataclass(frozen=True, slots=True)
class MonthRevenue:
    """Expected and actual, exact; both None where no plan says what was expected."""

    goal: Fraction | None = None
    actual: Fraction | None = None
    currency: str = ""


def month_revenue(version: Version, month_on: dt.date, *, at: dt.datetime) -> MonthRevenue:
    """Return the revenue goal of a month under the version that applied, and the revenue as known at an instant."""
    found = _expected(version, month_on)
    if found is None:
        return MonthRevenue()
    plan, goal = found
    actual = won_revenue(version.agreement, month_on, currency=plan.currency, at=at)
    return MonthRevenue(goal, actual, plan.currency)


def won_revenue(agreement: Agreement, month_on: dt.date, *, currency: str, at: dt.datetime) -> Fraction:
    """Return what deals won in the month amount to: of marketing's leads first handed off under the
    agreement, or one below it."""
    period = month_of(month_on)
    deals = Deal.objects.filter(
        is_won=True,
        closed_on__gte=period.start,
        closed_on__lt=period.end,
        closed_at__lte=at,
        currency=currency,
        lead__origin=Lead.Origin.MARKETING,
        lead__hand_offs__number=1,
        lead__hand_offs__agreement__in=Agreement.objects.at_or_below(agreement),
    )
    return Fraction(deals.aggregate(sum=Sum("amount"))["sum"] or 0)


def _expected(version: Version, month_on: dt.date) -> tuple[Plan, Fraction] | None:
    """Return the plan whose quota covers the month, and what it expects from marketing then.

    The plan behind the month's own goal comes first. With a sales cycle that one may be about later revenue, so the
    plans behind the version's other months are asked next, the newest first. A plan of one month's quota that serves
    each month alike says the same of each.
    """
    goals = MonthGoal.objects.filter(
        commitment__version=version,
        commitment__kind=Commitment.Kind.MQL_GOAL,
        commitment__segment=None,
        plan__isnull=False,
    ).select_related("plan")
    own = [one for one in goals if one.month_on == month_on]
    others = sorted((one for one in goals if one.month_on != month_on), key=lambda one: -(one.plan_id or 0))
    for goal in [*own, *others]:
        plan = goal.plan
        assert plan is not None
        quotas = plan.derivation.get("quotas", {})
        quota = quotas.get(month_on.isoformat())
        if quota is None and goal in own and len(quotas) == 1 and not plan.cycle_days:
            quota = next(iter(quotas.values()))
        if quota is not None:
            return plan, Fraction(quota) * Fraction(plan.marketing_share)
    return None
