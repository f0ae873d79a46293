"""How many hand-offs are behind each figure is what a slow recomputation says, in random small worlds."""

from __future__ import annotations

import os
from random import Random

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction

from reports import rollups
from reports.readings.behind import FIGURES, behind, tally
from reports.readings.explored_measures import MOST_TRIED
from tests.oracles.report_figures import chosen, depth_of, speed_of, tried_at_least
from tests.oracles.report_world import Question, World
from tests.worlds.comparison import scope_of
from tests.worlds.generator import make_world
from tests.worlds.loader import Loader
from tests.worlds.questions import make_questions

N, SEED = 12, 20_261_128
PROOF_N = int(os.environ.get("PROOF_N", "1000"))
PROOF_SEED = int(os.environ.get("PROOF_SEED", "1"))


def recomputed(world: World, question: Question) -> dict[str, int]:
    inside = [one for one in chosen(world, question) if question.starts_on <= one.day < question.ends_on]
    speed, depth = speed_of(inside, question), depth_of(inside, question)
    due, met = speed["in_time"]["denominator"], speed["in_time"]["numerator"]
    worked = depth["worked"]["numerator"]
    return {
        "hand_offs": len(inside),
        "timed": speed["handed_off"],
        "attempted": speed["attempted"],
        "open": speed["open"],
        "overdue": speed["open_overdue"],
        "due": due,
        "in_time": met,
        "late": due - met,
        "not_yet_due": sum(speed["not_yet_due"].values()),
        "not_connected": depth["not_connected"],
        "worked": worked,
        "unworked": depth["not_connected"] - worked,
        "fully_worked": depth["fully_worked"]["numerator"],
        "stopped_early": depth["stopped_early"]["numerator"],
        "young": depth["young"]["not_connected"],
        **{f"tried_{k}": tried_at_least(inside, k)["attempted"] for k in range(1, MOST_TRIED + 1)},
    }


def differences_of(seed: int) -> list[str]:
    world, random, found = make_world(seed), Random(f"behind {seed}"), []
    with transaction.atomic():
        loader = Loader(world)
        loader.load()
        rollups.refresh(now=world.now)
        reader = get_user_model().objects.order_by("pk").first()
        for question in make_questions(world, 4):
            scope, expected = scope_of(loader, question), recomputed(world, question)
            said = tally(scope)
            found += [
                f"world {seed}: {figure} is {said[figure]}, not {n} ({question})"
                for figure, n in expected.items()
                if said[figure] != n
            ]
            figure = random.choice(list(FIGURES))
            rows = behind(scope, figure, user=reader, number=1, most=1_000)
            if not rows.total == len(rows.rows) == expected[figure]:
                found.append(f"world {seed}: {rows.total} rows behind {figure}, not {expected[figure]}")
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(SEED, SEED + N))
def test_rows_behind_figures_equal_a_recomputation(seed):
    assert differences_of(seed) == []


@pytest.mark.proof
@pytest.mark.django_db
@pytest.mark.parametrize("start", range(PROOF_SEED, PROOF_SEED + PROOF_N, 100))
def test_rows_behind_figures_equal_a_recomputation_in_many_worlds(start):
    end = min(start + 100, PROOF_SEED + PROOF_N)
    found = [one for seed in range(start, end) for one in differences_of(seed)]
    print(
        f"\nrows behind figures against a recomputation: worlds {start} to {end - 1}, {len(found)} differences"
    )
    assert found == []
