"""A file that the worker brings in: claimed once, noted as it goes, stopped, taken over from one that was killed."""

from __future__ import annotations

import datetime as dt
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from leads.intake import runs, upload_work, uploads
from leads.models import HandOff, Import, Lead, Upload, UploadPiece
from tests import factories
from tests.races import race, rounds

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
LATER = NOW + upload_work.LEASE + dt.timedelta(seconds=1)
BASE = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.django_db(transaction=True)


def rows(count: int) -> bytes:
    lines = [f"L{number},2026-03-02 09:10,Person {number}" for number in range(count)]
    return "\n".join(["external_id,qualified_at,name", *lines, "bad,never,x", ""]).encode()


@pytest.fixture
def ada(transactional_db):
    return factories.user("Ada Nowak", is_staff=True, is_superuser=True)


def kept(by, content=None, **given) -> Upload:
    content = rows(9) if content is None else content
    return uploads.keep_upload(
        kind="leads",
        system="crm",
        file=io.BytesIO(content),
        file_name="leads.csv",
        by=by,
        now=NOW,
        **given,
    )


def tried(by, content=None) -> Upload:
    upload = kept(by, content)
    uploads.ask_to_try(upload=upload, now=NOW)
    assert upload_work.work_on_next(now=NOW)
    upload.refresh_from_db()
    assert upload.state == "tried"
    return upload


def test_a_trial_notes_how_far_it_is_and_writes_nothing(ada, monkeypatch):
    monkeypatch.setattr(runs, "BATCH", 4)
    seen = []
    note = upload_work._Work._note

    def noted(self, *arguments):
        note(self, *arguments)
        seen.append(Upload.objects.values_list("rows_done", "rows_total").get())

    monkeypatch.setattr(upload_work._Work, "_note", noted)
    upload = tried(ada)
    assert seen == [(0, 10), (4, 10), (8, 10), (10, 10)]
    assert (upload.outcome["created"], upload.outcome["rejected"]) == (9, 1)
    assert not Lead.objects.exists() and not Import.objects.exists()
    assert b"never" in b"".join(uploads.rejected_rows(upload))


def test_two_clicks_start_one_import(ada):
    for _ in range(rounds(3)):
        upload = tried(ada)

        def click(upload=upload):
            uploads.ask_to_run(upload=upload, by=ada, now=NOW)
            return True

        before = Import.objects.count()
        said = race(*[click] * 4)
        assert said.count(True) == 1
        assert sum(isinstance(one, ValidationError) for one in said) == 3
        assert Import.objects.count() == before + 1
        upload_work.work_on_next(now=NOW)
        assert Upload.objects.get(pk=upload.pk).state == "done"


def test_of_several_workers_one_takes_the_work(ada):
    for _ in range(rounds(2)):
        upload = tried(ada)
        uploads.ask_to_run(upload=upload, by=ada, now=NOW)
        said = race(*[lambda: upload_work.work_on_next(now=NOW)] * 3)
        assert said.count(True) == 1, said
        upload.refresh_from_db()
        assert (upload.state, upload.passes) == ("done", 1)
    assert Lead.objects.count() == 9


def test_two_files_at_once_come_in_one_after_the_other(ada):
    first, second = tried(ada), tried(ada, rows(12))
    for upload in (first, second):
        uploads.ask_to_run(upload=upload, by=ada, now=NOW)
    while upload_work.work_on_next(now=NOW):
        pass
    counts = Import.objects.order_by("id").values_list("rows", "created", "unchanged", "rejected")
    assert list(counts) == [(10, 9, 0, 1), (13, 3, 9, 1)]


def test_a_stopped_import_keeps_what_is_written_and_goes_on(ada, monkeypatch):
    monkeypatch.setattr(runs, "BATCH", 4)
    upload = tried(ada)
    uploads.ask_to_run(upload=upload, by=ada, now=NOW)
    note = upload_work._Work._note

    def noted(self, connection, result, total):
        if result.rows == 8:
            race(
                lambda: uploads.ask_to_stop(upload=upload, now=NOW)
            )  # by a connection of its own, as from a page
        note(self, connection, result, total)

    monkeypatch.setattr(upload_work._Work, "_note", noted)
    upload_work.work_on_next(now=NOW)
    upload.refresh_from_db()
    assert upload.state == "stopped"
    assert Lead.objects.count() == 4 == upload.record.created
    assert not upload_work.work_on_next(now=NOW)
    monkeypatch.setattr(upload_work._Work, "_note", note)
    uploads.ask_to_run(upload=upload, by=ada, now=NOW)
    upload_work.work_on_next(now=NOW)
    record = Import.objects.get()
    assert (record.rows, record.created, record.unchanged, record.rejected) == (10, 9, 0, 1)


