"""Waterfall and recalibration recomputed from a world the long way round: exact fractions, no stored facts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracles.open_seconds import open_seconds
from tests.oracles.report_facts import Facts, agreement_of, upwards, version_on, zone_of
from tests.oracles.report_figures import (
    DAY,
    agreement_asked,
    average,
    chosen,
    days_between,
    depth,
    percentile,
    share,
    speed,
)
from tests.oracles.report_world import Deal, Goal, Lead, Question, Version, World

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def local_day(lead: Lead, world: World) -> date:
    """The day a lead was qualified, in the company's zone."""
    return lead.qualified.day(zone_of(world, None))


def asked_about(world: World, lead: Lead, question: Question) -> bool:
    """A lead has its own segment, source, campaign and country; agreement and owner are its first hand-off's."""
    first = lead.hand_offs[0] if lead.hand_offs else None
    if question.agreement is not None and (
        first is None or question.agreement not in upwards(world, agreement_of(world, first))
    ):
        return False
    if question.owner is not None:
        owner = first.reassigned[1] if first and first.reassigned else first.owner if first else None
        if (owner or "") != question.owner:
            return False
    if question.campaign not in (None, lead.campaign) or question.country not in (None, lead.country):
        return False
    return question.segment in (None, lead.segment) and question.source in (None, lead.source)


# -- waterfall


def counts(one: Facts) -> bool:
    """Whether it counts towards the goal, by the terms it came under."""
    goal = one.goal
    if one.lead.origin != "marketing" and not (goal is not None and goal.counts_sales_origin):
        return False
    return one.number == 1 or (goal is not None and goal.counts_recycled)


def _actual(world: World, question: Question, facts: list[Facts], measure: str, day: date) -> Any:
    if measure == "qualified":
        return sum(
            lead.origin == "marketing"
            and lead.qualified.instant <= question.as_of
            and local_day(lead, world) == day
            and asked_about(world, lead, question)
            for lead in world.leads
        )
    counted = [one for one in facts if one.day == day and counts(one)]
    if measure == "value":
        return sum((Fraction(one.value or 0) for one in counted), Fraction(0))
    if measure == "accepted":
        return sum(one.accepted for one in counted)
    if measure == "net":
        return sum(one.closed_as != "rejected" or one.is_disputed(question.as_of) for one in counted)
    return len(counted)


def day_goal(world: World, question: Question, day: date) -> Fraction | None:
    """What is promised for that day by the terms in force on it; nothing for an owner or for several filters."""
    first = day.replace(day=1)
    month = days_between(first, (first + 32 * DAY).replace(day=1))
    if question.goal is not None:
        return Fraction(question.goal) / len(month)
    agreement = agreement_asked(world, question)
    version = version_on(agreement, day) if agreement is not None else None
    filters = {
        name: value
        for name in ("segment", "source", "campaign", "owner")
        if (value := getattr(question, name)) is not None
    }
    if (
        agreement is None
        or version is None
        or len(filters) > 1
        or "owner" in filters
        or "" in filters.values()
    ):
        return None
    of, name = next(iter(filters.items()), ("segment", ""))
    goal = version.goals.get(name if of == "segment" else "")
    if of != "segment":
        promised = _promised_of(question, version, of, name, first)
    elif goal is None or first not in goal.months:
        return None
    else:
        promised = _promised(world, question, version, goal, first)
    if promised is None:
        return None
    if goal is None or goal.profile == "calendar_days":
        weights = {one: Fraction(1) for one in month}
    elif goal.profile == "business_days":
        walker = open_seconds(world.calendars[agreement.calendar or world.company])
        weights = {one: Fraction(walker.is_open_on(one)) for one in month}
    else:
        weights = {one: Fraction(goal.weights.get(WEEKDAYS[one.weekday()], 0)) for one in month}
    return promised * weights[day] / sum(weights.values())


def _promised_of(question: Question, version: Version, of: str, name: str, month: date) -> Fraction | None:
    """The leads that are promised of a campaign or source in a month; they are worth nothing."""
    goal = version.campaign_goals.get((of, name))
    if goal is None or question.measure == "value":
        return None
    if (goal.first_on is not None and month < goal.first_on) or (
        goal.last_on is not None and goal.last_on < month
    ):
        return None
    return Fraction(goal.leads)


