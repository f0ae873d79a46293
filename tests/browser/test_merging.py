"""Two leads side by side, merged, and apart again: it fits, is accessible, and works without a mouse's precision."""

from __future__ import annotations

from django.urls import reverse

from leads.models import Merge
from tests.browser.looks import keep, width_of
from tests.browser.test_report_pages import TOO_WIDE
from tests.leads.people import HOUR, START, make_office


def test_two_leads_are_merged_and_come_apart(open_context, sign_in, assert_accessible):
    office = make_office()
    one = office.hand_off("Ana Sample", owner=office.kim, email="ana@example.com", company="Bakery").lead
    two = office.hand_off(
        "Anna Samplewitharatherlongname", owner=office.rob, at=START + HOUR, email="ana@example.com"
    ).lead
    context = open_context(viewport={"width": 390, "height": 844})
    sign_in(context, office.admin)
    page = context.new_page()

    def look(name: str) -> None:
        for width in (320, 390, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            wide = width_of(page) > width
            assert not wide, f"{name} at {width}: {page.evaluate(TOO_WIDE)[:3]}"
            keep(page, f"merge-{name}-{width}")
        page.set_viewport_size({"width": 390, "height": 844})
        assert_accessible(page)

    page.goto(reverse("leads:merge", args=[one.pk]))
    look("which")
    page.get_by_role("link", name="Anna Sample").click()
    look("compare")
    page.get_by_role("button", name="Merge them").click()
    page.wait_for_url(f"**{reverse('leads:lead', args=[one.pk])}")
    look("merged")
    page.goto(reverse("leads:lead", args=[two.pk]))
    assert page.url.endswith(reverse("leads:lead", args=[one.pk]))
    page.locator("form[action$='/undo/'] button").click()
    page.get_by_text("is a lead of its own again").first.wait_for()
    assert Merge.objects.get().undone_at is not None
