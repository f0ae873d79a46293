"""Speed and depth recomputed from a world the long way round: exact fractions, no stored facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracles.report_facts import Facts, all_facts, upwards, version_on, zone_of
from tests.oracles.report_world import Agreement, Question, Version, World, channel_at

DAY = timedelta(days=1)


def share(numerator: Any, denominator: Any) -> dict[str, Any]:
    return {"numerator": numerator, "denominator": denominator}


def average(values: Sequence[Any]) -> Fraction | None:
    return sum((Fraction(value) for value in values), Fraction(0)) / len(values) if values else None


def percentile(values: Sequence[int], p: Fraction) -> Fraction | None:
    """Linear interpolation between the two nearest ranks."""
    if not values:
        return None
    ordered = sorted(values)
    place = p * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def days_between(starts_on: date, ends_on: date) -> list[date]:
    return [starts_on + i * DAY for i in range((ends_on - starts_on).days)]


def _bucket_key(day: date, by: str) -> Any:
    if by == "day":
        return day
    return (day.year, day.month) if by == "month" else day.isocalendar()[:2]


def buckets(starts_on: date, ends_on: date, by: str) -> list[tuple[date, date]]:
    """The days asked for, cut where a day, ISO week or month ends."""
    cut: list[list[date]] = []
    for day in days_between(starts_on, ends_on):
        if cut and _bucket_key(cut[-1][-1], by) == _bucket_key(day, by):
            cut[-1].append(day)
        else:
            cut.append([day])
    return [(days[0], days[-1] + DAY) for days in cut]


def chosen(world: World, question: Question) -> list[Facts]:
    """The hand-offs that the question is about, whatever their day."""
    return [
        one
        for one in all_facts(world, question.as_of)
        if (question.agreement is None or question.agreement in upwards(world, one.agreement))
        and question.segment in (None, one.lead.segment)
        and question.source in (None, one.lead.source)
        and question.campaign in (None, one.lead.campaign)
        and question.owner in (None, one.owner or "")
        and question.country in (None, one.lead.country)
        and question.channel in (None, first_channel(one))
        and question.hour in (None, arrival_hour(world, question, one))
        and question.outcome in (None, one.closed_as)
    ]


def first_channel(one: Facts) -> str:
    """Of the attempt that stopped the clock; empty before it."""
    return channel_at(one.first_at) if one.first_at is not None else ""


def arrival_hour(world: World, question: Question, one: Facts) -> str:
    """The hour of the day on the agreement's clocks; empty where only the day is known."""
    zone = ZoneInfo(zone_of(world, question.agreement))
    return "" if one.hand_off.when.is_date_only else f"{one.at.astimezone(zone).hour:02}"


def _by_bucket(world: World, question: Question, figures: Any, total: Any) -> dict[str, Any]:
    facts = chosen(world, question)
    rows = []
    for starts_on, ends_on in buckets(question.starts_on, question.ends_on, question.by):
        inside = [one for one in facts if starts_on <= one.day < ends_on]
        rows.append({"from": starts_on, "to": ends_on, **figures(inside, question)})
    inside = [one for one in facts if question.starts_on <= one.day < question.ends_on]
    return {"by": question.by, "buckets": rows, "total": total(inside, question)}


# -- speed


def speed(world: World, question: Question) -> dict[str, Any]:
    return _by_bucket(world, question, speed_of, _speed_total)


def speed_of(facts: list[Facts], question: Question) -> dict[str, Any]:
    """The figures of speed of these hand-offs."""
    as_of = question.as_of
    timed = [one for one in facts if not one.hand_off.when.is_date_only]
    attempted = [one for one in timed if one.first_at is not None]
    business = [one.business for one in attempted]
    wall = [one.wall for one in attempted]
    judged, met, answered, waiting = 0, 0, 0, 0
    for one in timed:
        if one.due_at is None:
            continue
        if one.due_at >= as_of:
            answered += one.first_at is not None
            waiting += one.is_open
            continue
        if (
            one.is_released
            and one.first_at is None
            and one.closed_at is not None
            and one.closed_at <= one.due_at
        ):
            continue
        judged += 1
        met += one.first_at is not None and one.first_at <= one.due_at
    routings, reps = [], []
    for one in attempted:
        if one.assigned_at is None or one.first_at is None:
            continue
        routing = one.walker.elapsed(one.at, min(one.assigned_at, one.first_at))
        routings.append(routing)
        reps.append(one.business - routing)
    return {
        "handed_off": len(timed),
        "attempted": len(attempted),
        "open": sum(one.is_open for one in timed),
        "open_overdue": sum(one.is_open and one.due_at is not None and one.due_at < as_of for one in timed),
        "average": average(business),
        "median": percentile(business, Fraction(1, 2)),
        "p90": percentile(business, Fraction(9, 10)),
        "average_elapsed": average(wall),
        "median_elapsed": percentile(wall, Fraction(1, 2)),
        "p90_elapsed": percentile(wall, Fraction(9, 10)),
        "in_time": share(met, judged),
        "not_yet_due": {"answered": answered, "open": waiting},
        "date_only": len(facts) - len(timed),
        "routing_average": average(routings),
        "rep_average": average(reps),
    }


def _speed_total(facts: list[Facts], question: Question) -> dict[str, Any]:
    return {**speed_of(facts, question), "kaplan_meier_median": kaplan_meier_median(facts, question)}


