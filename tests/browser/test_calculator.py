"""The calculator in a real browser: usable by keyboard, readable, narrow, light and dark; results follow at once."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.utils import timezone

from tests import factories
from tests.browser.looks import keep, width_of
from tests.browser.test_report_pages import TOO_WIDE
from tests.reports.sample_month import NOW, make_month


@pytest.fixture
def company(transactional_db, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    cache.clear()
    yield make_month()
    cache.clear()


def test_the_result_follows_slider_buttons_and_field(company, open_context, sign_in, assert_accessible):
    factories.draft(company.agreement)
    context = open_context(viewport={"width": 390, "height": 844})
    sign_in(context, company.admin)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto("/plan/")
    answer = page.locator("h1")
    assert answer.text_content().startswith("You need 100 MQLs a month")
    page.locator("[data-chart=sensitivity][data-drawn]").wait_for()
    assert_accessible(page)
    assert width_of(page) <= 390
    assert page.evaluate(TOO_WIDE) == []

    slider = page.get_by_label("Close rate: slider")
    slider.focus()
    slider.press("ArrowRight")
    page.get_by_text("customers at 20.10%").first.wait_for()
    assert page.locator("#id_close_rate").input_value() == "20.1"
    assert "close_rate=20.1" in page.url
    page.locator("[data-chart=sensitivity][data-drawn]").wait_for()  # of the new results
    page.get_by_role("button", name="Close rate: less").click()
    page.get_by_text("customers at 20%").first.wait_for()
    page.locator("#id_close_rate").press("ArrowUp")
    page.get_by_text("customers at 20.10%").first.wait_for()
    page.locator("#id_close_rate").fill("25")
    page.get_by_text("customers at 25%").first.wait_for()
    assert slider.input_value() == "25"
    assert answer.text_content().startswith("You need 80 MQLs")

    page.locator("#id_close_rate").fill("250")
    page.get_by_text("the last that could be worked out").wait_for()
    assert page.locator("#id_close_rate").get_attribute("aria-invalid") == "true"
    assert page.locator("#id_close_rate_error").text_content() == "It must not be above 100%."
    assert answer.text_content().startswith("You need 80 MQLs")
    assert_accessible(page)
    keep(page, "calculator-stale")
    page.get_by_role("link", name="Use the measured").and_(
        page.get_by_role("link", name="Close rate")
    ).click()
    page.get_by_text("the last that could be worked out").wait_for(state="detached")
    assert page.locator("#id_close_rate").get_attribute("aria-invalid") is None

    page.get_by_label("Name", exact=True).fill("As measured")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("“As measured” is saved.").wait_for()
    page.goto("/plan/scenarios/")
    assert_accessible(page)
    keep(page, "scenarios")
    assert problems == []


def test_that_the_server_is_out_of_reach_is_said_of_the_calculation_alone(company, open_context, sign_in):
    context = open_context(viewport={"width": 390, "height": 844})
    sign_in(context, company.admin)
    page = context.new_page()
    page.goto("/plan/")
    said = page.get_by_text("The server cannot be reached.")
    context.route("**/*", lambda route: route.abort())
    page.evaluate(
        "htmx.trigger(document.querySelector('.bell'), 'htmx:sendError', {elt: document.querySelector('.bell')})"
    )
    assert said.count() == 0
    page.locator("#id_close_rate").fill("25")
    said.wait_for()


def test_without_scripts_the_form_is_sent_by_its_button(company, open_context, sign_in):
    context = open_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    sign_in(context, company.viewer)
    page = context.new_page()
    page.goto("/plan/")
    assert not page.get_by_label("Close rate: slider").is_visible()
    page.locator("#id_close_rate").fill("25")
    page.get_by_role("button", name="Calculate").click()
    assert page.locator("h1").text_content().startswith("You need 80 MQLs")
    page.locator("#id_close_rate").fill("x")
    page.get_by_role("button", name="Calculate").click()
    assert page.locator("h1").text_content().startswith("You need 80 MQLs")
    assert page.locator("#id_close_rate").input_value() == "x"
    assert page.get_by_text("the last that could be worked out").is_visible()
