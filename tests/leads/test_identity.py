"""Leads whose rows have no id: by what they are known, and that everything that goes by ids goes by it too."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest

from leads.intake import runs
from leads.intake.identity import derived, is_derived, told_apart
from leads.intake.undoing import undo_import
from leads.models import Deal, HandOff, Import, Lead
from tests.leads.importing import NOW, counts, file_of, take, whole_tables

DATABASE = pytest.mark.django_db
COMPOSED = "zoë@example.com"
ANA = {"email": "ana@example.com", "phone": "+48 600 100 200", "name": "Ana Sample", "company": "Bakery"}


def key(**cells: str) -> str:
    return derived(cells, {})[1]


def test_the_first_of_address_number_and_name_with_company_is_what_a_lead_is_known_by():
    assert key(**ANA) == "email:ana@example.com"
    assert key(**ANA | {"email": ""}) == "phone:48600100200"
    assert key(**ANA | {"email": "", "phone": ""}) == "name:ana sample|bakery"
    assert key(name="Ana Sample") == key(company="Bakery") == key() == ""
    assert all(map(is_derived, (key(**ANA), key(phone="600 100 200"), key(name="Ana", company="B"))))
    assert not any(
        map(is_derived, ("L-1", "7", "00Q5e00000AbCdEFGH", "ana@example.com", "email:", "my email:x"))
    )


SAME = [
    ({"email": "Ana@Example.COM"}, {"email": "ana@example.com"}),
    ({"email": COMPOSED}, {"email": unicodedata.normalize("NFD", COMPOSED).upper()}),
    ({"phone": "+48 600 100 200"}, {"phone": "0048600100200"}),
    ({"phone": "+48 600 100 200"}, {"phone": "48600100200"}),  # a spreadsheet took the sign away
    ({"phone": "+44 (0)20 7946 0000"}, {"phone": "0044 20-7946.0000"}),
    ({"phone": "(020) 7946/0000"}, {"phone": "020\u20117946\u20110000"}),
    ({"email": "ana\u200b@example.com\ufeff"}, {"email": "ana@example.com"}),
    ({"phone": "\u200e+48 600 100 200"}, {"phone": "+48 600 100 200"}),
    ({"name": "A\u00adna", "company": "Bakery"}, {"name": "Ana", "company": "Bakery"}),
    ({"phone": "٦٠٠١٠٠٢٠٠"}, {"phone": "600100200"}),
    ({"name": "ANA  Sample", "company": "straße"}, {"name": "ana sample", "company": "STRASSE"}),
]
DIFFERENT = [
    ({"email": "ana@example.com"}, {"email": "ana+1@example.com"}),
    ({"phone": "020 7946 0000"}, {"phone": "20 7946 0000"}),
    ({"name": "Ana Sample", "company": "Bakery"}, {"name": "Ana", "company": "Sample Bakery"}),
    ({"name": "Ana|B", "company": "C"}, {"name": "Ana", "company": "B|C"}),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_spellings_are_one_lead(one, other):
    assert key(**one) == key(**other) != ""


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_only_looks_alike_is_two(one, other):
    assert "" not in (key(**one), key(**other))
    assert key(**one) != key(**other)


@pytest.mark.parametrize(
    "cells",
    [
        {"email": "ana@example.com;bo@example.com"},
        {"email": "Ana <ana@example.com>"},
        {"email": "none"},
        {"email": "@"},
        {"phone": "9.01234E+11"},
        {"phone": "000000000"},
        {"phone": "123 45"},
        {"phone": "600 100 200 / 600 100 201"},
        {"phone": "+48 600 100 200 ext. 5"},
        {"phone": "+"},
        {"name": "|", "company": "Bakery"},
    ],
)
def test_what_is_no_address_and_no_number_tells_nobody_apart(cells):
    assert key(**cells) == ""


def test_what_stands_in_for_an_empty_cell_tells_nobody_apart():
    assert derived(ANA, {"email": "ana@example.com"})[0] == "phone"
    assert derived({"name": "Ana", "company": "Bakery"}, {"company": "Bakery"}) == ("", "")


def test_a_key_always_fits_and_two_long_ones_stay_two():
    long = [key(email=f"{letter * 250}@example.com") for letter in "ab"]
    long += [key(name="a" * 200, company=letter * 200) for letter in "ab"]
    assert len(set(long)) == 4 and max(map(len, long)) <= 200
    assert [one[:7] for one in long] == ["email:~"] * 2 + ["name:~" + one[6] for one in long[2:]]
    assert len(key(email="a" * 182 + "@example.com")) == 200


def test_how_rows_are_told_apart_is_said():
    assert told_apart({"external_id"}) == "Rows are told apart by their id."
    assert told_apart({"external_id", "email"}) == (
        "Rows are told apart by their id. Rows without an id are known by their e-mail."
    )
    assert told_apart({"phone", "name", "company"}) == (
        "Rows without an id are known by their phone number, else by their name and company together."
    )
    assert told_apart({"name"}) == ""


HEADING = "external_id,qualified_at,email,phone,name,company,source"
MIXED = [
    ("7", "2026-02-03", "ana@example.com", "", "Ana", "", "web"),
    ("", "2026-02-03", "Ana@example.com", "", "Ana without id", "", "web"),
    ("", "2026-02-03", "", "+48 600 100 200", "Bo", "", "web"),
    ("", "2026-02-03", "", "", "Cy", "Florist", "web"),
    ("", "2026-02-03", "", "", "Dee", "", "web"),
    ("7A", "2026-02-03", "", "", "Eli", "", "web"),
    ("7a", "2026-02-03", "", "", "Eli", "", "web"),
]


@DATABASE
def test_each_row_of_a_mixed_file_is_known_by_what_it_has(tmp_path):
    errors = tmp_path / "errors.csv"
    result = take("leads", file_of(HEADING, MIXED), errors=errors)
    assert counts(result) == (6, 0, 0, 1)
    assert set(Lead.objects.values_list("external_id", flat=True)) == {
        *("7", "7A", "7a"),
        *("email:ana@example.com", "phone:48600100200", "name:cy|florist"),
    }
    assert result.notes == [
        "Rows without an id are known by their e-mail (1 row), else by their phone number (1 row), else by their name "
        "and company together (1 row)."
    ]
    (line,) = csv.DictReader(io.StringIO(errors.read_text(encoding="utf-8")))
    assert (
        "external_id: empty, and there is no e-mail address, no phone number, and no name with a company"
        in line["error"]
    )


@DATABASE
@pytest.mark.parametrize("heading", ["email", "phone", "name,company"])
def test_a_file_without_ids_comes_in_and_the_same_file_again_writes_nothing(heading, monkeypatch):
    monkeypatch.setattr(runs, "BATCH", 2)
    cells = {"email": "l{}@example.com", "phone": "+48 600 100 20{}", "name": "L {}", "company": "Firm {}"}
    rows = [("2026-02-03", *(cells[name].format(n) for name in heading.split(","))) for n in range(5)]
    rows.append(tuple(cell.upper() for cell in rows[0]))  # the first again, in another batch
    content = file_of(f"qualified_at,{heading}", rows).getvalue()
    assert counts(take("leads", content, dry_run=True)) == counts(take("leads", content)) == (5, 0, 1, 0)
    before = whole_tables()
    assert counts(take("leads", content)) == (0, 0, 6, 0)
    assert whole_tables() == before


@DATABASE
@pytest.mark.parametrize("batch", [1, 2, 100])
def test_of_two_spellings_of_one_address_the_later_row_wins(batch, monkeypatch):
    monkeypatch.setattr(runs, "BATCH", batch)
    rows = [
        ("2026-02-03", unicodedata.normalize("NFD", COMPOSED), "first"),
        ("2026-02-03", "bo@example.com", "Bo"),
        ("2026-02-03", " Zoë@EXAMPLE.com ", "last"),
        ("2026-99-03", COMPOSED, "damaged"),
    ]
    file = file_of("qualified_at,email,name", rows).getvalue()
    assert counts(take("leads", file)) == (2, 0, 1, 1)
    lead = Lead.objects.get(external_id=f"email:{COMPOSED}")
    assert (lead.name, lead.email) == ("last", "Zoë@EXAMPLE.com")
    assert counts(take("leads", file)) == (0, 0, 3, 1)


@DATABASE
def test_an_id_that_the_mapping_empties_is_none():
    rows = [("n/a", "2026-02-03", "ana@example.com"), ("", "2026-02-03", "ANA@example.com")]
    mapping = {"values": {"external_id": {"N/A": ""}}}
    assert counts(take("leads", file_of("external_id,qualified_at,email", rows), mapping=mapping)) == (
        1,
        0,
        1,
        0,
    )
    assert Lead.objects.get().email == "ANA@example.com"


@DATABASE
def test_what_names_such_a_lead_by_its_id_finds_it():
    take("leads", "qualified_at,email\n2026-02-03,ana@example.com\n")
    attempt = (
        "lead_external_id,attempted_at,channel,outcome\nemail:ana@example.com,2026-02-04,call,connected\n"
    )
    assert counts(take("attempts", attempt)) == (1, 0, 0, 0)
    assert HandOff.objects.get().attempts == 1
    given_out = "external_id,qualified_at,email\nemail:ana@example.com,2026-02-03,ana@example.com\n"
    assert counts(take("leads", given_out)) == (0, 0, 1, 0)


@DATABASE
def test_attempts_and_deals_name_such_a_lead_by_its_address_or_number():
    take("leads", "qualified_at,email,phone\n2026-02-03,ana@example.com,\n2026-02-03,,+48 600 100 200\n")
    take("leads", "external_id,qualified_at\n7,2026-02-03\n")
    heading = "lead_external_id,lead_email,lead_phone,attempted_at,channel,outcome"
    rows = [
        ("", "ANA@example.com", "", "2026-02-04", "call", "no_answer"),
        ("", "ana@example.com", "", "2026-02-04", "call", "no_answer"),  # the same attempt
        ("", "", "0048 600-100-200", "2026-02-04", "call", "no_answer"),
        ("7", "ana@example.com", "", "2026-02-04", "call", "no_answer"),
        ("", "bo@example.com", "", "2026-02-04", "call", "no_answer"),
        ("", "", "", "2026-02-04", "call", "no_answer"),
    ]
    file = file_of(heading, rows).getvalue()
    result = take("attempts", file)
    assert counts(result) == (3, 0, 1, 2)
    assert dict(result.reasons) == {
        6: "lead_external_id: no lead “email:bo@example.com” is known; import the leads first",
        7: "lead_external_id: empty",
    }
    assert set(HandOff.objects.values_list("attempts", flat=True)) == {1}
    assert counts(take("attempts", file)) == (0, 0, 4, 2)

    deals = "lead_email,won,closed_at,amount\nAna@example.com,yes,2026-02-05,1\nana@example.com,yes,2026-02-05,2\n"
    assert counts(take("deals", deals)) == (1, 0, 1, 0)
    deal = Deal.objects.get()
    assert (deal.lead, deal.amount) == (Lead.objects.get(email="ana@example.com"), 2)
    assert deal.external_id == deal.lead_external_id == "email:ana@example.com"
    assert counts(take("deals", deals)) == (0, 0, 2, 0)


@DATABASE
def test_undone_it_is_as_before():
    take("leads", "qualified_at,email,name\n2026-02-03,ana@example.com,Ana\n")
    before = whole_tables()
    changed = "qualified_at,email,name\n2026-02-03,Ana@example.com,Anna\n2026-02-03,bo@example.com,Bo\n"
    done = take("leads", changed)
    assert counts(done) == (1, 1, 0, 0)
    undo_import(record=Import.objects.get(pk=done.import_id), by=None, now=NOW)
    assert Lead.objects.get().name == "Ana"
    assert whole_tables()["leads_handoff"] == before["leads_handoff"]


@DATABASE
def test_the_same_address_from_two_systems_is_two_leads():
    content = "qualified_at,email\n2026-02-03,ana@example.com\n"
    take("leads", content, source="crm")
    assert counts(take("leads", content, source="forms")) == (1, 0, 0, 0)
