"""A file comes in by the pages, step by step: looked at, described, tried and imported by the worker, and told of."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client

from leads.intake import runs, upload_work
from leads.intake.mapping import FIELDS
from leads.models import Deal, FollowUpAttempt, HandOff, Import, Lead, Upload, UploadPiece
from slaproject.setting_up import upload_forms
from tests import factories
from tests.leads.books import HEAD, TAIL, book_of, made
from tests.setting_up.sending import (  # noqa: F401
    LEADS,
    NOW,
    answers,
    no_broker,
    one_connection,
    run_it,
    send,
    sent,
    try_it,
    typed,
    worked,
)

pytestmark = pytest.mark.django_db


def test_a_file_that_was_given_out_here_is_taken_as_of_the_system_that_it_names(site, ada):
    run = sent(site, LEADS)
    try_it(site, run)
    run_it(site, run)
    given = site.get("/leads/?format=xlsx&system=crm").content
    address = sent(site, given, name="leads.xlsx", source="import")
    shown = site.get(f"{address}file/").text
    assert "their ids are those of “crm”, and you said “import”" in shown
    assert "2 rows tried: 2 would be new" in try_it(site, address).text
    assert site.post(f"{address}file/", {"system": "crm"}).url == f"{address}file/"
    assert "their ids are those of" not in site.get(f"{address}file/").text
    tried = try_it(site, address)
    assert "2 rows tried: 0 would be new, 0 updated, 0 rejected" in tried.text
    assert Upload.objects.get(file_name="leads.xlsx").system == "crm"


def test_a_file_of_several_systems_is_to_come_one_at_a_time(site):
    head, *lines = LEADS.decode().splitlines()
    rows = [f"{head},system", *(f"{line},crm{number}" for number, line in enumerate(lines))]
    shown = site.get(f"{sent(site, chr(10).join(rows).encode())}file/").text
    assert "ids of several systems, as “crm0” and “crm1”" in shown
    assert 'name="system"' not in shown


def test_a_heading_alone_is_said_to_have_no_rows(site):
    tried = try_it(site, sent(site, LEADS.splitlines(keepends=True)[0]))
    assert "0 rows tried" in tried.text and "There is no row below the headings" in tried.text
    assert "No row can be imported as it stands" not in tried.text


def test_who_imports_the_file_already_keeps_its_system(site):
    address = sent(site, LEADS)
    try_it(site, address)
    site.post(f"{address}run/")
    answer = site.post(f"{address}file/", {"system": "other"}, follow=True)
    assert Upload.objects.get().system == "crm" and answer.status_code == 200


def test_first_a_trial_then_the_same_in_earnest(site, ada):
    address = sent(site, LEADS)
    shown = site.get(f"{address}file/")
    assert "Is leads.csv read as it was meant?" in shown.text and "2026-03-02 09:10" in shown.text
    tried = try_it(site, address, time_zone="Europe/Warsaw")
    assert "2 rows tried: 2 would be new, 0 updated, 0 rejected. Nothing was written." in tried.text
    assert not Lead.objects.exists() and not Import.objects.exists()

    done = run_it(site, address)
    assert "2 rows read: 2 new, 0 updated, 0 unchanged, 0 rejected." in done.text
    assert 'href="/waterfall/?month=2026-03"' in done.text
    first = HandOff.objects.get(lead__external_id="L1")
    assert first.handed_off_at == dt.datetime(2026, 3, 2, 8, 10, tzinfo=dt.UTC)
    assert first.due_at is None, "history gets no clock unless it is asked for"
    record = Import.objects.get()
    assert (record.started_by, record.system, record.file_name) == (ada, "crm", "leads.csv")
    assert (record.rows, record.created) == (2, 2)
    assert not UploadPiece.objects.exists(), "the file is not kept longer than it is needed"
    assert Upload.objects.get().record == record

    again = sent(site, LEADS)
    assert typed(site.get(f"{again}values/"))["time_zone"] == "Europe/Warsaw", "remembered for the source"
    assert "0 would be new, 0 updated, 0 rejected" in try_it(site, again).text
    assert "0 new, 0 updated, 2 unchanged" in run_it(site, again).text
    assert Lead.objects.count() == 2


def test_rejected_rows_come_back_with_their_reasons_and_are_corrected_alone(site):
    rows = b"\n".join(b"L%d,never,=1+1" % number for number in range(3, 33))
    address = sent(site, LEADS + rows + b"\n")
    tried = try_it(site, address)
    assert "2 would be new, 0 updated, 30 rejected" in tried.text
    assert "Import the 2 rows that can be taken" in tried.text
    assert (
        "qualified_at: “…” is not a date or time" in tried.text
        and "Row 4: qualified_at: “never”" in tried.text
    )
    assert "L3 · never · =1+1" in tried.text
    done = run_it(site, address)
    assert "2 new, 0 updated, 0 unchanged, 30 rejected" in done.text
    answer = site.get(f"{address}rejected/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rejected-leads.csv"'
    content = b"".join(answer.streaming_content)
    lines = content.decode().splitlines()
    assert lines[0] == "external_id,qualified_at,name,row,error"
    assert len(lines) == 31 and lines[1].startswith("L3,never,'=1+1,4,")
    mended = sent(site, content.replace(b"never", b"2026-03-05"))
    try_it(site, mended)
    assert "30 rows read: 30 new" in run_it(site, mended).text
    assert Lead.objects.count() == 32


def test_where_no_row_can_be_taken_there_is_nothing_to_import(site):
    address = sent(site, b"external_id,qualified_at\nL1,never\nL2,never\n")
    tried = try_it(site, address)
    assert "0 would be new, 0 updated, 2 rejected" in tried.text
    assert f"{address}run/" not in tried.text and "No row can be imported as it stands" in tried.text


def test_the_headings_of_a_program_are_recognised_and_can_be_changed(site):
    content = (
        b"Record ID,First Name,Last Name,Email,Became a Marketing Qualified Lead Date,Contact owner,Colour\n"
        b"7,Ana,Nowak,ana@example.com,2026-03-02,Nobody Known,red\n"
    )
    address = sent(site, content)
    columns = site.get(f"{address}columns/")
    assert columns.context["form"]["preset"].value() == "hubspot"
    assert columns.text.count("as this program names it") >= 5
    assert "such as “Ana Nowak”" in columns.text
    given = typed(columns)
    colour = next(key for key, text in columns.context["form"].fields["company"].choices if text == "Colour")
    site.post(f"{address}columns/", given | {"company": colour})
    assert "as you chose" in site.get(f"{address}columns/").text
    tried = try_it(site, address)
    assert "1 would be new" in tried.text and "Nobody Known" in tried.text
    run_it(site, address)
    lead = Lead.objects.get()
    assert (lead.name, lead.company, lead.email) == ("Ana Nowak", "red", "ana@example.com")

    other = site.get(f"{sent(site, content)}columns/")
    assert other.context["form"]["company"].value() == colour and "as last time" in other.text
    site.post(f"{other.wsgi_request.path}", {"guess": "1", "preset": "zoho"})
    assert site.get(other.wsgi_request.path).context["form"]["preset"].value() == "zoho"


def test_without_a_needed_column_nobody_gets_on(site):
    address = sent(site, b"one,two\n1,2\n")
    page = site.get(f"{address}columns/")
    assert (
        "A column is missing: Id of the row in its system or E-mail or Phone or Name and Company, "
        "Qualified at or Handed off at." in page.text
    )
    refused = site.post(f"{address}columns/", typed(page))
    assert set(refused.context["form"].errors) == {"external_id", "qualified_at"}
    assert site.get(f"{address}values/").url == f"{address}columns/"
    assert "cannot be used as it is described" in _tried_as_it_is(site, address).text


def test_without_ids_it_is_said_by_what_rows_are_known(site):
    rows = "qualified_at,email,name\n2026-03-02,ana@example.com,Ana\n2026-03-03,,Bo\n2026-03-04,ANA@example.com,Anna\n"
    address = sent(site, rows.encode())
    shown = site.get(f"{address}columns/").text
    assert "All columns that are needed were found" in shown
    assert "Rows without an id are known by their e-mail." in shown
    tried = try_it(site, address)
    assert "3 rows tried: 1 would be new, 0 updated, 1 rejected" in tried.text
    assert "Rows without an id are known by their e-mail (2 rows)." in tried.text
    assert "no phone number, and no name with a company" in tried.text
    run_it(site, address)
    assert Lead.objects.get().name == "Anna"
    with_ids = site.get(f"{sent(site, LEADS)}columns/").text
    assert "Rows are told apart by their id." in with_ids and "Rows without an id" not in with_ids


def _tried_as_it_is(site, address):
    site.post(f"{address}try/")
    return worked(site, address)


def test_words_and_days_that_only_people_understand_are_asked_for(site):
    sent_leads = sent(site, b"external_id,qualified_at\nL1,2026-03-02\n", source="crm")
    try_it(site, sent_leads)
    run_it(site, sent_leads)
    content = (
        b"lead id;date;type;result\n"
        b"L1;03/04/2026 10:00;call;Left voice mail\nL1;05/04/2026 10:00;Pigeon;no answer\n"
    )
    address = sent(site, content, kind="attempts")
    site.post(f"{address}columns/", typed(site.get(f"{address}columns/")))
    page = site.get(f"{address}values/")
    assert "What is “03/04/2026 10:00”?" in page.text and "day first: 3 April 2026" in page.text
    assert [group["label"] for group in page.context["form"].words()] == ["Channel", "Outcome"]
    refused = site.post(f"{address}values/", typed(page))
    assert set(refused.context["form"].errors) == {"order"}
    tried = try_it(
        site, address, order="dmy", **answers(site, address, **{"outcome:Left voice mail": "voicemail"})
    )
    assert "1 would be new, 0 updated, 1 rejected" in tried.text and "“Pigeon” is not known" in tried.text
    site.post(
        f"{address}values/",
        typed(site.get(f"{address}values/")) | answers(site, address, **{"channel:Pigeon": "other"}),
    )
    assert "2 would be new" in worked(site, address).text
    run_it(site, address)
    found = FollowUpAttempt.objects.order_by("attempted_on").values_list("channel", "outcome", "attempted_on")
    assert list(found) == [
        ("call", "voicemail", dt.date(2026, 4, 3)),
        ("other", "no_answer", dt.date(2026, 4, 5)),
    ]


@pytest.mark.parametrize(
    ("encoding", "guess"),
    [
        ("cp1250", "cp1250"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16", "utf-16-le"),
        ("utf-8-sig", "utf-8"),
        ("utf-8", "utf-8"),
    ],
)
def test_letters_and_separators_are_guessed_and_can_be_changed(site, encoding, guess):
    content = "external_id;qualified_at;name\nL1;2026-04-03 09:00;Łódź Żółć\n".encode(encoding)
    address = sent(site, content)
    page = site.get(f"{address}file/")
    assert page.context["form"]["encoding"].value() == guess
    assert page.context["form"]["delimiter"].value() == ";"
    assert "Łódź Żółć" in page.text
    wrong = site.post(f"{address}file/", {"encoding": guess, "delimiter": "|", "look": "1"})
    assert wrong.status_code == 302
    assert site.get(f"{address}file/").context["form"]["delimiter"].value() == "|"
    site.post(f"{address}file/", {"encoding": guess, "delimiter": ";", "look": "1"})
    try_it(site, address)
    run_it(site, address)
    assert Lead.objects.get().name == "Łódź Żółć"


def test_korean_is_told_from_western_letters(site):
    for text, encoding in (("김민준", "cp949"), ("たなか", "cp932"), ("Müller Çelik", "cp1252")):
        content = f"external_id,qualified_at,name\nL1,2026-04-03,{text}\n".encode(encoding)
        page = site.get(f"{sent(site, content)}file/")
        assert page.context["form"]["encoding"].value() == encoding and text in page.text


def test_letters_that_cannot_be_read_as_chosen_are_told_of_and_nothing_is_lost(site):
    address = sent(site, "external_id,qualified_at,name\nL1,2026-04-03,Łódź\n".encode("cp1250"))
    page = site.post(f"{address}file/", {"encoding": "utf-8", "delimiter": ",", "go-on": "1"})
    assert page.status_code == 200 and "The file is not UTF-8" in page.text
    assert site.get(f"{address}file/").context["form"]["encoding"].value() == "cp1250"


def test_a_workbook_comes_in_by_the_sheet_that_is_chosen(site):
    heading = ["external_id", "qualified_at", "name"]
    content = book_of(
        ("March", [heading, ["L1", NOW.replace(tzinfo=None), "Ana"]]),
        ("April", [heading, ["L2", dt.date(2026, 4, 2), "Bo"], ["L3", dt.date(2026, 4, 3), "Cy"]]),
    )
    address = sent(site, content, name="leads.xlsx")
    shown = site.get(f"{address}file/")
    assert typed(shown) == {"sheet": "March"} and "2026-11-26 12:00:00" in shown.text
    assert site.post(f"{address}file/", {"sheet": "May"}).status_code == 200
    site.post(f"{address}file/", {"sheet": "April", "go-on": "1"})
    assert "2 rows tried: 2 would be new" in try_it(site, address).text
    run_it(site, address)
    assert list(Lead.objects.order_by("external_id").values_list("name", flat=True)) == ["Bo", "Cy"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b"\n\n", "has no heading"),
        (b"PK\x03\x04 and so on", "damaged, or no workbook"),
        (made(HEAD + " " * 40_000_000 + TAIL), "far more than its size"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "the old kind (xls)"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "PNG"),
        (b"%PDF-1.7", "PDF"),
        (bytes(range(256)) * 40, ""),
        (b"external_id,qualified_at\nL1,2026-03-02\0\n", "holds a zero byte"),
        (b'external_id,qualified_at\n"L1,2026-03-02\n', "never closed"),
        (b"x" * 2_000_000, "longer than"),
        (",".join(f"c{number}" for number in range(100_000)).encode() + b"\n", "cannot be read"),
        (",".join(f"c{number}" for number in range(2_000)).encode() + b"\n", "2000 columns"),
    ],
    ids=[
        "empty",
        "blank",
        "xlsx",
        "bomb",
        "xls",
        "png",
        "pdf",
        "bytes",
        "nul",
        "quote",
        "long",
        "100000 columns",
        "2000 columns",
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_a_sentence(site, content, complaint):
    answer = send(site, content)
    assert answer.status_code == 200
    assert "This file was not taken; nothing was written." in answer.text
    assert complaint in " ".join(answer.context["form"].errors["file"])
    assert 'id="id_file_error"' in answer.text
    assert not Upload.objects.exists() and not UploadPiece.objects.exists()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"L2,2026-03-02\0\n", "holds a zero byte"),
        (b'"L2,2026\n', "never closed"),
        (b"L2,\xff\n", "The file is not UTF-8"),
        (b"x" * 2_000_000, "longer than"),
    ],
    ids=["nul", "quote", "byte", "long"],
)
def test_what_is_damaged_further_down_is_told_of_and_nothing_is_written(site, content, complaint):
    address = sent(site, b"external_id,qualified_at\n" + b"L1,2026-03-02\n" * 40 + content)
    kept = Upload.objects.get()
    Upload.objects.update(said=kept.said | {"encoding": "utf-8"})
    assert complaint in site.get(f"{address}values/", follow=True).text
    refused = _tried_as_it_is(site, address)
    assert "cannot be used as it is described" in refused.text and complaint in refused.text
    assert not Lead.objects.exists() and not Import.objects.exists()


def test_a_heading_alone_and_formulas_are_no_faults(site):
    assert "0 rows tried" in try_it(site, sent(site, b"external_id,qualified_at\n")).text
    formulas = b"external_id,qualified_at,name\nL1,2026-03-02,=cmd|x\nL2,2026-03-02,@SUM\n"
    assert "2 would be new" in try_it(site, sent(site, formulas)).text


def test_two_columns_of_one_name_cannot_be_chosen(site):
    address = sent(site, b"external_id,qualified_at,name,name\nL1,2026-03-02,a,b\n")
    page = site.get(f"{address}columns/")
    assert "More than one column is called so, and cannot be chosen: name." in page.text


def test_a_file_above_the_limit_is_refused_with_the_way_for_it(site, monkeypatch):
    monkeypatch.setattr(upload_forms, "LARGEST_FILE", 100)
    answer = send(site, b"x" * 101)
    assert "Larger ones go by manage.py import." in " ".join(answer.context["form"].errors["file"])


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "people"}, "kind"),
        ({"source": ""}, "source"),
        ({"source": "nul\0"}, "source"),
        ({"source": "x" * 65}, "source"),
        ({"source": "crm\u2028x"}, "source"),
        ({"file": ""}, "file"),
        ({"pasted": "a,b\n"}, "file"),
    ],
)
def test_what_is_said_wrongly_is_refused_beside_its_field(site, said, field):
    answer = send(site, LEADS, **said)
    assert answer.status_code == 200 and field in answer.context["form"].errors
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("file", {"encoding": "rot13"}),
        ("file", {"delimiter": "x"}),
        ("columns", {"external_id": '{"headings": ["no such"], "is_choice": false}'}),
        ("columns", {"preset": "../leads"}),
        ("values", {"time_zone": "Warsaw"}),
        ("values", {"agreement": "no-such"}),
        ("values", {"clock": "never"}),
        ("values", {"order": "ydm"}),
    ],
)
def test_no_step_takes_what_it_does_not_offer(site, step, said):
    address = sent(site, LEADS)
    page = site.get(f"{address}{step}/")
    answer = site.post(f"{address}{step}/", typed(page) | said)
    assert answer.status_code == 200 and set(answer.context["form"].errors) == set(said)
    assert Upload.objects.get().state == "draft"


def test_rows_can_be_pasted(site):
    answer = site.post("/set-up/import/", {"kind": "leads", "source": "crm", "pasted": LEADS.decode()})
    address = answer.url.removesuffix("file/")
    try_it(site, address)
    assert "2 rows read: 2 new" in run_it(site, address).text


def test_hostile_names_of_files_and_cells_stay_text(site):
    nasty = '<img src=x onerror=alert(1)>"\u202e.csv'
    address = sent(site, b"external_id,qualified_at\nL1,<script>\n", name=nasty)
    for answer in (site.get(f"{address}file/"), site.get(f"{address}columns/"), try_it(site, address)):
        assert answer.status_code == 200
        assert "<img src=x" not in answer.text and "<script>“" not in answer.text
    assert "&lt;script&gt;" in site.get(address).text
    assert "\u202e" not in Upload.objects.get().file_name


@time_machine.travel(
    NOW, tick=False
)  # the samples are of the days before, by the clock; the worker comes at NOW
def test_samples_come_in_one_after_the_other(site):
    for kind, model in (("leads", Lead), ("attempts", FollowUpAttempt), ("deals", Deal)):
        sample = site.get(f"/set-up/import/sample/{kind}.csv")
        assert sample.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert sample.text.splitlines()[0].split(",") == list(FIELDS[kind])
        address = sent(site, sample.content, kind=kind)
        assert ", 0 rejected" in try_it(site, address).text
        run_it(site, address)
        assert model.objects.count() == Upload.objects.get(kind=kind).outcome["created"] > 0
    headings = site.get("/set-up/import/").text
    for name in {name for names in FIELDS.values() for name in names}:
        assert f"<code>{name}</code>" in headings
    assert site.get("/set-up/import/sample/people.csv").status_code == 404


def test_amounts_are_read_as_it_is_said(site):
    deal = (
        b'external_id,lead_external_id,closed_at,amount,currency,won\nD1,L1,2026-04-20,"1.234,56",EUR,yes\n'
    )
    address = sent(site, deal, kind="deals")
    assert "1 rejected" in try_it(site, address).text
    try_it(site, address, decimal=",")
    run_it(site, address)
    assert str(Deal.objects.get().amount) == "1234.56"


def test_an_agreement_and_a_clock_are_chosen(site):
    agreement = factories.agreement()
    factories.signed(agreement)
    address = sent(site, LEADS)
    try_it(site, address, agreement=agreement.slug, clock="handed-off")
    run_it(site, address)
    hand_off = HandOff.objects.first()
    assert hand_off.agreement == agreement and hand_off.due_at is not None


def test_a_file_of_somebody_else_is_not_there(site):
    address = sent(site, LEADS + b"L3,never,x\n", name="mine.csv")
    try_it(site, address)
    other = Client()
    other.force_login(factories.user("Other", is_staff=True, is_superuser=True))
    for step in ("", "file/", "columns/", "values/", "progress/", "rejected/"):
        assert other.get(f"{address}{step}").status_code == 404, step
    for act in ("file/", "columns/", "values/", "try/", "run/", "stop/", "discard/"):
        assert other.post(f"{address}{act}").status_code == 404, act
    assert "mine.csv" not in other.get("/set-up/import/").text
    assert "mine.csv" in site.get("/set-up/import/").text


def test_a_file_can_be_taken_away_until_it_is_imported(site):
    address = sent(site, LEADS)
    assert site.post(f"{address}discard/").url == "/set-up/import/"
    assert site.get(address).status_code == 404 and not UploadPiece.objects.exists()
    address = sent(site, LEADS)
    try_it(site, address)
    run_it(site, address)
    site.post(f"{address}discard/")
    assert "2 rows read" in site.get(address).text
    for step in ("file/", "columns/", "values/"):
        assert site.get(f"{address}{step}").url == address


def test_the_page_asks_by_itself_while_the_worker_is_at_it(site):
    address = sent(site, LEADS)
    site.post(f"{address}try/")
    page = site.get(address)
    assert "are being tried" in page.text and f'hx-get="{address}progress/?known=progress"' in page.text
    assert "Waiting for a worker" in site.get(f"{address}progress/").text
    assert "HX-Refresh" not in site.get(f"{address}progress/").headers
    assert site.get(f"{address}file/").url == address, "what is being tried is not changed under it"
    site.post(f"{address}stop/")
    assert "The trial was stopped; nothing was written." in site.get(address).text
    assert site.get(f"{address}progress/").headers["HX-Refresh"] == "true"
    assert "Try again" in site.get(address).text


def test_a_fault_of_the_worker_is_told_of_after_three_passes(site, monkeypatch):
    address = sent(site, LEADS)
    try_it(site, address)

    def stop(*arguments, **named):
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(runs, "_import", stop)
        fail_three_times(site, address)
    assert "The work broke off three times" in site.get(address).text
    assert "2 rows read: 2 new" in run_it(site, address).text


def fail_three_times(site, address):
    site.post(f"{address}run/")
    for late in range(3):
        with pytest.raises(ZeroDivisionError):
            upload_work.work_on_next(now=NOW + late * dt.timedelta(minutes=5))
        assert not upload_work.work_on_next(now=NOW + late * dt.timedelta(minutes=5))
    assert upload_work.work_on_next(now=NOW + dt.timedelta(minutes=20))
