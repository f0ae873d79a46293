"""A file comes in by the page: tried first, counted, its rejected rows given back; what is no such file is told so."""

from __future__ import annotations

import base64
import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client

from leads.intake import runs
from leads.intake.mapping import FIELDS
from leads.models import Deal, FollowUpAttempt, HandOff, Import, Lead
from slaproject.setting_up import uploads
from slaproject.setting_up.forms import LARGEST_FILE
from tests import factories
from tests.races import race, rounds

pytestmark = pytest.mark.django_db

LEADS = b"external_id,qualified_at,name\nL1,2026-03-02 09:10,Ana\nL2,2026-03-03 11:00,Bo\n"


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr(uploads, "ask_for_fresh_figures", lambda: False)


def send(site, content, *, name="leads.csv", **said):
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    return site.post(
        "/set-up/import/", {"kind": "leads", "source": "crm", "clock": "recent", "file": file} | said
    )


def test_first_a_trial_then_the_same_in_earnest(site, ada):
    tried = send(site, LEADS, dry_run="on", time_zone="Europe/Warsaw")
    assert "2 rows tried: 2 would come in, 0 would be rejected. Nothing was written." in tried.text
    assert not Lead.objects.exists()
    again = tried.context["form"]
    assert (again["dry_run"].value(), again["source"].value()) == (False, "crm")
    assert again["time_zone"].value() == "Europe/Warsaw", "what was said about the file is not asked twice"

    done = send(site, LEADS, time_zone="Europe/Warsaw")
    assert "2 rows read: 2 came in, 0 were there already, 0 were rejected." in done.text
    assert 'href="/waterfall/?month=2026-03"' in done.text
    assert "within a minute" in done.text
    first = HandOff.objects.get(lead__external_id="L1")
    assert first.handed_off_at == dt.datetime(2026, 3, 2, 8, 10, tzinfo=dt.UTC)
    record = Import.objects.get()
    assert (record.started_by, record.system, record.file_name) == (ada, "crm", "leads.csv")

    same = send(site, LEADS, time_zone="Europe/Warsaw")
    assert "2 rows read: 0 came in, 2 were there already" in same.text


def test_rejected_rows_come_back_with_their_reasons(site):
    rows = [b"L%d,never,=1+1" % number for number in range(30)]
    answer = send(site, LEADS + b"\n".join(rows) + b"\n")
    assert "32 rows read: 2 came in, 0 were there already, 30 were rejected." in answer.text
    assert answer.text.count("“never” is not a date") == 20
    assert "The first 20 of 30." in answer.text
    found = re.search(r'download="rejected-leads.csv" href="data:text/csv;base64,([^"]+)"', answer.text)
    lines = base64.b64decode(found[1]).decode().splitlines()
    assert lines[0] == "external_id,qualified_at,name,row,error"
    assert len(lines) == 31
    assert lines[1].startswith("L0,never,'=1+1,4,")
    file = base64.b64decode(found[1])
    mended = send(site, file.replace(b"never", b"2026-03-05"))
    assert "30 rows read: 30 came in" in mended.text
    assert Lead.objects.count() == 30


def test_more_rejected_rows_than_a_page_can_carry_are_told_of(site, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST_ERROR_FILE", 100)
    answer = send(site, LEADS + b"L3,never,x\n" * 20)
    assert "too many for this page" in answer.text and "data:text/csv" not in answer.text


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b"\n\n", "has no heading"),
        (b"PK\x03\x04 and so on", "Excel (xlsx)"),
        (b"%PDF-1.7", "PDF"),
        (bytes(range(256)) * 40, ""),
        (b"external_id,qualified_at\nL1,\xff\xfe\n", "is not UTF-8"),
        (b"external_id,qualified_at\nL1,2026-03-02\0\n", "holds a zero byte"),
        (b"first,second\n1,2\n", "The headings do not fit leads"),
        (",".join(f"column {number}" for number in range(300)).encode() + b"\n", "The headings do not fit"),
        (b'external_id,qualified_at\n"L1,2026-03-02\n', "never closed"),
        (b"external_id,external_id,qualified_at\n", "Two columns have the heading"),
        (b"external_id,qualified_at\nL1,03/04/2026\n", "day or the month first"),
        (b"x" * 2_000_000, "longer than"),
        ("external_id,qualified_at\nL1,2026-03-02\n".encode("utf-16-le"), "UTF-16 without"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_a_sentence(site, content, complaint):
    answer = send(site, content)
    assert answer.status_code == 200
    assert "This file was not imported; nothing was written." in answer.text
    assert complaint in " ".join(answer.context["form"].errors["file"])
    assert 'id="id_file_error"' in answer.text
    assert not Lead.objects.exists() and not Import.objects.exists()


def test_three_hundred_columns_are_passed_over_but_for_those_that_are_read(site):
    more = ",".join(f"column {number}" for number in range(300))
    cells = ",".join("x" for _ in range(300))
    answer = send(site, f"external_id,qualified_at,{more}\nL1,2026-03-02,{cells}\n".encode())
    assert "1 row read: 1 came in" in answer.text


def test_a_file_above_the_limit_is_refused_with_the_way_for_it(site):
    answer = send(site, b"x" * (LARGEST_FILE + 1))
    assert "Larger ones go by manage.py import." in " ".join(answer.context["form"].errors["file"])


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "people"}, "kind"),
        ({"source": ""}, "source"),
        ({"source": "nul\0"}, "source"),
        ({"source": "x" * 65}, "source"),
        ({"time_zone": "Warsaw"}, "time_zone"),
        ({"agreement": "99"}, "agreement"),
        ({"clock": "never"}, "clock"),
        ({"kind": "deals", "preset": "hubspot"}, "preset"),
        ({"preset": "../leads"}, "preset"),
        ({"order": "ydm"}, "order"),
        ({"encoding": "rot13"}, "encoding"),
        ({"file": ""}, "file"),
    ],
)
def test_what_is_said_wrongly_is_refused_beside_its_field(site, said, field):
    answer = send(site, LEADS, **said)
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert not Import.objects.exists()


