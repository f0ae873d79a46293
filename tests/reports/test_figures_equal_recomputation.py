"""The reports say what a slow recomputation says, on random small worlds (tests/worlds, tests/oracles), and figures
that were refreshed bit by bit are those of a rebuild.

`make proof` compares PROOF_N worlds from PROOF_SEED on, in parts that pytest-xdist can share out.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from io import StringIO

import pytest
from django.core.management import call_command

from reports import rollups
from tests.oracles.report_facts import all_facts
from tests.oracles.report_goals import FIGURES
from tests.oracles.report_world import RELEASING
from tests.worlds.comparison import differences_of, different, filters_of
from tests.worlds.generator import ZONES, make_world
from tests.worlds.loader import Loader
from tests.worlds.questions import make_questions

N, SEED, PART = 300, 20_180_301, 50
PROOF_N = int(os.environ.get("PROOF_N", "10000"))
PROOF_SEED = int(os.environ.get("PROOF_SEED", "1"))
PROOF_PART = 250


def differences_from(start: int, end: int) -> list[str]:
    return [difference for seed in range(start, end) for difference in differences_of(seed)]


@pytest.mark.django_db
@pytest.mark.parametrize("start", range(SEED, SEED + N, PART))
def test_reports_equal_a_recomputation(start):
    found = differences_from(start, start + PART)
    assert not found, f"{len(found)} differences: " + "\n".join(found[:20])


@pytest.fixture(scope="module")
def tally():
    """What was compared, said once at the end."""
    counts: Counter[str] = Counter()
    yield counts
    if counts:
        print(
            f"\nreports against a recomputation, and refresh against rebuild: {counts['worlds']} worlds, "
            f"seeds from {PROOF_SEED}, "
            f"{counts['differences']} differences"
        )


@pytest.mark.proof
@pytest.mark.django_db
@pytest.mark.parametrize("start", range(PROOF_SEED, PROOF_SEED + PROOF_N, PROOF_PART))
def test_reports_equal_a_recomputation_in_many_worlds(start, tally):
    end = min(start + PROOF_PART, PROOF_SEED + PROOF_N)
    found = differences_from(start, end)
    tally["worlds"] += end - start
    tally["differences"] += len(found)
    assert not found, f"{len(found)} differences: " + "\n".join(found[:20])


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(SEED, SEED + 3))
def test_the_command_prints_what_a_recomputation_says(seed):
    loader = Loader(make_world(seed))
    loader.load()
    rollups.refresh(now=loader.now)
    for question in make_questions(loader.world, 2):
        options = {
            "start": question.starts_on.isoformat(),
            "end": question.ends_on.isoformat(),
            "by": question.by,
            "as_of": question.as_of.isoformat(),
            "measure": question.measure,
            **filters_of(question),
        }
        if question.agreement is not None:
            options["agreement"] = question.agreement
        if question.goal is not None:
            options["goal"] = str(question.goal)
        names = {"start": "from", "end": "to", "as_of": "as-of"}
        arguments = [f"--{names.get(name, name)}={value}" for name, value in options.items()]
        for report, figures in FIGURES.items():
            out = StringIO()
            call_command("report", report, *arguments, stdout=out)
            found = different(json.loads(out.getvalue()), figures(loader.world, question), report)
            assert not found, "\n".join(found)


def test_the_worlds_hold_what_makes_figures_go_wrong():
    seen: Counter[str] = Counter()
    for seed in range(SEED, SEED + N):
        world = make_world(seed)
        seen.update(hours["tz"] for hours in world.calendars.values())
        seen["two agreements"] += len(world.agreements) > 1
        for agreement in world.agreements.values():
            seen["amended within a month"] += any(one.starts_on.day > 1 for one in agreement.versions[1:])
            pairs = zip(agreement.versions, agreement.versions[1:], strict=False)
            seen["a gap between versions"] += any(
                one.ends_on is not None and one.ends_on < other.starts_on for one, other in pairs
            )
            seen["goal of a campaign"] += any(one.campaign_goals for one in agreement.versions)
        seen["goal of the campaign asked for"] += any(
            (of, name) in version.campaign_goals
            for question in make_questions(world, 3)
            for of, name in filters_of(question).items()
            for agreement in world.agreements.values()
            for version in agreement.versions
        )
        for deal in world.deals:
            seen["deal without a lead"] += deal.lead is None
            seen["deal without an amount"] += deal.amount is None
        for one in all_facts(world, world.now):
            hand_off = one.hand_off
            seen["date-only hand-off"] += hand_off.when.is_date_only
            seen["later episode"] += one.number > 1
            seen["sales origin"] += one.lead.origin == "sales"
            seen["unassigned"] += one.owner is None
            seen["reassigned"] += hand_off.reassigned is not None
            seen["outside terms"] += one.version is None
            seen["early attempt"] += one.early > 0
            seen["released before the due time"] += bool(
                one.due_at and one.closed_as in RELEASING and one.closed_at and one.closed_at <= one.due_at
            )
            seen["released unanswered at the due time"] += bool(
                one.is_released and one.first_at is None and one.due_at and one.closed_at == one.due_at
            )
            seen["released after the due time"] += bool(
                one.due_at and one.closed_as in RELEASING and one.closed_at and one.closed_at > one.due_at
            )
            seen["released after an attempt"] += one.is_released and one.first_at is not None
            seen["met at the second"] += one.first_at is not None and one.first_at == one.due_at
            seen["missed by a second"] += bool(
                one.first_at and one.due_at and 0 < (one.first_at - one.due_at).total_seconds() < 2
            )
            seen["attempt after the connection"] += one.connected_at is not None and any(
                attempt.when.instant > one.connected_at for attempt in one.lead.attempts
            )
        for lead in world.leads:
            seen["voided"] += any(attempt.is_voided for attempt in lead.attempts)
            seen["automated"] += any(attempt.is_automated for attempt in lead.attempts)
            seen["date-only attempt"] += any(attempt.when.is_date_only for attempt in lead.attempts)
    rare = {name: n for name, n in seen.items() if n < (2 if name in ("missed by a second",) else 5)}
    assert not rare
    assert set(ZONES) <= seen.keys()
