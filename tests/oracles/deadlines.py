"""What was promised by a deadline, and what became of it, hand-off by hand-off."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from tests.oracles.judges import judge_of
from tests.oracles.report_facts import Facts, all_facts, levelled, upwards
from tests.oracles.report_world import World


def deadline(one: Facts, due_at: datetime | None, done_at: datetime | None, as_of: datetime) -> str:
    """How a hand-off stands with a deadline, in the words of the product; "" where it has none."""
    if due_at is None:
        return ""
    if done_at is not None:
        return "kept" if done_at <= due_at else "late"
    if one.closed_at is not None:
        return "set_aside" if one.closed_at <= due_at else "late"
    return "expired" if as_of > due_at else "waiting"


def tally(facts: Iterable[Facts], kind: str, as_of: datetime) -> dict[str, int]:
    """Kept and due of those whose deadline has passed; the others apart."""
    found = {"kept": 0, "due": 0, "done_not_yet_due": 0, "open_not_yet_due": 0}
    for one in facts:
        due_at = one.accept_by if kind == "acceptance" else one.come_out_by
        done_at = one.answered_at if kind == "acceptance" else one.came_out_at
        state = deadline(one, due_at, done_at, as_of)
        if state in ("", "set_aside"):
            continue
        assert due_at is not None
        if due_at < as_of:
            found["due"] += 1
            found["kept"] += state == "kept"
        elif state == "waiting":
            found["open_not_yet_due"] += 1
        else:
            found["done_not_yet_due"] += 1
    return found


def facts_of(
    world: World,
    *,
    agreement: str | None,
    segment: str | None,
    starts_on: date,
    ends_on: date,
    as_of: datetime,
    without_days: Iterable[date] = (),
) -> list[Facts]:
    left_out = set(without_days)
    return [
        one
        for one in all_facts(world, as_of)
        if starts_on <= one.day < ends_on
        and one.day not in left_out
        and (agreement is None or agreement in upwards(world, one.agreement))
        and (segment is None or one.lead.segment == segment)
    ]


def judged(found: dict[str, int], agreed: Any) -> str:
    """The word of a month that is over: met, missed, nothing, or on_the_way while something may still change."""
    if found["done_not_yet_due"] or found["open_not_yet_due"]:
        return "on_the_way"
    if not found["due"]:
        return "nothing"
    return "met" if found["kept"] >= agreed * found["due"] else "missed"


def months_judged(
    world: World, agreement: str, month: date, excused: Iterable[date]
) -> dict[tuple[str, str], tuple[str, int, int]]:
    """What became of each promise by a deadline in a month that is over: word, kept, due, by kind and segment."""
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    last = after - timedelta(days=1)
    versions = [
        one
        for one in world.agreements[agreement].versions
        if one.starts_on < after and (one.ends_on is None or one.ends_on > max(month, one.starts_on))
    ]
    governing = [
        one for one in versions if one.starts_on <= last and (one.ends_on is None or last < one.ends_on)
    ]
    if not versions:
        return {}
    version = (governing or versions)[-1]
    found, levels = {}, levelled(world)
    for kind, shares in (("acceptance", version.acceptance_shares), ("outcome", version.outcome_shares)):
        for segment, agreed in shares.items():
            counted = []
            for days in ((), excused):
                facts = facts_of(
                    world,
                    agreement=agreement,
                    segment=segment or None,
                    starts_on=month,
                    ends_on=after,
                    as_of=world.now,
                    without_days=days,
                )
                facts = [
                    one
                    for one in facts
                    if judge_of(levels, one.agreement, kind, one.lead.segment, month, after) == agreement
                ]
                counted.append(tally(facts, kind, world.now))
            plain, less = (judged(one, agreed) for one in counted)
            if "on_the_way" in (plain, less):
                continue
            is_excused = plain == "missed" and less != "missed"
            seen = counted[0] if plain == "met" or not excused else counted[1]
            word = "excused" if is_excused else plain
            found[kind, segment] = (word, seen["kept"], seen["due"])
    return found
