"""What the explore page counts is what a slow recomputation says, in random small worlds, whatever is asked of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction

from agreements.models import Segment, Team
from leads.services.sweep import sweep_clocks
from reports import rollups
from reports.readings.explored import NOT_OF_LEADS, TIMES, By
from reports.readings.explored_details import explore
from reports.readings.explored_measures import MEASURES
from reports.readings.spacing import NO_SPACING, Spacing, spacing_by
from tests.oracles.explored import explored as recomputed
from tests.oracles.report_figures import arrival_hour, chosen, first_channel
from tests.oracles.report_world import Question, World
from tests.worlds.comparison import different, scope_of
from tests.worlds.generator import make_world
from tests.worlds.loader import Loader
from tests.worlds.questions import make_questions

N, SEED = 12, 20_261_127
PROOF_N = int(os.environ.get("PROOF_N", "1000"))
PROOF_SEED = int(os.environ.get("PROOF_SEED", "1"))
ASKED = tuple(By)
FREE = ("country", "channel", "hour", "outcome")


def differences_of(seed: int) -> list[str]:
    world = make_world(seed)
    random = Random(f"explore {seed}")
    found: list[str] = []
    with transaction.atomic():
        loader = Loader(world)
        loader.load()
        rollups.refresh(now=world.now)
        sweep_clocks(now=world.now)
        for asked in make_questions(world, 3):
            question = narrowed(world, asked, random)
            first = random.choice(ASKED)
            others = [by for by in ASKED if by is not first and not (by in TIMES and first in TIMES)]
            for by in ([first], [first, random.choice(others)]):
                found += differences(loader, world, question, by)
            found += spacing_differences(loader, world, question, random.choice(ASKED))
        transaction.set_rollback(True)
    return [f"world {seed}: {difference}" for difference in found]


def narrowed(world: World, question: Question, random: Random) -> Question:
    """Return a question that is often about one country, channel, hour or outcome, of those that there are."""
    if random.random() < 0.4:
        return question
    found = chosen(world, question)
    if not found:
        return question
    one = random.choice(found)
    keys = {
        "country": one.lead.country,
        "channel": first_channel(one),
        "hour": arrival_hour(world, question, one),
        "outcome": one.closed_as,
    }
    asked = random.sample(FREE, random.choice([1, 1, 2]))
    filters: dict[str, Any] = {name: keys[name] for name in asked}
    return replace(question, **filters)


def differences(loader: Loader, world: World, question: Question, by: list[By]) -> list[str]:
    named = namer()
    found = []
    scope = scope_of(loader, question)
    for key, measure in MEASURES.items():
        filters = scope.selection.filters().keys()
        if measure.of_leads and ({one.value for one in by} | filters) & {one.value for one in NOT_OF_LEADS}:
            continue
        said = explore(scope, measure, *by)
        rows = said.cells if len(by) == 2 else {(one,): row for one, row in said.first.items()}
        expected = recomputed(world, question, [one.value for one in by], key)
        where = f"{key} by {[one.value for one in by]} ({question})"
        numbers = {
            tuple(named(one, part) for one, part in zip(by, parts, strict=True)): measure.read(
                scope.period, row
            )
            for parts, row in rows.items()
        }
        # A time bucket without a case stands there all the same.
        extra = {parts for parts in numbers.keys() - expected.keys() if not _is_nothing(numbers[parts].value)}
        found += [f"{parts} is said, {where}" for parts in extra]
        numbers[()] = measure.read(scope.period, said.total)
        for parts, value in expected.items():
            if parts not in numbers:
                found.append(f"{parts} is not said, {where}")
            else:
                found += different(numbers[parts].value, value, f"{parts} of {where}")
    return found


def spacing_differences(loader: Loader, world: World, question: Question, by: By) -> list[str]:
    """Compare the time between attempts of each group; a group without any is not said."""
    named, said = namer(), spacing_by(scope_of(loader, question), by)
    by_name: dict[tuple[str, ...], Spacing] = {(named(by, key),): one for key, one in said.items()}
    expected = recomputed(world, question, [by.value], "gaps")
    del expected[()]
    found = [f"spacing of {parts} is said" for parts in by_name.keys() - expected.keys()]
    for parts, spacing in expected.items():
        where = f"spacing of {parts} by {by.value} ({question})"
        found += different(by_name.get(parts, NO_SPACING).as_json(), spacing, where)
    return found


def namer() -> Callable[[By, str], str]:
    """Return how a key is called in the world."""
    names = {
        By.REP: {str(pk): name for pk, name in get_user_model().objects.values_list("pk", "name")},
        By.TEAM: {str(pk): name for pk, name in Team.objects.values_list("pk", "name")},
        By.SEGMENT: {str(pk): slug for pk, slug in Segment.objects.values_list("pk", "slug")},
    }
    return lambda by, key: names.get(by, {}).get(key, key.removeprefix("name:"))


def _is_nothing(value: object) -> bool:
    return value is None or value == 0


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(SEED, SEED + N))
def test_explored_figures_equal_a_recomputation(seed):
    found = differences_of(seed)
    assert not found, f"{len(found)} differences: " + "\n".join(found[:20])


@pytest.mark.proof
@pytest.mark.django_db
@pytest.mark.parametrize("start", range(PROOF_SEED, PROOF_SEED + PROOF_N, 100))
def test_explored_figures_equal_a_recomputation_in_many_worlds(start):
    end = min(start + 100, PROOF_SEED + PROOF_N)
    found = [one for seed in range(start, end) for one in differences_of(seed)]
    print(f"\nexplored against a recomputation: worlds {start} to {end - 1}, {len(found)} differences")
    assert not found, f"{len(found)} differences: " + "\n".join(found[:20])
