"""Pausing a clock as agreed: what is not counted, what is refused, how it ends, and two at once."""

import datetime as dt
from functools import partial
from random import Random

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from agreements.models import Commitment
from leads.models import HandOff, HandOffEvent, Pause
from leads.re_dating import under_version
from leads.readings.clocks import clock_face
from leads.readings.due_times import explain_due_time
from leads.services.attempts import log_attempt, void_attempt
from leads.services.facts import rebuild_facts, state_now
from leads.services.hand_offs import assign, close, hand_over
from leads.services.pauses import pause, pause_left, pause_limit, resume
from leads.services.re_dating import as_open
from leads.services.sweep import sweep_clocks
from tests import factories
from tests.oracles.open_seconds import Paused, open_seconds
from tests.races import race, rounds

pytestmark = pytest.mark.django_db

HOUR, MINUTE, DAY = dt.timedelta(hours=1), dt.timedelta(minutes=1), dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)
# Monday, 2 March 2026; four hours are allowed, from nine to five.
START = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
DUE = START + 4 * HOUR


def agree(limit=5 * DAY):
    version = factories.draft(factories.agreement())
    Commitment.objects.filter(version=version, kind="speed").update(pause_limit=limit)
    return factories.sign(version)


@pytest.fixture
def hand_off():
    agree()
    return hand_over(lead=factories.lead(START), at=START, now=START)


def paused(hand_off, at=START + HOUR, until=START + 3 * HOUR):
    made = pause(hand_off=hand_off, until=until, reason="asked_later", now=at)
    hand_off.refresh_from_db()
    return made


def try_it(hand_off, at, *, now=None):
    made = log_attempt(hand_off=hand_off, attempted_at=at, channel="call", outcome="no_answer", now=now or at)
    hand_off.refresh_from_db()
    return made


def kinds(hand_off):
    return list(hand_off.events.order_by("pk").values_list("kind", flat=True))


def test_business_time_in_a_pause_is_not_counted(hand_off):
    paused(hand_off)
    assert (hand_off.state, hand_off.paused_at, hand_off.paused_until) == (
        "paused",
        START + HOUR,
        START + 3 * HOUR,
    )
    assert hand_off.due_at == DUE + 2 * HOUR
    assert hand_off.at_risk_at == START + 5 * HOUR
    event = hand_off.events.get(kind="paused")
    assert event.data["due_at"] == [DUE.isoformat(), (DUE + 2 * HOUR).isoformat()]
    assert (event.data["reason"], event.data["until"]) == ("asked_later", (START + 3 * HOUR).isoformat())
    try_it(hand_off, START + 5 * HOUR)
    assert (hand_off.state, hand_off.first_attempt_business_seconds) == ("met", 3 * 3600)
    assert hand_off.least_allowance_seconds == 3 * 3600


def test_a_pause_over_the_night_moves_by_business_time_alone(hand_off):
    paused(hand_off, until=START + DAY)  # from 11 to 10 on Tuesday: 6 hours and 1
    assert hand_off.due_at == START + DAY + 3 * HOUR


def test_a_pause_ends_by_itself_once_with_an_event(hand_off):
    paused(hand_off)
    assert sweep_clocks(now=START + 3 * HOUR - SECOND)["pause_ended"] == 0
    assert sweep_clocks(now=START + 3 * HOUR)["pause_ended"] == 1
    assert sweep_clocks(now=START + 3 * HOUR)["pause_ended"] == 0
    hand_off.refresh_from_db()
    assert (hand_off.state, hand_off.due_at) == ("running", DUE + 2 * HOUR)
    assert kinds(hand_off) == ["handed_off", "paused", "pause_ended", "next_touch_due"]


def test_what_was_at_risk_is_so_again_after_the_pause_and_said_once(hand_off):
    at = START + 3 * HOUR + 10 * MINUTE
    sweep_clocks(now=at)
    paused(hand_off, at=at, until=at + DAY)
    sweep_clocks(now=at + DAY)
    hand_off.refresh_from_db()
    assert hand_off.state == "at_risk"
    assert kinds(hand_off).count("at_risk") == 1


def test_after_an_outage_the_end_of_a_pause_and_the_miss_after_it_are_both_noted_late(hand_off):
    paused(hand_off)
    sweep_clocks(now=DUE + DAY)
    hand_off.refresh_from_db()
    assert hand_off.state == "overdue"
    told = hand_off.events.filter(kind__in=["pause_ended", "overdue"]).order_by("pk")
    assert [(one.kind, one.happened_at, one.data) for one in told] == [
        ("pause_ended", START + 3 * HOUR, {"late": True}),
        ("overdue", DUE + 2 * HOUR, {"late": True}),
    ]


def test_a_pause_that_ends_sooner_moves_the_due_time_back(hand_off):
    made = paused(hand_off)
    resume(hand_off=hand_off, now=START + HOUR + 30 * MINUTE)
    hand_off.refresh_from_db()
    made.refresh_from_db()
    assert (hand_off.state, hand_off.due_at) == ("running", DUE + 30 * MINUTE)
    assert (made.ends_at, made.planned_until_at) == (START + HOUR + 30 * MINUTE, START + 3 * HOUR)
    assert kinds(hand_off) == ["handed_off", "paused", "resumed"]
    with pytest.raises(ValidationError, match="not paused"):
        resume(hand_off=hand_off, now=START + 2 * HOUR)


