"""Figures brought up to date bit by bit are row by row those that counting everything anew gives.

Random worlds do the same after their figures were compared (test_figures_equal_recomputation.py); here each kind of
correction stands alone, so that a failure names it.
"""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest

from leads.models import ChangedDay, FollowUpAttempt, HandOff
from leads.services.attempts import log_attempt
from leads.services.facts import refresh_facts
from leads.services.hand_offs import hand_over
from reports import rollups
from reports.checking import check_figures
from reports.models import PeriodFigure
from tests import factories
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


@pytest.mark.django_db
def test_an_attempt_that_was_made_at_another_time_changes_the_time_between_attempts(db):
    """What the hand-off knows stays the same: as many attempts, the same first, the same last."""
    day = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    now = day + dt.timedelta(days=3)
    hand_off = hand_over(lead=factories.lead(day), now=now, at=day)
    for hours in (1, 2, 30):
        log_attempt(
            hand_off=hand_off,
            attempted_at=day + dt.timedelta(hours=hours),
            channel="call",
            outcome="no_answer",
            now=now,
            key=f"after-{hours}",
        )
    rollups.refresh(now=now)
    second = FollowUpAttempt.objects.filter(external_id="after-2")
    second.update(voided_at=now)
    corrected = second.get()
    corrected.pk, corrected.voided_at, corrected.external_id = None, None, "after-5"
    corrected.attempted_at = day + dt.timedelta(hours=5)
    corrected.save()
    refresh_facts([hand_off.pk], now=now)
    rollups.refresh(now=now)
    figure = PeriodFigure.objects.get(grain="month", dimension="", agreement=None)
    assert (figure.gaps, figure.gap_median) == (2, (4 + 25) * 3600 / 2)
    assert not row_differences(stored_rows(), rebuilt_rows())


def test_who_has_no_hand_offs_has_nothing_to_check(db):
    assert check_figures(now=dt.datetime(2026, 3, 4, tzinfo=dt.UTC), random=Random(1)) == []
