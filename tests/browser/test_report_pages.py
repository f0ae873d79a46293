"""The report pages in a real browser: drawn, readable, narrow and wide, light and dark, by keyboard and by ear.

With SCREENSHOTS=FOLDER every page seen is also stored there as a picture.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tests.browser.contrast import contrast
from tests.browser.looks import each_scheme, keep, width_of
from tests.reports.sample_month import NOW, make_month

PAGES = {
    "waterfall": "/waterfall/?month=2026-03",
    "speed": "/speed/?month=2026-03&by=week",
    "speed-days": "/speed/?month=2026-03&by=day",
    "depth": "/depth/?month=2026-03",
    "recalibration": "/recalibration/?month=2026-03",
    "explore": "/explore/?measure=speed&by=week&first=2026-03-01&last=2026-03-31",
    "explore-filtered": "/explore/?measure=speed_survival&by=week&channel=call&outcome=open"
    "&first=2026-03-01&last=2026-03-31",
    "behind": "/behind/?figure=open&first=2026-03-01&last=2026-03-31&source=web",
    "explore-parts": "/explore/?measure=in_time&by=source&split=day&first=2026-03-01&last=2026-03-20",
    "explore-pairs": "/explore/?measure=speed&by=source&split=rep&first=2026-03-01&last=2026-03-31&segment=executives",
}
SIZES = [(390, 844), (1280, 900)]

# Elements that stick out of the window, but for those that scroll by themselves or are shown to no eye.
TOO_WIDE = """() => [...document.querySelectorAll('body *')].filter(element => {
    if (element.closest('.table-responsive, svg, .visually-hidden, .skip-link, pre')) return false;
    const box = element.getBoundingClientRect();
    return box.width && (box.right > innerWidth + 1 || box.left < -1);
}).map(element => element.outerHTML.slice(0, 120))"""

# The colour of every text of a drawing, and of every line and bar, as the browser has them.
TEXTS = """() => [...document.querySelectorAll('.chart-canvas text')].filter(text => text.textContent.trim())
    .map(text => [text.textContent, getComputedStyle(text).fill])"""
SHAPES = """() => {
    const seen = (style) => style.stroke !== 'none' && parseFloat(style.strokeWidth) ? style.stroke : style.fill;
    const colour = (path) => {
        const found = seen(getComputedStyle(path));
        const pattern = found.match(/#([^")]+)/);
        return pattern && !found.startsWith('rgb')
            ? seen(getComputedStyle(document.getElementById(pattern[1]).querySelector('path'))) : found;
    };
    return [...document.querySelectorAll('.chart-canvas .bars .point path, .chart-canvas path.js-line')]
        .filter((path) => path.getBoundingClientRect().height).map(colour).filter((found) => found !== 'none');
}"""
BARS = """chart => [...document.querySelectorAll(`[data-chart=${chart}] .bars .point path`)]
    .filter((path) => path.getBoundingClientRect().height > 0.5).length"""
GROUND = "() => getComputedStyle(document.querySelector('.chart')).backgroundColor"
DRAWN = """() => document.querySelectorAll('[data-chart]').length
    === document.querySelectorAll('[data-chart][data-drawn] svg.main-svg:first-of-type').length"""


@pytest.fixture
def company(transactional_db, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return make_month()


@pytest.fixture
def open_pages(open_context, sign_in, company):
    """Return a function that opens a signed-in page and the list of what its console complained about."""

    def open_page(**window: Any) -> tuple[Any, list[str]]:
        context = open_context(**window)
        sign_in(context, company.admin)
        page = context.new_page()
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.add_init_script(
            "addEventListener('securitypolicyviolation', e => console.error('policy', e.violatedDirective))"
        )
        return page, problems

    return open_page


@pytest.mark.parametrize("width,height", SIZES)
def test_pages_fit_are_accessible_and_stand_out(open_pages, assert_accessible, width, height):
    page, problems = open_pages(viewport={"width": width, "height": height})
    for name, address in PAGES.items():
        page.goto(address)
        page.wait_for_function(DRAWN)
        keep(page, f"{name}-{width}")
        for table in page.locator("details").all():
            table.evaluate("details => details.open = true")
        assert width_of(page) <= width, name
        assert page.evaluate(TOO_WIDE) == [], name
        assert_accessible(page)
        assert problems == [], name
        if not page.locator("[data-chart]").count():
            continue
        for scheme in each_scheme(page):
            ground = page.evaluate(GROUND)
            for text, colour in page.evaluate(TEXTS):
                assert contrast(colour, ground) >= 4.5, (name, scheme, text, colour)
            for colour in page.evaluate(SHAPES):
                assert contrast(colour, ground) >= 3, (name, scheme, colour)


def test_the_button_that_shows_a_choice_stands_beside_it(open_pages):
    page, _problems = open_pages(viewport={"width": 1280, "height": 900})
    bottom = "element => Math.round(element.getBoundingClientRect().bottom)"
    for name in ("waterfall", "speed", "depth", "recalibration"):
        page.goto(PAGES[name])
        choice = page.locator("form.report-choice").first
        button = choice.get_by_role("button", name="Show")
        assert button.evaluate(bottom) == choice.locator("#month").evaluate(bottom), name


def table_values(page: Any, chart: str) -> dict[str, list[str]]:
    """Return the raw values of a chart's table by column."""
    table = page.locator(f"[data-chart={chart}] table.figures")
    keys = table.locator("thead th").evaluate_all("cells => cells.map(cell => cell.dataset.key)")
    rows = table.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.querySelectorAll('data')].map(cell => cell.value))"
    )
    return {key: [row[place] for row in rows] for place, key in enumerate(keys)}