def test_source_with_letters_that_cannot_be_printed_is_refused(site):
    answer = send(site, LEADS, source="crm\u2028x")
    assert answer.status_code == 200 and answer.context["form"].errors


def test_unusual_files_are_read_as_they_are_said_to_be(site):
    content = "external_id;qualified_at;name\nL1;03/04/2026 09:00;Łódź\n".encode("cp1250")
    answer = send(site, content, order="dmy", encoding="cp1250")
    assert "1 row read: 1 came in" in answer.text
    lead = Lead.objects.get()
    assert (lead.name, lead.qualified_on) == ("Łódź", dt.date(2026, 4, 3))
    deal = (
        b'external_id,lead_external_id,closed_at,amount,currency,won\nD1,L1,2026-04-20,"1.234,56",EUR,yes\n'
    )
    send(site, deal, kind="deals", decimal=",")
    assert str(Deal.objects.get().amount) == "1234.56"


def test_hostile_names_of_files_and_cells_stay_text(site):
    nasty = '<img src=x onerror=alert(1)>"\u202e.csv'
    answer = send(site, b"external_id,qualified_at\nL1,<script>\n", name=nasty)
    assert answer.status_code == 200
    assert "<img src=x" not in answer.text and "<script>“" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_a_database_that_stops_the_import_is_told_of(site, monkeypatch):
    def stop(*arguments, **named):
        raise OperationalError("canceling statement due to statement timeout")

    monkeypatch.setattr(runs, "_import", stop)
    answer = send(site, LEADS)
    assert answer.status_code == 200 and "The database stopped this import" in answer.text


def test_samples_come_in_one_after_the_other(site):
    for kind, model in (("leads", Lead), ("attempts", FollowUpAttempt), ("deals", Deal)):
        sample = site.get(f"/set-up/import/sample/{kind}.csv")
        assert sample.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert sample.text.splitlines()[0].split(",") == list(FIELDS[kind])
        answer = send(site, sample.content, kind=kind)
        assert "0 were rejected" in answer.text, answer.context["outcome"].result.reasons
        assert model.objects.count() == answer.context["outcome"].result.created > 0
    headings = site.get("/set-up/import/").text
    for name in {name for names in FIELDS.values() for name in names}:
        assert f"<code>{name}</code>" in headings
    assert site.get("/set-up/import/sample/people.csv").status_code == 404


def test_an_agreement_is_chosen_by_name(site):
    agreement = factories.agreement()
    factories.signed(agreement)
    send(site, LEADS, agreement=agreement.pk, clock="handed-off")
    assert set(HandOff.objects.values_list("agreement", flat=True)) == {agreement.pk}
    assert all(HandOff.objects.values_list("due_at", flat=True))


@pytest.mark.django_db(transaction=True)
def test_the_same_file_twice_at_once_comes_in_once(ada):
    content = b"external_id,qualified_at\n" + b"".join(
        b"L%d,2026-03-%02d\n" % (number, 1 + number % 28) for number in range(400)
    )

    def upload(source):
        client = Client()
        client.force_login(ada)
        answer = send(
            client, content, source=source
        )  # its context would be that of both: the text is its own
        assert answer.status_code == 200
        return re.search(r"400 rows read: (\d+) came in, (\d+) were there already", answer.text).groups()

    for number in range(rounds(2)):
        said = race(lambda: upload(f"crm {number}"), lambda: upload(f"crm {number}"))  # noqa: B023
        assert sorted(said) == [("0", "400"), ("400", "0")]
        assert HandOff.objects.filter(lead__system=f"crm {number}").count() == 400
