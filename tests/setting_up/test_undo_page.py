"""An import is undone by its page: what would go is shown first, and what became of it stays to be read."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from leads.intake import uploads
from leads.intake.runs import ImportOptions, run_import
from leads.intake.undo_work import undo_next
from leads.models import HandOff, Import, Lead, Upload
from leads.services.attempts import log_attempt
from slaproject.setting_up.views import undoing as pages
from tests.leads.importing import file_of

# The worker notes how far it is by a connection of its own.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr(pages, "ask_the_worker", lambda _task: False)


def the_worker_comes() -> None:
    assert undo_next(now=timezone.now()) and not undo_next(now=timezone.now())


@pytest.fixture
def record() -> Import:
    file = file_of("external_id,qualified_at", [(f"L{number}", "2026-03-02 09:10") for number in range(3)])
    run_import(kind="leads", stream_or_path=file, options=ImportOptions(), now=timezone.now())
    return Import.objects.get()


def test_what_would_go_is_shown_and_then_it_goes(site, ada, record):
    now = timezone.now()
    one = HandOff.objects.get(lead__external_id="L1")
    log_attempt(hand_off=one, attempted_at=now, channel="call", outcome="no_answer", now=now)
    address = f"/set-up/import/of/{record.pk}/undo/"
    assert f'href="{address}"' in site.get("/set-up/import/").text
    shown = site.get(address).text
    assert "2 would be taken away, 0 would go back, 1 would be left as is" in shown
    assert (
        "Attempts were logged on it since, and those are never deleted." in shown
        and "<code>L1</code>" in shown
    )
    assert Lead.objects.count() == 3
    assert site.post(address).url == address
    assert Lead.objects.count() == 3
    shown = site.get(address).text
    assert "The import is being undone; you can leave this page." in shown and "Waiting for a worker" in shown
    progress = site.get(f"{address}progress/")
    assert "Waiting for a worker" in progress.text and "HX-Refresh" not in progress.headers
    the_worker_comes()
    assert site.get(f"{address}progress/").headers["HX-Refresh"] == "true"
    assert Lead.objects.get().external_id == "L1"
    shown = site.get(address).text
    assert "The import was undone: 2 taken away, 0 back as before, 1 left as is." in shown
    assert "Ada Nowak undid it" in shown and '<form method="post">' not in shown
    again = site.post(address, follow=True).text
    assert "This import was undone already, and cannot be undone twice." in again


def test_after_a_day_the_page_says_that_it_is_over(site, record):
    Import.objects.update(undoable_until=timezone.now() - dt.timedelta(seconds=1))
    address = f"/set-up/import/of/{record.pk}/undo/"
    assert "An import can be undone for 24 hours; these are over." in site.get(address).text
    assert site.post(address).status_code == 302
    assert Lead.objects.count() == 3
    assert "undo/" not in site.get("/set-up/import/").text


def test_a_file_that_was_stopped_can_be_described_anew_once_it_was_undone(site, ada, record):
    upload = uploads.keep_upload(
        kind="leads", system="crm", file=file_of("external_id,qualified_at", [("L9", "2026-03-02")]),
        file_name="leads.csv", by=ada, now=timezone.now(),
    )  # fmt: skip
    Upload.objects.update(state="to_run", record=record)
    address = f"/set-up/import/of/{record.pk}/undo/"
    assert "This file is being imported: stop that first." in site.get(address).text
    Upload.objects.update(state="stopped")
    assert f'href="{address}"' in site.get(f"/set-up/import/{upload.pk}/").text
    site.post(address)
    the_worker_comes()
    upload.refresh_from_db()
    assert (upload.state, upload.record) == ("draft", None)
    assert not Lead.objects.exists()
