"""A rep empties the queue: by keyboard alone, by touch on a phone, on a line that comes and goes, and in a race."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from statistics import median
from typing import Any

import pytest
from django.utils import timezone

from leads.models import FollowUpAttempt, HandOff
from tests import factories
from tests.browser.test_leads import ALWAYS, plain
from tests.leads.people import Office, make_office

MINUTE = dt.timedelta(minutes=1)
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
WIDE = {"viewport": {"width": 1280, "height": 900}}


@dataclass
class Actions:
    """Counts what a person does to a page: keys and taps."""

    page: Any
    count: int = 0

    def press(self, key: str) -> None:
        self.count += 1
        self.page.keyboard.press(key)

    def tap(self, locator: Any) -> None:
        self.count += 1
        locator.tap()


@pytest.fixture
def office(transactional_db) -> Office:
    made = make_office()
    made.team.calendar = factories.calendar("Always", weekly=ALWAYS)
    made.team.save()
    return made


@pytest.fixture
def ten(office) -> list[HandOff]:
    now = timezone.now().replace(microsecond=0)
    return [
        office.hand_off(
            f"Lead {n}",
            owner=office.kim,
            at=now - (250 - 20 * n) * MINUTE,
            company="Sample Bakery",
            phone="+48 22 600 700",
            email="ana@sample.example",
        )
        for n in range(10)
    ]


@pytest.fixture
def open_queue(open_context, sign_in):
    """Return a function that opens the queue of a person in a window of its own."""

    def opened(person: Any, **arguments: Any) -> Any:
        context = open_context(**arguments)
        sign_in(context, person)
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.goto("/queue/")
        return page

    return opened


def test_a_queue_of_ten_is_emptied_by_keys(office, ten, open_queue):
    page = open_queue(office.kim, **WIDE)
    actions, counts = Actions(page), []
    for n, keys in enumerate([("c", "2"), ("e", "1"), ("v", "1"), ("m", "2"), *[("c", "2")] * 6]):
        before = actions.count
        for key in keys:
            actions.press(key)
        counts.append(actions.count - before)
        page.locator(f"#hand-off-{ten[n].pk}.is-done").wait_for()
    page.get_by_role("heading", name="All caught up").wait_for()
    assert median(counts) <= 2 and FollowUpAttempt.objects.standing().count() == 10
    page.keyboard.press("u")
    page.get_by_role("heading", name="1 lead waits for you; none is overdue.").wait_for()
    assert FollowUpAttempt.objects.standing().count() == 9
    assert page.problems == []


def test_a_queue_of_ten_is_emptied_by_touch(office, ten, open_queue, assert_accessible):
    page = open_queue(office.kim, **PHONE)
    actions, counts = Actions(page), []
    for hand_off in ten:
        before = actions.count
        row = page.locator(f"#hand-off-{hand_off.pk}")
        actions.tap(row.locator("summary", has_text="Call"))
        actions.tap(row.get_by_role("button", name="No answer"))
        counts.append(actions.count - before)
        page.locator(f"#hand-off-{hand_off.pk}.is-done").wait_for()
    page.get_by_role("heading", name="All caught up").wait_for()
    assert_accessible(page)
    assert median(counts) <= 2 and FollowUpAttempt.objects.standing().count() == 10
    page.locator(".toast-line").get_by_role("button", name="Undo").tap()
    page.get_by_role("heading", name="1 lead waits for you").wait_for()
    assert page.problems == []


def test_j_and_k_go_through_the_rows_and_the_panel_follows(office, ten, open_queue):
    page = open_queue(office.kim, **WIDE)
    page.locator("#panel").get_by_role("heading", name="Lead 0").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == "Lead 1"
    assert page.locator("[aria-current=true]").count() == 1 + page.locator("nav [aria-current=true]").count()
    page.locator("#panel").get_by_role("heading", name="Lead 1").wait_for()
    page.locator("#panel summary").click()
    page.locator("#panel").get_by_text("business hours").first.wait_for()


def test_the_panel_shows_no_other_lead_than_the_chosen_one(office, ten, open_queue):
    page = open_queue(office.kim, **WIDE)
    panel = page.locator("#panel")
    panel.get_by_text("+48 22 600 700").first.wait_for()
    for outage in (
        lambda route: route.abort(),
        lambda route: route.fulfill(status=500, body="No"),
        lambda route: route.fulfill(status=204),
        lambda route: None,  # no answer comes
    ):
        page.route("**/panel/", outage)
        page.keyboard.press("j")
        chosen = page.evaluate("document.activeElement.textContent")
        panel.get_by_role("heading", name=chosen).wait_for()
        assert panel.text_content() == chosen and chosen.startswith("Lead ")
        page.unroute("**/panel/")
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("k")
    panel.get_by_text("+48 22 600 700").first.wait_for()
    assert page.problems == []


def test_on_a_flaky_line_accepting_and_undoing_wait_on_the_page(office, open_queue):
    now = timezone.now().replace(microsecond=0)
    hand_off = office.hand_off("Free Lead", at=now - 20 * MINUTE, phone="+48 22 600 700")
    page = open_queue(office.kim, **PHONE)
    row = page.locator(f"#hand-off-{hand_off.pk}")
    page.route("**/accept/", lambda route: route.abort())
    row.get_by_role("button", name="Accept").tap()
    row.get_by_text("Not saved: Accept.").wait_for()
    page.unroute("**/accept/")
    row.get_by_role("button", name="Retry").tap()
    row.locator("summary", has_text="Call").tap()
    row.get_by_role("button", name="No answer").tap()
    page.locator(f"#hand-off-{hand_off.pk}.is-done").wait_for()
    page.route("**/undo/", lambda route: route.abort())
    row.get_by_role("button", name="Undo").tap()
    row.get_by_text("Not saved: Undo.").wait_for()
    assert FollowUpAttempt.objects.standing().count() == 1
    page.unroute("**/undo/")
    row.get_by_role("button", name="Retry").tap()
    row.locator("summary", has_text="Call").wait_for()
    assert FollowUpAttempt.objects.standing().count() == 0 and page.url.endswith("/queue/")
    assert page.problems == []


def test_two_keys_at_once_find_the_note_there(office, ten, open_queue):
    """Both in one task of the browser, before it has told anybody that a way to log was opened."""
    page = open_queue(office.kim, **WIDE)
    page.evaluate(
        """() => {
            for (const key of "cn") {
                document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
            }
        }"""
    )
    assert page.evaluate("document.activeElement.name") == "note"
    page.keyboard.type("2 rooms")
    assert page.locator(f"#hand-off-{ten[0].pk} [name=note]").input_value() == "2 rooms"
    assert not FollowUpAttempt.objects.exists()


def test_keys_do_nothing_while_one_types_and_where_they_are_switched_off(office, ten, open_queue):
    page = open_queue(office.kim, **WIDE)
    page.keyboard.press("c")
    page.keyboard.press("n")
    page.keyboard.type("ask for Bo: 2 rooms, jkcev")
    page.keyboard.press("Enter")
    assert not FollowUpAttempt.objects.exists()
    page.keyboard.press("2")
    page.locator(f"#hand-off-{ten[0].pk}.is-done").wait_for()
    made = FollowUpAttempt.objects.get()
    assert (made.outcome, made.note.text) == ("no_answer", "ask for Bo: 2 rooms, jkcev")
    office.kim.uses_shortcuts = False
    office.kim.save()
    page.reload()
    for key in ("c", "2", "j", "u"):
        page.keyboard.press(key)
    assert not page.locator("details[open]").count()
    assert FollowUpAttempt.objects.standing().count() == 1


def test_on_a_flaky_line_an_attempt_waits_here_and_is_saved_once(office, ten, open_queue):
    page = open_queue(office.kim, **PHONE)
    row = page.locator(f"#hand-off-{ten[0].pk}")

    def log_while(outage: Any) -> None:
        page.route("**/log/", outage)
        row.locator("summary", has_text="Call").tap()
        row.get_by_role("button", name="No answer").tap()
        row.get_by_text("Not saved: Call · No answer.").wait_for()

    log_while(lambda route: route.abort())
    assert not FollowUpAttempt.objects.exists()
    tapped_at = timezone.now()
    page.reload()  # nothing is lost
    row.get_by_text("Not saved: Call · No answer.").wait_for()
    page.unroute("**/log/")
    row.get_by_role("button", name="Retry").tap()
    page.locator(f"#hand-off-{ten[0].pk}.is-done").wait_for()
    made = FollowUpAttempt.objects.get()
    assert made.attempted_at <= tapped_at
    page.locator(".toast-line").get_by_role("button", name="Undo").tap()
    row.locator("summary", has_text="Call").wait_for()

    def answer_is_lost(route: Any) -> None:
        route.fetch()  # the server has it
        route.abort()

    log_while(answer_is_lost)
    assert FollowUpAttempt.objects.standing().count() == 1
    page.unroute("**/log/")
    row.get_by_role("button", name="Retry").tap()
    page.locator(f"#hand-off-{ten[0].pk}.is-done").wait_for()
    assert FollowUpAttempt.objects.standing().count() == 1
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('unsent')).length") == 0
    assert page.problems == []


def test_where_the_browser_keeps_nothing_an_attempt_waits_with_the_page(office, ten, open_queue):
    page = open_queue(office.kim, **WIDE)
    page.evaluate(
        "() => { Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') } }"
    )
    page.route("**/log/", lambda route: route.abort())
    page.keyboard.press("c")
    page.keyboard.press("2")
    page.get_by_text("Not saved: Call · No answer.").wait_for()
    page.unroute("**/log/")
    page.evaluate("dispatchEvent(new Event('online'))")
    page.locator(f"#hand-off-{ten[0].pk}.is-done").wait_for()
    assert FollowUpAttempt.objects.standing().count() == 1
    assert page.problems == []


def test_a_key_that_means_nothing_here_does_nothing(office, ten, open_queue):
    page = open_queue(office.kim, **WIDE)
    for key in ('"', "\\", "]", "0", "F2", "Dead"):
        page.evaluate(
            "(key) => document.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))", key
        )
    assert page.problems == [] and not page.locator("details[open]").count()


def test_what_is_not_saved_is_asked_about_before_signing_out_and_gone_after(office, ten, open_queue):
    page = open_queue(office.kim, **WIDE)
    page.route("**/log/", lambda route: route.abort())
    page.keyboard.press("c")
    page.keyboard.press("2")
    page.get_by_text("Not saved: Call · No answer.").wait_for()
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Sign out").click()
    assert page.url.endswith("/queue/")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/")
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('unsent')).length") == 0


def test_what_the_server_refuses_is_said_beside_the_row(office, ten, open_queue):
    page = open_queue(office.kim, **WIDE)
    HandOff.objects.filter(pk=ten[0].pk).update(owner=office.rob)
    page.keyboard.press("c")
    page.keyboard.press("2")
    row = page.locator(f"#hand-off-{ten[0].pk}")
    row.get_by_text("Not saved: Call · No answer. This lead is not yours to work any more.").wait_for()
    row.get_by_role("button", name="Discard").click()
    page.locator(f"#hand-off-{ten[0].pk}.is-done").wait_for()
    assert not FollowUpAttempt.objects.exists()


def test_two_race_for_a_lead_and_the_loser_sees_who_took_it(office, open_queue):
    now = timezone.now().replace(microsecond=0)
    hand_off = office.hand_off("Free Lead", at=now - 20 * MINUTE, phone="+48 22 600 700")
    kim, rob = open_queue(office.kim, **WIDE), open_queue(office.rob, **PHONE)
    kim.keyboard.press("a")
    rob.get_by_role("button", name="Accept Free Lead").tap()
    row = f"#hand-off-{hand_off.pk}"
    kim.locator(f"{row} [data-logs], {row}.is-done").wait_for()
    rob.locator(f"{row} [data-logs], {row}.is-done").wait_for()
    hand_off.refresh_from_db()
    winner, loser, name = (kim, rob, "Kim Ito") if hand_off.owner == office.kim else (rob, kim, "Rob Roy")
    winner.locator(f"{row} summary", has_text="Call").wait_for()
    assert f"Free Lead Taken by {name} " in " ".join(loser.locator(row).inner_text().split())


def test_the_last_minutes_are_counted_in_seconds_and_said_once(office, open_context, sign_in):
    now = timezone.now().replace(microsecond=0)
    office.hand_off("Nearly Late", owner=office.kim, at=now - (240 - 17) * MINUTE)
    context = open_context()
    sign_in(context, office.kim)
    page = context.new_page()
    page.clock.install(time=timezone.now())
    page.goto("/queue/")
    clock, said = page.locator("[data-clock]"), page.locator("body > [role=status].visually-hidden")
    assert clock.get_attribute("aria-live") is None and said.text_content() == ""
    page.clock.run_for(3 * 60_000)
    assert said.text_content() == "15 minutes left for Nearly Late."
    page.clock.run_for(5 * 60_000)
    first = plain(clock)
    page.clock.run_for(1_000)
    assert first != plain(clock) and " s left" in first
    page.clock.run_for(10 * 60_000)
    assert said.text_content() == "Overdue now: Nearly Late."
