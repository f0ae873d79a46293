"""Random questions about a world, the same for the same world."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from random import Random

from tests.oracles.report_facts import all_facts
from tests.oracles.report_world import Question, World
from tests.worlds.generator import DAY, MEASURES, SECOND, SEGMENTS


def make_questions(world: World, n: int) -> list[Question]:
    """Return n questions: the first as of now and mostly about everything, then of the past, with random filters.

    The first is for speed and depth, each other for one report on the work of sales and one on the flow of leads.
    """
    random = Random(f"questions {world.seed}")
    instants, edges = _instants(world), _edges(world)
    days = sorted({instant.date() for instant in instants})
    first, last = days[0].replace(day=1), (days[-1] + 32 * DAY).replace(day=1)
    outside = {one.owner for lead in world.leads for one in lead.hand_offs}
    people = [name for name in world.people if name in outside or not name.startswith("ext-")]
    questions = []
    for i in range(n):
        starts_on, ends_on = first, last
        if random.random() < (0.5 if i else 0.25):
            starts_on += random.randint(0, 40) * DAY
            ends_on = starts_on + random.choice([1, 7, 20, 31, 45]) * DAY
        as_of = world.now
        if i and random.random() < 0.75:
            as_of = random.choice(random.choice([instants, edges]))
            as_of = min(as_of + random.choice([0, 0, 0, -1, 1, 40_000]) * SECOND, world.now)
        filters: dict[str, str] = {}
        for name, values in (
            ("segment", sorted(SEGMENTS)),
            ("source", sorted({"", *(lead.source for lead in world.leads)})),
            ("owner", ["", *sorted(people)]),
        ):
            if random.random() < (0.2 if i else 0.07):
                filters[name] = random.choice(values)
        of_campaign = Random(f"campaign {world.seed} {i}")
        if of_campaign.random() < 0.15:
            filters["campaign"] = of_campaign.choice(sorted({"", *(lead.campaign for lead in world.leads)}))
        questions.append(
            Question(
                starts_on=starts_on,
                ends_on=ends_on,
                as_of=as_of,
                by=random.choice(["day", "week", "month"]),
                agreement=random.choice(sorted(world.agreements))
                if world.agreements and random.random() < (0.5 if i else 0.2)
                else None,
                measure=random.choice(MEASURES[1:]),
                reports=(
                    random.choice(["speed", "depth"]),
                    random.choice(["waterfall", "waterfall", "recalibration"]),
                )
                if i
                else ("speed", "depth"),
                goal=Decimal(random.randint(0, 999)) if random.random() < 0.15 else None,
                **filters,
            )
        )
    return questions


def _instants(world: World) -> list[datetime]:
    found = [world.now - 30 * DAY, world.now]
    for one in all_facts(world, world.now):
        found += [one.at, one.at, *(x for x in (one.due_at, one.window_ends_at) if x is not None)]
        found += [x for x in (one.hand_off.closed_at, one.hand_off.accepted_at, one.assigned_at) if x]
    found += [attempt.when.instant for lead in world.leads for attempt in lead.attempts]
    return [min(x, world.now) for x in found]


def _edges(world: World) -> list[datetime]:
    """Instants at which a hand-off becomes overdue, or its window ends."""
    ends = [
        x for one in all_facts(world, world.now) for x in (one.due_at, one.window_ends_at) if x is not None
    ]
    return [x for x in ends if x <= world.now] or [world.now]
