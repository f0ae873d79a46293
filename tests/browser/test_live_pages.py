"""First pages and the review in a real browser, and figures that follow by themselves without losing one's place."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone

from agreements.models import Membership
from leads.services.attempts import log_attempt
from reports import rollups
from tests import factories
from tests.browser.looks import keep, width_of
from tests.browser.test_report_pages import DRAWN, TOO_WIDE
from tests.reports.sample_month import NOW, make_month

PAGES = ("marketing", "sales", "review")


@pytest.fixture
def company(transactional_db, monkeypatch, settings):
    settings.POLL_SECONDS = 0.3
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    made = make_month()
    team = factories.party(made.agreement, "sales").team
    Membership.objects.create(user=made.lee, team=team, role="manager")
    Membership.objects.create(user=made.kim, team=team, role="member")
    return made


def open_page(open_context, sign_in, user, **window):
    context = open_context(**window)
    sign_in(context, user)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    return page, problems


def test_first_pages_fit_a_phone_and_are_accessible(open_context, sign_in, assert_accessible, company):
    page, problems = open_page(open_context, sign_in, company.lee, viewport={"width": 390, "height": 844})
    for name in PAGES:
        page.goto(f"/{name}/")
        page.wait_for_function(DRAWN)
        keep(page, f"{name}-390")
        assert width_of(page) <= 390, name
        assert page.evaluate(TOO_WIDE) == [], name
        assert_accessible(page)
    assert problems == []


def answer_one(company, number: int) -> None:
    """Log the first attempt on one of those that wait, and count."""
    hand_off = company.agreement.hand_offs.filter(first_attempt_at=None).order_by("pk").first()
    log_attempt(hand_off=hand_off, attempted_at=NOW, channel="call", outcome="no_answer", now=NOW)
    rollups.refresh(now=NOW + dt.timedelta(seconds=number), wait=True)


def test_new_attempt_changes_the_open_page_and_nothing_else(open_context, sign_in, company):
    page, problems = open_page(open_context, sign_in, company.viewer, viewport={"width": 1000, "height": 500})
    page.goto("/speed/?by=week")
    page.wait_for_function(DRAWN)
    details = page.locator("[data-chart=speed] details.chart-table")
    details.locator("summary").click()
    details.locator("summary").focus()
    page.evaluate(
        "window.mark = document.querySelector('[data-chart=speed] .chart-canvas'); scrollTo(0, 400)"
    )
    place = page.evaluate("scrollY")
    drawn = page.evaluate("document.querySelector('[data-chart=speed] .js-plotly-plot').data[0].y.at(-1)")
    page.locator("h1", has_text="7 still open, 5 overdue").wait_for()
    answer_one(company, 1)
    page.locator("h1", has_text="6 still open").wait_for()
    assert page.title().startswith("Company Sales is")
    assert "6 still open" in page.title()
    assert page.evaluate("scrollY") == place
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert details.evaluate("details => details.open")
    assert page.evaluate("window.mark.isConnected")
    page.wait_for_function(
        "before => document.querySelector('[data-chart=speed] .js-plotly-plot').data.some("
        "trace => trace.name === 'overdue' || trace.y.at(-1) !== before)",
        arg=drawn,
    )
    answer_one(company, 2)
    page.locator("h1", has_text="5 still open").wait_for()
    link = page.locator("[data-chart=speed] a", has_text="CSV").get_attribute("href")
    assert "known" not in link
    assert problems == []


def test_page_that_cannot_be_refreshed_says_so_once_and_recovers(open_context, sign_in, company):
    page, problems = open_page(open_context, sign_in, company.viewer)
    page.goto("/sales/")
    note = page.locator("[data-freshness]")
    assert not note.is_visible()
    page.route(re.compile(r"known="), lambda route: route.fulfill(status=503, body="no"))
    page.get_by_text("Figures are from 10:42 UTC; newer ones cannot be fetched at the moment.").wait_for()
    page.wait_for_timeout(1500)
    assert len(problems) <= 8  # asked ever more seldom
    page.unroute(re.compile(r"known="))
    answer_one(company, 1)
    note.wait_for(state="hidden")


def test_who_is_signed_out_meanwhile_is_led_to_sign_in_and_back(open_context, sign_in, company):
    page, _problems = open_page(open_context, sign_in, company.viewer)
    page.goto("/review/?month=2026-03")
    page.context.clear_cookies()
    page.wait_for_url("**/sign-in/?next=*review*")
    assert "known" not in page.url


def test_hidden_page_does_not_ask(open_context, sign_in, company):
    page, _problems = open_page(open_context, sign_in, company.viewer)
    page.add_init_script("Object.defineProperty(document, 'hidden', {get: () => window.isAway === true})")
    page.goto("/review/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "known=" in request.url else None)
    page.evaluate("window.isAway = true")
    page.wait_for_timeout(700)
    asked.clear()
    page.wait_for_timeout(1200)
    assert asked == []
    page.evaluate("window.isAway = false; document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(800)
    assert asked


@pytest.mark.parametrize("sheet", ["A4", "Letter"])
def test_review_takes_two_sheets_of_paper(open_context, sign_in, company, sheet):
    page, _problems = open_page(open_context, sign_in, company.viewer, color_scheme="dark")
    page.goto("/review/")
    page.wait_for_function(DRAWN)
    printed = page.pdf(format=sheet)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2
