"""What happens to agreements, dates and goals: who hears of it, once, and nobody of what is old or not theirs."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail

from agreements.models import AgreementEvent, Version
from agreements.services.deliveries import Content, deliver, write_out_due_dates
from agreements.services.noticing import make_notices
from agreements.services.signing import sign_version
from reports import rollups
from slaproject.outbox.models import Alert, GoalLook
from slaproject.outbox.pace import look_at_goals
from slaproject.outbox.reading import read_arrivals, read_notices
from slaproject.outbox.wording import say
from tests import factories
from tests.factories import NOON
from tests.outbox.office import HOUR, office, tick, told

pytestmark = pytest.mark.django_db
DAY = 24 * HOUR


@pytest.fixture
def here():
    return office(goals={dt.date(2026, 3, 1): 31})


def test_who_signs_next_is_told_and_with_the_last_signature_both_teams(here):
    marketing, sales = (factories.party(here.agreement, one) for one in ("marketing", "sales"))
    draft = factories.draft(here.agreement, starts_on=dt.date(2026, 6, 1))
    sign_version(version=draft, signer=marketing.signatory, now=NOON)
    read_arrivals(now=NOON)
    assert told(sales.signatory) == ["signed"]
    assert told(marketing.signatory) == told(here.rep) == []
    sign_version(version=draft, signer=sales.signatory, now=NOON)
    read_arrivals(now=NOON + HOUR)
    for person in (here.rep, here.manager, here.marketer, marketing.signatory):
        assert "in_force" in told(person)
    assert told(sales.signatory) == ["signed"], "who did it is not told that they did"
    said = say(Alert.objects.filter(person=here.rep, kind="in_force").select_related("agreement"), here.rep)
    assert said[0].text.startswith("“Company”, version 2: signed by all parties")
    assert said[0].path == "/agreements/company/"


def test_a_draft_is_told_to_nobody_who_may_not_read_it(here):
    draft = factories.draft(here.agreement, starts_on=dt.date(2026, 6, 1))
    event = {"agreement": here.agreement, "version": draft, "happened_at": NOON}
    AgreementEvent.objects.create(kind=AgreementEvent.Kind.SUBMITTED, actor=here.manager, **event)
    read_arrivals(now=NOON)
    assert told(here.rep) == told(here.marketer) == told(here.manager) == []
    assert told(here.director) == ["submitted"]
    alert = Alert.objects.filter(kind="submitted").select_related("agreement").first()
    assert say([alert], here.director) and not say([alert], here.rep)


def test_what_happened_long_ago_is_told_to_nobody(here):
    event = {"agreement": here.agreement, "version": Version.objects.get(), "kind": "cancelled"}
    AgreementEvent.objects.create(happened_at=NOON - 30 * DAY, **event)
    read_arrivals(now=NOON)
    assert not Alert.objects.filter(kind="cancelled").exists()


def test_what_is_due_or_late_is_told_once_in_one_mail_in_working_hours():
    agreement = factories.agreement()
    bo = factories.party(agreement, "sales").signatory
    version = factories.draft(agreement)
    owed = factories.obligation(version, "First\r\nstatus")
    factories.obligation(version, "Second status")
    factories.sign(version)
    write_out_due_dates(now=NOON)
    read_arrivals(now=NOON)
    Alert.objects.all().delete()  # that it was signed is told too
    thursday, friday_night = NOON + DAY + 5 * HOUR, NOON + 2 * DAY + 10 * HOUR
    for now in (NOON, thursday, thursday):
        make_notices(now=now)
        tick(now)
    (one,) = mail.outbox
    assert one.to == [bo.email]
    assert one.subject == "“First status” is due on Fri 6 Mar 2026, 16:00, and 1 more"
    assert "“Second status” is due on Fri 6 Mar 2026, 16:00" in one.body
    make_notices(now=friday_night)
    for now in (friday_night, friday_night + 10 * HOUR):
        tick(now)
    assert len(mail.outbox) == 1, "nobody is told on Friday at 22:00, nor on Saturday"
    for due in owed.occurrences.filter(due_on=dt.date(2026, 3, 6)):
        deliver(occurrence=due, content=Content(text="Late"), key="form", now=friday_night, by=bo)
    tick(friday_night + 3 * DAY - 12 * HOUR)
    assert "Second status” was due" in mail.outbox[1].subject
    assert "First" not in mail.outbox[1].body, "what was delivered meanwhile is told no more"
    assert len(mail.outbox) == 2 and read_notices(now=friday_night + 4 * DAY) == 0


def test_a_month_that_falls_behind_is_told_when_it_does_and_not_every_day(here):
    director = factories.party(here.agreement, "marketing").signatory
    morning = dt.datetime(2026, 3, 9, 7, 5, tzinfo=dt.UTC)
    rollups.refresh(now=morning)
    assert look_at_goals(now=morning - HOUR) == 0, "the day has not begun"
    assert [look_at_goals(now=morning + n * HOUR) for n in range(3)] == [1, 0, 0]
    assert (
        sorted(told(director)) == ["goal_behind", "month_at_risk"]
        and told(here.rep) == told(here.marketer) == []
    )
    for day in range(1, 5):
        look_at_goals(now=morning + day * DAY)
    assert sorted(told(director)) == ["goal_behind", "month_at_risk"]
    for n in range(14):
        here.given(morning + 4 * DAY + n * dt.timedelta(minutes=1))
    rollups.refresh(now=morning + 4 * DAY + HOUR)
    look_at_goals(now=morning + 5 * DAY)
    assert told(director).count("goal_on_pace") == 1
    assert GoalLook.objects.count() == 6


def test_an_alert_says_it_in_the_readers_language_zone_and_names_no_placeholder(here):
    here.rep.time_zone = "Asia/Seoul"
    here.rep.save()
    hand_off = here.given(NOON, name="100% Ana %(lead)s")
    tick(NOON + 8 * DAY)
    (said,) = [
        one for one in say(Alert.objects.filter(person=here.rep), here.rep) if one.alert.kind == "overdue"
    ]
    assert "100% Ana %(lead)s" in said.text and "Thu 5 Mar 2026, 17:00" not in said.text
    assert hand_off.due_at.astimezone(dt.timezone(9 * HOUR)).strftime("%H:%M") in said.text
