"""An administrator at an empty installation comes from nothing to a waterfall, by keyboard where that is natural."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from agreements.models import Membership, Segment, Team
from leads.intake import upload_work
from leads.models import HandOff
from reports import rollups
from slaproject.setting_up.samples import sample
from tests import factories
from tests.browser.looks import keep, width_of
from tests.browser.test_every_page import NOTE_VIOLATIONS
from tests.browser.test_report_pages import DRAWN, TOO_WIDE, table_values

ADDRESSES = {
    "set-up": "/set-up/",
    "hours": "/set-up/hours/",
    "teams": "/set-up/teams/",
    "segments": "/set-up/segments/",
    "import": "/set-up/import/",
}


@pytest.fixture
def ada(transactional_db):
    return factories.user("Ada Nowak", is_staff=True, is_superuser=True)


@pytest.fixture
def open_page(open_context, sign_in, ada):
    """Return a function that opens a window of the administrator, and the list of what its console complained about."""

    def opened(**window: Any) -> tuple[Any, list[str]]:
        context = open_context(**window)
        context.add_init_script(NOTE_VIOLATIONS)
        sign_in(context, ada)
        page = context.new_page()
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        return page, problems

    return opened


def file(content: str) -> dict[str, Any]:
    return {"name": "leads.csv", "mimeType": "text/csv", "buffer": content.encode()}


def work() -> None:
    """Do what the worker does."""
    while upload_work.work_on_next(now=dt.datetime.now(dt.UTC)):
        pass


def test_from_nothing_to_a_waterfall(open_page):
    page, problems = open_page()
    page.goto("/set-up/")
    page.get_by_role("heading", name="None of the 6 steps is done yet; begin with business hours.").wait_for()
    keep(page, "set-up-empty")
    page.get_by_role("link", name="Enter the hours").press("Enter")

    # By keyboard alone: the name, the zone, the hours of Monday and with a button those to Friday.
    page.get_by_label("Name").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("Warsaw office")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("Europe/Warsaw")
    page.get_by_label("Public holidays of").select_option("PL")
    page.get_by_label("Monday", exact=True).focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("8-16")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.get_by_label("Friday", exact=True).input_value() == "8-16"
    assert page.url.endswith("/set-up/hours/"), "nothing was sent by that"
    preview = page.locator("#preview")
    preview.get_by_text("Open 40 h a week, by the clocks of Europe/Warsaw.").wait_for()
    preview.get_by_text("Next day off:").wait_for()
    page.get_by_label("Friday", exact=True).press("Enter")
    page.get_by_text("Saved as revision 2 of Warsaw office, for new hand-offs.").wait_for()
    assert page.get_by_label("Friday", exact=True).input_value() == "08:00-16:00", (
        "Enter saves, it does not copy"
    )

    page.get_by_role("link", name="Teams", exact=True).click()
    for name, function in (("Marketing", "marketing"), ("Sales", "sales")):
        page.get_by_label("Name").fill(name)
        page.get_by_label("What it does").select_option(function)
        page.get_by_label("Name").press("Enter")
        page.get_by_text(f"The team {name} is there.").wait_for()
    page.get_by_role("link", name="Invite somebody").wait_for()

    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_label("File", exact=True).set_input_files(file(sample("leads", dt.date(2026, 3, 20))))
    page.get_by_role("button", name="Send the file").press("Enter")
    page.get_by_role("button", name="Yes: on to the columns").press("Enter")
    page.get_by_role("button", name="On to the values").press("Enter")
    page.get_by_role("button", name="Try all rows").press("Enter")
    page.get_by_role("heading", name="All rows of leads.csv are being tried.").wait_for()
    page.get_by_role("button", name="Stop").focus()
    page.wait_for_timeout(2_500)
    assert page.evaluate("document.activeElement.textContent") == "Stop", (
        "what follows by itself moves no focus"
    )
    work()
    page.get_by_role("heading", name="5 rows tried: 5 would be new").wait_for()
    assert not HandOff.objects.exists()
    page.get_by_role("button", name="Import these 5 rows").press("Enter")
    page.get_by_role("heading", name="leads.csv is being imported.").wait_for()
    work()
    page.get_by_role("heading", name="5 rows read: 5 new").wait_for()
    rollups.refresh(now=dt.datetime.now(dt.UTC), wait=True)
    page.get_by_role("link", name="See the waterfall").press("Enter")
    page.wait_for_url("**/waterfall/?month=2026-03")
    page.wait_for_function(DRAWN)
    assert table_values(page, "waterfall")["actual_cumulative"][-1] == "5"
    assert problems == []
    assert page.evaluate("window.violations") == []


def test_rejected_rows_are_downloaded_and_all_of_it_goes_without_script(open_page):
    page, problems = open_page(java_script_enabled=False)
    page.goto("/set-up/import/")
    page.get_by_label("File", exact=True).set_input_files(file("external_id,qualified_at\nL1,never\n"))
    page.get_by_role("button", name="Send the file").click()
    page.get_by_role("button", name="Yes: on to the columns").click()
    page.get_by_role("button", name="On to the values").click()
    page.get_by_role("button", name="Try all rows").click()
    page.get_by_role("heading", name="All rows of leads.csv are being tried.").wait_for()
    work()
    page.get_by_role("link", name="Look again").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the rejected rows").click()
    assert download.value.suggested_filename == "rejected-leads.csv"
    with open(download.value.path(), encoding="utf-8") as saved:
        assert saved.readline() == "external_id,qualified_at,row,error\n"
        assert saved.readline().startswith("L1,never,2,")
    assert problems == []


@pytest.mark.parametrize("with_script", [True, False])
def test_hours_can_be_copied_with_and_without_script(open_page, with_script):
    page, _problems = open_page(java_script_enabled=with_script)
    page.goto("/set-up/hours/")
    button = page.get_by_role("button", name="Copy Monday's hours to Friday")
    for hours in ("8-16", "9-17"):
        page.get_by_label("Monday", exact=True).fill(hours)
        button.click()
        assert page.get_by_label("Thursday", exact=True).input_value() == hours
    assert button.is_visible(), "it keeps its name"


def test_pages_fit_and_are_accessible_empty_filled_and_refused(open_page, assert_accessible, ada):
    page, problems = open_page(viewport={"width": 390, "height": 844})

    def look(name: str) -> None:
        assert width_of(page) <= 390, name
        assert page.evaluate(TOO_WIDE) == [], name
        assert_accessible(page)
        assert page.evaluate("window.violations") == [], name
        keep(page, f"set-up-{name}-390")

    for name, address in ADDRESSES.items():
        page.goto(address)
        look(f"{name}-empty")

    page.goto("/set-up/hours/")
    page.get_by_label("Monday", exact=True).fill("nine to five")
    page.get_by_role("button", name="Save these hours").click()
    page.get_by_text("is no opening time").wait_for()
    assert page.evaluate("document.activeElement.id") == "faults"
    look("hours-refused")
    page.goto("/set-up/import/")
    page.get_by_label("File", exact=True).set_input_files(file(""))
    page.get_by_role("button", name="Send the file").click()
    page.get_by_text("This file was not taken; nothing was written.").wait_for()
    look("import-refused")
    page.get_by_label("File", exact=True).set_input_files(file("a,b\n1,2\n"))
    page.get_by_role("button", name="Send the file").click()
    page.get_by_role("button", name="Yes: on to the columns").click()
    page.get_by_role("button", name="On to the values").click()
    page.get_by_text("One of these is needed: Id of the row in its system or E-mail or Phone").wait_for()
    look("import-columns-refused")

    wide = "W" * 100
    team = factories.team("wide")
    Team.objects.update(name=wide)
    factories.segment("wide")
    Segment.objects.update(name=wide)
    Membership.objects.create(user=factories.user("N" * 150), team=team)
    page.goto("/set-up/import/")
    page.get_by_label("File", exact=True).set_input_files(
        file(f"external_id,qualified_at,origin,{wide}\nL1,03/04/2026,web,x\nL2,{wide},{wide},{wide}\n")
    )
    page.get_by_role("button", name="Send the file").click()
    page.get_by_role("button", name="Yes: on to the columns").wait_for()
    look("import-file")
    page.get_by_role("button", name="Yes: on to the columns").click()
    page.get_by_role("button", name="On to the values").wait_for()
    look("import-columns")
    page.get_by_role("button", name="On to the values").click()
    page.get_by_role("button", name="Try all rows").click()
    page.get_by_text("The file does not show which number is the day: choose.").wait_for()
    look("import-values-refused")
    page.get_by_label("What is “03/04/2026”?").select_option("dmy")
    page.get_by_label("“web”").select_option("marketing")
    page.get_by_role("button", name="Try all rows").click()
    page.get_by_role("button", name="Stop").wait_for()
    look("import-trying")
    work()
    page.get_by_text("2 rows tried: 1 would be new, 0 updated, 1 rejected.").wait_for()
    look("import-tried")
    page.get_by_role("button", name="Import the one row that can be taken").click()
    page.get_by_role("button", name="Stop").wait_for()
    work()
    page.get_by_text("2 rows read").wait_for()
    look("import-done")
    for name, address in {**ADDRESSES, "team": f"/set-up/teams/{team.slug}/"}.items():
        page.goto(address)
        look(f"{name}-filled")
    assert problems == []


@pytest.mark.parametrize("with_script", [True, False])
def test_who_a_name_means_is_said_by_keyboard_with_and_without_script(
    open_page, assert_accessible, with_script
):
    team, wide = factories.team("Hunters", Team.Function.SALES), "W" * 100
    for number in range(2):
        person = factories.user("Ewa Nowak", email=f"ewa{number}@example.com")
        Membership.objects.create(user=person, team=team)
    page, problems = open_page(viewport={"width": 390, "height": 844}, java_script_enabled=with_script)
    page.goto("/set-up/import/")
    owned = (
        f"external_id,qualified_at,owner\nL1,2026-03-02,Temp\nL2,2026-03-02,{wide}\nL3,2026-03-02,Old rep\n"
    )
    page.get_by_label("File", exact=True).set_input_files(file(owned))
    page.get_by_role("button", name="Send the file").click()
    page.get_by_role("button", name="Yes: on to the columns").click()
    page.get_by_role("button", name="On to the values").click()
    said = page.get_by_role("combobox", name="“Temp”")
    assert said.get_attribute("placeholder") == "keep the name: no account here"
    said.focus()
    page.keyboard.type("ewa nowak")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.get_by_label("nobody: no owner: “Temp”").is_checked()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Try all rows").click()
    page.get_by_text("“ewa nowak” could be several that are offered: choose one of the list.").wait_for()
    if with_script:
        assert width_of(page) <= 390 and page.evaluate(TOO_WIDE) == []
        assert_accessible(page)
        keep(page, "set-up-import-names-390")
    said.fill("Ewa Nowak · ewa1@example.com")
    page.get_by_label("nobody: no owner: “Old rep”").check()
    page.get_by_role("button", name="Try all rows").click()
    page.get_by_text("All rows of leads.csv are being tried.").wait_for()
    work()
    page.reload()
    page.get_by_text("owner: the name in 1 row was said to mean nothing.").wait_for()
    page.get_by_role("link", name="Values").click()
    page.get_by_text("As you said before: 3 words").click()
    assert page.get_by_label("“Temp”", exact=False).first.input_value() == "Ewa Nowak · ewa1@example.com"
    assert problems == []