def drawn_values(page: Any, chart: str) -> dict[str, list[float | None]]:
    """Return what Plotly has drawn, by the name of the series."""
    traces = page.evaluate(
        "chart => document.querySelector(`[data-chart=${chart}] .js-plotly-plot`).data.map(t => [t.name, t.y])",
        chart,
    )
    return dict(traces)


@pytest.mark.parametrize(
    "address,chart,columns",
    [
        (
            "/waterfall/?month=2026-03",
            "waterfall",
            {"Goal": "goal_cumulative", "Actual": "actual_cumulative", "Per day": "actual"},
        ),
        ("/speed/?month=2026-03&by=day", "speed", {"Average to the first attempt": "average"}),
        ("/speed/?month=2026-03&by=day", "in-time", {"In time": "in_time"}),
        ("/depth/?month=2026-03&by=week", "depth", {"Average attempts": "average"}),
    ],
)
def test_drawing_table_and_file_have_the_same_numbers(open_pages, address, chart, columns):
    page, _problems = open_pages()
    page.goto(address)
    page.wait_for_function(DRAWN)
    drawn, table = drawn_values(page, chart), table_values(page, chart)
    link = page.locator(f"[data-chart={chart}] a", has_text="CSV").get_attribute("href")
    path = address.split("?")[0]
    rows = list(csv.DictReader(page.request.get(path + link).text().splitlines()))
    for series, column in columns.items():
        shown = [float(value) if value else None for value in table[column]]
        assert [None if value is None else float(value) for value in drawn[series]] == pytest.approx(shown)
        assert [row[column] for row in rows] == table[column]


def test_every_day_and_every_bar_is_drawn(open_pages):
    page, _problems = open_pages()
    page.goto("/waterfall/?month=2026-03")
    page.wait_for_function(DRAWN)
    lines = page.locator("[data-chart=waterfall] .scatterlayer .js-line").count()
    assert lines >= 3  # goal, actual, projection
    assert page.evaluate(BARS, "waterfall") == 9  # as many days brought a lead
    page.goto("/depth/?month=2026-03")
    page.wait_for_function(DRAWN)
    assert page.evaluate(BARS, "at-least") == 5 + 5  # tried so often, and from 2 on those connected earlier


def test_arrow_keys_step_through_the_points_and_say_them(open_pages):
    page, _problems = open_pages()
    page.goto("/waterfall/?month=2026-03")
    page.wait_for_function(DRAWN)
    page.locator("[data-chart=waterfall] .chart-canvas").focus()
    said = page.locator("[data-chart=waterfall] .readout")
    page.keyboard.press("ArrowRight")
    assert said.text_content().startswith("Sun 1 Mar: Goal")
    page.keyboard.press("ArrowRight")
    assert "Actual 5" in said.text_content()
    page.keyboard.press("End")
    assert said.text_content() == "Tue 31 Mar: Goal 100"
    page.keyboard.press("Escape")
    assert said.text_content() == ""


def test_switching_the_theme_draws_the_charts_in_its_colours(open_pages):
    page, problems = open_pages(color_scheme="light")
    page.goto("/waterfall/?month=2026-03")
    page.wait_for_function(DRAWN)
    before = page.evaluate(SHAPES)
    page.get_by_role("button", name="Dark").click()
    page.wait_for_function(
        "before => getComputedStyle(document.querySelector('path.js-line')).stroke !== before", arg=before[0]
    )
    ground = page.evaluate(GROUND)
    assert all(contrast(colour, ground) >= 3 for colour in page.evaluate(SHAPES))
    assert problems == []


def test_pictures_can_be_saved(open_pages):
    page, problems = open_pages()
    page.goto("/waterfall/?month=2026-03")
    page.wait_for_function(DRAWN)
    for kind, start in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        with page.expect_download() as download:
            page.locator("[data-chart=waterfall]").get_by_role("button", name=kind).click()
        saved = Path(download.value.path()).read_bytes()
        assert saved.startswith(start)
        assert download.value.suggested_filename == f"waterfall-2026-03.{kind.lower()}"
        if kind == "SVG":
            assert "leads behind" in saved.decode()
        if os.environ.get("SCREENSHOTS"):
            Path(os.environ["SCREENSHOTS"], f"saved.{kind.lower()}").write_bytes(saved)
    assert problems == []


def test_names_of_sources_are_text_in_the_drawing(open_pages):
    page, problems = open_pages()
    page.goto("/waterfall/?month=2026-03")
    page.wait_for_function(DRAWN)
    names = page.locator("[data-chart=sources] .annotation-text").all_text_contents()
    assert any("fair <b>Łódź</b>" in name for name in names)
    assert page.locator("[data-chart=sources] .chart-canvas a").count() == 0
    assert problems == []


def test_without_scripts_the_tables_are_the_charts(open_pages):
    page, _problems = open_pages(java_script_enabled=False)
    page.goto("/waterfall/?month=2026-03")
    assert page.locator("[data-chart=waterfall] table.figures").is_visible()
    assert not page.locator("[data-chart=waterfall] .chart-canvas").is_visible()


def test_empty_product_says_what_will_stand_here(open_context, sign_in, assert_accessible, transactional_db):
    from tests.factories import user

    context = open_context(viewport={"width": 390, "height": 844})
    sign_in(context, user("Vera Viewer"))
    page = context.new_page()
    for name in ("waterfall", "speed", "depth", "recalibration", "explore"):
        page.goto(f"/{name}/")
        page.get_by_role("heading", name="No lead has been handed off yet.").wait_for()
        assert page.evaluate(TOO_WIDE) == []
        assert_accessible(page)
        keep(page, f"empty-{name}")
