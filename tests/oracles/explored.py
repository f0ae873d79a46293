"""Any measure by any dimensions, recomputed from a world the long way round: group by group, exact fractions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

from tests.oracles.report_facts import Facts, receiving_team
from tests.oracles.report_figures import (
    arrival_hour,
    average,
    buckets,
    chosen,
    depth_of,
    first_channel,
    kaplan_meier_median,
    spacing_of,
    speed_of,
    tried_at_least,
)
from tests.oracles.report_goals import asked_about, counts, local_day
from tests.oracles.report_world import Lead, Question, World

TIMES = ("day", "week", "month")
OF_LEADS = ("qualified", "won", "close_rate", "average_deal", "revenue")


def explored(world: World, question: Question, by: list[str], measure: str) -> dict[tuple[str, ...], Any]:
    """The measure of each group that has a case, and under () that of all."""
    groups: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    read: Callable[[World, Question, list[Any], str], Any]
    if measure in OF_LEADS:
        for lead in world.leads:
            if (
                lead.origin == "marketing"
                and lead.qualified.instant <= question.as_of
                and question.starts_on <= local_day(lead, world) < question.ends_on
                and asked_about(world, lead, question)
            ):
                groups[tuple(_key_of_lead(world, question, lead, one) for one in by)].append(lead)
        read = _of_leads
    else:
        for one in chosen(world, question):
            if question.starts_on <= one.day < question.ends_on:
                groups[tuple(_key(world, question, one, dimension) for dimension in by)].append(one)
        read = _of_hand_offs
    found = {key: read(world, question, cases, measure) for key, cases in groups.items()}
    everything = [case for cases in groups.values() for case in cases]
    return found | {(): read(world, question, everything, measure)}


def _key(world: World, question: Question, one: Facts, by: str) -> str:
    if by in TIMES:
        return _bucket(question, one.day, by)
    match by:
        case "hour":
            return arrival_hour(world, question, one)
        case "channel":
            return first_channel(one)
        case "outcome":
            return one.closed_as
        case "rep":
            return one.owner or ""
        case "team":
            return receiving_team(world, one.hand_off) or ""
    return str(getattr(one.lead, by))


def _key_of_lead(world: World, question: Question, lead: Lead, by: str) -> str:
    if by in TIMES:
        return _bucket(question, local_day(lead, world), by)
    first = lead.hand_offs[0] if lead.hand_offs else None
    if by == "rep":
        if first is None:
            return ""
        return (first.reassigned[1] if first.reassigned else first.owner) or ""
    if by == "team":
        return (receiving_team(world, first) if first else None) or ""
    return str(getattr(lead, by))


def _bucket(question: Question, day: date, by: str) -> str:
    found = [start for start, end in buckets(question.starts_on, question.ends_on, by) if start <= day < end]
    assert len(found) == 1
    return found[0].isoformat()


def _of_leads(world: World, question: Question, leads: list[Lead], measure: str) -> Any:
    won_by = {
        lead.key: [
            deal
            for deal in world.deals
            if deal.lead == lead.key and deal.is_won and deal.closed and deal.closed.instant <= question.as_of
        ]
        for lead in leads
    }
    won = sum(bool(deals) for deals in won_by.values())
    if measure in ("average_deal", "revenue"):
        amounts = [[one.amount for one in deals if one.amount is not None] for deals in won_by.values()]
        paid = [sum((Fraction(one) for one in known), Fraction(0)) for known in amounts if known]
        return average(paid) if measure == "average_deal" else sum(paid, Fraction(0))
    if measure == "close_rate":
        return Fraction(won, len(leads)) if leads else None
    return won if measure == "won" else len(leads)


def _of_hand_offs(world: World, question: Question, facts: list[Facts], measure: str) -> Any:
    counted = [one for one in facts if counts(one)]
    rejected = sum(one.closed_as == "rejected" and not one.is_disputed(question.as_of) for one in counted)
    speed, depth = speed_of(facts, question), depth_of(facts, question)
    judged = depth["judged"]
    if measure.startswith("at_least_"):
        step = tried_at_least(facts, int(measure.removeprefix("at_least_")))
        return _part(
            {"numerator": step["attempted"] + step["connected_earlier"], "denominator": step["total"]}
        )
    if measure == "speed_survival":
        return kaplan_meier_median(facts, question)
    gaps = spacing_of(facts)
    return {
        "handed_off": len(counted),
        "accepted": sum(one.accepted for one in counted),
        "rejected": rejected,
        "net": len(counted) - rejected,
        "value": sum((Fraction(one.value or 0) for one in counted), Fraction(0)),
        "hand_offs": len(facts),
        "speed": speed["average"],
        "speed_median": speed["median"],
        "speed_p90": speed["p90"],
        "in_time": _part(speed["in_time"]),
        "open": speed["open"],
        "overdue": speed["open_overdue"],
        "depth": depth["average"],
        "worked": _part(depth["worked"]),
        "fully_worked": _part(depth["fully_worked"]),
        "stopped_early": _part(depth["stopped_early"]),
        "attempted": speed["attempted"],
        "not_yet_due": sum(speed["not_yet_due"].values()),
        "speed_elapsed": speed["average_elapsed"],
        "speed_elapsed_median": speed["median_elapsed"],
        "speed_elapsed_p90": speed["p90_elapsed"],
        "routing": speed["routing_average"],
        "rep_part": speed["rep_average"],
        "not_connected": depth["not_connected"],
        "depth_judged": judged["average"],
        "worked_judged": _part(judged["worked"]),
        "fully_worked_judged": _part(judged["fully_worked"]),
        "young": depth["young"]["not_connected"],
        "spacing": gaps["average"],
        "spacing_median": gaps["median"],
        "gaps": gaps,
    }[measure]


def _part(share: dict[str, int]) -> Fraction | None:
    return Fraction(share["numerator"], share["denominator"]) if share["denominator"] else None
