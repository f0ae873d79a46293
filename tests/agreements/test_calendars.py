"""Calendars change by revisions, with the public holidays written out in them."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from agreements.models import BusinessCalendar, CalendarRevision
from agreements.services.calendars import company_calendar, load_calendar, public_holidays, revise_calendar
from tests import factories

pytestmark = pytest.mark.django_db

NOON = factories.NOON
HOURS = {"tz": "Europe/Warsaw", "weekly": factories.NINE_TO_FIVE}


def test_a_new_installation_has_a_company_calendar_once():
    calendar = company_calendar()
    assert company_calendar() == calendar
    assert calendar.latest_revision().definition["tz"] == "UTC"
    assert CalendarRevision.objects.count() == 1


def test_public_holidays_are_written_into_the_revision():
    calendar = BusinessCalendar.objects.create(name="Warsaw", slug="warsaw", country="PL")
    revision = revise_calendar(
        calendar=calendar, definition={**HOURS, "holidays": ["2026-06-05"]}, now=NOON, note="first"
    )
    assert {"2026-05-01", "2026-11-11", "2026-12-25", "2026-06-05"} <= set(revision.definition["holidays"])
    assert revision.holiday_names["2026-11-11"]
    assert revision.holidays_to == dt.date(2032, 1, 1)
    wednesday = dt.datetime(2026, 11, 11, 11, tzinfo=dt.UTC)
    assert not revision.compiled().is_open(wednesday)
    assert revision.compiled().is_open(wednesday + dt.timedelta(days=1))


def test_holidays_of_a_subdivision_are_known():
    bavaria = public_holidays("DE", "BY", range(2026, 2027))
    assert "2026-01-06" in bavaria
    assert "2026-01-06" not in public_holidays("DE", "", range(2026, 2027))


@pytest.mark.parametrize(("country", "subdivision"), [("XX", ""), ("DE", "QQ")])
def test_a_place_without_known_holidays_is_named(country, subdivision):
    with pytest.raises(ValidationError, match="No public holidays are known"):
        public_holidays(country, subdivision, range(2026, 2027))


def test_changing_hours_adds_a_revision_and_the_same_hours_add_none():
    first = load_calendar(name="Office", definition=HOURS, now=NOON)
    again = load_calendar(name="Office", definition=HOURS, now=NOON)
    shorter = load_calendar(
        name="Office", definition={**HOURS, "weekly": {"mon": [["09:00", "12:00"]]}}, now=NOON
    )
    assert again == first
    assert (shorter.number, shorter.calendar) == (2, first.calendar)
    assert first.calendar.latest_revision() == shorter


def test_the_default_calendar_is_one():
    company_calendar()
    load_calendar(name="Office", definition=HOURS, now=NOON, is_default=True)
    assert company_calendar().name == "Office"
    assert BusinessCalendar.objects.filter(is_default=True).count() == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"weekly": {}},
        {"weekly": {"mon": [["09:00", "12:00"], ["11:00", "17:00"]]}},
        {"weekly": {"mon": [["12:00", "12:00"]]}},
        {"tz": "Mars/Olympus"},
        {"opening": {}},
    ],
)
def test_faulty_hours_are_refused_and_nothing_is_saved(fault):
    with pytest.raises(ValidationError):
        load_calendar(name="Office", definition={**HOURS, **fault}, now=NOON)
    assert not BusinessCalendar.objects.filter(name="Office").exists()
