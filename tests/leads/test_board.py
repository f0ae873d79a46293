"""Only exceptions stand on the board: not tried in time, or too seldom, by the rules that the team agreed on."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agreements.business_time import compiled
from leads.board import so_long_ago
from leads.models import BoardRule, HandOff
from leads.services.attempts import log_attempt
from leads.services.hand_offs import close
from tests import factories
from tests.leads.people import START, browser, make_office
from tests.query_counts import assert_same_queries

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
OFFICE = compiled({"tz": "Europe/Warsaw", "weekly": factories.NINE_TO_FIVE, "holidays": ["2026-04-06"]})
WARSAW = zoneinfo.ZoneInfo("Europe/Warsaw")


def local(*parts):
    return dt.datetime(*parts, tzinfo=WARSAW).astimezone(dt.UTC)


def test_a_day_is_24_hours_and_days_off_count_nothing():
    def found(now, hours=24):
        return so_long_ago(OFFICE, WARSAW, now, hours * HOUR)

    assert found(local(2026, 3, 3, 16)) == local(2026, 3, 2, 16)
    assert found(local(2026, 3, 9, 16)) == local(2026, 3, 6, 16), "Friday to Monday"
    assert found(local(2026, 3, 8, 12)) == local(2026, 3, 6, 0), "on a Sunday, all of Friday"
    assert found(local(2026, 4, 7, 10)) == local(2026, 4, 3, 10), "over Easter Monday"
    assert found(local(2026, 3, 30, 16)) == local(2026, 3, 27, 16), "over the short Sunday of spring"
    closed = compiled({"tz": "UTC", "weekly": {"mon": [["09:00", "17:00"]]}, "overrides": {}})
    assert so_long_ago(closed, zoneinfo.ZoneInfo("UTC"), START, 24 * 60 * HOUR) is None


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 60 * 24 * 40), st.integers(1, 720), st.integers(1, 720))
def test_longer_ago_is_never_later(minutes, shorter, longer):
    now = START + minutes * dt.timedelta(minutes=1)
    near, far = (so_long_ago(OFFICE, WARSAW, now, n * HOUR) for n in sorted((shorter, longer)))
    assert far <= near <= now - min(shorter, longer) * HOUR


@pytest.fixture
def office(db, time_machine):
    time_machine.move_to(START, tick=False)
    return make_office()


def board(person):
    answer = browser(person).get(reverse("leads:board"))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def tried(hand_off, times, by):
    for n in range(times):
        at = hand_off.handed_off_at + (n + 1) * HOUR
        log_attempt(hand_off=hand_off, attempted_at=at, channel="call", outcome="no_answer", now=at, by=by)


def test_untried_after_a_day_and_too_seldom_after_two_weeks_stand_on_it(office, time_machine):
    office.hand_off("Untried Sample", owner=office.kim, at=START - 5 * DAY)  # a Wednesday
    office.hand_off("Young Sample", owner=office.kim, at=START - HOUR)
    seldom = office.hand_off("Seldom Sample", owner=office.rob, at=START - 14 * DAY)
    tried(seldom, 4, office.rob)
    enough = office.hand_off("Enough Sample", owner=office.rob, at=START - 14 * DAY)
    tried(enough, 5, office.rob)
    closed = office.hand_off("Closed Sample", owner=office.rob, at=START - 20 * DAY)
    close(hand_off=closed, closed_as="lost", at=START, now=START)
    history = office.hand_off("History Sample", owner=office.rob, at=START - 20 * DAY)
    HandOff.objects.filter(pk=history.pk).update(due_at=None, at_risk_at=None, state="no_clock")
    office.hand_off("Free Sample", at=START - 5 * DAY)
    paused = office.hand_off("Paused Sample", owner=office.kim, at=START - 5 * DAY)
    HandOff.objects.filter(pk=paused.pk).update(paused_at=START - 4 * DAY, paused_until=START + DAY)
    page = board(office.manager)
    assert "3 leads are on the board, of 3 people." in page
    assert "Seldom Sample" in page and "4 attempts in 14 days, 5 are agreed" in page
    assert "Untried Sample" in page and "not tried since it came, Wed 25 Feb 10:00" in page
    for name in ("Young", "Enough", "Closed", "History", "Paused"):
        assert f"{name} Sample" not in page
    mine = board(office.kim)
    assert "1 of your leads is on the board." in mine and "Seldom" not in mine and "Free" not in mine
    assert "You are not on the board." in board(office.other)
    assert "3 leads are on the board" in board(office.admin)


def test_a_manager_changes_the_rules_of_the_own_team_alone(office):
    office.hand_off("Tried Sample", owner=office.kim, at=START - 3 * HOUR)
    manager = browser(office.manager)
    address = reverse("leads:board-rule", args=[office.team.slug])
    assert "Nobody is on the board." in board(office.manager)
    sent = {"untried_hours": "2", "attempts": "3", "within_days": "7"}
    assert manager.post(address, sent).status_code == 302
    assert "1 lead is on the board" in board(office.manager)
    assert "Not tried within 2 hours" in board(office.kim)
    for wrong in ({"untried_hours": "0"}, {"attempts": "x"}, {"within_days": "366"}, {"attempts": ""}):
        refused = manager.post(address, sent | wrong)
        ((name, value),) = wrong.items()
        said = refused.context["rules"][0][1]
        assert refused.status_code == 422 and set(said.errors) == {name} and said[name].value() == value
        assert 'd-print-none" open>' in refused.text and "invalid-feedback" in refused.text
    assert browser(office.kim).post(address, sent).status_code == 404
    other = reverse("leads:board-rule", args=[office.other_team.slug])
    assert manager.post(other, sent).status_code == 404
    assert BoardRule.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        BoardRule.objects.update(attempts=0)


def test_the_board_asks_as_often_for_many_as_for_few(office):
    manager = browser(office.manager)

    def more():
        for n in range(20):
            office.hand_off(f"Lead {n}", owner=(office.kim, office.rob)[n % 2], at=START - 5 * DAY)

    more()
    assert_same_queries(lambda: manager.get(reverse("leads:board")), add_rows=more)