def test_a_pause_hides_no_miss_that_came_before_it(hand_off):
    for now in (DUE, DUE + MINUTE):
        with pytest.raises(ValidationError, match="due already"):
            paused(hand_off, at=now, until=DUE + DAY)
    # An attempt in the pause is in time, one after the due time of a pause that came too late is not.
    paused(hand_off, at=DUE - SECOND, until=DUE + DAY)
    try_it(hand_off, DUE + HOUR)
    assert hand_off.state == "met" and hand_off.first_attempt_business_seconds == 4 * 3600 - 1


def test_only_as_the_agreement_allows(hand_off):
    with pytest.raises(ValidationError, match=r"pauses of 120.*in all; 120.*are left"):
        paused(hand_off, until=START + HOUR + 5 * DAY + SECOND)
    paused(hand_off, until=START + 2 * DAY)
    with pytest.raises(ValidationError, match="paused already, until"):
        paused(hand_off, at=START + DAY, until=START + 3 * DAY)
    resume(hand_off=hand_off, now=START + DAY + HOUR)
    hand_off.refresh_from_db()
    assert pause_left(hand_off, pause_limit(hand_off)) == 4 * DAY
    with pytest.raises(ValidationError, match=r"96.*are left"):
        paused(hand_off, at=START + DAY + HOUR, until=START + 6 * DAY)
    with pytest.raises(ValidationError, match="in the future"):
        paused(hand_off, at=START + DAY + HOUR, until=START + DAY + HOUR)


def test_an_agreement_that_is_silent_allows_none():
    agree(limit=None)
    hand_off = hand_over(lead=factories.lead(START), at=START, now=START)
    with pytest.raises(ValidationError, match="allows no pauses"):
        paused(hand_off)
    without = hand_over(lead=factories.lead(START), at=START.replace(year=2025), now=START)
    with pytest.raises(ValidationError, match="nothing to pause"):
        paused(without)


def test_what_is_answered_or_closed_is_not_paused(hand_off):
    try_it(hand_off, START + HOUR)
    with pytest.raises(ValidationError, match="nothing to pause"):
        paused(hand_off, at=START + 2 * HOUR)
    close(hand_off=hand_off, closed_as="lost", at=START + 2 * HOUR, now=START + 2 * HOUR)
    with pytest.raises(ValidationError, match="closed as lost"):
        paused(hand_off, at=START + 2 * HOUR)


def test_an_attempt_in_a_pause_stops_the_clock_and_its_undoing_pauses_it_again(hand_off):
    paused(hand_off)
    attempt = try_it(hand_off, START + 2 * HOUR)
    assert (hand_off.state, hand_off.first_attempt_business_seconds) == ("met", 3600)
    void_attempt(attempt=attempt, now=START + 2 * HOUR + MINUTE)
    hand_off.refresh_from_db()
    assert hand_off.state == "paused"
    assert "pause_ended" not in kinds(hand_off)


def test_a_pause_that_ended_before_any_sweep_leaves_its_event_with_what_came_next(hand_off):
    paused(hand_off)
    try_it(hand_off, START + 4 * HOUR)
    assert kinds(hand_off) == ["handed_off", "paused", "attempted", "pause_ended", "met"]


def test_what_came_to_be_at_risk_before_any_sweep_is_noted_with_the_instant_it_was(hand_off):
    """A reassignment is what looks at it first; whoever is told hears how late that is."""
    paused(hand_off)
    at = START + 5 * HOUR + 30 * MINUTE
    assign(hand_off=hand_off, owner=factories.user("Second"), at=at, now=at)
    told = hand_off.events.get(kind="at_risk")
    assert (told.happened_at, told.recorded_at) == (START + 5 * HOUR, at)
    assert told.data == {"from": "paused", "to": "at_risk", "late": True}


def test_the_routing_part_leaves_pauses_out_and_reassignment_keeps_the_clock(hand_off):
    paused(hand_off)
    due_at = hand_off.due_at
    for hours, name in ((4, "First"), (5, "Second")):
        assign(
            hand_off=hand_off, owner=factories.user(name), at=START + hours * HOUR, now=START + hours * HOUR
        )
    hand_off.refresh_from_db()
    assert (hand_off.due_at, hand_off.assigned_at) == (due_at, START + 4 * HOUR)
    try_it(hand_off, START + 6 * HOUR)
    assert hand_off.routing_business_seconds == 2 * 3600
    assert hand_off.first_attempt_business_seconds == 4 * 3600
    assign(hand_off=hand_off, owner=factories.user("Third"), at=START + 7 * HOUR, now=START + 7 * HOUR)
    hand_off.refresh_from_db()
    assert hand_off.routing_business_seconds == 2 * 3600


