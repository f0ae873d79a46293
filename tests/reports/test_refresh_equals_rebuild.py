"""Figures brought up to date bit by bit are row by row those that counting everything anew gives."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from random import Random

import pytest
from django.db import transaction

from leads.models import ChangedDay, HandOff, Lead
from leads.services.facts import refresh_facts
from reports import rollups
from reports.periods import Period
from tests.worlds.generator import make_world
from tests.worlds.loader import Loader
from tests.worlds.stored import rebuilt_rows, row_differences, stored_rows

N, SEED = 25, 4_100
PROOF_N = int(os.environ.get("PROOF_REFRESH_N", "500"))
PROOF_SEED = int(os.environ.get("PROOF_SEED", "1"))

Change = Callable[[HandOff, Random], None]


def move_to_another_day(hand_off: HandOff, random: Random) -> None:
    days = dt.timedelta(days=random.randint(-40, 40))
    HandOff.objects.filter(pk=hand_off.pk).update(
        handed_off_at=hand_off.handed_off_at + days,
        handed_off_on=hand_off.handed_off_on + days,
        due_at=None,
        at_risk_at=None,
        state="no_clock",
        first_attempt_at=None,
        first_attempt_business_seconds=None,
        routing_business_seconds=None,
    )
    refresh_facts([hand_off.pk], now=hand_off.handed_off_at + dt.timedelta(days=900))


def lose_its_segment(hand_off: HandOff, random: Random) -> None:
    HandOff.objects.filter(pk=hand_off.pk).update(segment=None)


def lose_its_agreement(hand_off: HandOff, random: Random) -> None:
    HandOff.objects.filter(pk=hand_off.pk).update(agreement=None, version=None)


def lose_its_owner(hand_off: HandOff, random: Random) -> None:
    HandOff.objects.filter(pk=hand_off.pk).update(owner=None, owner_name=random.choice(["", "Zoe"]))


def turn_out_to_be_sales_own(hand_off: HandOff, random: Random) -> None:
    Lead.objects.filter(pk=hand_off.lead_id).update(origin="sales")


def come_from_elsewhere(hand_off: HandOff, random: Random) -> None:
    Lead.objects.filter(pk=hand_off.lead_id).update(source="elsewhere")


def never_have_been(hand_off: HandOff, random: Random) -> None:
    if not hand_off.follow_up_attempts.exists():
        hand_off.delete()


CHANGES: list[Change] = [
    move_to_another_day,
    lose_its_segment,
    lose_its_agreement,
    lose_its_owner,
    turn_out_to_be_sales_own,
    come_from_elsewhere,
    never_have_been,
]


def differences_of(seed: int) -> list[str]:
    random = Random(f"refresh {seed}")
    world = make_world(seed, leads=random.randint(1, 9))
    found: list[str] = []
    with transaction.atomic():
        loader = Loader(world)
        for step in loader.steps():
            step()
            if random.random() < 0.15:
                refresh_some(world.now, random)
        rollups.refresh(now=world.now)
        for hand_off in random.sample(list(HandOff.objects.all()), min(3, HandOff.objects.count())):
            random.choice(CHANGES)(hand_off, random)
            if random.random() < 0.3:
                refresh_some(world.now, random)
        rollups.refresh(now=world.now)
        assert not ChangedDay.objects.exists()
        refreshed = stored_rows()
        rollups.rebuild()
        found += row_differences(refreshed, stored_rows())
        found += row_differences(refreshed, rebuilt_rows())
        transaction.set_rollback(True)
    return [f"world {seed}: {difference}" for difference in found]


def refresh_some(now: dt.datetime, random: Random) -> None:
    """All that changed, or what changed in some days only."""
    days = sorted(ChangedDay.objects.values_list("day_on", flat=True))
    if days and random.random() < 0.4:
        rollups.refresh(now=now, period=Period(days[0], random.choice(days) + dt.timedelta(days=1)))
    else:
        rollups.refresh(now=now)


@pytest.mark.django_db
def test_refreshed_figures_equal_rebuilt_ones():
    found = [difference for seed in range(SEED, SEED + N) for difference in differences_of(seed)]
    assert not found, f"{len(found)} rows differ: " + "\n".join(found[:10])


@pytest.mark.django_db
@pytest.mark.parametrize("change", CHANGES)
def test_each_correction_is_noted(change):
    random = Random(change.__name__)
    world = make_world(SEED, leads=12)
    loader = Loader(world)
    loader.load_at_once()
    rollups.refresh(now=world.now)
    for hand_off in HandOff.objects.all()[:4]:
        change(hand_off, random)
    rollups.refresh(now=world.now)
    assert not row_differences(stored_rows(), rebuilt_rows())


@pytest.mark.proof
@pytest.mark.django_db
def test_refreshed_figures_equal_rebuilt_ones_in_many_worlds():
    found = [
        difference for seed in range(PROOF_SEED, PROOF_SEED + PROOF_N) for difference in differences_of(seed)
    ]
    print(f"\nrefresh against rebuild: {PROOF_N} worlds, seeds from {PROOF_SEED}, {len(found)} rows differ")
    assert not found, f"{len(found)} rows differ: " + "\n".join(found[:10])
