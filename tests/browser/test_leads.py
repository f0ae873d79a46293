"""The rep's day in a real browser: on a phone, in both themes, by keyboard alone, with clocks that count on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from leads.models import FollowUpAttempt, HandOff
from leads.services.attempts import log_attempt, void_attempt
from tests import factories
from tests.browser.looks import width_of
from tests.leads.people import Office, make_office

ALWAYS = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
TOO_SMALL = """
    [...document.querySelectorAll('main :is(.btn, summary, select, input:not([type=hidden], [type=radio]))')]
        .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 24)
        .map((one) => one.outerHTML)
"""
MINUTE = dt.timedelta(minutes=1)


@dataclass
class Day:
    """An office whose clocks never rest, with a lead of Kim's in each state, as of now."""

    office: Office
    hand_offs: dict[str, HandOff]


@pytest.fixture
def day(transactional_db) -> Day:
    office = make_office()
    office.team.calendar = factories.calendar("Always", weekly=ALWAYS)
    office.team.save()
    now = timezone.now().replace(microsecond=0)
    ages = {"Over Due": 300, "At Risk": 190, "On Track": 5, "An Swered": 60}
    contact = {"email": "ana@sample.example", "phone": "+48 22 600 700", "company": "Sample Bakery"}
    hand_offs = {
        name: office.hand_off(name, owner=office.kim, at=now - age * MINUTE, **contact)
        for name, age in ages.items()
    }
    hand_offs["Free Lead"] = office.hand_off("Free Lead", at=now - 20 * MINUTE, **contact)
    for ago, note in ((50, "Call again on Monday"), (40, "Wrong line")):
        made = log_attempt(
            hand_off=hand_offs["An Swered"],
            attempted_at=now - ago * MINUTE,
            channel="call",
            outcome="no_answer",
            now=now,
            by=office.kim,
            note=note,
        )
    void_attempt(attempt=made, now=now, by=office.manager, reason="was another lead")
    return Day(office, hand_offs)


def test_the_pages_of_leads_are_accessible_on_a_phone(day, open_context, sign_in, assert_accessible):
    office = day.office
    overdue, answered = day.hand_offs["Over Due"], day.hand_offs["An Swered"]
    new = office.new_lead("New Lead")
    visits: list[tuple[Any, str]] = [
        (office.kim, reverse("leads:queue")),
        (office.manager, reverse("leads:queue") + "?owner=team"),
        (office.kim, reverse("leads:leads") + "?q=e&stage=open&month=2026-99"),
        (office.kim, reverse("leads:lead", args=[overdue.lead_id])),
        (office.kim, reverse("leads:lead", args=[answered.lead_id])),
        (office.kim, reverse("leads:explain", args=[overdue.pk])),
        (office.kim, reverse("leads:assign", args=[overdue.pk])),  # refused
        (office.manager, reverse("leads:assign", args=[overdue.pk])),
        (office.marketer, reverse("leads:hand-over", args=[new.pk])),
    ]
    sent = [
        (office.kim, reverse("leads:reject", args=[overdue.pk])),
        (office.kim, reverse("leads:close", args=[overdue.pk])),
        (office.marketer, reverse("leads:new-lead")),
        (
            office.manager,
            reverse("leads:undo-attempt", args=[answered.follow_up_attempts.standing().get().pk]),
        ),
    ]
    contexts = {}
    for user in (office.kim, office.manager, office.marketer):
        contexts[user.pk] = open_context(viewport={"width": 390, "height": 844})
        sign_in(contexts[user.pk], user)
    for user, address in visits + sent:
        page = contexts[user.pk].new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error, problems=problems: problems.append(str(error)))
        page.goto(address)
        if (user, address) in sent:
            page.locator("main form button[type=submit]").last.click()
            page.locator("[aria-invalid=true], .alert-danger").first.wait_for()
        for closed in page.locator("main details:not([open]) > summary").all()[:2]:
            closed.click()
        for width in (320, 390, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            assert width_of(page) <= width, (address, width)
        page.set_viewport_size({"width": 390, "height": 844})
        assert_accessible(page)
        small = page.evaluate(TOO_SMALL)
        assert not small, (address, small)
        assert problems == []
        page.close()


def test_an_attempt_is_logged_by_two_choices_of_the_keyboard_and_undone(day, open_context, sign_in):
    hand_off = day.hand_offs["Over Due"]
    context = open_context(viewport={"width": 390, "height": 844})
    sign_in(context, day.office.kim)
    page = context.new_page()
    page.goto("/queue/")
    assert page.locator("h1").inner_text() == "3 leads wait for you; 1 is overdue."
    tab_to(page, "Call")
    page.keyboard.press("Enter")  # the first choice
    tab_to(page, "2No answer")
    page.keyboard.press("Enter")  # the second
    page.get_by_text("Logged on Over Due: call · no answer.").wait_for()
    assert page.locator("h1").inner_text() == "2 leads wait for you; none is overdue."
    made = FollowUpAttempt.objects.get(hand_off=hand_off)
    assert (made.channel, made.outcome, made.by) == ("call", "no_answer", day.office.kim)
    page.keyboard.press("u")
    page.get_by_text("Undone: call · no answer.").wait_for()
    assert page.locator("h1").inner_text() == "3 leads wait for you; 1 is overdue."


def test_a_clock_counts_on_by_the_servers_time_and_turns_overdue(day, open_context, sign_in):
    context = open_context()
    sign_in(context, day.office.kim)
    page = context.new_page()
    page.clock.install(time=timezone.now() - dt.timedelta(days=400))  # the reader's own clock is wrong
    page.goto("/queue/")
    clock = page.locator(".lead-row", has=page.get_by_role("link", name="At Risk")).locator("[data-clock]")
    assert clock.get_attribute("data-state") == "at_risk"
    assert plain(clock) in ("at risk 50 m left", "at risk 49 m left")
    page.clock.run_for(10 * 60_000)
    assert plain(clock) in ("at risk 40 m left", "at risk 39 m left")
    page.clock.run_for(41 * 60_000)
    assert clock.get_attribute("data-state") == "overdue"
    assert clock.locator("use").get_attribute("href").endswith("#overdue")
    late = page.locator(".lead-row", has=page.get_by_role("link", name="Over Due")).locator("[data-clock]")
    assert plain(late) in ("overdue late 1 h 51 m", "overdue late 1 h 50 m")
    assert plain(clock) in ("overdue late 1 m", "overdue late 2 m")
    on_track = page.locator(".lead-row", has=page.get_by_role("link", name="On Track")).locator(
        "[data-clock]"
    )
    assert on_track.get_attribute("data-state") == "running"


def plain(clock: Any) -> str:
    return " ".join(clock.text_content().replace("\N{NO-BREAK SPACE}", " ").split())


def focused(page: Any) -> str:
    return " ".join(page.evaluate("document.activeElement.textContent").split())


def tab_to(page: Any, text: str) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        if focused(page) == text:
            return
    raise AssertionError(f"not reached by Tab: {text}")
