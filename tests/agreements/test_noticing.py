"""Who is told ahead of what is owed, of reviews and of ends, by notices and by their own calendar."""

import datetime as dt

import icalendar
import pytest
from django.utils import timezone

from agreements.models import CalendarFeed, Membership, Version
from agreements.services.calendar_feeds import make_address
from agreements.services.deliveries import Content, deliver, write_out_due_dates
from agreements.services.noticing import make_notices
from agreements.services.reviewing import plan_reviews
from tests import factories
from tests.agreements.reviewed import DAY, HOSTILE, NOON, feed, in_force

pytestmark = pytest.mark.django_db


def test_what_is_due_or_late_is_noticed_once(agreement, bo):
    version = factories.draft(agreement)
    owed = factories.obligation(version, "First\r\nstatus")
    factories.obligation(version, "Second status")
    factories.sign(version)
    write_out_due_dates(now=NOON)
    thursday, friday_night = NOON + DAY + dt.timedelta(hours=5), NOON + 2 * DAY + dt.timedelta(hours=10)
    assert make_notices(now=NOON) == 0
    assert make_notices(now=thursday) == 2
    assert make_notices(now=thursday) == 0
    for one in owed.occurrences.filter(due_on=dt.date(2026, 3, 6)):
        deliver(occurrence=one, content=Content(text="Late"), key="form", now=friday_night, by=bo)
    assert make_notices(now=friday_night) == 1, "what was delivered meanwhile is not late"


def test_who_left_the_team_or_is_closed_is_reminded_of_nothing(agreement, bo):
    version = factories.draft(agreement)
    factories.obligation(version)
    factories.sign(version)
    write_out_due_dates(now=NOON)
    Membership.objects.filter(user=bo).delete()
    assert make_notices(now=NOON + 2 * DAY) == 0


def test_reviews_and_ends_are_announced_thirty_and_seven_days_ahead(agreement):
    in_force(agreement, "", ends_on=dt.date(2026, 5, 1))
    told = {now: make_notices(now=NOON + now * DAY) for now in (0, 26, 28, 29, 50, 51, 52, 58, 59)}
    assert told == {0: 0, 26: 0, 28: 2, 29: 0, 50: 0, 51: 2, 52: 0, 58: 0, 59: 0}, "both directors"


def test_a_calendar_has_what_its_person_answers_for_reviews_and_ends(client, agreement, bo, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    version = factories.draft(agreement, ends_on=dt.date(2027, 1, 1))
    factories.obligation(version, HOSTILE + "\r\nEND:VCALENDAR\r\n")
    Version.objects.filter(pk=version.pk).update(review_rhythm="monthly")
    factories.sign(Version.objects.get(pk=version.pk))
    write_out_due_dates(now=NOON)
    plan_reviews(now=NOON)
    answer = feed(client, bo)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer.headers["Cache-Control"]
    read = icalendar.Calendar.from_ical(answer.content)
    events = {str(one["UID"]): one for one in read.walk("VEVENT")}
    assert len(events) == 9 + 4 + 1
    due = next(one for uid, one in events.items() if uid.startswith("due-") and "2026-03-06" in uid)
    assert due["DTEND"].dt == dt.datetime(2026, 3, 6, 16, tzinfo=dt.UTC)
    assert due["SUMMARY"].startswith("Due: <script>")
    end = next(one for uid, one in events.items() if uid.startswith("end-"))
    assert end["DTSTART"].dt == dt.date(2026, 12, 31)
    assert all("DTSTAMP" in one and "DTSTART" in one for one in events.values())
    assert b"VTIMEZONE" not in answer.content and answer.content.endswith(b"END:VCALENDAR\r\n")
    assert {
        str(one["UID"]) for one in icalendar.Calendar.from_ical(feed(client, bo).content).walk("VEVENT")
    } == set(events), "the same entries keep their ids"
    stranger = icalendar.Calendar.from_ical(feed(client, factories.user("Stranger")).content)
    assert not stranger.walk("VEVENT")


def test_a_calendars_address_is_kept_as_a_hash_and_ends_with_a_new_one_or_the_account(client, bo):
    first = make_address(person=bo, now=NOON)
    assert first not in CalendarFeed.objects.get().token_sha256
    second = make_address(person=bo, now=NOON)
    statuses = [
        client.get(f"/calendar/{token}.ics").status_code for token in (first, second, "no-such", "%00")
    ]
    assert statuses == [404, 200, 404, 404]
    bo.is_active = False
    bo.save()
    assert client.get(f"/calendar/{second}.ics").status_code == 404
