"""Files that come by themselves: once when due, as their asker may see them by then, to their mail or a folder."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from agreements.models import Membership, Team
from agreements.table_files import Format
from leads.exports import kept, making, placing, scheduling
from leads.exports.table import NotUnderstood
from leads.models import Export, ExportPiece, ExportSchedule
from slaproject.outbox.bundling import bundle_errands
from slaproject.outbox.delivery import deliver_next
from slaproject.outbox.models import Alert
from slaproject.outbox.reading import read_arrivals
from tests import factories
from tests.leads.people import browser
from tests.leads.test_kept_exports import rows_of
from tests.query_counts import assert_same_queries
from tests.races import race, rounds

# A Monday; the file comes at 9:00 in UTC.
NOW = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)
DUE = NOW + dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
BASE = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mark(transactional_db):
    user = factories.user("Mark Eter", email="mark@example.com")
    Membership.objects.create(user=user, team=factories.team("Field", Team.Function.MARKETING), role="member")
    return user


@pytest.fixture
def admin(transactional_db):
    return factories.user("Ada Admin", is_superuser=True, is_staff=True)


@pytest.fixture
def folder(tmp_path, settings):
    settings.EXPORT_FOLDER = str(tmp_path)
    return tmp_path


def scheduled(by, *, now=NOW, **more):
    said = {
        "kind": "leads",
        "form": Format.CSV,
        "query": "sort=oldest",
        "name": "All leads",
        "every": "day",
        "weekday": 0,
        "day": 1,
        "at": dt.time(9),
        "goes_to": "mail",
    }
    return scheduling.schedule_export(by=by, now=now, **(said | more))


def made(schedule, now=DUE):
    """Begin what is due and make it; return the newest of the schedule."""
    assert scheduling.start_due(now=now) == 1
    assert making.make_next(now=now)
    return schedule.runs.latest("due_at")


def mails(now):
    read_arrivals(now=now)
    bundle_errands(now=now)
    while deliver_next(now=now):
        pass
    return mail.outbox


def test_it_comes_once_when_it_is_due_and_the_mail_says_nothing_of_it(mark, settings):
    settings.SITE_URL = "https://sla.example.com"
    factories.lead(name="Secret Person", email="secret@person.example")
    schedule = scheduled(mark, query="q=secret", name="About Secret Person")
    assert schedule.next_at == DUE
    assert scheduling.start_due(now=DUE - dt.timedelta(seconds=1)) == 0
    export = made(schedule)
    assert (export.state, export.due_at, export.by) == ("done", DUE, mark)
    assert [row["name"] for row in rows_of(export)] == ["Secret Person"]
    assert scheduling.start_due(now=DUE) == 0 and not making.make_next(now=DUE)
    schedule.refresh_from_db()
    assert schedule.next_at == DUE + DAY
    (sent,) = mails(DUE)
    address = reverse("leads:export-file", args=[export.pk])
    said = sent.subject + sent.body + "".join(str(part) for part, _kind in sent.alternatives)
    assert sent.to == ["mark@example.com"] and f"https://sla.example.com{address}" in sent.body
    assert "A file that comes by itself (Leads · CSV, 23 November 2026): ready." in sent.body
    assert "ecret" not in said and not sent.attachments
    assert browser(factories.user("Other", is_superuser=True)).get(address).status_code == 404
    answer = browser(mark).get(address)
    assert b"Secret Person" in b"".join(answer.streaming_content)


def test_of_many_workers_at_once_one_begins_it(mark):
    factories.lead()
    schedule = scheduled(mark)
    for number in range(rounds(3)):
        begun_once(schedule, DUE + number * DAY)


def begun_once(schedule, now):
    stale = [ExportSchedule.objects.select_related("by").get(pk=schedule.pk) for _ in range(3)]
    begun = race(*(lambda one=one: scheduling.start(schedule=one, now=now) for one in stale))
    assert sum(isinstance(one, Export) for one in begun) == 1, begun
    race(*[lambda: scheduling.start_due(now=now)] * 2)
    assert Export.objects.filter(due_at=now).count() == 1
    race(*[lambda: making.make_next(now=now)] * 2)
    assert Export.objects.get(due_at=now).state == "done"


def test_the_database_holds_one_file_a_due_instant(mark):
    schedule = scheduled(mark)
    export = scheduling.start(schedule=schedule, now=DUE)
    with pytest.raises(IntegrityError, match="export_once_when_due"), transaction.atomic():
        Export.objects.create(
            kind="leads",
            form="csv",
            rights="",
            by=mark,
            asked_at=DUE,
            schedule=schedule,
            due_at=export.due_at,
        )


CHILD = """
import datetime as dt, os, signal, django
django.setup()
from leads.exports import scheduling
from leads.models import Export
create = Export.objects.create
def killed(**given):
    create(**given)
    os.kill(os.getpid(), signal.SIGKILL)
