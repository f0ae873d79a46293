"""The whole life of an agreement in a real browser, by two directors in windows of their own: begun from a template,
negotiated, signed, amended for open hand-offs too, missed, diagnosed, reviewed, renewed, cancelled.

The clock that the product reads is set from act to act; the browser's own runs on.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from agreements.models import Agreement, CorrectiveAction, Membership, Review, Strike, Team
from agreements.readings.verification import verify
from leads.models import HandOff
from leads.services.hand_offs import close, hand_over
from leads.services.sweep import sweep_clocks
from reports.closing import close_months
from tests import factories
from tests.browser.looks import keep
from tests.browser.test_report_pages import TOO_WIDE

PASSWORD = "secret"
SLUG = "leads-and-follow-up"
HOME = f"/agreements/{SLUG}"
HOUR = dt.timedelta(hours=1)


class Clock:
    """What the product takes for now."""

    def __init__(self) -> None:
        self.at = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)

    def set(self, *when: int) -> dt.datetime:
        self.at = dt.datetime(*when, tzinfo=dt.UTC)  # type: ignore[misc, arg-type]
        return self.at


@pytest.fixture
def clock(monkeypatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(timezone, "now", lambda: found.at)
    return found


class Director:
    """One director in a window of their own, signed in anew after each leap of the clock."""

    def __init__(self, user: Any, open_context: Any, sign_in: Any, check: Any, **window: Any) -> None:
        self.user, self.context, self.sign_in, self.check = user, open_context(**window), sign_in, check
        self.sign_in(self.context, user)
        self.page = self.context.new_page()

    def again(self) -> None:
        self.sign_in(self.context, self.user)

    def go(self, address: str) -> Any:
        self.page.goto(address)
        return self.page

    def press(self, name: str, then: str) -> None:
        """Press a button, and wait for what it answers."""
        self.page.get_by_role("button", name=name, exact=True).click()
        self.reads(then)

    def reads(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()

    def write(self, name: str, text: str) -> None:
        """Write into a field of a draft, unfolding the part that it stands in."""
        field = self.page.locator(f"[name='{name}']")
        field.evaluate("field => { const fold = field.closest('details'); if (fold) fold.open = true; }")
        field.fill(text)

    def sign(self, number: int) -> None:
        self.go(f"{HOME}/versions/{number}/sign/")
        self.page.get_by_label("I have read it.").check()
        self.page.get_by_label("Your password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign", exact=True).click()
        self.page.wait_for_url(f"**{HOME}/versions/{number}/")

    def look(self, name: str) -> None:
        keep(self.page, f"life-{name}")
        assert self.page.evaluate(TOO_WIDE) == [], name
        self.check(self.page)


@pytest.fixture
def teams(transactional_db) -> dict[str, Any]:
    """A marketing and a sales team, each with its director, and a rep."""
    factories.calendar("Office", is_default=True)
    made: dict[str, Any] = {
        "marketing": factories.team("Growth", Team.Function.MARKETING),
        "sales": factories.team("Field", Team.Function.SALES),
    }
    for name, side, role in (
        ("Ann", "marketing", Membership.Role.DIRECTOR),
        ("Bo", "sales", Membership.Role.DIRECTOR),
        ("Rita", "sales", Membership.Role.MEMBER),
    ):
        made[name] = factories.user(name)
        Membership.objects.create(user=made[name], team=made[side], role=role)
    return made


def test_an_agreement_lives_from_the_first_draft_to_the_last_word(
    open_context, sign_in, clock, teams, assert_accessible
):
    phone, desk = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
    ann = Director(
        teams["Ann"], open_context, sign_in, assert_accessible, viewport=phone, color_scheme="dark"
    )
    bo = Director(teams["Bo"], open_context, sign_in, assert_accessible, viewport=desk)

    begun_and_signed(ann, bo)
    amended_in_the_middle_of_the_month(ann, bo, clock, teams)
    missed_and_acted_upon(ann, bo, clock)
    reviewed(ann, bo)
    renewed(ann, bo)
    cancelled(ann, bo, clock)


def begun_and_signed(ann: Director, bo: Director) -> None:
    """Draft from a template, comments, changes asked and made, both sign, in force."""
    page = ann.go("/agreements/new/")
    page.get_by_label("Name of the agreement").fill("Leads and follow-up")
    page.locator("[name=template][value=steps]").check()
    ann.press("Make the first draft", "The first draft is there.")
    for month in ("2026-03", "2026-04"):
        ann.write(f"goal-0-{month}", "30")
    ann.write("clause-cancellation-0", "Three months in a row missed\nA change of the market")
    ann.press("Save the draft", "The draft is saved.")
    ann.press("Send to review", "Draft 1 is in review, and no comment is open.")

    page = bo.go("/agreements/?act=me")
    bo.reads("1 agreement fits.")
    page = bo.go(f"{HOME}/versions/1/negotiation/")
    page.get_by_label("What is to be changed, or asked?").fill("Are partners included?")
    bo.press("Send the comment", "Draft 1 is in review: 1 comment is open.")
    bo.press("Ask for changes", "Changes to draft 1 were asked for: 1 comment is open.")

    ann.go(f"{HOME}/versions/1/edit/")
    ann.write("clause-scope-0", "All leads from Europe. Partners are excluded.")
    ann.press("Save the draft", "The draft is saved.")
    page = ann.go(f"{HOME}/versions/1/negotiation/")
    page.locator(".answer > summary").click()
    page.get_by_label("Your answer").fill("No: the scope says so now.")
    ann.press("Send the answer", "The draft was edited 1 time since it was sent to review.")

    page = bo.go(f"{HOME}/versions/1/negotiation/")
    page.get_by_role("button", name="Settled").click()
    bo.reads("The comment is settled.")
    bo.press("Send to review again", "Draft 1 is in review, and no comment is open.")
    ann.sign(1)
    bo.sign(1)
    bo.reads("All have signed version 1.")
    bo.go(f"{HOME}/")
    bo.reads(
        "In force since 1 Mar, version 1: Growth promises 30 MQLs in March 2026; Field tries each within 4 h"
    )
    bo.look("in-force")


def amended_in_the_middle_of_the_month(ann: Director, bo: Director, clock: Clock, teams: Any) -> None:
    """Amend on the 16th, also for open hand-offs: the preview says which, the last signature does it."""
    agreement = Agreement.objects.get(slug=SLUG)
    given = {"agreement": agreement, "team": teams["sales"], "owner": teams["Rita"], "by": teams["Ann"]}
    at = clock.set(2026, 3, 10, 10)
    closed = hand_over(lead=factories.lead(name="Closed Lead"), now=at, at=at, **given)
    close(hand_off=closed, closed_as="lost", at=at + HOUR, now=at + HOUR, by=teams["Rita"])
    at = clock.set(2026, 3, 16, 9, 30)
    opened = [hand_over(lead=factories.lead(name=f"Open {n}"), now=at, at=at, **given) for n in range(2)]
    closed.refresh_from_db()
    before = {one.pk: one.due_at for one in (closed, *opened)}
    assert before[opened[0].pk] == at + 4 * HOUR
    clock.set(2026, 3, 16, 10)
    for director in (ann, bo):
        director.again()

    page = bo.go(f"{HOME}/amend/")
    page.get_by_label("First day of the new version").fill("2026-03-16")
    bo.press("Begin the draft", "The draft is a copy of what was agreed last.")
    page.get_by_label("It is for").select_option("also_open")
    page.get_by_label("Ends before").fill("2026-05-01")
    bo.write("speed-0-allowance_0", "2")
    bo.write("speed-0-average_goal_0", "1")
    bo.press("Save the draft", "The draft is saved.")

    page = bo.go(f"{HOME}/versions/2/open-hand-offs/")
    previewed = page.locator("main").inner_text()
    assert "Open 0" in previewed
    assert "Open 1" in previewed
    assert "Closed Lead" not in previewed
    assert "13:30" in previewed
    assert "11:30" in previewed
    bo.look("preview")
    page = ann.go(f"{HOME}/compare/?from=1&to=2")
    compared = page.locator("main").inner_text()
    assert "4 h" in compared
    assert "2 h" in compared
    ann.look("difference")
    bo.sign(2)
    ann.sign(2)
    ann.reads("All have signed version 2.")
    after = dict(HandOff.objects.values_list("pk", "due_at"))
    assert after == {
        closed.pk: before[closed.pk],
        **{one.pk: one.handed_off_at + 2 * HOUR for one in opened},
    }
    ann.go(f"{HOME}/")
    ann.reads("2 open hand-offs re-dated")


def missed_and_acted_upon(ann: Director, bo: Director, clock: Clock) -> None:
    """The month is closed, promises were missed: a strike, its diagnosis, an action, its result."""
    now = clock.set(2026, 4, 20, 10)
    sweep_clocks(now=now)
    closed = close_months(now=now)
    assert closed.failed == 0
    for director in (ann, bo):
        director.again()
    strike = Strike.objects.get(evaluation__promise="mql_goal")
    assert (strike.responsible, strike.state) == (ann.user, "open")

    page = ann.go("/marketing/")
    ann.reads("strike waits for your diagnosis")
    page = ann.go(f"{HOME}/kept/")
    ann.look("kept")
    page.locator(f"a[href='/strikes/{strike.pk}/']").first.click()
    page.get_by_label("Why was the promise not kept?").fill("The campaign began three weeks late.")
    page.get_by_label("How will the missing leads be made up?").fill("With a webinar in May.")
    page.get_by_label("What will be done?").fill("Book the agency a month ahead.")
    page.get_by_label("Who does it").select_option(label="Ann")
    page.get_by_label("Until").fill("2026-05-04")
    ann.press("Save the diagnosis", "The diagnosis is saved.")
    assert not CorrectiveAction.objects.exists(), "it waits on the page, as it was typed"
    ann.press("Add the action", "The action is agreed.")
    action = CorrectiveAction.objects.get()
    assert (action.action, action.due_on) == ("Book the agency a month ahead.", dt.date(2026, 5, 4))
    ann.look("strike")
    page.get_by_role("link", name="End it, with its result").click()
    page.get_by_label("done", exact=True).check()
    page.get_by_label("What came of it?").fill("The agency is booked until the summer.")
    ann.press("End the action", "The agency is booked until the summer.")
    assert CorrectiveAction.objects.get().state == "done"


def reviewed(ann: Director, bo: Director) -> None:
    """A review with its agenda, a decision and minutes."""
    page = bo.go(f"{HOME}/reviews/")
    page.get_by_label("Day of the review").fill("2026-04-20")
    page.get_by_role("button", name="Plan a review").click()
    review = Review.objects.get(planned_on=dt.date(2026, 4, 20))
    page = bo.go(f"{HOME}/reviews/{review.pk}/")
    bo.reads("Missed promises that stand")
    page.get_by_label("Minutes").fill("We looked at March. The goal was too high for the season.")
    page.get_by_label("Decision", exact=True).fill("Go on for as long again, with fewer leads.")
    bo.press("Write the decision down", "This field is required.")
    page.get_by_label("Done by").select_option(label="Bo")
    page.get_by_label("Until").fill("2026-04-30")
    bo.press("Write the decision down", "The decision is written down.")
    assert not Review.objects.get().minutes, "they wait on the page, as they were typed"
    bo.press("Save, and close: the review was held", "was held; Bo closed its minutes on")
    bo.look("review")
    ann.go(f"{HOME}/reviews/{review.pk}/")
    ann.reads("The goal was too high for the season.")


def renewed(ann: Director, bo: Director) -> None:
    """Renewed from the day after its end: the terms are copied, the goals set anew, both sign."""
    ann.go("/marketing/")
    ann.reads("Leads and follow-up ends with 30 Apr 2026.")
    page = ann.go(f"{HOME}/renew/")
    ann.press("Begin the draft", "The draft goes on where the agreement ends.")
    page = ann.go(f"{HOME}/versions/3/edit/")
    assert page.get_by_label("First day", exact=True).input_value() == "2026-05-01"
    assert page.locator("[name='speed-0-allowance_0']").input_value() == "2"
    ann.write("goal-0-2026-05", "20")
    ann.press("Save the draft", "The draft is saved.")
    bo.sign(3)
    ann.sign(3)
    ann.reads("All have signed version 3.")


def cancelled(ann: Director, bo: Director, clock: Clock) -> None:
    """Cancelled by an agreed condition with the password; its history stays, and the record is sound."""
    clock.set(2026, 5, 11, 10)
    for director in (ann, bo):
        director.again()
    page = bo.go(f"{HOME}/cancel/")
    page.get_by_label("Not in force any more from").fill("2026-05-18")
    page.get_by_label("A change of the market").check()
    page.get_by_label("Why", exact=True).fill("We leave this market.")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Cancel the agreement").click()
    bo.reads("By the agreed condition:")
    clock.set(2026, 5, 20, 10)
    for director in (ann, bo):
        director.again()
    ann.go(f"{HOME}/")
    ann.reads("Cancelled: version 3 was in force from 1 May 2026 until 18 May 2026.")
    ann.reads("Version 1 was in force from 1 Mar 2026 until 16 Mar 2026.")
    ann.look("cancelled")
    bo.go("/agreements/?state=ended")
    bo.reads("1 agreement fits.")
    bo.look("register")
    bo.go(f"{HOME}/record/")
    bo.reads("are as they were written.")
    assert verify(Agreement.objects.get(slug=SLUG)).is_sound