def kaplan_meier_median(facts: list[Facts], question: Question) -> int | None:
    """The first time at which half or fewer are still waiting; at equal times an answer comes before a leaving."""
    spans: list[tuple[int, bool]] = []
    for one in facts:
        if one.hand_off.when.is_date_only:
            continue
        if one.first_at is not None:
            spans.append((one.business, True))
        else:
            end = one.closed_at if one.is_released and one.closed_at is not None else question.as_of
            spans.append((one.walker.elapsed(one.at, end), False))
    survival = Fraction(1)
    for time in sorted({time for time, answered in spans if answered}):
        waiting = sum(other >= time for other, _ in spans)
        answered = sum(other == time and event for other, event in spans)
        survival *= 1 - Fraction(answered, waiting)
        if survival <= Fraction(1, 2):
            return time
    return None


# -- depth


def depth(world: World, question: Question) -> dict[str, Any]:
    return _by_bucket(world, question, depth_of, partial(_depth_total, world))


def _asked(facts: list[Facts]) -> list[Facts]:
    return [one for one in facts if one.closed_as not in ("rejected", "recycled")]


def _five(facts: list[Facts]) -> dict[str, Any]:
    """The five figures of hand-offs that have not connected."""
    attempts = [one.attempts for one in facts]
    agreed = [one for one in facts if one.agreed is not None]
    return {
        "not_connected": len(facts),
        "attempts": sum(attempts),
        "average": average(attempts),
        "worked": share(sum(made >= 1 for made in attempts), len(facts)),
        "fully_worked": share(sum(one.attempts >= (one.agreed or 0) for one in agreed), len(agreed)),
    }


def depth_of(facts: list[Facts], question: Question) -> dict[str, Any]:
    """The figures of depth of these hand-offs."""
    waiting = [one for one in _asked(facts) if one.connected_at is None]
    judged: list[Facts] = []
    young: list[Facts] = []
    for one in waiting:
        if one.version is None:
            continue
        ended = one.window_ends_at is not None and one.window_ends_at <= question.as_of
        (judged if ended or one.closed_as else young).append(one)
    unreachable = [one for one in waiting if one.closed_as == "unreachable" and one.agreed is not None]
    return {
        "handed_off": len(facts),
        **_five(waiting),
        "distribution": dict(sorted(Counter(str(one.attempts) for one in waiting).items())),
        "judged": _five(judged),
        "young": {"not_connected": len(young), "attempts": sum(one.attempts for one in young)},
        "stopped_early": share(
            sum(one.attempts < (one.agreed or 0) for one in unreachable), len(unreachable)
        ),
    }


def agreed_number(world: World, question: Question) -> int | None:
    """The number agreed at the end of what has been seen, the segment's own first: as far as the steps go."""
    agreement = agreement_asked(world, question)
    if agreement is None:
        return None
    today = question.as_of.astimezone(ZoneInfo(zone_of(world, question.agreement))).date()
    last_seen = max(question.starts_on, min(today, question.ends_on - DAY))
    version = version_on(agreement, last_seen)
    if version is None:
        governing = [one for one in agreement.versions if _governs(one, question)]
        version = governing[-1] if governing else None
    if version is None:
        return None
    above = [version_on(world.agreements[slug], last_seen) for slug in upwards(world, agreement.slug)[1:]]
    for one in [version, *above]:
        promise = one.depth.get(question.segment or "", one.depth.get("")) if one is not None else None
        if promise is not None:
            return promise.attempts
    return None


def _governs(version: Version, question: Question) -> bool:
    """Some day of those asked for."""
    until = version.ends_on
    return version.starts_on < question.ends_on and (until is None or until > question.starts_on)


def agreement_asked(world: World, question: Question) -> Agreement | None:
    """The one named, else the only one in force in the days asked for, or the one above all others in force."""
    if question.agreement is not None:
        return world.agreements[question.agreement]
    found = [
        one
        for one in world.agreements.values()
        if any(_governs(version, question) for version in one.versions)
    ]
    in_force = {one.slug for one in found}
    tops = [one for one in found if not in_force & set(upwards(world, one.slug)[1:])]
    return tops[0] if len(tops) == 1 else None


def _depth_total(world: World, facts: list[Facts], question: Question) -> dict[str, Any]:
    most = max([agreed_number(world, question) or 0, *(one.attempts for one in _asked(facts))])
    at_least = [tried_at_least(facts, k) for k in range(1, most + 1)]
    return {**depth_of(facts, question), "at_least": at_least, "spacing": spacing_of(facts)}


def tried_at_least(facts: list[Facts], k: int) -> dict[str, int]:
    """Of the hand-offs not sent back, those with a k-th attempt, and those that connected before it."""
    asked = _asked(facts)
    attempted = sum(one.attempts >= k for one in asked)
    earlier = sum(one.attempts < k and one.connected_at is not None for one in asked)
    return {"k": k, "attempted": attempted, "connected_earlier": earlier, "total": len(asked)}


def attempts_by_business_day(world: World, question: Question) -> list[list[int]]:
    """How many first, second, … tenth and later attempts came on business day 0, 1, … 9, and 10 or later."""
    rows: list[list[int]] = []
    for one in _asked(chosen(world, question)):
        if not question.starts_on <= one.day < question.ends_on:
            continue
        for number, on in enumerate(one.tried_on, start=1):
            passed = sum(one.unpaused.is_open_on(day) for day in days_between(one.day + DAY, on + DAY))
            while len(rows) < min(number, 10):
                rows.append([0] * 11)
            rows[min(number, 10) - 1][min(passed, 10)] += 1
    return rows


def spacing_of(facts: list[Facts]) -> dict[str, Any]:
    """The seconds between attempts at known times, over the hand-offs that have not connected."""
    gaps = [
        int((later - earlier).total_seconds())
        for one in _asked(facts)
        if one.connected_at is None
        for earlier, later in zip(one.tried_at, one.tried_at[1:], strict=False)
    ]
    return {"n": len(gaps), "average": average(gaps), "median": percentile(gaps, Fraction(1, 2))}
