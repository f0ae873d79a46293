"""The frame that every page stands in: usable by keyboard, by eye and by ear, light and dark, narrow and wide."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth import get_user_model

from slaproject.outbox.models import Alert
from tests.browser.looks import each_scheme, width_of

LANGUAGES = ["en", "ko", "pl"]


@pytest.fixture
def ada(transactional_db):
    return get_user_model().objects.create_superuser("ada@example.com", "a long enough one", name="Ada Nowak")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [320, 1280])
def test_sign_in_page_is_accessible_and_fits(
    open_context, assert_accessible, transactional_db, language, width
):
    context = open_context(viewport={"width": width, "height": 800}, locale=language)
    page = context.new_page()
    problems = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto("/sign-in/")
    assert page.evaluate("document.documentElement.lang") == language
    for scheme in each_scheme(page):
        assert page.evaluate("document.documentElement.dataset.bsTheme") == scheme
    assert width_of(page) <= width
    assert_accessible(page)
    assert problems == []


def test_person_signs_in_reaches_the_content_by_keyboard_and_signs_out(
    open_context, assert_accessible, ada, live_server
):
    page = open_context().new_page()
    page.goto("/sign-in/?next=/no-such-page/")
    page.keyboard.type("ADA@example.com")  # the first field has the focus
    page.keyboard.press("Tab")
    page.keyboard.type("a long enough one")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/no-such-page/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    assert_accessible(page)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/")


def test_menu_opens_on_a_narrow_screen(open_context, sign_in, assert_accessible, ada):
    context = open_context(viewport={"width": 320, "height": 640})
    sign_in(context, ada)
    page = context.new_page()
    page.goto("/no-such-page/")
    reports = page.get_by_role("button", name="Reports")
    assert not reports.is_visible()
    page.get_by_role("button", name="Menu").click()
    reports.wait_for(state="visible")
    page.locator(".collapsing").wait_for(state="detached")  # what unfolds moves away from under a click
    reports.click()
    page.get_by_role("link", name="Waterfall").wait_for(state="visible")
    page.locator(".collapsing").wait_for(state="detached")
    assert width_of(page) <= 320
    assert_accessible(page)


@pytest.mark.parametrize("width", [320, 390, 820, 1280])
def test_the_bell_is_seen_without_opening_the_menu(open_context, sign_in, assert_accessible, ada, width):
    at = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
    Alert.objects.bulk_create(
        Alert(
            person=ada,
            kind="goal_behind",
            about=n,
            subject="pace",
            place="marketing",
            happened_at=at,
            made_at=at,
        )
        for n in range(120)
    )
    context = open_context(viewport={"width": width, "height": 800})
    sign_in(context, ada)
    page = context.new_page()
    page.goto("/no-such-page/")
    bell = page.locator("header .bell")
    assert bell.count() == 1 and bell.is_visible()
    assert "99+" in bell.inner_text()
    box = bell.bounding_box()
    menu = page.get_by_role("button", name="Menu")
    if width < 992:
        beside = menu.bounding_box()
        assert abs(box["y"] + box["height"] / 2 - beside["y"] - beside["height"] / 2) < 8, "in one line"
        gap = max(box["x"], beside["x"]) - min(box["x"] + box["width"], beside["x"] + beside["width"])
        assert 0 <= gap <= 24, "side by side"
        menu.click()
        page.get_by_role("button", name="Reports").wait_for(state="visible")
        page.locator(".collapsing").wait_for(state="detached")
        after = bell.bounding_box()
        assert after["x"] == box["x"] and abs(after["y"] - box["y"]) < 8, "it stays where it is"
    if width < 768:
        assert box["width"] >= 44 and box["height"] >= 44
    assert width_of(page) <= width
    assert_accessible(page)
    bell.click()
    page.wait_for_url("**/notices/")


def test_switch_to_dark_is_kept_for_the_next_page(open_context, transactional_db):
    page = open_context(color_scheme="light").new_page()
    page.goto("/sign-in/")
    page.get_by_role("button", name="Dark").click()
    page.goto("/sign-in/")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    page.get_by_role("button", name="Light").wait_for()


def test_language_is_switched_on_the_page(open_context, transactional_db):
    page = open_context(locale="en").new_page()
    page.goto("/sign-in/")
    page.get_by_label("Language").select_option("pl")
    page.locator("html[lang=pl]").wait_for(state="attached")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_chart_colours_stand_out_from_the_ground(open_context, transactional_db, scheme):
    page = open_context(color_scheme=scheme).new_page()
    page.goto("/sign-in/")
    names = ["actual", "goal", "ok", "breach", "ground"]
    read = "name => getComputedStyle(document.documentElement).getPropertyValue('--chart-' + name).trim()"
    colours = {name: page.evaluate(read, name) for name in names}
    ground = luminance(colours.pop("ground"))
    for name, colour in colours.items():
        lighter, darker = sorted((luminance(colour), ground), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, name


def luminance(colour: str) -> float:
    """Return WCAG's relative luminance of #rrggbb."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
