"""The pages of a hand-off's life: who may pause, what is refused in a sentence, and what the lead's page then says."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from agreements.models import Agreement, Commitment
from leads.models import HandOff, HandOffEvent
from leads.services.attempts import log_attempt
from leads.services.hand_offs import close
from leads.services.pauses import pause
from leads.services.sweep import sweep_clocks
from tests import factories
from tests.hostile_text import HOSTILE_TEXTS
from tests.leads.people import START, browser, make_office
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def office():
    made = make_office()
    # Signed rows refuse to be changed: pauses are agreed in the version after.
    version = factories.draft(Agreement.objects.get(), starts_on=dt.date(2026, 3, 2))
    Commitment.objects.filter(version=version, kind="speed").update(pause_limit=3 * DAY)
    factories.sign(version)
    with time_machine.travel(START + HOUR, tick=False):
        yield made


def post(person, name, hand_off, **typed):
    return browser(person).post(reverse(f"leads:{name}", args=[hand_off.pk]), typed, follow=True)


def text_of(person, hand_off):
    return browser(person).get(reverse("leads:lead", args=[hand_off.lead_id])).content.decode()


def test_a_rep_pauses_and_resumes_and_marketing_reads_why(office):
    hand_off = office.hand_off(owner=office.kim)
    assert reverse("leads:pause", args=[hand_off.pk]) in text_of(office.kim, hand_off)
    answer = post(office.kim, "pause", hand_off, until="2026-03-03T09:00", reason="asked_later")
    assert "is paused until" in answer.content.decode()
    seen = text_of(office.marketer, hand_off)
    assert "Clock paused until" in seen and "the lead asked for a later time" in seen
    assert reverse("leads:resume", args=[hand_off.pk]) not in seen
    assert reverse("leads:resume", args=[hand_off.pk]) in text_of(office.kim, hand_off)
    post(office.kim, "resume", hand_off)
    hand_off.refresh_from_db()
    assert hand_off.state == "running"
    assert "pause ended sooner" in text_of(office.kim, hand_off).lower()


def test_what_is_refused_stands_above_the_form(office):
    hand_off = office.hand_off(owner=office.kim)
    too_long = post(office.kim, "pause", hand_off, until="2026-03-20T09:00", reason="away")
    assert "The agreement allows pauses of" in too_long.content.decode()
    nothing = post(office.kim, "pause", hand_off)
    assert "Say until when." in nothing.content.decode()
    assert HandOff.objects.get(pk=hand_off.pk).state == "running"


@pytest.mark.parametrize(
    "typed", [*HOSTILE_TEXTS[:12], "0001-01-01T00:00", "9999-12-31T23:59", "2026-13-01T00:00"]
)
def test_nothing_that_is_typed_is_a_server_error(office, typed):
    hand_off = office.hand_off(owner=office.kim)
    for name, given in (
        ("pause", {"until": typed, "reason": typed}),
        ("next-touch", {"at": typed}),
        ("close", {"closed_as": "recycled", "returns_on": typed}),
    ):
        assert post(office.kim, name, hand_off, **given).status_code == 200
    assert HandOff.objects.get(pk=hand_off.pk).closed_at is None


def test_after_an_attempt_the_next_touch_is_proposed_changed_and_raised_once(office):
    hand_off = office.hand_off(owner=office.kim)
    now = timezone.now()
    log_attempt(hand_off=hand_off, attempted_at=now, channel="call", outcome="no_answer", now=now)
    hand_off.refresh_from_db()
    assert hand_off.next_touch_at is not None and hand_off.next_touch_at > now + DAY
    assert "next touch" in text_of(office.kim, hand_off)
    post(office.kim, "next-touch", hand_off, at="2026-03-02T15:00")
    hand_off.refresh_from_db()
    assert hand_off.next_touch_at == START.replace(hour=15)
    assert "Next touch planned for" in text_of(office.kim, hand_off)
    past = post(office.kim, "next-touch", hand_off, at="2026-03-01T15:00")
    assert "lies ahead" in past.content.decode()
    assert sweep_clocks(now=START.replace(hour=15))["next_touch_due"] == 1
    assert sweep_clocks(now=START + 9 * DAY)["next_touch_due"] == 0
    post(office.kim, "next-touch", hand_off, at="")
    assert "No next touch planned" in text_of(office.kim, hand_off)


def test_undoing_the_last_attempt_takes_its_proposal_back(office):
    hand_off = office.hand_off(owner=office.kim)
    now = timezone.now()
    made = log_attempt(
        hand_off=hand_off, attempted_at=now, channel="call", outcome="no_answer", now=now, by=office.kim
    )
    browser(office.kim).post(reverse("leads:undo-attempt", args=[made.pk]))
    hand_off.refresh_from_db()
    assert hand_off.next_touch_at is None


def test_nobody_is_told_to_try_a_closed_lead(office):
    hand_off = office.hand_off(owner=office.kim)
    now = timezone.now()
    log_attempt(hand_off=hand_off, attempted_at=now, channel="call", outcome="no_answer", now=now)
    close(hand_off=hand_off, closed_as="lost", at=now, now=now)
    assert sweep_clocks(now=now + 30 * DAY)["next_touch_due"] == 0


def test_unreachable_below_the_agreed_attempts_is_stopped_too_early_until_a_late_attempt_says_otherwise(
    office,
):
    hand_off = office.hand_off(owner=office.kim)
    now = timezone.now()
    for minutes in range(5):
        at = now - minutes * dt.timedelta(minutes=1)
        log_attempt(hand_off=hand_off, attempted_at=at, channel="call", outcome="no_answer", now=now)
    post(office.kim, "close", hand_off, closed_as="unreachable")
    hand_off.refresh_from_db()
    assert hand_off.stopped_early and hand_off.events.get(kind="closed").data["stopped_early"] is True
    assert "stopped too early" in text_of(office.kim, hand_off)
    earlier = now - HOUR / 2
    log_attempt(hand_off=hand_off, attempted_at=earlier, channel="call", outcome="no_answer", now=now)
    hand_off.refresh_from_db()
    assert not hand_off.stopped_early


def test_a_recycled_lead_comes_back_on_marketing_s_list_on_its_day(office):
    hand_off = office.hand_off(owner=office.kim)
    wrong = post(office.kim, "close", hand_off, closed_as="lost", returns_on="2026-04-01")
    assert "Only a recycled lead" in wrong.content.decode()
    post(office.kim, "close", hand_off, closed_as="recycled", returns_on="2026-04-01")
    hand_off.refresh_from_db()
    assert hand_off.returns_on == dt.date(2026, 4, 1)
    address = reverse("leads:leads") + "?stage=to-recycle"
    found = f'href="{reverse("leads:lead", args=[hand_off.lead_id])}"'
    with time_machine.travel(dt.datetime(2026, 3, 31, 9, tzinfo=dt.UTC), tick=False):
        assert found not in browser(office.marketer).get(address).content.decode()
    with time_machine.travel(dt.datetime(2026, 4, 1, 9, tzinfo=dt.UTC), tick=False):
        assert found in browser(office.marketer).get(address).content.decode()
        post(office.marketer, "hand-over", hand_off.lead, team=str(office.team.pk))
        assert hand_off.lead.hand_offs.count() == 2
        assert found not in browser(office.marketer).get(address).content.decode()


def test_the_page_asks_no_more_queries_for_many_pauses(office):
    hand_off = office.hand_off(owner=office.kim)
    client, address = browser(office.kim), reverse("leads:lead", args=[hand_off.lead_id])
    now = timezone.now()
    pause(hand_off=hand_off, until=now + HOUR, reason="away", now=now)
    event = HandOffEvent.objects.get(hand_off=hand_off, kind="paused")

    def add_rows():
        HandOffEvent.objects.bulk_create(
            HandOffEvent(hand_off=hand_off, kind="paused", happened_at=now, recorded_at=now, data=event.data)
            for _ in range(20)
        )

    assert_same_queries(lambda: client.get(address), add_rows=add_rows)


def test_a_page_that_can_do_nothing_says_so_and_offers_no_form(office):
    hand_off = office.hand_off(owner=office.kim)
    for person, name, says in (
        (office.marketer, "dispute", "no rejection that waits"),
        (office.manager, "decide-dispute", "No dispute about this hand-off waits"),
    ):
        page = browser(person).get(reverse(f"leads:{name}", args=[hand_off.pk])).content.decode()
        assert says in page and "Back to the lead" in page
        assert "<textarea" not in page