def _promised(world: World, question: Question, version: Version, goal: Goal, month: date) -> Fraction | None:
    """The month's goal in the unit asked for. Leads are worth what a lead of their segment is; others nothing."""
    promised = Fraction(goal.months[month])
    if (question.measure == "value") == (goal.measure == "value"):
        return promised
    if goal.measure == "value":
        return None
    if question.segment is not None:
        value = world.segments[question.segment]
        return None if value is None else promised * Fraction(value)
    worth = [
        Fraction(own.months[month]) * Fraction(value)
        for slug, value in world.segments.items()
        if (own := version.goals.get(slug)) is not None
        and value is not None
        and own.measure != "value"
        and month in own.months
    ]
    return sum(worth, Fraction(0)) if worth else None


def waterfall(world: World, question: Question) -> dict[str, Any]:
    """Cumulative from the first day of each month, or from the first day asked for."""
    measure = question.measure or "handed_off"
    today = question.as_of.astimezone(ZoneInfo(zone_of(world, question.agreement))).date()
    facts = chosen(world, question)
    rows: list[dict[str, Any]] = []
    goal_so_far: Fraction | None = None
    actual_so_far: Any = 0
    for day in days_between(question.starts_on, question.ends_on):
        if day.day == 1:
            goal_so_far, actual_so_far = None, 0
        goal = day_goal(world, question, day)
        if goal is not None:
            goal_so_far = (goal_so_far or Fraction(0)) + goal
        actual = _actual(world, question, facts, measure, day)
        actual_so_far += actual
        known = day <= today
        rows.append(
            {
                "on": day,
                "goal": goal,
                "goal_cumulative": goal_so_far,
                "actual": actual if known else None,
                "actual_cumulative": actual_so_far if known else None,
                "gap": actual_so_far - goal_so_far if known and goal_so_far is not None else None,
            }
        )
    return {"from": question.starts_on, "to": question.ends_on, "measure": measure, "days": rows}


# -- recalibration


def recalibration(world: World, question: Question) -> dict[str, Any]:
    """Deals and leads of the period, whatever the bucket."""
    zone = zone_of(world, None)
    leads = {lead.key: lead for lead in world.leads if asked_about(world, lead, question)}
    is_filtered = not (question.agreement is question.segment is question.source is question.owner is None)
    is_filtered |= question.campaign is not None or question.country is not None

    def inside(day: date) -> bool:
        return question.starts_on <= day < question.ends_on

    def closed_on(deal: Deal) -> date:
        assert deal.closed is not None
        return deal.closed.day(zone)

    def marketing_lead(deal: Deal) -> Lead | None:
        lead = leads.get(deal.lead or "")
        return lead if lead is not None and lead.origin == "marketing" else None

    def origin(deal: Deal) -> str:
        return leads[deal.lead].origin if deal.lead in leads else deal.origin

    def money(deals: list[Deal]) -> Decimal:
        return sum((deal.amount for deal in deals if deal.amount is not None), Decimal(0))

    won = [
        deal
        for deal in world.deals
        if deal.is_won
        and deal.closed is not None
        and deal.closed.instant <= question.as_of
        and (deal.lead in leads or (deal.lead is None and not is_filtered))
    ]
    qualified = [
        lead
        for lead in leads.values()
        if lead.origin == "marketing"
        and lead.qualified.instant <= question.as_of
        and inside(local_day(lead, world))
    ]
    keys = [lead.key for lead in qualified]

    def figures(deals: list[Deal]) -> dict[str, Any]:
        theirs = [deal for deal in deals if marketing_lead(deal) is not None]
        customers = {deal.lead for deal in theirs}
        paying = {deal.lead for deal in theirs if deal.amount is not None}
        return {
            "marketing_leads": len(qualified),
            "customers": len(customers),
            "close_rate": share(len(customers), len(qualified)),
            "average_deal": Fraction(money(theirs)) / len(paying) if paying else None,
        }

    in_period = [deal for deal in won if inside(closed_on(deal))]
    from_marketing = [deal for deal in in_period if origin(deal) == "marketing"]
    cycles: list[int] = []
    for lead in leads.values():
        deals = sorted(closed_on(deal) for deal in won if marketing_lead(deal) is lead)
        if deals and inside(deals[0]):
            cycles.append((deals[0] - local_day(lead, world)).days)
    return {
        "same_month": {
            **figures(in_period),
            "revenue_marketing": money(from_marketing),
            "revenue_all": money(in_period),
            "marketing_share": share(money(from_marketing), money(in_period)),
        },
        "cohort": figures([deal for deal in won if deal.lead in keys]),
        "cycle_days": {
            "n": len(cycles),
            "average": average(cycles),
            "median": percentile(cycles, Fraction(1, 2)),
            "p90": percentile(cycles, Fraction(9, 10)),
        },
    }


FIGURES = {"speed": speed, "depth": depth, "waterfall": waterfall, "recalibration": recalibration}
