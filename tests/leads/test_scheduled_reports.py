"""Reports that come by themselves to who reads them and works no leads: made once when due, of the sums alone."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.urls import reverse

from agreements.models import Membership, Team
from leads.exports import kept, making, scheduling
from leads.exports.lists import FILES, every_file
from leads.exports.table import NotUnderstood
from leads.models import Export, ExportSchedule
from leads.services.hand_offs import hand_over
from reports import rollups
from tests import factories
from tests.leads.people import browser
from tests.leads.test_scheduled_exports import DAY, DUE, NOW, made, mails, scheduled

REPORTS = ("depth", "recalibration", "speed", "waterfall")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def viewer(transactional_db):
    return factories.user("Vi Viewer", email="vi@example.com", role="viewer")


@pytest.fixture
def auditor(transactional_db):
    return factories.user("Au Auditor", email="au@example.com", role="auditor")


@pytest.fixture(params=["viewer", "auditor"])
def reader(request):
    return request.getfixturevalue(request.param)


def a_sales_person():
    user = factories.user("Sal Es", email="sal@example.com")
    Membership.objects.create(
        user=user, team=factories.team("Field sales", Team.Function.SALES), role="member"
    )
    return user


def test_what_may_be_scheduled_is_what_one_has(reader):
    assert {*FILES, *REPORTS} == set(every_file())
    address, worker = reverse("leads:new-schedule"), browser(a_sales_person())
    client = browser(reader)
    for kind in every_file():
        expected = 200 if kind in REPORTS else 404
        assert client.get(address, {"list": kind}).status_code == expected, kind
        assert worker.get(address, {"list": kind}).status_code == 200, kind
        said = {"list": kind, "query": "", "name": kind, "form": "csv", "every": "day"}
        said |= {"weekday": "0", "day": "1", "at": "09:00", "goes_to": "mail"}
        assert client.post(address, said).status_code == (302 if kind in REPORTS else 404), kind
        assert client.post(reverse("leads:new-export"), {"list": kind, "format": "csv"}).status_code == 403
    assert set(ExportSchedule.objects.values_list("kind", "by")) == {(kind, reader.pk) for kind in REPORTS}
    folder = {**said, "list": "speed", "name": "Folder", "goes_to": "folder"}
    assert "invalid-feedback" in client.post(address, folder).text


def test_the_pages_of_reports_offer_it_and_the_menu_leads_to_what_comes(reader):
    factories.signed(factories.agreement())
    hand_over(lead=factories.lead(NOW - DAY), now=NOW, at=NOW - DAY)
    rollups.refresh(now=NOW, wait=True)
    client = browser(reader)
    for report in REPORTS:
        page = client.get(reverse(f"reports:{report}"), {"month": "2026-11"}).text
        assert f"{reverse('leads:new-schedule')}?list={report}&amp;query=" in page, report
        assert f'href="{reverse("leads:schedules")}"' in page
    mine = client.get(reverse("leads:exports")).text
    assert "You asked for no file." in mine and f'href="{reverse("leads:leads")}"' not in mine


def test_it_comes_by_a_mail_that_leads_to_the_file_which_is_theirs_alone(reader, settings):
    settings.SITE_URL = "https://sla.example.com"
    schedule = scheduled(reader, kind="waterfall", query="month=2026-11")
    export = made(schedule)
    assert export.state == "done"
    (sent,) = mails(DUE)
    address = reverse("leads:export-file", args=[export.pk])
    assert sent.to == [reader.email] and address in sent.body
    client, other = browser(reader), browser(a_sales_person())
    page = client.get(reverse("reports:waterfall"), {"month": "2026-11", "format": "csv"})
    came = b"".join(client.get(address).streaming_content)
    assert came.splitlines()[0] == page.content.splitlines()[0]
    assert other.get(address).status_code == 404
    for step in ("pause", "resume", "remove"):
        there = reverse(f"leads:{step}-schedule", args=[schedule.pk])
        assert other.post(there).status_code == 404
        assert client.post(there).status_code == 302
    assert client.post(reverse("leads:discard-export", args=[export.pk])).status_code == 302
    assert not Export.objects.exists() and not ExportSchedule.objects.exists()


def test_figures_of_one_person_and_lists_of_leads_do_not_come(reader):
    with pytest.raises(NotUnderstood):
        scheduled(reader, kind="speed", query=f"owner={a_sales_person().pk}")
    ExportSchedule.objects.create(
        name="Leads",
        kind="leads",
        form="csv",
        every="day",
        at=dt.time(9),
        time_zone="UTC",
        by=reader,
        made_at=NOW,
        next_at=DUE,
    )
    assert scheduling.start_due(now=DUE) == 1 and making.make_next(now=DUE)
    assert Export.objects.get().state == "refused"
    assert ExportSchedule.objects.get().next_at is None
    assert len(mails(DUE)) == 1


def test_who_works_leads_no_more_keeps_their_reports(transactional_db):
    person = a_sales_person()
    schedule = scheduled(person, kind="speed", query="month=2026-11")
    first = made(schedule)
    Membership.objects.get(user=person).delete()
    person = type(person).objects.get(pk=person.pk)
    assert not kept.may_fetch(first, person), "made with other rights"
    again = made(schedule, now=DUE + DAY)
    schedule.refresh_from_db()
    assert again.state == "done" and schedule.next_at == DUE + 2 * DAY
    assert kept.may_fetch(again, person)


def test_who_left_gets_nothing(viewer):
    scheduled(viewer, kind="speed", query="")
    viewer.is_active = False
    viewer.save()
    assert scheduling.start_due(now=DUE) == 0 and not mail.outbox
