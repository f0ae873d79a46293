"""What drafted terms would have meant is what a walk through each hand-off says, on random small worlds.

`make proof` compares PROOF_N worlds from PROOF_SEED on.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from random import Random

import pytest
from django.db import transaction

from reports.periods import Period
from reports.readings.population import CameUnder, population
from reports.readings.simulation import (
    REST,
    DepthTerms,
    curve,
    depth_under,
    judged_under,
    speed_under,
)
from tests.oracles import simulation as oracle
from tests.oracles.report_facts import Facts
from tests.worlds.comparison import different
from tests.worlds.generator import make_world
from tests.worlds.loader import Loader

N, SEED = 40, 20_260_401
PROOF_N = int(os.environ.get("PROOF_N", "1000"))
PROOF_SEED = int(os.environ.get("PROOF_SEED", "1"))
PROOF_PART = 100
SECOND = dt.timedelta(seconds=1)


def drafted_allowances(random: Random, facts: list[Facts], now: dt.datetime) -> list[int]:
    """Allowances that are used up just when something happened, or by now, a second less or more; and round ones."""
    found = {60 * random.choice([1, 15, 60, 240, 480, 960, 2400]) for _ in range(3)} | {0}
    for one in random.sample(facts, min(3, len(facts))):
        ends = [end for end in (one.first_at, one.closed_at, now) if end is not None and end >= one.at]
        used = one.walker.elapsed(one.at, random.choice(ends))
        found |= {used, max(0, used + random.choice([-1, 1]))}
    return sorted(found)


def compared(seed: int, seen: Counter[str]) -> list[str]:
    """Load the world of that seed and ask what random terms would have meant; return every difference."""
    world, found = make_world(seed), list[str]()
    if not world.agreements:
        return found
    random = Random(f"simulation {seed}")
    with transaction.atomic():
        loader = Loader(world)
        loader.load()
        for slug, agreement in loader.agreements.items():
            start = (world.now - dt.timedelta(days=random.randint(1, 70))).date()
            end = start + dt.timedelta(days=random.choice([10, 30, 90]))
            of_days = oracle.asked(world, slug, start, end)
            asked = population(agreement, Period(start, end), world.now)
            facts = {
                kind: oracle.falling_under(world, of_days, slug, kind, start, end)
                for kind in ("speed", "depth", "acceptance", "outcome")
            }
            found += speed_differences(random, loader, asked.judged_by("speed"), facts["speed"], seen)
            found += depth_differences(random, loader, asked.judged_by("depth"), facts["depth"], seen)
            found += deadline_differences(Random(f"deadlines {seed} {slug}"), loader, asked, facts)
            seen["came under one above"] += asked.came_under is CameUnder.ABOVE
            seen["judged below"] += any(len(some) < len(of_days) for some in facts.values())
        transaction.set_rollback(True)
    seen["worlds"] += 1
    return [f"world {seed}: {difference}" for difference in found]


def own_segments(random: Random, loader: Loader) -> dict[str, str]:
    """Some segments that get terms of their own: name by key."""
    return {str(one.pk): name for name, one in loader.segments.items() if random.random() < 0.4}


def of_key(facts: list[Facts], key: str, own: dict[str, str]) -> list[Facts]:
    if key != REST:
        return [one for one in facts if one.lead.segment == own[key]]
    return [one for one in facts if one.lead.segment not in own.values()]


def speed_differences(random, loader, asked, facts, seen) -> list[str]:
    allowances, now = drafted_allowances(random, facts, loader.world.now), loader.world.now
    found = []
    for allowance, judged_by_it in zip(allowances, curve(asked, allowances), strict=True):
        found += different(as_dict(judged_by_it), oracle.in_time(facts, allowance, now), f"{allowance} s")
        note_edges(facts, allowance, now, seen)
    own = own_segments(random, loader)
    drafted = {key: random.choice(allowances) for key in (REST, *own)}
    said = speed_under(asked, drafted)
    total: Counter[str] = Counter(met=0, due=0, attempted_not_yet_due=0, open_not_yet_due=0)
    for key, allowance in drafted.items():
        some = of_key(facts, key, own)
        expected = oracle.in_time(some, allowance, now)
        total.update(expected)
        if some:
            judged = as_dict(said.judged[key]) if key in said.judged else dict.fromkeys(expected, 0)
            found += different(judged, expected, f"segment {key!r}")
        if any(one.first_at for one in some):
            found += different(as_dict(said.waits[key]), oracle.waits(some), f"waits of {key!r}")
    found += different(as_dict(said.all_judged), dict(total), "all")
    return found + different(as_dict(said.all_waits), oracle.waits(facts), "waits of all")


def deadline_differences(random, loader, asked, facts_by_kind) -> list[str]:
    """The same for the time to accept and the time to an outcome."""
    now, found = loader.world.now, []
    for kind in ("acceptance", "outcome"):
        facts = facts_by_kind[kind]
        allowances = {60 * random.choice([1, 60, 480, 2400]), 0}
        for one in random.sample(facts, min(3, len(facts))):
            done_at = one.answered_at if kind == "acceptance" else one.came_out_at
            used = one.unpaused.elapsed(one.at, done_at or one.closed_at or now)
            allowances |= {used, max(0, used + random.choice([-1, 1]))}
        own = own_segments(random, loader)
        drafted = {key: random.choice(sorted(allowances)) for key in (REST, *own)}
        said = judged_under(asked.judged_by(kind), drafted, of=kind)
        for key, allowance in drafted.items():
            expected = oracle.by_deadline(of_key(facts, key, own), kind, allowance, now)
            judged = as_dict(said[key]) if key in said else dict.fromkeys(expected, 0)
            found += different(judged, expected, f"{kind} of {key!r} within {allowance} s")
    return found


def drafted_depth(random: Random, facts: list[Facts], now: dt.datetime, seen: Counter[str]) -> DepthTerms:
    """Terms whose window often ends with an attempt, the last of as many as are drafted, or at this instant."""
    attempts, automated = random.choice([None, 1, 2, 3]), random.random() < 0.4
    window = dt.timedelta(hours=random.choice([0, 1, 24, 72, 24 * 14]))
    waiting = [one for one in facts if one.connected_at is None and one.attempts]
    if waiting and random.random() < 0.6:
        one = random.choice(waiting)
        made = sorted(
            a.when.instant for a in one.lead.attempts if not a.is_voided and a.when.instant >= one.at
        )
        if made:
            attempts = random.randint(1, len(made))
            window = made[attempts - 1] - one.at
            seen["window ends with an attempt"] += 1
    young = [one for one in facts if one.connected_at is None and one.closed_at is None]
    if young and random.random() < 0.3:
        window = now - random.choice(young).at
        seen["window ends at this instant"] += 1
    return DepthTerms(attempts, window, automated)


def depth_differences(random, loader, asked, facts, seen) -> list[str]:
    own, found = own_segments(random, loader), []
    for _question in range(4):
        drafted = {key: drafted_depth(random, facts, loader.world.now, seen) for key in (REST, *own)}
        said = depth_under(asked, drafted)
        for key, terms in drafted.items():
            some = of_key(facts, key, own)
            plain = oracle.DraftedDepth(terms.attempts, terms.window, terms.counts_automated)
            expected = oracle.depth(loader.world, some, plain)
            got = as_dict(said[key]) if key in said else dict.fromkeys(expected, 0)
            found += different(got, expected, f"depth of {key!r}")
            seen["fully worked"] += expected["fully_worked"]
            seen["young"] += expected["young"]
    return found


def as_dict(said) -> dict[str, object]:
    names = [name for name in dir(type(said)) if not name.startswith("_")]
    return {name: getattr(said, name) for name in names}


def note_edges(facts: list[Facts], allowance: int, now: dt.datetime, seen: Counter[str]) -> None:
    """Count the cases in which rules differ."""
    for one in facts:
        if one.hand_off.when.is_date_only:
            continue
        due_at = one.walker.due(one.at, allowance)
        ended_at = one.first_at or (one.closed_at if one.is_released else None)
        if ended_at is not None and one.walker.elapsed(one.at, ended_at) == allowance:
            kind = "attempted" if one.first_at else "released"
            seen[f"{kind} at the due time" if ended_at == due_at else f"{kind} after closing time"] += 1
        seen["due at this instant"] += due_at == now
        seen["open, due"] += ended_at is None and due_at is not None and due_at < now
        seen["open, not yet due"] += ended_at is None and (due_at is None or due_at >= now)
        seen["attempted, not yet due"] += one.first_at is not None and (due_at is None or due_at >= now)


EDGES = (
    "attempted at the due time",
    "attempted after closing time",
    "released at the due time",
    "released after closing time",
    "open, due",
    "open, not yet due",
    "attempted, not yet due",
    "fully worked",
    "young",
    "window ends with an attempt",
    "window ends at this instant",
    "judged below",
)


@pytest.mark.django_db
def test_simulated_terms_equal_a_recomputation():
    seen: Counter[str] = Counter()
    found = [difference for seed in range(SEED, SEED + N) for difference in compared(seed, seen)]
    assert not found, f"{len(found)} differences: " + "\n".join(found[:20])
    assert all(seen[edge] for edge in EDGES), seen


@pytest.fixture(scope="module")
def tally():
    """What was compared, said once at the end."""
    seen: Counter[str] = Counter()
    yield seen
    if seen:
        print(f"\nsimulated terms against a recomputation, seeds from {PROOF_SEED}: {dict(seen)}")


@pytest.mark.proof
@pytest.mark.django_db
@pytest.mark.parametrize("start", range(PROOF_SEED, PROOF_SEED + PROOF_N, PROOF_PART))
def test_simulated_terms_equal_a_recomputation_in_many_worlds(start, tally):
    end = min(start + PROOF_PART, PROOF_SEED + PROOF_N)
    found = [difference for seed in range(start, end) for difference in compared(seed, tally)]
    tally["differences"] += len(found)
    assert not found, f"{len(found)} differences: " + "\n".join(found[:20])
