"""The life of a hand-off in a real browser: paused and gone on, disputed and decided, on a phone and in both themes."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.models import Agreement, Commitment
from leads.models import HandOff
from leads.services.hand_offs import close
from tests import factories
from tests.browser.looks import follow, keep, width_of
from tests.browser.test_leads import ALWAYS, TOO_SMALL
from tests.leads.people import Office, make_office

DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.fixture
def office(transactional_db) -> Office:
    made = make_office()
    made.team.calendar = factories.calendar("Always", weekly=ALWAYS)
    made.team.save()
    version = factories.draft(Agreement.objects.get(), starts_on=timezone.localdate() - 9 * DAY)
    Commitment.objects.filter(version=version, kind="speed").update(pause_limit=5 * DAY)
    factories.sign(version)
    return made


def check(page, assert_accessible, name):
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        assert width_of(page) <= size["width"], name
        keep(page, f"life-{name}-{size['width']}")
    assert not page.evaluate(TOO_SMALL), name
    assert_accessible(page)


def test_a_rep_pauses_a_clock_and_marketing_disputes_a_rejection(
    office, open_context, sign_in, assert_accessible
):
    now = timezone.now().replace(microsecond=0)
    hand_off = office.hand_off("Pat Later", owner=office.kim, at=now - 20 * MINUTE)
    given_back = office.hand_off("Rae Turned", owner=office.kim, at=now - 20 * MINUTE)
    close(hand_off=given_back, closed_as="rejected", reason="not_a_fit", at=now, now=now, by=office.kim)
    windows = {}
    for person in (office.kim, office.marketer, office.manager):
        context = open_context(viewport=PHONE)
        sign_in(context, person)
        windows[person] = context.new_page()
    kim, marketer, manager = windows.values()

    kim.goto(reverse("leads:lead", args=[hand_off.lead_id]))
    follow(kim, kim.get_by_role("link", name="Pause …"))
    check(kim, assert_accessible, "pause")
    until = timezone.localtime(now + DAY)
    kim.get_by_label("Paused until").fill(f"{until:%Y-%m-%dT%H:%M}")
    kim.get_by_label("Reason").select_option("asked_later")
    follow(kim, kim.get_by_role("button", name="Pause the clock"))
    check(kim, assert_accessible, "paused")
    assert HandOff.objects.get(pk=hand_off.pk).state == "paused"
    kim.get_by_role("button", name="End the pause").click()
    kim.get_by_role("link", name="Pause …").wait_for()

    marketer.goto(reverse("leads:lead", args=[given_back.lead_id]))
    check(marketer, assert_accessible, "rejected")
    follow(marketer, marketer.get_by_role("link", name="Dispute it …"))
    check(marketer, assert_accessible, "dispute")
    marketer.get_by_label("Why is the rejection disputed?").fill("They asked for a demo")
    follow(marketer, marketer.get_by_role("button", name="Dispute the rejection"))
    check(marketer, assert_accessible, "disputed")

    manager.goto(reverse("leads:lead", args=[given_back.lead_id]))
    follow(manager, manager.get_by_role("link", name="Decide the dispute …"))
    check(manager, assert_accessible, "decide")
    manager.get_by_label("Decision").select_option("withdrawn")
    follow(manager, manager.get_by_role("button", name="Decide"))
    check(manager, assert_accessible, "decided")
    assert HandOff.objects.get(pk=given_back.pk).closed_at is None
