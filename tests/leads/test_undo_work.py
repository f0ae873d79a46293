"""An undo that a worker does: asked for once, watched while it lasts, whole or not at all after a kill."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from leads.intake import undo_leads, undo_work
from leads.intake.undo_work import LEASE, ask_to_undo, undo_next
from leads.intake.undoing import forget_what_rows_were, undo_import
from leads.models import HandOff, Import, ImportChange, ImportUndo, Lead
from tests import factories
from tests.leads.importing import NOW, take
from tests.leads.test_undo import state
from tests.races import race, rounds

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOW + dt.timedelta(minutes=5)
BASE = Path(__file__).resolve().parents[2]
ROWS = "external_id,handed_off_at,name\n" + "".join(
    f"{number},2026-03-04T09:30:00Z,Lead {number}\n" for number in range(9)
)


@pytest.fixture
def ada():
    return factories.user("Ada Nowak", is_staff=True, is_superuser=True)


def imported() -> Import:
    take("leads", ROWS)
    return Import.objects.latest("pk")


def asked(record, by, now=LATER):
    return ask_to_undo(record=record, by=by, now=now)


def test_how_far_it_is_can_be_read_while_nothing_of_it_is_to_be_seen(ada, monkeypatch):
    monkeypatch.setattr("leads.intake.undone.PIECE", 4)
    record = imported()
    asked(record, ada)
    noted = []

    def seen(done, total):
        with undo_work.another_connection() as other, other.cursor() as cursor:
            cursor.execute(
                "SELECT rows_done, rows_total, (SELECT count(*) FROM leads_lead) FROM leads_importundo"
            )
            noted.append((done, total, *cursor.fetchone()))

    begin, did = undo_leads.Steps.begin, undo_leads.Steps.did
    monkeypatch.setattr(
        undo_leads.Steps, "begin", lambda self, n: (begin(self, n), seen(self.done, self.total))
    )
    monkeypatch.setattr(undo_leads.Steps, "did", lambda self, n: (did(self, n), seen(self.done, self.total)))
    assert undo_next(now=LATER)
    # Nine hand-offs, then nine leads, four at a time; until the end all nine leads are there for everybody else.
    assert noted == [(done, 18, done, 18, 9) for done in (0, 4, 8, 9, 13, 17, 18)]
    record.refresh_from_db()
    assert (record.undone_by, record.undone["removed"], Lead.objects.count()) == (ada, 9, 0)
    assert record.asked_undo.state == "done" and not undo_next(now=LATER)


def test_asked_many_times_at_once_it_is_done_once(ada):
    for _ in range(rounds(2)):
        record = imported()
        assert len({one.pk for one in race(*[lambda record=record: asked(record, ada)] * 3)}) == 1
        assert race(*[lambda: undo_next(now=LATER)] * 3).count(True) == 1
        assert not Lead.objects.exists()
        with pytest.raises(ValidationError, match="undone already"):
            asked(record, ada)


def test_what_cannot_be_undone_by_then_is_said(ada):
    record = imported()
    one = asked(record, ada)
    undo_import(record=record, by=None, now=LATER)
    assert undo_next(now=LATER)
    one.refresh_from_db()
    assert (one.state, one.claim) == ("refused", None) and "undone already" in one.fault
    record = imported()
    one = asked(record, ada)
    ada.is_superuser = False
    ada.save()
    assert undo_next(now=LATER)
    one.refresh_from_db()
    assert one.state == "refused" and "no administrator any more" in one.fault and Lead.objects.count() == 9


def test_what_was_asked_for_in_time_is_done_a_little_later(ada):
    record = imported()
    assert record.undoable_until is not None
    asked(record, ada, now=record.undoable_until)
    assert undo_next(now=record.undoable_until + dt.timedelta(minutes=1))
    assert not Lead.objects.exists()


def test_what_rows_were_is_kept_for_an_undo_that_waits(ada):
    """No worker ran for days: undone without it, what the file changed would stay while all says that it went."""
    take("leads", ROWS)
    take("leads", ROWS.replace("Lead 3", "Somebody"))
    record = Import.objects.latest("pk")
    asked(record, ada)
    days_later = NOW + dt.timedelta(days=3)
    assert forget_what_rows_were(now=days_later) == 0
    assert undo_next(now=days_later)
    assert Lead.objects.get(external_id="3").name == "Lead 3"
    record.refresh_from_db()
    assert (record.undone["restored"], ImportChange.objects.count()) == (1, 0)


def test_who_lost_the_claim_undoes_nothing(ada, monkeypatch):
    record = imported()
    one = asked(record, ada)
    take_away = undo_leads._take_away_leads

    def lost(*given):
        take_away(*given)
        ImportUndo.objects.update(claim="00000000-0000-0000-0000-000000000000")

    monkeypatch.setattr(undo_leads, "_take_away_leads", lost)
    assert undo_next(now=LATER)
    record.refresh_from_db()
    one.refresh_from_db()
    assert (record.undone_at, one.state, Lead.objects.count()) == (None, "waiting", 9)


def test_what_breaks_off_three_times_is_not_tried_again_but_can_be_asked_anew(ada, monkeypatch):
    record = imported()
    one = asked(record, ada)

    def broken(*_given):
        raise OSError("no room")

    with monkeypatch.context() as patched:
        patched.setattr(undo_leads, "_take_away_leads", broken)
        for _ in range(undo_work.MOST_PASSES):
            with pytest.raises(OSError, match="no room"):
                undo_next(now=LATER)
    assert undo_next(now=LATER)
    one.refresh_from_db()
    assert one.state == "failed" and Lead.objects.count() == 9
    asked(record, ada)
    assert undo_next(now=LATER) and not Lead.objects.exists()


CHILD = """
import datetime as dt, os, signal, django
django.setup()
from leads.intake import undo_leads, undo_work
forget = undo_leads._forget
def killed(*given):
    forget(*given)
    os.kill(os.getpid(), signal.SIGKILL)
undo_leads._forget = killed
undo_work.undo_next(now=dt.datetime.fromisoformat({now!r}))
"""


def test_a_worker_that_is_killed_leaves_everything_as_it_was_and_another_does_it(ada):
    record = imported()
    asked(record, ada)
    before = state()
    address = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    worker = subprocess.run(
        [sys.executable, "-c", CHILD.format(now=LATER.isoformat())],
        cwd=BASE,
        env=os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "slaproject.settings"},
        check=False,
    )
    assert worker.returncode == -signal.SIGKILL
    assert state() == before and ImportUndo.objects.get().rows_done == 18
    assert not undo_next(now=LATER), "it may still be alive"
    assert undo_next(now=LATER + LEASE + dt.timedelta(minutes=1))
    assert not Lead.objects.exists() and not HandOff.objects.exists()
