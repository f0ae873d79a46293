"""The whole way, with the real web server, worker and beat: agree, hand over, follow up, and see the figures change.

Director and rep use the keyboard alone.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from slaproject.embedded.places import BASE
from slaproject.embedded.sample_accounts import SAMPLE_PASSWORD
from tests.browser.keyboard import press, tab_to, write
from tests.embedded.conftest import processes_of, wait_until
from tests.embedded.test_demo import Demo

# Figures are to be on the page within a minute of what changed them.
SOON = 60_000
# How many hand-offs of the month were tried, as the table under the chart says.
ATTEMPTED = """() => {
    const table = [...document.querySelectorAll('table')].find((one) => one.querySelector('th[data-key=attempted]'));
    const place = [...table.querySelectorAll('thead th')].findIndex((head) => head.dataset.key === 'attempted');
    return Number(table.querySelector('tfoot tr').children[place].querySelector('data').value);
}"""
DEMO = [sys.executable, str(BASE / "manage.py"), "demo"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo with the sample company."""
    var = tmp_path_factory.mktemp("journey") / "var"
    demo = Demo(var, *DEMO)
    try:
        yield demo.address()
    finally:
        demo.process.terminate()
        demo.process.communicate()
        wait_until(lambda: not processes_of(var), seconds=20)


@pytest.fixture
def enter(browser: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Return a function that signs a sample person in, by keyboard, and returns their page."""
    contexts = []

    def sign_in(login: str, *, width: int = 1280) -> Any:
        contexts.append(browser.new_context(base_url=address, viewport={"width": width, "height": 900}))
        page = contexts[-1].new_page()
        page.goto("sign-in/")
        write(page, page.get_by_label("E-mail"), f"{login}@acme.example")
        write(page, page.get_by_label("Password", exact=True), SAMPLE_PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    yield sign_in
    for context in contexts:
        context.close()


# Who is met by which home; whether the list of leads and the people are theirs to open.
HOMES = {
    "marketing.director": ("marketing/", 200, 403),
    "marketer": ("handed-over/", 200, 403),
    "sales.director": ("sales/", 200, 403),
    "manager.warsaw": ("sales/", 200, 403),
    "rep.warsaw": ("queue/", 200, 403),
    "viewer": ("review/", 403, 403),
    "auditor": ("review/", 403, 403),
    "administrator": ("marketing/", 200, 200),
}


@pytest.mark.parametrize("login", HOMES)
def test_every_role_signs_in_and_is_met_by_a_sentence_with_numbers(enter, login, address):
    home, leads, people = HOMES[login]
    page = enter(login)
    assert page.url == f"{address}{home}"
    assert re.search(r"\d", page.inner_text("h1")), page.inner_text("h1")
    assert page.goto("leads/").status == leads
    assert page.goto("people/").status == people
    assert page.goto("agreements/acme-leads/").status == 200
    may_amend = login not in ("marketer", "rep.warsaw", "viewer", "auditor")
    assert bool(page.get_by_role("link", name=re.compile("Amend")).count()) == may_amend


def test_directors_plan_draft_and_sign_by_keyboard(enter):
    marketing = enter("marketing.director")
    marketing.goto("agreements/acme-leads/")
    press(marketing, marketing.get_by_role("link", name=re.compile("Amend")))
    marketing.wait_for_url("**/amend/")
    press(marketing, marketing.get_by_role("button", name=re.compile("draft", re.IGNORECASE)))
    marketing.wait_for_url("**/edit/**")
    draft = marketing.url.removesuffix("edit/")

    marketing.goto("plan/?agreement=acme-leads")
    write(marketing, marketing.get_by_role("textbox", name=re.compile("^Sales quota|^Quota")), "1500000")
    marketing.wait_for_load_state("networkidle")
    press(marketing, marketing.get_by_role("button", name="Use as its goal"))
    marketing.wait_for_url("**/versions/**")

    for login in ("marketing.director", "sales.director"):
        page = marketing if login == "marketing.director" else enter(login)
        page.goto(f"{draft}sign/")
        press(page, page.get_by_role("checkbox"), "Space")
        write(page, page.get_by_label("Password", exact=False), SAMPLE_PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/versions/\d+/$|/agreements/acme-leads/$"))
    page.goto(draft)
    assert "Signed by all" in page.inner_text("main") or "in force" in page.inner_text("main").lower()


def test_a_lead_is_handed_over_tried_by_keyboard_and_seen_in_the_figures(enter):
    manager = enter("manager.warsaw")

    def has_figures() -> bool:  # of a demo that was just begun the worker makes them meanwhile
        manager.goto("speed/?by=day")
        return bool(manager.locator("th[data-key=attempted]").count())

    wait_until(has_figures, seconds=SOON / 1000)
    counted = manager.evaluate(ATTEMPTED)

    marketer = enter("marketer")
    marketer.goto("leads/new/")
    marketer.get_by_label("Name", exact=True).fill("Nora Example")
    marketer.get_by_label("Company", exact=True).fill("Example Works")
    marketer.get_by_role("button", name="Enter the lead").click()
    marketer.wait_for_url(re.compile(r"/leads/\d+/"))
    lead = marketer.url.split("?")[0]
    marketer.get_by_role("link", name=re.compile("Hand over")).first.click()
    marketer.get_by_label(re.compile("Sales Warsaw")).check()
    marketer.get_by_label(re.compile("Owner", re.IGNORECASE)).select_option(label="Piotr Łuczak")
    marketer.get_by_role("button", name=re.compile("Hand over")).click()
    marketer.wait_for_url(re.compile(r"/leads/\d+/?"))

    rep = enter("rep.warsaw", width=390)
    rep.goto("queue/")
    row = rep.get_by_role("listitem").filter(has=rep.get_by_role("link", name="Nora Example"))
    tab_to(rep, row.locator("summary").first)
    rep.keyboard.press("Enter")
    press(rep, row.get_by_role("button", name="No answer").first)
    rep.get_by_role("button", name="Undo").first.wait_for()
    logged_at = time.monotonic()

    manager.wait_for_function(f"before => ({ATTEMPTED})() > before", arg=counted, timeout=SOON)
    print(
        f"\nthe open speed page counted the attempt {time.monotonic() - logged_at:.0f} s after it was logged"
    )
    manager.goto(lead)
    assert "Piotr Łuczak" in manager.inner_text("main")
    assert "No answer" in manager.inner_text("main") or "no answer" in manager.inner_text("main")

    viewer = enter("viewer")
    assert viewer.goto(lead).status == 403
    assert viewer.goto("leads/").status == 403
    stranger = enter("rep.new-york")
    assert stranger.goto(lead).status == 404
