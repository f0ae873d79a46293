"""Figures brought up to date bit by bit are row by row those that counting everything anew gives.

Random worlds do the same after their figures were compared (test_figures_equal_recomputation.py); here each kind of
correction stands alone, so that a failure names it.
"""

from __future__ import annotations

from random import Random

import pytest

from leads.models import ChangedDay, HandOff
from reports import rollups
from tests.worlds.corrections import CORRECTIONS
from tests.worlds.generator import make_world
from tests.worlds.loader import Loader
from tests.worlds.stored import rebuilt_rows, row_differences, stored_rows

SEED = 4_100


@pytest.mark.django_db
@pytest.mark.parametrize("correct", CORRECTIONS)
def test_each_correction_is_noted(correct):
    random = Random(correct.__name__)
    world = make_world(SEED, leads=12)
    loader = Loader(world)
    loader.load_at_once()
    rollups.refresh(now=world.now)
    for hand_off in HandOff.objects.all()[:4]:
        correct(hand_off, random)
    rollups.refresh(now=world.now)
    assert not ChangedDay.objects.exists()
    assert not row_differences(stored_rows(), rebuilt_rows())
