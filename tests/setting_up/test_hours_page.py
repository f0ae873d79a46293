"""Business hours are entered, previewed and refused; each change is a revision for new hand-offs."""

from __future__ import annotations

import pytest
import time_machine

from agreements.models import BusinessCalendar, CalendarRevision
from agreements.services.calendars import company_calendar
from tests import factories
from tests.query_counts import assert_same_queries
from tests.races import race, rounds

pytestmark = pytest.mark.django_db

WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-17:00")
WARSAW = {"name": "Warsaw office", "time_zone": "Europe/Warsaw", "country": "PL", **WEEK}
EXAMPLE = "A lead that comes on Friday at 16:30 with 4 h to answer is due on Monday 12:30."


@pytest.fixture(autouse=True)
def _in_december():
    # Wednesday; the holidays of the year's end are near.
    with time_machine.travel("2026-12-09T10:00:00Z", tick=False):
        yield


def company():
    return BusinessCalendar.objects.get(is_default=True)


def test_company_hours_become_a_revision_with_public_holidays_and_own_days(site, ada):
    answer = site.post("/set-up/hours/", {**WARSAW, "days_off": "2026-12-28 Bridge day\n12-31"}, follow=True)
    assert answer.redirect_chain == [("/set-up/hours/", 302)]
    assert "Saved as revision 2 of Warsaw office, for new hand-offs." in answer.text
    assert EXAMPLE in answer.text
    assert "Warsaw office is open 40 h a week, by the clocks of Europe/Warsaw." in answer.text
    calendar = company()
    revision = calendar.latest_revision()
    assert (calendar.name, calendar.country, revision.created_by) == ("Warsaw office", "PL", ada)
    assert "2026-12-25" in revision.definition["holidays"]
    for day in (24, 25, 28, 31):
        assert not revision.compiled().is_open(factories.NOON.replace(month=12, day=day)), day
    assert revision.compiled().is_open(factories.NOON.replace(month=12, day=29))
    shown = site.get("/set-up/hours/").context["form"]
    assert shown["days_off"].value() == "2026-12-28 Bridge day\n12-31"
    assert shown["mon"].value() == "09:00-17:00"


def test_same_hours_saved_again_add_no_revision(site):
    for _ in range(2):
        site.post("/set-up/hours/", {**WARSAW, "days_off": "2026-12-28 Bridge day"})
    assert company().revisions.count() == 2
    site.post("/set-up/hours/", {**WARSAW, "days_off": "2026-12-28 Another name"})
    assert company().latest_revision().holiday_names["2026-12-28"] == "Another name"


def test_a_public_holiday_with_hours_of_its_own_is_worked(site):
    site.post("/set-up/hours/", {**WARSAW, "days_off": "2026-12-25 09:00-13:00 Stocktaking"})
    revision = company().latest_revision()
    at = factories.NOON.replace(month=12, day=25, hour=9)
    assert revision.compiled().is_open(at) and not revision.compiled().is_open(at.replace(hour=13))


def test_breaks_that_the_form_has_no_place_for_stay(site):
    calendar = factories.calendar(breaks={"2026-12-10": [["12:00", "13:00"]]})
    address = f"/set-up/hours/of/{calendar.slug}/"
    assert site.post(address, {**WARSAW, "name": calendar.name}).status_code == 302
    assert calendar.latest_revision().definition["breaks"] == {"2026-12-10": [["12:00", "13:00"]]}


