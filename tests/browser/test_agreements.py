"""An agreement in a real browser: written and signed by keyboard alone, readable on a phone, light and dark."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from agreements.models import Clause, Commitment, Team
from agreements.services.drafting import begin_amendment
from tests import factories
from tests.browser.looks import keep
from tests.browser.test_report_pages import TOO_WIDE

PASSWORD = "secret"
FIRST = dt.date(2026, 1, 1)
FOCUSED = "document.activeElement.name || document.activeElement.textContent.trim()"


@pytest.fixture
def amended(transactional_db) -> Any:
    """An agreement in force with all kinds of words, and a draft of its next version."""
    factories.calendar("Office", tz="Europe/Warsaw", is_default=True)
    agreement = factories.agreement(time_zone="Europe/Warsaw")
    segment = factories.segment("Enterprise")
    months = {dt.date(2026 + n // 12, n % 12 + 1, 1): 400 + n for n in range(24)}
    version = factories.draft(agreement, goals=months, segment_allowances={segment: dt.timedelta(hours=1)})
    Clause.objects.create(version=version, topic="scope", text="All leads that marketing finds " * 9)
    for party in agreement.parties.all():
        Clause.objects.create(version=version, topic="consequence", party=party, text="W" * 300)
    factories.sign(version)
    by = factories.party(agreement, Team.Function.MARKETING).signatory
    assert by is not None
    return begin_amendment(agreement=agreement, starts_on=dt.date(2027, 1, 1), now=factories.NOON, by=by)


@pytest.fixture
def as_director(open_context, sign_in, amended):
    """Return a function that opens a window of marketing's director, and what its console complains about."""

    def open_page(**window: Any) -> tuple[Any, list[str]]:
        context = open_context(**window)
        sign_in(context, factories.party(amended.agreement, Team.Function.MARKETING).signatory)
        page = context.new_page()
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        return page, problems

    return open_page


def test_pages_fit_a_phone_and_are_accessible(as_director, assert_accessible):
    page, problems = as_director(viewport={"width": 390, "height": 844})
    draft = "/agreements/company/versions/2"
    for name, address in {
        "list": "/agreements/",
        "new": "/agreements/new/",
        "in-force": "/agreements/company/",
        "draft": f"{draft}/",
        "edit": f"{draft}/edit/",
        "sign": f"{draft}/sign/",
        "withdraw": f"{draft}/withdraw/",
        "start-over": f"{draft}/start-over/",
        "amend": "/agreements/company/amend/",
    }.items():
        page.goto(address)
        for hidden in page.locator("details").all():
            hidden.evaluate("details => details.open = true")
        keep(page, f"agreement-{name}")
        assert page.evaluate(TOO_WIDE) == [], name
        assert_accessible(page)
        assert problems == [], name


def test_a_refused_form_is_accessible_too(as_director, assert_accessible):
    page, _problems = as_director(viewport={"width": 390, "height": 844})
    page.goto("/agreements/company/versions/2/edit/")
    page.get_by_label("Ends before").fill("2020-01-01")
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("link", name="Ends before").wait_for()
    keep(page, "agreement-refused")
    assert_accessible(page)
    page.goto("/agreements/company/versions/2/sign/")
    page.get_by_role("button", name="Sign", exact=True).click()
    page.get_by_text("Tick that you have read it.").wait_for()
    assert_accessible(page)


def tab_to(page: Any, name: str, most: int = 200) -> None:
    """Press Tab until a field of this name, or a link or button of this text, has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == name:
            return
    raise AssertionError(f"{name} cannot be reached by keyboard")


def test_a_director_edits_a_draft_and_signs_it_by_keyboard_alone(as_director, amended, live_server):
    page, problems = as_director(viewport={"width": 1280, "height": 900})
    page.goto("/agreements/")
    tab_to(page, "Read draft 2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/versions/2/")
    tab_to(page, "Edit the draft")
    page.keyboard.press("Enter")
    page.wait_for_url("**/edit/")
    tab_to(page, "speed-0-allowance_0")
    with page.expect_response("**/preview/"):
        page.keyboard.type("2")  # a field that is reached by Tab is selected: what is typed replaces it
    page.get_by_text("A lead arriving Friday 16:30 must be tried by Monday 10:30").wait_for()
    tab_to(page, "depth-0-attempts")
    with page.expect_response("**/preview/"):
        page.keyboard.type("0")
    page.locator("[id='id_depth-0-attempts_says']", has_text="greater than or equal to 1").wait_for()
    page.keyboard.press("Control+a")
    with page.expect_response(
        "**/preview/"
    ):  # one that is asked for still would be cut off by leaving the page
        page.keyboard.type("8")
    page.keyboard.press("Enter")
    page.wait_for_url("**/versions/2/")
    page.get_by_text("The draft is saved.").wait_for()
    tab_to(page, "Read the changes and sign")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign/")
    row = page.locator("tr", has_text="Time to the first attempt").first
    assert "−50%" in row.text_content()
    tab_to(page, "has_read")
    page.keyboard.press("Space")
    tab_to(page, "password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_text("You have signed.").wait_for()
    assert amended.signatures.count() == 1
    assert amended.commitments.get(kind=Commitment.Kind.SPEED, segment=None).allowance == dt.timedelta(
        hours=2
    )
    assert amended.commitments.get(kind=Commitment.Kind.DEPTH).attempts == 8
    # Leaving a field by Enter asks for a preview once more, which saving cuts off when the server is slow.
    cut_off = ("htmx:afterRequest", "htmx:sendAbort", "htmx:sendError")
    assert [one for one in problems if not one.startswith(cut_off)] == []
