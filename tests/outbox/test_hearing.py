"""Laws of who hears when: hours, bundles, rungs, caps and tries, in zones whose clocks change."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from slaproject.outbox.hearing import (
    AT_ONCE_AN_HOUR,
    PAUSES_BETWEEN_TRIES,
    Ladder,
    Place,
    Rhythm,
    Rung,
    heard_by,
    is_late,
    is_overtaken,
    next_try,
    over_the_cap,
    usual_hours,
    when_to_send,
)
from tests.factories import NOON
from tests.strategies import ZONES

SENT = (Rhythm.NOW, Rhythm.HOURLY, Rhythm.DAILY)
instants = st.integers(0, 2 * 365 * 86_400).map(
    lambda seconds: dt.datetime(2025, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
)
zones = st.sampled_from(ZONES)
HOUR = dt.timedelta(hours=1)


def sent_at(rhythm, at, zone):
    found = when_to_send(rhythm, at, usual_hours(zone), zoneinfo.ZoneInfo(zone))
    assert found is not None
    return found


@given(instants, zones, st.sampled_from(SENT))
def test_nobody_is_disturbed_outside_of_hours_or_told_early(at, zone, rhythm):
    found = sent_at(rhythm, at, zone)
    local = found.astimezone(zoneinfo.ZoneInfo(zone))
    assert found >= at
    assert local.weekday() < 5 and dt.time(8) <= local.time() < dt.time(18)


@given(instants, instants, zones, st.sampled_from(SENT))
def test_what_comes_up_later_goes_out_no_earlier(one, other, zone, rhythm):
    first, second = sorted((one, other))
    assert sent_at(rhythm, first, zone) <= sent_at(rhythm, second, zone)


@given(instants, zones)
def test_what_goes_out_at_once_waits_for_nothing_but_hours(at, zone):
    found = sent_at(Rhythm.NOW, at, zone)
    assert sent_at(Rhythm.NOW, found, zone) == found
    assert found <= sent_at(Rhythm.HOURLY, at, zone)
    daily = sent_at(Rhythm.DAILY, at, zone)
    assert found <= daily
    there = zoneinfo.ZoneInfo(zone)
    assert daily.astimezone(there).date() > at.astimezone(there).date()


def test_friday_evening_is_told_on_monday_morning():
    friday = dt.datetime(2026, 3, 6, 18, tzinfo=dt.UTC)
    monday = dt.datetime(2026, 3, 9, 8, tzinfo=dt.UTC)
    assert {sent_at(rhythm, friday, "UTC") for rhythm in SENT} == {monday}
    assert when_to_send(Rhythm.NEVER, friday, usual_hours("UTC"), zoneinfo.ZoneInfo("UTC")) is None


def test_eight_is_eight_also_on_the_day_the_clocks_change():
    # Warsaw, Sunday 29 March 2026: 7:00 UTC before, 6:00 after.
    before, after = dt.datetime(2026, 3, 27, 3, tzinfo=dt.UTC), dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC)
    assert sent_at(Rhythm.NOW, before, "Europe/Warsaw") == dt.datetime(2026, 3, 27, 7, tzinfo=dt.UTC)
    assert sent_at(Rhythm.NOW, after, "Europe/Warsaw") == dt.datetime(2026, 3, 30, 6, tzinfo=dt.UTC)


shares = st.integers(1, 99).map(lambda percent: Fraction(percent, 100))
lags = st.integers(0, 600).map(lambda minutes: dt.timedelta(minutes=minutes))
allowances = st.integers(1, 5_000).map(lambda minutes: dt.timedelta(minutes=minutes))


@given(instants, zones, shares, lags, lags, allowances)
def test_rungs_are_reached_when_that_much_business_time_is_used(
    at, zone, share, manager, director, allowance
):
    ladder, calendar = Ladder(share, manager, director), usual_hours(zone)
    due_at = calendar.due(at, allowance)
    reached = ladder.rungs(calendar, started_at=at, allowance=allowance, due_at=due_at)
    assert at <= reached[Rung.EARLY] <= due_at
    assert calendar.elapsed(at, reached[Rung.EARLY]) >= allowance * share.numerator / share.denominator
    for rung, lag, place in (
        (Rung.MANAGER, manager, Place.MANAGER),
        (Rung.DIRECTOR, director, Place.DIRECTOR),
    ):
        assert (rung in reached) == bool(lag) == (place not in ladder.hear_at_due())
        if lag:
            assert calendar.elapsed(at, reached[rung]) == allowance + lag
        assert heard_by(rung, ladder) == (place,)
    assert Place.OWNER in heard_by(Rung.OVERDUE, ladder)


@given(instants)
def test_of_several_rungs_the_owner_hears_the_highest(at):
    risk, due = at, at + HOUR
    heard = {
        now: [
            rung
            for rung in (Rung.EARLY, Rung.AT_RISK)
            if not is_overtaken(rung, now, at_risk_at=risk, due_at=due)
        ]
        for now in (at - HOUR, at, due, due + HOUR)
    }
    assert list(heard.values()) == [[Rung.EARLY, Rung.AT_RISK], [Rung.AT_RISK], [Rung.AT_RISK], []]
    assert not is_overtaken(Rung.OVERDUE, due + HOUR, at_risk_at=risk, due_at=due)
    assert not is_overtaken(Rung.EARLY, at, at_risk_at=None, due_at=due)


@given(st.lists(st.integers(-7200, 0), max_size=30))
def test_never_more_messages_at_once_than_the_cap_within_an_hour(seconds):
    sent = [NOON + dt.timedelta(seconds=n) for n in seconds]
    wait_until = over_the_cap(sent, NOON)
    within = [at for at in sent if NOON - HOUR < at <= NOON]
    assert (wait_until is None) == (len(within) < AT_ONCE_AN_HOUR)
    if wait_until is not None:
        assert NOON < wait_until <= NOON + HOUR
        assert over_the_cap(sent, wait_until) is None


def test_tries_end_after_about_a_day():
    tries, at = 1, NOON
    while (again := next_try(tries, at)) is not None:
        assert again > at
        tries, at = tries + 1, again
    assert tries == len(PAUSES_BETWEEN_TRIES) + 1
    assert 20 * HOUR < at - NOON <= 24 * HOUR


def test_what_is_told_six_hours_after_is_told_late():
    assert is_late(NOON, NOON + 6 * HOUR)
    assert not is_late(NOON, NOON + dt.timedelta(seconds=40))
