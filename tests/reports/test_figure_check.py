"""The nightly check: it finds what is wrong in stored facts and figures, puts it right, says so, and takes nothing for
wrong that is merely new.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from random import Random

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.utils import timezone

from leads.models import ChangedDay, FollowUpAttempt, HandOff
from leads.services.attempts import log_attempt
from leads.services.facts import wrong_facts
from reports import checking, rollups
from reports.checking import check_figures, check_month
from reports.models import FigureCheck, FigureState, PeriodFigure
from reports.periods import month_of
from tests.reports.answers import texts
from tests.reports.sample_month import MARCH, NOW
from tests.worlds.corrections import CORRECTIONS
from tests.worlds.generator import make_world
from tests.worlds.loader import Loader
from tests.worlds.stored import rebuilt_rows, row_differences, stored_rows

SEED, WORLDS = 7_700, 12
NEXT_DAY = NOW + dt.timedelta(days=1)


@pytest.fixture
def counted(company):
    rollups.refresh(now=NOW)
    return company


@pytest.fixture
def seen_now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@contextmanager
def behind_the_back() -> Iterator[None]:
    """Let rows be changed as nobody may: without the triggers that note it."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = DEFAULT")


def test_nothing_is_wrong_where_nothing_was_touched(counted):
    (checked,) = check_figures(now=NOW, random=Random(1), months=1)
    assert (checked.wrong_hand_offs, checked.wrong_figures, checked.examples) == (0, 0, [])
    assert (
        checked.hand_offs
        == HandOff.objects.filter(handed_off_on__in=list(month_of(checked.month_on))).count()
    )
    assert checked.figures > 0


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(SEED, SEED + WORLDS))
def test_random_worlds_that_were_corrected_have_nothing_wrong(seed):
    world, random = make_world(seed), Random(f"check {seed}")
    with transaction.atomic():
        Loader(world).load()
        for hand_off in HandOff.objects.order_by("pk")[:6]:
            random.choice(CORRECTIONS)(hand_off, random)
        checks = check_figures(now=world.now, random=random, months=4)
        assert bool(checks) == HandOff.objects.exists()  # in some worlds nothing was handed over
        assert not [one.examples for one in checks if one.wrong]
        transaction.set_rollback(True)


def test_wrong_figures_are_found_named_logged_and_put_right(counted, caplog):
    right = stored_rows()
    wrong = PeriodFigure.objects.filter(grain="month", dimension="", agreement=counted.agreement)
    wrong.update(attempts=4_000)
    lost = PeriodFigure.objects.filter(grain="day", dimension="owner", starts_on__month=3).first()
    lost.delete()
    with caplog.at_level(logging.ERROR, logger="reports.checking"):
        checked = check_month(month_of(MARCH), now=NOW)
    assert (checked.wrong_hand_offs, checked.wrong_figures) == (0, 2)
    assert any("grain month" in line for line in checked.examples)
    assert any("grain day" in line and f"key {lost.key}" in line for line in checked.examples)
    assert [record.getMessage() for record in caplog.records] == [
        f"stored figures of 2026-03: {line}" for line in checked.examples
    ]
    assert not row_differences(stored_rows(), right)
    assert not check_month(month_of(MARCH), now=NOW).wrong


def test_a_figure_that_nobody_made_is_wrong_too(counted):
    extra = PeriodFigure.objects.filter(grain="day", dimension="source", starts_on__month=3).first()
    extra.pk, extra.key = None, "nowhere"
    extra.save()
    assert check_month(month_of(MARCH), now=NOW).wrong_figures == 1
    assert not PeriodFigure.objects.filter(key="nowhere").exists()


def test_wrong_facts_are_found_and_their_figures_follow(counted):
    right = stored_rows()
    tried = HandOff.objects.filter(attempts__gt=0, handed_off_on__month=3).earliest("pk")
    with behind_the_back():
        HandOff.objects.filter(pk=tried.pk).update(attempts=tried.attempts + 5)
    rollups.rebuild()
    assert row_differences(stored_rows(), right)
    checked = check_month(month_of(MARCH), now=NOW)
    assert checked.wrong_hand_offs == 1
    assert f"hand-off {tried.pk}" in checked.examples[0]
    assert not row_differences(stored_rows(), right)
    assert not wrong_facts([tried.pk], now=NOW)