def test_an_import_that_is_refused_half_way_can_go_on(ada):
    factories.agreement("company")
    upload = kept(ada)
    Upload.objects.update(said=upload.said | {"agreement": "company"})
    uploads.ask_to_try(upload=upload, now=NOW)
    upload_work.work_on_next(now=NOW)
    Upload.objects.update(said=upload.said | {"agreement": "gone"})
    uploads.ask_to_run(upload=upload, by=ada, now=NOW)
    upload_work.work_on_next(now=NOW)
    upload.refresh_from_db()
    assert upload.state == "refused" and "There is no agreement “gone”" in upload.fault
    Upload.objects.update(said=upload.said | {"agreement": "company"})
    uploads.ask_to_run(upload=upload, by=ada, now=NOW)
    upload_work.work_on_next(now=NOW)
    assert Import.objects.values_list("rows", "created", "rejected").get() == (10, 9, 1)


def test_who_lost_the_claim_writes_no_more(ada, monkeypatch):
    monkeypatch.setattr(runs, "BATCH", 4)
    upload = tried(ada)
    uploads.ask_to_run(upload=upload, by=ada, now=NOW)
    note = upload_work._Work._note

    def noted(self, connection, result, total):
        if result.rows == 8:
            self._upload.claim = None  # another worker has taken over
        note(self, connection, result, total)

    monkeypatch.setattr(upload_work._Work, "_note", noted)
    upload_work.work_on_next(now=NOW)
    assert Lead.objects.count() == 4
    assert Upload.objects.get().state == "to_run"
    monkeypatch.setattr(upload_work._Work, "_note", note)
    assert not upload_work.work_on_next(now=NOW), "it may still be alive"
    assert upload_work.work_on_next(now=LATER)
    assert Import.objects.values_list("rows", "created", "rejected").get() == (10, 9, 1)


CHILD = """
import datetime as dt, django
django.setup()
from leads.intake import runs, upload_work
runs.BATCH = 40
upload_work.work_on_next(now=dt.datetime.fromisoformat({now!r}))
"""


def child(now: dt.datetime) -> subprocess.Popen[bytes]:
    from django.db import connection

    settings = connection.settings_dict
    address = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**settings)
    return subprocess.Popen(
        [sys.executable, "-c", CHILD.format(now=now.isoformat())],
        cwd=BASE,
        env=os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "slaproject.settings"},
    )


def killed_and_taken_over(ada, content: bytes, after: int) -> tuple[int, ...]:
    upload = tried(ada, content)
    uploads.ask_to_run(upload=upload, by=ada, now=NOW)
    worker = child(NOW)
    for _ in range(2_000):
        if (
            Upload.objects.values_list("rows_done", flat=True).get(pk=upload.pk) >= after
            or worker.poll() is not None
        ):
            break
        time.sleep(0.005)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    upload.refresh_from_db()
    passes = 1
    while upload.state != "done":
        passes += 1
        assert upload_work.work_on_next(now=NOW + passes * (upload_work.LEASE + dt.timedelta(seconds=60)))
        upload.refresh_from_db()
    record = upload.record
    assert record is not None
    return record.rows, record.created, record.updated, record.unchanged, record.rejected


def test_a_killed_worker_is_taken_over_and_every_row_counted_once(ada):
    content = rows(800)
    for number in range(rounds(2)):
        after = 40 + (number * 277) % 700
        fresh = content.replace(b"L", f"K{number}-".encode())
        assert killed_and_taken_over(ada, fresh, after) == (801, 800, 0, 0, 1)
        assert Lead.objects.count() == HandOff.objects.count() == 800 * (number + 1)
    assert not UploadPiece.objects.filter(role="file").exists()


def test_what_nobody_comes_back_to_goes_after_a_week(ada):
    old = kept(ada)
    done = tried(ada)
    uploads.ask_to_run(upload=done, by=ada, now=NOW)
    upload_work.work_on_next(now=NOW)
    assert uploads.forget_old_uploads(now=NOW + dt.timedelta(days=6)) == 0
    assert uploads.forget_old_uploads(now=NOW + dt.timedelta(days=8)) == 2
    assert not Upload.objects.filter(pk=old.pk).exists() and not UploadPiece.objects.exists()
    done.refresh_from_db()
    assert (done.state, done.outcome) == ("done", {}), "what is left of it holds no row"
    assert uploads.forget_old_uploads(now=NOW + dt.timedelta(days=8)) == 0