@pytest.mark.parametrize(
    ("said", "field", "complaint"),
    [
        (dict.fromkeys(WEEK, ""), None, "No day has opening times"),
        ({"mon": "nine to five"}, "mon", "“nine to five” is no opening time"),
        ({"mon": "09:00-12:00, 11:00-13:00"}, "mon", "overlap"),
        ({"mon": "22:00-09:30"}, "tue", "overlap"),
        ({"time_zone": "Warsaw"}, "time_zone", "is not a time zone"),
        ({"country": "XX"}, "country", "XX"),
        ({"subdivision": "BY"}, "subdivision", "No part of this country is called “BY”"),
        ({"country": "", "subdivision": "BY"}, "subdivision", "Choose the country"),
        ({"days_off": "2026-02-30"}, "days_off", "“2026-02-30” is no day off"),
        ({"days_off": "2026-12-24 09:00-12:00, 11:00-13:00"}, "days_off", "overlap"),
        ({"name": ""}, "name", "required"),
        ({"name": "x" * 101}, "name", "100"),
        ({"name": "nul\0"}, "name", "Null characters"),
        ({"mon": "9-17" * 100}, "mon", "200"),
        ({"days_off": "12-24\n" * 5000}, "days_off", "20000"),
        ({"seen": "99999999999999999999"}, "seen", "2147483647"),
        ({"name": "Taken"}, "name", "There is a calendar of this name already."),
    ],
)
def test_hours_that_cannot_be_are_refused_beside_their_field(site, said, field, complaint):
    factories.calendar("Taken")
    before = CalendarRevision.objects.count()
    answer = site.post("/set-up/hours/", {**WARSAW, **said})
    assert answer.status_code == 200
    form = answer.context["form"]
    assert complaint in " ".join(form.errors.get(field or "__all__", [])), form.errors
    assert form["name"].value() == said.get("name", "Warsaw office"), "what was typed is kept"
    if field and field != "seen":
        assert f'id="id_{field}_error"' in answer.text
        assert f'aria-describedby="{form[field].aria_describedby}"' in answer.text
    made = CalendarRevision.objects.count() - before
    assert made <= 1 and company().name == "Company"  # the one that stands in, since somebody asked for it


def test_hours_changed_by_somebody_else_meanwhile_are_not_overwritten(site):
    site.post("/set-up/hours/", WARSAW)
    seen = str(company().latest_revision().number)
    assert site.post("/set-up/hours/", {**WARSAW, "fri": "09:00-15:00", "seen": seen}).status_code == 302
    late = site.post("/set-up/hours/", {**WARSAW, "name": "Late", "fri": "09:00-12:00", "seen": seen})
    assert "Somebody has changed these hours since you opened them." in late.text
    assert (company().name, company().latest_revision().number) == ("Warsaw office", int(seen) + 1)


def test_preview_says_what_the_hours_amount_to_before_they_are_saved(site):
    said = site.post("/set-up/hours/preview/", {**WARSAW, "fri": "09:00-15:30"}).text
    assert "Open 38 h 30 min a week, by the clocks of Europe/Warsaw." in said
    assert "is due on Monday 13:00" in said
    assert "Next day off: 24 December 2026" in said
    assert "cannot be read yet" in site.post("/set-up/hours/preview/", {**WARSAW, "fri": "late"}).text
    bavaria = site.post("/set-up/hours/preview/", {**WARSAW, "country": "DE"}).text
    assert '<option value="BY">' in bavaria
    assert not CalendarRevision.objects.exists()


def test_monday_is_copied_to_friday_without_script(site):
    answer = site.post("/set-up/hours/", {"name": "Draft", "mon": "8-16", "sat": "10-12", "copy": "1"})
    form = answer.context["form"]
    assert [form[day].value() for day in ("tue", "fri", "sat")] == ["8-16", "8-16", "10-12"]
    assert form["name"].value() == "Draft"
    assert BusinessCalendar.objects.count() == 1


def test_another_calendar_is_added_beside_the_companys(site):
    site.post("/set-up/hours/", WARSAW)
    night = {"name": "야간 <b>", "time_zone": "Asia/Seoul", "mon": "22:00-06:00"}
    assert site.post("/set-up/hours/new/", night).status_code == 302
    page = site.get("/set-up/hours/")
    assert "야간 &lt;b&gt;" in page.text
    added = BusinessCalendar.objects.get(name="야간 <b>")
    assert not added.is_default
    assert site.get(f"/set-up/hours/of/{added.slug}/").status_code == 200


def test_list_of_calendars_asks_as_often_for_many(site):
    company_calendar()
    factories.calendar("One")

    def add_rows():
        for number in range(30):
            factories.calendar(f"Office {number}")

    assert_same_queries(lambda: site.get("/set-up/hours/"), add_rows=add_rows)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_enter_a_calendar_of_one_name_one_is_told(ada):
    from django.test import Client

    def enter():
        client = Client()
        client.force_login(ada)
        return client.post("/set-up/hours/new/", WARSAW).status_code

    for _ in range(rounds(3)):
        assert sorted(race(enter, enter)) == [200, 302]
        assert BusinessCalendar.objects.filter(name="Warsaw office").count() == 1
        BusinessCalendar.objects.filter(name="Warsaw office").update(name=f"Old {_}", slug=f"old-{_}")