def test_an_attempt_that_came_by_no_known_way_is_found(counted):
    tried = HandOff.objects.filter(attempts__gt=0, connected_at=None, closed_at=None).earliest("pk")
    found = FollowUpAttempt.objects.filter(hand_off=tried).latest("attempted_at")
    found.pk, found.external_id, found.attempted_at = (
        None,
        "nobody",
        found.attempted_at + dt.timedelta(minutes=1),
    )
    with behind_the_back():
        found.save()
    checked = check_month(month_of(tried.handed_off_on), now=NEXT_DAY)
    assert checked.wrong_hand_offs == 1
    assert HandOff.objects.get(pk=tried.pk).attempts == tried.attempts + 1
    assert not row_differences(stored_rows(), rebuilt_rows())


def test_what_changes_while_a_month_is_counted_is_not_wrong(counted, monkeypatch):
    hand_off = HandOff.objects.filter(closed_at=None, connected_at=None, handed_off_on__month=3).earliest(
        "pk"
    )
    recount = rollups.rebuild

    def meanwhile(**period):
        log_attempt(
            hand_off=hand_off,
            attempted_at=NOW,
            channel="call",
            outcome="no_answer",
            now=NOW,
        )
        return recount(**period)

    monkeypatch.setattr(rollups, "rebuild", meanwhile)
    assert not check_month(month_of(MARCH), now=NOW).wrong
    assert ChangedDay.objects.filter(day_on=hand_off.handed_off_on).exists()


def test_a_check_that_takes_long_does_not_set_back_up_to_when_figures_are_complete(counted):
    HandOff.objects.filter(handed_off_on__month=3).update(agreed_attempts=9)
    rollups.refresh(now=NEXT_DAY)
    HandOff.objects.filter(handed_off_on__month=3).update(agreed_attempts=5)
    assert not check_month(month_of(MARCH), now=NOW).wrong
    state = FigureState.objects.get()
    assert (state.started_at, state.complete_at) == (NEXT_DAY, NEXT_DAY)


def test_the_latest_month_is_always_looked_at_and_others_in_turn(counted, monkeypatch):
    looked_at = []
    monkeypatch.setattr(checking, "check_month", lambda month, *, now: looked_at.append(month.start))
    months = list(HandOff.objects.dates("handed_off_on", "month"))
    for seed in range(30):
        check_figures(now=NOW, random=Random(seed), months=2)
    assert looked_at[:: min(2, len(months))] == [months[-1]] * 30
    assert set(looked_at) == set(months)


def test_the_command_prints_each_month_and_fails_where_something_was_wrong(counted):
    said = StringIO()
    call_command("check_figures", "--months", "1", "--seed", "3", stdout=said)
    line = json.loads(said.getvalue())
    assert (line["wrong_hand_offs"], line["wrong_figures"]) == (0, 0) and line["figures"]
    PeriodFigure.objects.filter(grain="month", dimension="").update(handed_off=1)
    with pytest.raises(CommandError, match="put right"):
        call_command("check_figures", "--months", "12", stdout=said)
    with pytest.raises(CommandError, match="at least one"):
        call_command("check_figures", "--months", "0", stdout=said)


def test_pages_say_for_a_day_that_figures_were_wrong(client, counted, seen_now):
    client.force_login(counted.viewer)
    said = "The nightly check found"
    assert said not in client.get("/speed/", {"month": "2026-03"}).text
    check = FigureCheck(month_on=MARCH, checked_at=NOW - dt.timedelta(hours=3), hand_offs=9, figures=99)
    check.wrong_hand_offs, check.wrong_figures = 1, 1_200
    check.save()
    notices = texts(client.get("/speed/", {"month": "2026-03"}), "div")
    assert any(f"{said} 1,201 numbers" in notice for notice in notices)
    FigureCheck.objects.update(checked_at=NOW - dt.timedelta(hours=25))
    assert said not in client.get("/speed/", {"month": "2026-03"}).text


def test_a_refresh_that_began_and_never_ended_is_told(client, counted, seen_now):
    client.force_login(counted.viewer)
    state = FigureState.objects.get()
    assert (state.started_at, state.complete_at, state.is_at_work) == (NOW, NOW, False)
    began = NOW - dt.timedelta(minutes=5)
    FigureState.objects.update(complete_at=NOW - dt.timedelta(minutes=30), started_at=began)
    assert FigureState.objects.get().is_at_work
    assert "has not ended" in client.get("/speed/", {"month": "2026-03"}).text
    FigureState.objects.update(started_at=NOW - dt.timedelta(minutes=30))
    assert "has not run since" in client.get("/speed/", {"month": "2026-03"}).text
