"""A list that a worker makes a file: asked for once, claimed once, made anew after a kill, private to its asker."""

from __future__ import annotations

import csv
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
from django.urls import reverse

from agreements.models import Membership, Team
from agreements.table_files import Format
from leads.exports import columns, kept, making
from leads.exports.table import NotUnderstood
from leads.models import Export, ExportPiece
from slaproject.outbox.models import Alert
from slaproject.outbox.reading import read_arrivals
from slaproject.outbox.wording import say
from tests import factories
from tests.leads.people import browser
from tests.races import race, rounds

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
LATER = NOW + making.LEASE + dt.timedelta(seconds=1)
BASE = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mark(transactional_db):
    user = factories.user("Mark Eter")
    Membership.objects.create(user=user, team=factories.team("Field", Team.Function.MARKETING), role="member")
    return user


def leads(count, **fields):
    for number in range(count):
        factories.lead(name=f"Łódź {number}", external_id=f"L{number}", **fields)


def asked(by, *, kind="leads", form=Format.CSV, query="sort=oldest", now=NOW):
    return kept.ask_for_export(kind=kind, form=form, query=query, by=by, now=now)


def made(export, now=NOW):
    assert making.make_next(now=now)
    export.refresh_from_db()
    return export


def rows_of(export):
    text = b"".join(kept.pieces_of(export)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_long_list_is_offered_made_and_fetched(mark, monkeypatch):
    leads(4)
    monkeypatch.setattr("leads.views.files.AT_ONCE", 3)
    monkeypatch.setattr("leads.views.exports.ask_the_worker", lambda task: True)
    monkeypatch.setattr(making, "NOTED_EVERY", 2)
    client = browser(mark)
    offer = client.get(reverse("leads:leads") + "?q=łódź&page=2&format=csv&list=leads")
    assert "4 rows: they are made into a file while you go on." in offer.text
    assert 'name="query" value="q=%C5%82%C3%B3d%C5%BA"' in offer.text
    assert (
        client.get(reverse("leads:leads") + "?q=L1&format=csv").headers["Content-Type"].startswith("text/csv")
    )
    said = {"list": "leads", "format": "csv", "query": "q=%C5%82%C3%B3d%C5%BA"}
    assert client.post(reverse("leads:new-export"), said).status_code == 302
    export = Export.objects.get()
    assert (export.rows_total, export.state) == (4, "waiting")
    page = client.get(reverse("leads:exports"))
    assert "Waiting for a worker" in page.text and "hx-get" in page.text
    address = reverse("leads:export-file", args=[export.pk])
    assert client.get(address).status_code == 404

    made(export)
    assert (export.state, export.rows_done, export.passes, export.claim) == ("done", 4, 1, None)
    answer = client.get(address)
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbfexternal_id") and len(content) == export.size
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{export.file_name}"'
    fragment = client.get(reverse("leads:exports"), headers={"HX-Request": "true"})
    assert fragment.headers["HX-Refresh"] == "true" and "Download" in fragment.text

    read_arrivals(now=NOW)
    read_arrivals(now=NOW)
    (alert,) = Alert.objects.filter(person=mark)
    (told,) = say([alert], mark)
    assert told.text == "A file that you asked for (Leads · CSV): ready." and told.path == reverse(
        "leads:exports"
    )
    assert client.post(reverse("leads:discard-export", args=[export.pk])).status_code == 302
    assert not ExportPiece.objects.exists()
    assert say([alert], mark)[0].is_settled


def test_a_file_is_fetched_only_with_the_rights_with_which_it_was_asked_for(mark):
    leads(2)
    export = made(asked(mark))
    other = factories.user("Other", is_superuser=True)
    address = reverse("leads:export-file", args=[export.pk])
    assert browser(other).get(address).status_code == 404
    assert browser(mark).get(address).status_code == 200
    Membership.objects.create(user=mark, team=factories.team("Elsewhere"), role="member")
    assert browser(mark).get(address).status_code == 404
    assert "ask for it again" in browser(mark).get(reverse("leads:exports")).text
    Membership.objects.filter(user=mark).delete()
    assert browser(mark).get(address).status_code == 404


def test_what_was_asked_for_with_other_rights_is_not_made(mark):
    leads(2)
    export = asked(mark)
    Membership.objects.filter(user=mark).delete()
    assert (made(export).state, ExportPiece.objects.count()) == ("refused", 0)


def test_what_cannot_be_made_is_not_asked_for(mark, monkeypatch):
    with pytest.raises(NotUnderstood):
        asked(mark, query="month=never")
    client = browser(mark)
    assert client.post(reverse("leads:new-export"), {"list": "secrets", "format": "csv"}).status_code == 404
    client.post(reverse("leads:new-export"), {"list": "leads", "format": "csv", "query": "month=never"})
    assert "not understood" in client.get(reverse("leads:exports")).text
    leads(2)
    monkeypatch.setattr(kept, "MOST_ROWS", 1)
    with pytest.raises(ValidationError, match="take the CSV file"):
        asked(mark, form=Format.XLSX)
    assert not Export.objects.exists()


def test_asked_for_many_times_at_once_it_is_made_once(mark):
    leads(1)
    for _ in range(rounds(2)):
        Export.objects.all().delete()
        said = race(*[lambda: asked(mark).pk] * 4)
        assert len(set(said)) == 1, said
    others = [lambda q=q: asked(mark, query=f"q={q}").pk for q in "abcd"]
    said = race(*others)
    assert sum(isinstance(one, ValidationError) for one in said) == 2
    assert Export.objects.filter(state="waiting").count() == kept.MOST_WAITING


def test_of_several_workers_one_takes_the_work(mark):
    leads(3)
    for _ in range(rounds(2)):
        export = asked(mark)
        said = race(*[lambda: making.make_next(now=NOW)] * 3)
        assert said.count(True) == 1, said
        export.refresh_from_db()
        assert (export.state, export.passes, len(rows_of(export))) == ("done", 1, 3)


def test_who_lost_the_claim_keeps_nothing(mark, monkeypatch):
    leads(4)
    monkeypatch.setattr(making, "NOTED_EVERY", 2)
    export = asked(mark)
    note = making._Making._note

    def lost(self, **values):
        if values.get("rows_done") == 4:
            Export.objects.filter(pk=export.pk).update(claim="00000000-0000-0000-0000-000000000000")
        note(self, **values)

    monkeypatch.setattr(making._Making, "_note", lost)
    assert making.make_next(now=NOW)
    export.refresh_from_db()
    assert (export.state, export.rows_done) == ("waiting", 2) and not ExportPiece.objects.exists()
    monkeypatch.setattr(making._Making, "_note", note)
    assert not making.make_next(now=NOW), "it may still be alive"
    assert len(rows_of(made(export, LATER))) == 4


def test_one_that_its_asker_let_go_of_is_not_made(mark, monkeypatch):
    leads(4)
    export = asked(mark)
    note = making._Making._note
    monkeypatch.setattr(
        making._Making,
        "_note",
        lambda self, **values: (kept.discard_export(export=export), note(self, **values)),
    )
    assert making.make_next(now=NOW)
    assert not Export.objects.exists() and not ExportPiece.objects.exists()
    assert not making.make_next(now=NOW)


def test_what_breaks_off_three_times_is_not_tried_again(mark, monkeypatch):
    leads(1)
    export = asked(mark)

    def broken(*arguments, **more):
        raise OSError("no room")

    monkeypatch.setattr(making, "write_table", broken)
    for _ in range(making.MOST_PASSES):
        with pytest.raises(OSError, match="no room"):
            making.make_next(now=NOW)
    assert made(export).state == "failed"
    assert not making.make_next(now=NOW)
    read_arrivals(now=NOW)
    assert Alert.objects.get().kind == "file_failed"


def test_files_go_after_a_week(mark):
    leads(1)
    export = made(asked(mark))
    waiting = asked(mark, query="q=x")
    assert kept.forget_old_exports(now=export.ended_at + kept.KEPT) == 0
    assert kept.forget_old_exports(now=export.ended_at + kept.KEPT + dt.timedelta(seconds=1)) == 1
    assert list(Export.objects.all()) == [waiting] and not ExportPiece.objects.exists()


CHILD = """
import datetime as dt, django, time
django.setup()
from leads.exports import making
making.NOTED_EVERY = 10
note = making._Making._note
making._Making._note = lambda self, **values: (note(self, **values), time.sleep(0.01))
making.make_next(now=dt.datetime.fromisoformat({now!r}))
"""


def killed_and_made_anew(mark, after):
    from django.db import connection

    export = asked(mark)
    settings = connection.settings_dict
    address = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**settings)
    worker = subprocess.Popen(
        [sys.executable, "-c", CHILD.format(now=NOW.isoformat())],
        cwd=BASE,
        env=os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "slaproject.settings"},
    )
    while worker.poll() is None:
        if Export.objects.values_list("rows_done", flat=True).get(pk=export.pk) >= after:
            break
        time.sleep(0.005)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    export.refresh_from_db()
    was_killed = export.state == "waiting"
    if was_killed:
        assert not ExportPiece.objects.filter(export=export).exists()
        made(export, LATER)
    assert (export.state, export.rows_done) == ("done", 300)
    return was_killed, b"".join(kept.pieces_of(export))


def test_a_file_whose_worker_was_killed_is_made_anew(mark, monkeypatch):
    monkeypatch.setattr(columns, "CHUNK", 50)
    leads(300)
    clean = b"".join(kept.pieces_of(made(asked(mark))))
    was_killed, content = killed_and_made_anew(mark, 100)
    assert was_killed and content == clean


@pytest.mark.proof
def test_twenty_kills_and_every_file_is_whole(mark):
    leads(300)
    clean = b"".join(kept.pieces_of(made(asked(mark))))
    found = [killed_and_made_anew(mark, 15 * number) for number in range(20)]
    assert all(content == clean for _killed, content in found)
    print(f"N = 20 kills, {sum(killed for killed, _content in found)} before the end")
