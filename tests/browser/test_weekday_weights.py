"""The weights of weekdays stand in the draft while its goal line goes by them, also where no script runs."""

from __future__ import annotations

import datetime as dt

from tests import factories
from tests.browser.looks import keep, width_of
from tests.browser.test_report_pages import TOO_WIDE

MARCH = dt.date(2026, 3, 1)


def test_weights_are_shown_while_they_are_chosen(open_context, sign_in, assert_accessible):
    factories.calendar("Office", is_default=True)
    version = factories.draft(factories.agreement(time_zone="UTC"), goals={MARCH: 270})
    address = f"/agreements/company/versions/{version.number}/edit/"
    ann = factories.party(version.agreement, "marketing").signatory
    for scripts in (False, True):
        context = open_context(viewport={"width": 390, "height": 844}, java_script_enabled=scripts)
        sign_in(context, ann)
        page = context.new_page()
        page.goto(address)
        page.get_by_text("How it is counted").click()
        weights = page.get_by_role("group", name="Weights of the weekdays")
        assert not weights.is_visible()
        page.get_by_label("Goal line").select_option("weights")
        assert weights.is_visible()
        page.get_by_label("Monday").fill("2")
        page.get_by_label("Goal line").select_option("business_days")
        assert not weights.is_visible()
        page.get_by_label("Goal line").select_option("weights")
    page.get_by_label("Sunday").fill("-1")
    page.get_by_role("button", name="Save the draft").last.click()
    page.locator("[id='id_counting-0-weight_sun_error']").wait_for()
    assert page.get_by_label("Monday").input_value() == "2"
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        wide = width_of(page) > width
        assert not wide, f"at {width}: {page.evaluate(TOO_WIDE)[:3]}"
        keep(page, f"weekday-weights-{width}")
    assert_accessible(page)
    page.get_by_label("Sunday").fill("")
    page.get_by_role("button", name="Save the draft").last.click()
    page.wait_for_url(f"**/versions/{version.number}/")
    assert version.commitments.get(kind="mql_goal").weekday_weights["mon"] == "2"
