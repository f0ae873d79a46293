"""Two directors agree on a draft in a real browser: review, comment, changes, answer, settled, compared, signed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from agreements.models import Clause, Team
from agreements.services.drafting import begin_amendment
from tests import factories
from tests.browser.looks import keep
from tests.browser.test_report_pages import TOO_WIDE

PASSWORD = "secret"
DRAFT = "/agreements/company/versions/2"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.fixture
def table(transactional_db) -> Any:
    """An agreement in force and the draft of its next version."""
    factories.calendar("Office", is_default=True)
    agreement = factories.agreement()
    first = factories.draft(agreement, goals={dt.date(2026, month, 1): 400 for month in range(1, 13)})
    Clause.objects.create(version=first, topic="scope", text="All leads from Europe. Partners are excluded.")
    for party in agreement.parties.all():
        Clause.objects.create(version=first, topic="goals", party=party, text="What we bring. " * 20)
    Clause.objects.create(version=first, topic="goals", text="Revenue, together.")
    factories.sign(first)
    by = factories.party(agreement, Team.Function.MARKETING).signatory
    assert by is not None
    return begin_amendment(agreement=agreement, starts_on=dt.date(2026, 6, 1), now=factories.NOON, by=by)


def sign(page: Any) -> None:
    page.goto(f"{DRAFT}/sign/")
    page.get_by_label("I have read it.").check()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign", exact=True).click()


def test_two_directors_agree_on_a_draft(open_context, sign_in, table, assert_accessible):
    pages = {}
    for function, scheme, window in (
        (Team.Function.MARKETING, "dark", PHONE),
        (Team.Function.SALES, "light", DESK),
    ):
        context = open_context(color_scheme=scheme, viewport=window)
        sign_in(context, factories.party(table.agreement, function).signatory)
        pages[function] = context.new_page()
    ann, bo = pages[Team.Function.MARKETING], pages[Team.Function.SALES]

    def look(page: Any, name: str) -> None:
        keep(page, f"negotiation-{name}")
        assert page.evaluate(TOO_WIDE) == [], name
        assert_accessible(page)

    ann.goto(f"{DRAFT}/")
    ann.get_by_role("button", name="Send to review").click()
    ann.get_by_text("Draft 2 is in review, and no comment is open.").wait_for()

    bo.goto(f"{DRAFT}/")
    look(bo, "version")
    bo.get_by_role("link", name="Comment Scope").click()
    bo.get_by_label("What is to be changed, or asked?").fill("And Asia? " + "We sell there too. " * 200)
    bo.get_by_role("button", name="Send the comment").click()
    bo.get_by_text("Draft 2 is in review: 1 comment is open.").wait_for()
    bo.get_by_role("button", name="Ask for changes").click()
    bo.get_by_text("Changes to draft 2 were asked for: 1 comment is open.").wait_for()

    ann.goto(f"{DRAFT}/edit/")
    look(ann, "edit")
    ann.get_by_role("group").filter(has_text="Scope, and what is excluded").first.locator("summary").click()
    ann.get_by_label("Scope, and what is excluded").fill(
        "All leads from Europe and Asia. Partners are excluded."
    )
    ann.get_by_role("button", name="Save the draft").click()
    ann.get_by_text("The draft is saved.").wait_for()
    ann.goto(f"{DRAFT}/negotiation/")
    ann.locator(".answer > summary").click()
    ann.get_by_label("Your answer").fill("Done.")
    look(ann, "comments")
    ann.get_by_role("button", name="Send the answer").click()
    ann.get_by_text("The draft was edited 1 time since it was sent to review.").wait_for()
    ann.goto("/agreements/company/compare/?from=1&to=2")
    assert ann.locator("ins").first.inner_text().replace("\n", " ").count("and Asia") == 1
    look(ann, "compare")

    bo.goto(f"{DRAFT}/sign/")
    bo.get_by_text("These comments are not settled yet").wait_for()
    look(bo, "unsettled")
    bo.get_by_role("link", name="To the comments").click()
    bo.get_by_role("button", name="Settled").click()
    bo.get_by_text("The comment is settled.").wait_for()
    bo.get_by_role("button", name="Send to review again").click()
    bo.get_by_text("Draft 2 is in review, and no comment is open.").wait_for()
    look(bo, "settled")
    for page in (ann, bo):
        sign(page)
    bo.get_by_text("All have signed version 2.").wait_for()
    table.refresh_from_db()
    assert table.is_signed