Export.objects.create = killed
scheduling.start_due(now=dt.datetime.fromisoformat({now!r}))
"""


def test_a_worker_killed_while_it_begins_leaves_it_due(mark):
    factories.lead()
    schedule = scheduled(mark)
    address = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    worker = subprocess.run(
        [sys.executable, "-c", CHILD.format(now=DUE.isoformat())],
        cwd=BASE,
        env=os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "slaproject.settings"},
        check=False,
    )
    assert worker.returncode == -signal.SIGKILL
    assert not Export.objects.exists()
    assert made(schedule).state == "done" and Export.objects.count() == 1


def test_what_passed_while_no_worker_ran_is_one_file(mark):
    schedule = scheduled(mark)
    export = made(schedule, DUE + 3 * DAY + dt.timedelta(minutes=5))
    assert export.due_at == DUE + 3 * DAY
    schedule.refresh_from_db()
    assert schedule.next_at == DUE + 4 * DAY and Export.objects.count() == 1


def test_it_holds_what_one_may_see_by_then_and_who_left_gets_nothing(mark):
    factories.lead(name="New Lead")
    schedule = scheduled(mark)
    assert len(rows_of(made(schedule))) == 1
    place = Membership.objects.get(user=mark)
    place.team = factories.team("Sales", Team.Function.SALES)
    place.save()
    assert rows_of(made(schedule, DUE + DAY)) == []  # of sales, nothing of marketing's is theirs
    place.delete()
    assert made(schedule, DUE + 2 * DAY).state == "refused"
    mark.is_active = False
    mark.save()
    assert scheduling.start_due(now=DUE + 3 * DAY) == 0
    schedule.refresh_from_db()
    assert schedule.next_at is None and Export.objects.count() == 3
    mark.is_active = True  # an account that is opened again revives nothing
    mark.save()
    assert scheduling.start_due(now=DUE + 9 * DAY) == 0


def test_who_leaves_between_its_beginning_and_its_making_gets_nothing(mark):
    factories.lead()
    schedule = scheduled(mark)
    scheduling.start_due(now=DUE)
    mark.is_active = False
    mark.save()
    assert making.make_next(now=DUE)
    assert schedule.runs.get().state == "refused" and not ExportPiece.objects.exists()
    assert not mails(DUE)


def test_it_is_paused_resumed_and_ended(mark):
    schedule = scheduled(mark)
    client = browser(mark)
    assert client.post(reverse("leads:pause-schedule", args=[schedule.pk])).status_code == 302
    assert "paused" in client.get(reverse("leads:schedules")).text
    assert scheduling.start_due(now=DUE + DAY) == 0
    scheduling.resume(schedule=schedule, now=DUE + DAY)
    schedule.refresh_from_db()
    assert schedule.next_at == DUE + 2 * DAY, "nothing is made up for"
    scheduling.resume(schedule=schedule, now=DUE + 5 * DAY)
    schedule.refresh_from_db()
    assert schedule.next_at == DUE + 2 * DAY
    export = made(schedule, DUE + 2 * DAY)
    assert client.post(reverse("leads:remove-schedule", args=[schedule.pk])).status_code == 302
    export.refresh_from_db()
    assert not ExportSchedule.objects.exists() and kept.may_fetch(export, mark)


def test_who_works_leads_no_more_is_refused_once_and_it_is_paused(mark):
    """Their page that ends it is closed to them: a mail of every day could not be stopped."""
    schedule = scheduled(mark)
    Membership.objects.get(user=mark).delete()
    assert made(schedule).state == "refused"
    assert scheduling.start_due(now=DUE + 5 * DAY) == 0
    schedule.refresh_from_db()
    assert schedule.next_at is None and schedule.runs.count() == 1


def test_one_resumed_by_a_clock_that_is_behind_stops_nobody_else(mark, admin):
    schedule = scheduled(mark)
    made(schedule)
    scheduling.pause(schedule=schedule)
    scheduling.resume(schedule=schedule, now=DUE - dt.timedelta(seconds=1))
    other = scheduled(admin)
    assert scheduling.start_due(now=DUE) == 1 and other.runs.exists()
    schedule.refresh_from_db()
    assert schedule.next_at == DUE + DAY and schedule.runs.count() == 1


def test_one_ended_while_it_begins_leaves_its_file(mark):
    schedule = scheduled(mark)
    has_begun = threading.Event()

    def begin():
        with transaction.atomic():
            export = scheduling.start(schedule=schedule, now=DUE)
            has_begun.set()
            time.sleep(0.5)
        return export

    def end():
        has_begun.wait(10)
        scheduling.remove(schedule=schedule)

    export, ended = race(begin, end)
    assert ended is None and not ExportSchedule.objects.exists()
    export.refresh_from_db()
    assert export.schedule is None


def test_a_file_for_the_folder_is_not_the_one_asked_for_by_hand(admin, folder):
    schedule = scheduled(admin, goes_to="folder")
    scheduling.start_due(now=DUE)
    asked = kept.ask_for_export(kind="leads", form=Format.CSV, query=schedule.query, by=admin, now=DUE)
    assert asked != schedule.runs.get() and not asked.placed_as


def test_an_administrators_file_goes_whole_into_the_folder(admin, folder, monkeypatch):
    factories.lead(name="Łódź")
    schedule = scheduled(admin, goes_to="folder", name="All leads / Łódź")
    export = made(schedule)
    (file,) = folder.iterdir()
    assert file.name == export.placed_as == f"all-leads-odz-{schedule.pk}-2026-11-23.csv"
    assert "Łódź" in file.read_text("utf-8-sig") and file.stat().st_size == export.size
    assert file.stat().st_mode & 0o777 == 0o640
    assert not ExportPiece.objects.exists() and not kept.may_fetch(export, admin)
    assert f"as {file.name}." in browser(admin).get(reverse("leads:exports")).text
    assert not mails(DUE), "nobody is told of a file that lies where it should"
    # Broken off before all is written there is nothing under its name, and nothing beside it.
    replaced = Path.replace
    monkeypatch.setattr(Path, "replace", lambda *_given: (_ for _ in ()).throw(OSError("full")))
    assert made(schedule, DUE + DAY).state == "unplaced"
    assert list(folder.iterdir()) == [file]
    monkeypatch.setattr(Path, "replace", replaced)
    (sent,) = mails(DUE + DAY)
    assert "the folder of the server could not be written to" in sent.body
    assert "could not be written to" in browser(admin).get(reverse("leads:schedules")).text
    # It goes with its row, after a week.
    assert kept.forget_old_exports(now=export.ended_at + kept.KEPT + dt.timedelta(seconds=1)) == 1
    assert not list(folder.iterdir())


def test_who_lost_the_claim_puts_nothing_into_the_folder(admin, folder, monkeypatch):
    factories.lead()
    scheduled(admin, goes_to="folder")
    scheduling.start_due(now=DUE)
    place = placing.place

    def lost(content, name, **more):
        Export.objects.update(claim="00000000-0000-0000-0000-000000000000")
        return place(content, name, **more)

    monkeypatch.setattr(making, "place", lost)
    assert making.make_next(now=DUE)
    assert not list(folder.iterdir()) and Export.objects.get().state == "waiting"


def test_half_written_files_of_killed_workers_are_swept(folder):
    stray, young, own = folder / ".a.csv.x.part", folder / ".b.csv.y.part", folder / "a.csv"
    for one in (stray, young, own):
        one.write_bytes(b"x")
    old = (NOW - 2 * DAY).timestamp()
    for one in (stray, own):
        os.utime(one, (old, old))
    os.utime(young, (NOW.timestamp(), NOW.timestamp()))
    assert placing.sweep_strays(now=NOW) == 1
    assert sorted(folder.iterdir()) == [young, own]


def test_the_folder_is_for_administrators_as_of_the_run(mark, admin, folder, settings):
    with pytest.raises(ValidationError, match="Only administrators"):
        scheduled(mark, goes_to="folder")
    schedule = scheduled(admin, goes_to="folder")
    factories.user("Second", is_superuser=True, is_staff=True)
    admin.is_superuser = False
    admin.save()
    Membership.objects.create(user=admin, team=factories.team("Elsewhere"), role="member")
    assert made(schedule).state == "refused" and not list(folder.iterdir())
    settings.EXPORT_FOLDER = ""
    with pytest.raises(ValidationError, match="Only administrators"):
        scheduled(factories.user("Third", is_superuser=True), goes_to="folder")


def test_what_cannot_come_is_not_scheduled(mark, monkeypatch):
    with pytest.raises(NotUnderstood):
        scheduled(mark, query="month=never")
    scheduled(mark)
    with pytest.raises(ValidationError, match="of this name"):
        scheduled(mark)
    monkeypatch.setattr(scheduling, "MOST_SCHEDULES", 1)
    with pytest.raises(ValidationError, match="end it first"):
        scheduled(mark, name="Another")
    ExportSchedule.objects.all().delete()
    said = race(*[lambda: scheduled(mark)] * 3)
    assert sum(isinstance(one, ExportSchedule) for one in said) == 1, said


def test_the_zone_is_the_persons_own(mark):
    mark.time_zone = "Europe/Warsaw"
    mark.save()
    schedule = scheduled(mark, every="month", day=31, at=dt.time(7))
    assert schedule.next_at == dt.datetime(2026, 11, 30, 6, tzinfo=dt.UTC)


def test_a_file_is_named_by_the_local_day_on_which_it_was_due(mark):
    """At seven in Seoul it is still the day before in UTC."""
    factories.lead()
    mark.time_zone = "Asia/Seoul"
    mark.save()
    schedule = scheduled(mark, at=dt.time(7))
    assert schedule.next_at == dt.datetime(2026, 11, 23, 22, tzinfo=dt.UTC)
    export = made(schedule, schedule.next_at)
    answer = browser(mark).get(reverse("leads:export-file", args=[export.pk]))
    assert answer["Content-Disposition"] == 'attachment; filename="leads-2026-11-24.csv"'
    assert 'download="leads-2026-11-24.csv"' in browser(mark).get(reverse("leads:schedules")).text


@pytest.mark.parametrize("report", ["waterfall", "speed", "depth", "recalibration"])
def test_a_report_comes_as_its_page_gives_it_out(mark, report):
    agreement = factories.agreement()
    factories.signed(agreement)
    query = f"agreement={agreement.slug}"
    schedule = scheduled(mark, kind=report, query=query)
    export = made(schedule)
    page = browser(mark).get(reverse(f"reports:{report}"), {"agreement": agreement.slug, "format": "csv"})
    assert export.state == "done"
    assert b"".join(kept.pieces_of(export)).splitlines()[0] == page.content.splitlines()[0]
    with pytest.raises(NotUnderstood):
        scheduled(mark, kind=report, query="agreement=no-such", name="Other")


def test_one_is_made_by_the_page_from_the_list(mark):
    factories.lead(name="Ana")
    client = browser(mark)
    listed = client.get(reverse("leads:leads"), {"q": "ana", "page": "1"}).text
    assert "/files/schedules/new/?list=hand-offs&amp;query=" in listed
    address = reverse("leads:new-schedule")
    asked = client.get(address, {"list": "leads", "query": "q=ana&page=2&format=csv"})
    assert 'name="query" value="q=ana"' in asked.text
    assert "What comes: Name, company or e-mail: ana. It holds" in asked.text
    assert "not understood" in client.get(address, {"list": "leads", "query": "month=never"}).text
    assert "folder of the server" not in asked.text
    said = {"list": "leads", "query": "q=ana", "name": "Ana", "form": "xlsx", "every": "week"}
    said |= {"weekday": "4", "day": "1", "at": "09:30", "goes_to": "mail"}
    for wrong in ({"at": "25:00"}, {"day": "32"}, {"goes_to": "folder"}, {"every": "hour"}, {"name": ""}):
        assert "invalid-feedback" in client.post(address, said | wrong).text, wrong
    assert "not understood" in client.post(address, said | {"query": "month=never"}).text
    assert client.post(address, said).status_code == 302
    page = client.get(reverse("leads:schedules")).text
    assert "every Friday at 09:30 (UTC)" in page and "1 file comes to you by itself" in page
    assert '<p class="aside-text anywhere">Name, company or e-mail: ana</p>' in page
    assert "of this name already" in client.post(address, said).text
    other = browser(factories.user("Other", is_superuser=True)).get(reverse("leads:schedules")).text
    assert "No file comes to you by itself." in other and "Ana" not in other


@pytest.mark.parametrize(
    ("kind", "query", "said"),
    [
        ("leads", "", ""),
        ("leads", "stage=open&sort=due", "Where it is: with sales · Sorted by: due time"),
        ("hand-offs", "segment=smb&month=2026-11&sort=due", "Segment: SMB · Qualified in: November 2026"),
        ("attempts", "owner=nobody", "Owner: nobody yet"),
        ("queue", "", ""),
        ("queue", "owner=team", "Owner: Everybody I manage"),
        ("waterfall", "", "{} · {}"),
        ("waterfall", "month=2026-10&agreement=", "October 2026 · all hand-offs · days in UTC"),
        ("speed", "by=day", "{} · by day · {}"),
        ("depth", "table=at-least", "Hand-offs by number of attempts · {} · by week · {}"),
        ("recalibration", "per=year", "{} · by year · {}"),
    ],
)  # fmt: skip
def test_what_comes_is_said_in_the_words_of_its_page(admin, kind, query, said):
    factories.segment("SMB")
    a_member = factories.user("Sal Es")
    Membership.objects.create(
        user=a_member, team=factories.team("Field sales", Team.Function.SALES), role="member"
    )
    shown = scheduled(admin, kind=kind, query=query).said
    assert shown == said.format("each time of the current month", "all hand-offs · days in UTC")


def test_the_list_shows_the_last_five_and_asks_as_little_for_many(mark):
    schedule = scheduled(mark)
    for number in range(7):
        made(schedule, DUE + number * DAY)
    client = browser(mark)
    text = client.get(reverse("leads:schedules")).text
    assert text.count("Download") == 5

    def many():
        for number in range(8):
            other = scheduled(mark, name=f"Leads {number}", now=DUE + 10 * DAY)
            scheduling.start(schedule=other, now=DUE + 11 * DAY)

    assert_same_queries(lambda: client.get(reverse("leads:schedules")), add_rows=many, at_most=12)
    assert Alert.objects.count() == 0
