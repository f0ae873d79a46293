"""After a history came in, figures are counted a month at a time: whatever ends the work, what was counted stays."""

from __future__ import annotations

import datetime as dt

import pytest

from leads.models import ChangedDay, HandOff
from leads.services.hand_offs import hand_over
from reports import rollups
from reports.models import FigureState, PeriodFigure
from reports.periods import Period
from tests import factories
from tests.worlds.stored import rebuilt_rows, row_differences, stored_rows

pytestmark = pytest.mark.django_db
BEGIN = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
NOW = BEGIN + dt.timedelta(days=140)
MONTHS = [dt.date(2026, month, 1) for month in (1, 2, 3, 4, 5)]


@pytest.fixture
def history():
    """A hand-off every third day of five months: more days than are counted together."""
    for days in range(0, 140, 3):
        at = BEGIN + dt.timedelta(days=days)
        hand_over(lead=factories.lead(at), now=at, at=at)
    assert ChangedDay.objects.values("day_on").distinct().count() > rollups.TOGETHER


class Ended(Exception):
    pass


def ends_before(monkeypatch, month):
    """Let the work end as it is about to count this month; what it counted before comes into the list."""
    counted, count = [], rollups._rewrite

    def until_then(days):
        first = min(days).replace(day=1)
        if first == month:
            raise Ended
        counted.append(first)
        return count(days)

    monkeypatch.setattr(rollups, "_rewrite", until_then)
    return counted


def months_stored():
    found = PeriodFigure.objects.filter(grain="month", dimension="", agreement=None)
    return sorted(found.values_list("starts_on", flat=True))


def test_what_was_counted_before_the_work_ended_stays(history, monkeypatch):
    with monkeypatch.context() as patched:
        counted = ends_before(patched, MONTHS[2])
        with pytest.raises(Ended):
            rollups.refresh(now=NOW)
    assert counted == MONTHS[:2:-1]  # the newest first
    assert months_stored() == MONTHS[3:]
    assert FigureState.objects.get().complete_at is None
    assert {day.replace(day=1) for day in ChangedDay.objects.values_list("day_on", flat=True)} == set(
        MONTHS[:3]
    )
    done = rollups.refresh(now=NOW)
    assert done is not None
    assert done.days == HandOff.objects.filter(handed_off_on__lt=MONTHS[3]).count()
    assert FigureState.objects.get().complete_at == NOW
    assert not ChangedDay.objects.exists()
    assert not row_differences(stored_rows(), rebuilt_rows())


def test_each_month_has_a_statement_of_its_own_and_few_days_have_one(history, monkeypatch):
    counted, count = [], rollups._rewrite
    monkeypatch.setattr(rollups, "_rewrite", lambda days: counted.append(set(days)) or count(days))
    done = rollups.refresh(now=NOW)
    assert [min(days).replace(day=1) for days in counted] == MONTHS[::-1]
    assert done == rollups.Refreshed(days=47, periods=done.periods)
    counted.clear()
    for days in (1, 60, 130):
        at = BEGIN + dt.timedelta(days=days)
        hand_over(lead=factories.lead(at), now=NOW, at=at)
    rollups.refresh(now=NOW)
    assert [len(days) for days in counted] == [3]


def test_a_span_is_counted_by_its_months_and_leaves_the_notes_of_other_days(history, monkeypatch):
    monkeypatch.setattr(rollups, "TOGETHER", 5)
    rollups.refresh(now=NOW, period=Period(dt.date(2026, 2, 10), dt.date(2026, 4, 10)))
    assert not ChangedDay.objects.filter(day_on__gte="2026-02-10", day_on__lt="2026-04-10").exists()
    assert ChangedDay.objects.filter(day_on__lt="2026-02-10").exists()
    assert ChangedDay.objects.filter(day_on__gte="2026-04-10").exists()
    assert not FigureState.objects.exists()


def test_one_that_began_earlier_does_not_make_figures_older(history):
    rollups.refresh(now=NOW)
    rollups.refresh(now=NOW - dt.timedelta(seconds=20))
    assert FigureState.objects.get().complete_at == NOW
