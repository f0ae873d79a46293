"""What passes with time is newer than what is stored: until a refresh has caught up, nothing is less than none."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from leads.services.attempts import log_attempt
from leads.services.hand_offs import hand_over
from reports import rollups
from reports.models import PeriodFigure
from reports.periods import Grain, month_of
from reports.readings.depth import depth_report
from reports.readings.groups import Group, figures_by_group, figures_by_load
from reports.readings.scope import build_scope
from reports.readings.speed import speed_report
from tests import factories

pytestmark = pytest.mark.django_db
MORNING = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
NOW = MORNING + dt.timedelta(minutes=30)


@pytest.fixture
def agreement(monkeypatch):
    """Under four hours to the first attempt: what was tried at once is not due yet, and its follow-up is young."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    version = factories.sign(factories.draft(factories.agreement()))
    rep = factories.user("Rep")
    for minutes in (0, 5, 10):
        at = MORNING + dt.timedelta(minutes=minutes)
        found = hand_over(lead=factories.lead(at), at=at, now=at, owner=rep)
        tried_at = at + dt.timedelta(minutes=2)
        log_attempt(hand_off=found, attempted_at=tried_at, channel="call", outcome="no_answer", now=tried_at)
    return version.agreement


def reports_of(agreement):
    scope = build_scope(period=month_of(MORNING.date()), now=NOW, agreement=agreement)
    groups = [*figures_by_group(scope, Group.TEAM), *figures_by_load(scope)]
    return [
        *((one.speed, one.depth) for one in groups),
        (speed_report(scope, Grain.DAY).total, depth_report(scope, Grain.DAY).total),
    ]


def check(reports, n):
    for speed, depth in reports:
        assert (speed.in_time.numerator, speed.in_time.denominator) == (0, 0)
        assert speed.not_yet_due_answered == n
        assert (depth.judged.not_connected, depth.judged.attempts, depth.young) == (0, 0, n)
        assert (depth.judged.worked.numerator, depth.judged.worked.denominator) == (0, 0)
        assert (depth.judged.fully_worked.numerator, depth.judged.fully_worked.denominator) == (0, 0)


def test_before_the_first_refresh_and_after_it(agreement):
    (total,) = reports_of(agreement)[-1:]
    check([total], 0)
    rollups.refresh(now=NOW, wait=True)
    found = reports_of(agreement)
    assert len(found) == 3
    check(found, 3)


def test_what_was_counted_once_and_is_more_now(agreement):
    rollups.refresh(now=NOW, wait=True)
    PeriodFigure.objects.update(
        **dict.fromkeys(("answered_with_clock", "met", "under_terms", "attempts_under_terms"), 1),
        **dict.fromkeys(("worked_under_terms", "agreed_on"), 1),
    )
    check(reports_of(agreement), 1)