def test_other_terms_count_the_pauses(hand_off):
    paused(hand_off)
    one = as_open(HandOff.objects.get(pk=hand_off.pk))
    calendar = hand_off.calendar_revision.compiled()
    assert one.clock_start(calendar) == START

    class Promise:
        allowance, at_risk_share = 2 * HOUR, 1
        attempts, window, counts_automated = 6, 14 * DAY, False
        acceptance = outcome = None

    dates = under_version(one, Promise, calendar, START + 2 * HOUR)
    assert dates is not None and dates.due_at == START + 4 * HOUR


def test_the_page_says_until_when_and_explains_what_was_paused(hand_off):
    paused(hand_off)
    face = clock_face(hand_off, START + 2 * HOUR)
    assert (face.state, face.text, face.is_ticking) == ("paused", "paused until Mon 2 Mar 13:00", False) or (
        face.text == "paused until 13:00"
    )
    lines = explain_due_time(hand_off, now=START + 2 * HOUR).lines
    assert [(line.reason, line.length.replace("\N{NO-BREAK SPACE}", " ")) for line in lines] == [
        ("business hours", "1 h"),
        ("paused", "2 h"),
        ("business hours", "3 h"),
    ]


def test_pauses_of_one_hand_off_do_not_overlap_whoever_writes_them(hand_off):
    paused(hand_off)
    given = {"hand_off": hand_off, "reason": "away", "planned_until_at": START + DAY}
    Pause.objects.create(starts_at=START + 3 * HOUR, ends_at=START + DAY, **given)  # they may touch
    with pytest.raises(IntegrityError, match="do_not_overlap"), transaction.atomic():
        Pause.objects.create(starts_at=START + 2 * HOUR, ends_at=START + 2 * HOUR + SECOND, **given)
    with pytest.raises(IntegrityError, match="pause_ends_after_start"), transaction.atomic():
        Pause.objects.create(starts_at=START + 4 * DAY, ends_at=START + 3 * DAY, **given)


def test_random_lives_of_pauses_equal_a_walk():
    agree(limit=300 * DAY)
    calendar = {"tz": "UTC", "weekly": factories.NINE_TO_FIVE}
    random = Random(11)
    for _ in range(25):
        hand_off = hand_over(lead=factories.lead(START), at=START, now=START)
        now = START
        for _ in range(random.randint(1, 6)):
            now += random.choice([SECOND, MINUTE, HOUR, 3 * HOUR, DAY])
            if random.random() < 0.3:
                sweep_clocks(now=now)
            try:
                if random.random() < 0.6:
                    until = now + random.choice([SECOND, HOUR, DAY, 3 * DAY])
                    pause(hand_off=hand_off, until=until, reason="away", now=now)
                else:
                    resume(hand_off=hand_off, now=now)
            except ValidationError:
                pass
        hand_off.refresh_from_db()
        spans = [(one.starts_at, one.ends_at) for one in hand_off.pauses.all()]
        walk = Paused(open_seconds(calendar), spans)
        assert hand_off.due_at == walk.due(START, 4 * 3600)
        assert hand_off.at_risk_at == walk.due(START, 3 * 3600)
        sweep_clocks(now=now)
        hand_off.refresh_from_db()
        assert hand_off.state == state_now(hand_off, now=now)
        at = now + random.choice([HOUR, DAY, 3 * DAY])
        try_it(hand_off, at)
        assert hand_off.first_attempt_business_seconds == walk.elapsed(START, at)
        assert (hand_off.state == "met") == (at <= hand_off.due_at)
    # Whenever it is asked: what is answered depends on the clock no more.
    assert rebuild_facts(now=START + 400 * DAY) == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_pauses_at_once_one_is_made():
    agree()
    for _ in range(rounds(3)):
        hand_off = hand_over(lead=factories.lead(START), at=START, now=START)
        give = partial(pause, hand_off=hand_off, reason="away", now=START + HOUR)
        found = race(*[partial(give, until=START + hours * HOUR) for hours in (2, 3, 2, 3)])
        (made,) = (one for one in found if isinstance(one, Pause))
        assert sum(isinstance(one, ValidationError) for one in found) == 3
        hand_off.refresh_from_db()
        assert hand_off.paused_until == made.ends_at
        assert hand_off.due_at == DUE + (made.ends_at - made.starts_at)
        assert HandOffEvent.objects.filter(hand_off=hand_off, kind="paused").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_pause_ended_by_hand_and_by_the_sweep_at_once_ends_once():
    agree()
    for _ in range(rounds(3)):
        hand_off = hand_over(lead=factories.lead(START), at=START, now=START)
        pause(hand_off=hand_off, until=START + 2 * HOUR, reason="away", now=START)
        race(
            partial(resume, hand_off=hand_off, now=START + 2 * HOUR - SECOND),
            partial(sweep_clocks, now=START + 2 * HOUR),
            partial(sweep_clocks, now=START + 2 * HOUR),
        )
        sweep_clocks(now=START + 2 * HOUR)
        hand_off.refresh_from_db()
        assert hand_off.state == "running"
        ends = [kind for kind in kinds(hand_off) if kind in ("resumed", "pause_ended")]
        assert len(ends) == 1
