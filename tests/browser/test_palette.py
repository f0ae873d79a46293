"""Search, commands and the sheet of shortcuts: real dialogs, by keyboard and by touch."""

from __future__ import annotations

from typing import Any

import pytest

from tests import factories
from tests.browser.looks import width_of
from tests.leads.people import Office, make_office

STAYS = (
    "[document.body, ...document.querySelectorAll('#palette, #palette *')].includes(document.activeElement)"
)
FOCUSED = "document.activeElement.id || document.activeElement.textContent.trim()"


@pytest.fixture
def office(transactional_db) -> Office:
    made = make_office()
    for n in range(3):
        made.hand_off(f"Zoe {n}", owner=made.kim, at=factories.NOON, company="Sample Bakery")
    return made


@pytest.fixture
def open_page(open_context, sign_in):
    def opened(person: Any, address: str, **arguments: Any) -> Any:
        context = open_context(**arguments)
        sign_in(context, person)
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.goto(address)
        return page

    return opened


def test_the_palette_finds_and_leads_by_keyboard_alone(office, open_page, assert_accessible):
    page = open_page(office.kim, "/agreements/", viewport={"width": 1280, "height": 800})
    link = page.get_by_role("link", name="Plan", exact=True)
    link.focus()
    page.keyboard.press("Control+k")
    assert page.evaluate(FOCUSED) == "palette-words"
    for _ in range(6):  # the focus stays within
        page.keyboard.press("Tab")
        assert page.evaluate(STAYS)
    assert_accessible(page)
    page.keyboard.type("zo")
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUSED) == "Plan"
    page.keyboard.press("/")
    page.keyboard.type("zoe")
    page.locator("#palette-found").get_by_role("option").nth(2).wait_for()
    assert_accessible(page)
    page.keyboard.press("ArrowDown")
    second = page.locator("[role=option][aria-selected=true]")
    assert second.count() == 1
    name = second.locator("bdi").first.inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/leads/*/")
    assert name in page.locator("h1").inner_text()
    page.keyboard.press("Control+k")
    page.keyboard.type("que")
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue/")
    assert page.problems == []


def test_the_palette_and_the_sheet_work_by_touch_and_fit_a_phone(office, open_page, assert_accessible):
    phone = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
    page = open_page(office.kim, "/leads/", **phone)
    page.get_by_role("button", name="Menu").tap()
    page.get_by_role("link", name="Search").tap()
    page.locator("#palette-words").fill("zoe 1")
    page.locator("#palette-found").get_by_role("option", name="Zoe 1").wait_for()
    assert width_of(page) <= 320
    page.locator("#palette-words").fill("shortcuts")
    page.get_by_role("option", name="Keyboard shortcuts").tap()
    page.get_by_role("heading", name="Keyboard shortcuts").wait_for()
    assert_accessible(page)
    page.locator("#shortcuts").get_by_role("button", name="Close").tap()
    assert not page.locator("dialog[open]").count()
    assert page.problems == []


def test_keys_lead_to_pages_and_the_sheet_unless_one_types_or_has_none(office, open_page):
    page = open_page(office.kim, "/leads/")
    page.keyboard.press("?")
    page.get_by_role("heading", name="Keyboard shortcuts").wait_for()
    page.keyboard.press("g")
    page.keyboard.press("q")
    assert page.url.endswith("/leads/")  # a dialog is open
    page.keyboard.press("Escape")
    page.locator("details summary").first.click()
    page.locator("input[name=q]:not(#palette-words)").focus()
    page.keyboard.type("gq/?")
    assert page.url.endswith("/leads/") and not page.locator("dialog[open]").count()
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/queue/")
    office.kim.uses_shortcuts = False
    office.kim.save()
    page.reload()
    for key in ("?", "/", "g", "l"):
        page.keyboard.press(key)
    assert page.url.endswith("/queue/") and not page.locator("dialog[open]").count()
    page.keyboard.press("Control+k")  # no key of one letter
    page.locator("#palette[open]").wait_for()


def test_search_is_a_page_without_a_script(office, open_page):
    page = open_page(office.kim, "/leads/", java_script_enabled=False)
    page.get_by_role("link", name="Search").click()
    page.get_by_label("Lead, company, e-mail, id or agreement").fill("zoe 1")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Zoe 1").click()
    assert "Zoe 1" in page.locator("h1").inner_text()
