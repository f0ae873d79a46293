"""An edition in a real browser: it fits, is accessible, and is presented a part at a time by the arrow keys."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from reports.closing import close_months
from reports.editions import make_editions
from reports.models import Edition
from tests.browser.test_report_pages import DRAWN, SIZES, TOO_WIDE
from tests.reports.sample_month import MARCH, make_month

APRIL_20 = dt.datetime(2026, 4, 20, 12, tzinfo=dt.UTC)
SHOWN = """() => [...document.querySelectorAll('[data-slide]')]
    .flatMap((slide, place) => (slide.checkVisibility() ? [place] : []))"""


@pytest.fixture
def opened(transactional_db: None, open_context: Any, sign_in: Any) -> tuple[Any, list[str]]:
    """An edition's page, opened by a director, with what its console complained about."""
    company = make_month(goal=44)
    close_months(now=APRIL_20)
    make_editions(now=APRIL_20)
    context = open_context(viewport={"width": 1280, "height": 900})
    sign_in(context, company.agreement.parties.get(team__function="sales").signatory)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(reverse("reports:edition", args=[Edition.objects.get(month_on=MARCH).pk]))
    page.wait_for_function(DRAWN)
    return page, problems


def test_it_fits_is_accessible_and_is_presented_by_keys(opened: Any, assert_accessible: Any):
    page, problems = opened
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(TOO_WIDE) == [], width
    assert_accessible(page)
    slides = page.locator("[data-slide]").count()
    assert page.evaluate(SHOWN) == list(range(slides))
    page.get_by_role("button", name="Present full screen").click()
    for key, place in (
        ("ArrowRight", 1),
        ("PageDown", 2),
        ("ArrowLeft", 1),
        ("End", slides - 1),
        ("ArrowRight", slides - 1),
        ("Home", 0),
    ):
        page.keyboard.press(key)
        assert page.evaluate(SHOWN) == [place], key
    page.get_by_role("button", name="Next slide").click()
    assert page.locator("[data-place]").inner_text() == f"2 / {slides}"
    page.wait_for_function(DRAWN)
    assert_accessible(page)
    page.get_by_role("button", name="End", exact=True).click()
    assert page.evaluate(SHOWN) == list(range(slides))
    assert page.locator("[data-presenter]").is_hidden()
    page.get_by_role("button", name="Acknowledge for").click()
    assert page.get_by_text("Acknowledged for").is_visible()
    assert problems == []
