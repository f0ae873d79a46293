"""What drafted terms would have meant, worked out hand-off by hand-off: each is given its due time by a walk through
the calendar, as if the terms had been agreed, and judged like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tests.oracles.judges import judge_of
from tests.oracles.report_facts import Facts, all_facts, episode_of, levelled, receiving_team, upwards
from tests.oracles.report_figures import average, percentile
from tests.oracles.report_world import World


@dataclass
class DraftedDepth:
    attempts: int | None
    window: timedelta
    counts_automated: bool


def asked(world: World, agreement: str, starts_on: date, ends_on: date) -> list[Facts]:
    """The agreement's hand-offs of those days; for want of any those above that would be its own, or of none."""
    of_days = [one for one in all_facts(world, world.now) if starts_on <= one.day < ends_on]
    own = [one for one in of_days if agreement in upwards(world, one.agreement)]
    above = upwards(world, agreement)[1:]
    return (
        own
        or [one for one in of_days if one.agreement in above and _would_be_its_own(world, one, agreement)]
        or [one for one in of_days if one.agreement is None]
    )


def _would_be_its_own(world: World, one: Facts, agreement: str) -> bool:
    team = receiving_team(world, one.hand_off)
    if team is not None:
        return team in world.agreements[agreement].parties
    parties = [set(world.agreements[slug].parties) for slug in upwards(world, agreement)]
    return all(above - below == set() for below, above in pairwise(parties))


def falling_under(
    world: World, facts: list[Facts], agreement: str, kind: str, starts_on: date, ends_on: date
) -> list[Facts]:
    """Those of the hand-offs asked that no agreement below judges by a promise of its own."""
    levels, found = levelled(world), []
    for one in facts:
        judge = judge_of(levels, one.agreement, kind, one.lead.segment, starts_on, ends_on)
        below = upwards(world, one.agreement)
        if agreement not in below or judge not in below[: below.index(agreement)]:
            found.append(one)
    return found


def in_time(facts: list[Facts], allowance: int, as_of: datetime) -> dict[str, int]:
    met = due = attempted_early = open_early = 0
    for one in facts:
        if one.hand_off.when.is_date_only:
            continue
        due_at = one.walker.due(one.at, allowance)
        is_due = due_at is not None and due_at < as_of
        if one.first_at is None and one.is_released:
            assert one.closed_at is not None
            due += due_at is not None and one.closed_at > due_at
        elif is_due:
            assert due_at is not None
            due += 1
            met += one.first_at is not None and one.first_at <= due_at
        elif one.first_at is not None:
            attempted_early += 1
        else:
            open_early += 1
    return {
        "met": met,
        "due": due,
        "attempted_not_yet_due": attempted_early,
        "open_not_yet_due": open_early,
    }


def by_deadline(facts: list[Facts], kind: str, allowance: int, as_of: datetime) -> dict[str, int]:
    """How many would have been answered, or come to an outcome, within the allowance."""
    met = due = done_early = open_early = 0
    for one in facts:
        if one.hand_off.when.is_date_only:
            continue
        due_at = one.unpaused.due(one.at, allowance)
        done_at = one.answered_at if kind == "acceptance" else one.came_out_at
        is_due = due_at is not None and due_at < as_of
        if done_at is None and one.closed_at is not None:
            due += due_at is not None and one.closed_at > due_at
        elif is_due:
            assert due_at is not None
            due += 1
            met += done_at is not None and done_at <= due_at
        elif done_at is not None:
            done_early += 1
        else:
            open_early += 1
    return {"met": met, "due": due, "attempted_not_yet_due": done_early, "open_not_yet_due": open_early}


def waits(facts: list[Facts]) -> dict[str, Any]:
    lengths = [one.business for one in facts if one.first_at is not None]
    return {
        "attempted": len(lengths),
        "average": average(lengths),
        "median": percentile(lengths, Fraction(1, 2)),
    }


def depth(world: World, facts: list[Facts], drafted: DraftedDepth) -> dict[str, int]:
    judged, attempts, worked, fully, young = 0, 0, 0, 0, 0
    for one in facts:
        if one.connected_at is not None or one.closed_as in ("rejected", "recycled"):
            continue
        ends_at = one.at + drafted.window
        if one.closed_at is None and ends_at > world.now:
            young += 1
            continue
        made = _attempts(world, one, drafted.counts_automated)
        judged += 1
        attempts += len(made)
        worked += bool(made)
        fully += drafted.attempts is not None and sum(at <= ends_at for at in made) >= drafted.attempts
    return {"judged": judged, "attempts": attempts, "worked": worked, "fully_worked": fully, "young": young}


def _attempts(world: World, one: Facts, counts_automated: bool) -> list[datetime]:
    """When this hand-off, which never connected, was tried."""
    made = []
    for attempt in one.lead.attempts:
        at, on = attempt.when.instant, attempt.when.on
        if attempt.is_voided or at > world.now or episode_of(world, one.lead, attempt) != one.number - 1:
            continue
        is_early = on < one.day if on is not None else at < one.at
        is_after = one.is_released and one.closed_at is not None and at > one.closed_at
        if not is_early and not is_after and (counts_automated or not attempt.is_automated):
            made.append(at)
    return made
