"""Obligations in the figures: judged at a month's close, and reports attached by themselves when they are due."""

import datetime as dt

import pytest

from agreements.models import Delivery, Evaluation, Occurrence
from agreements.services.deliveries import Content, deliver, write_out_due_dates
from reports.attaching import attach_due_reports, month_of_report
from reports.closing import close_months
from tests import factories

pytestmark = pytest.mark.django_db

NOON, DAY, MINUTE = factories.NOON, dt.timedelta(days=1), dt.timedelta(minutes=1)
APRIL_END = dt.datetime(2026, 5, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def agreement():
    factories.calendar("Office", is_default=True)
    return factories.agreement()


def in_force(agreement, **terms):
    version = factories.draft(agreement)
    made = factories.obligation(version, **terms)
    factories.sign(version)
    write_out_due_dates(now=NOON)
    return made


def found(month):
    one = Evaluation.objects.filter(promise="obligation", month__month_on=month).first()
    return one and (one.outcome, int(one.numerator), int(one.denominator), one.title)


def test_a_month_is_kept_when_all_of_it_came_in_time(agreement):
    owed = in_force(agreement)
    late = owed.occurrences.get(due_on=dt.date(2026, 4, 10))
    for one in owed.occurrences.all():
        when = one.due_at + DAY if one == late else one.due_at
        deliver(occurrence=one, content=Content(text="Status"), key="form", now=when, by=None)
    close_months(now=APRIL_END)
    assert found(dt.date(2026, 3, 1)) == ("met", 4, 4, "Obligation · Pipeline status")
    assert found(dt.date(2026, 4, 1)) == ("missed", 3, 4, "Obligation · Pipeline status")
    before = list(Evaluation.objects.order_by("pk").values())
    close_months(now=APRIL_END)
    assert list(Evaluation.objects.order_by("pk").values()) == before


def test_a_report_is_attached_by_itself_shortly_before_it_is_due(agreement, client):
    owed = in_force(agreement, report="waterfall")
    due = owed.occurrences.first()
    assert attach_due_reports(now=due.due_at - 16 * MINUTE) == 0
    assert attach_due_reports(now=due.due_at - 10 * MINUTE) == 1
    assert attach_due_reports(now=due.due_at - 5 * MINUTE) == 0
    done = Delivery.objects.get()
    assert done.report_address == "/waterfall/?agreement=company&month=2026-03"
    assert done.content.text and done.delivered_by is None
    client.force_login(factories.user("Viewer", role="viewer"))
    said = client.get(f"/agreements/company/obligations/{due.pk}/").text
    assert "attached by itself" in said and 'href="/waterfall/?agreement=company&amp;month=2026-03"' in said
    assert client.get(done.report_address).status_code == 200


@pytest.mark.parametrize("report", ["waterfall", "speed", "depth"])
def test_each_report_that_can_be_agreed_can_be_attached_late_too(agreement, report):
    owed = in_force(agreement, report=report)
    assert attach_due_reports(now=NOON + 10 * DAY) == 2
    assert not Occurrence.objects.filter(obligation=owed, due_at__lt=NOON + 10 * DAY).undelivered().exists()


def test_a_monthly_report_due_early_in_a_month_is_of_the_month_before(agreement):
    owed = in_force(agreement, cadence="monthly", weekday=None, day_of_month=5)
    assert month_of_report(owed, dt.date(2026, 3, 5)) == dt.date(2026, 2, 1)
    assert month_of_report(owed, dt.date(2026, 3, 31)) == dt.date(2026, 3, 1)
    owed.cadence = "weekly"
    assert month_of_report(owed, dt.date(2026, 3, 5)) == dt.date(2026, 3, 1)
