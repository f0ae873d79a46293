"""Workbooks (xlsx): the same rows that a CSV file of the sheet would have, and nothing that harms."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import zipfile

import pytest
from django.core.management import call_command
from openpyxl.workbook.workbook import Workbook

from leads.intake.faults import CannotImport
from leads.intake.reading import Source, open_table
from leads.models import FollowUpAttempt, Lead
from tests.leads.books import BOOK, HEAD, RELATIONS, TAIL, book_of, bytes_of, inline, made, rows_of
from tests.leads.importing import counts, take

at = dt.datetime  # workbooks have wall times
HEADING = ("external_id", "qualified_at", "name")


def read(content: bytes, **said) -> list[tuple[int, list[str]]]:
    """The heading and every row of a workbook."""
    with contextlib.closing(Source(io.BytesIO(content))) as source:
        table = open_table(source, fits=len, **said)
        return [(table.heading_row, table.heading), *table.rows()]


def test_values_are_the_texts_of_a_csv_file():
    book = Workbook()
    sheet = book.active
    sheet.append(["a"])
    for value in (
        48600100200, 12.5, 0.1 + 0.2, 1e20, -3, True, False, "  kept ", "Zoë", "=1+1", "a\nb",
        dt.date(2026, 3, 2), at(2026, 3, 2), at(2026, 3, 2, 9, 10, 30), dt.time(9, 5),
    ):  # fmt: skip
        sheet.append([value])
    sheet["A11"].value, sheet["A11"].data_type = "=1+1", "s"
    assert [cells for _number, cells in read(bytes_of(book))[1:]] == [
        [text]
        for text in (
            "48600100200", "12.5", "0.3", "100000000000000000000", "-3", "TRUE", "FALSE", "  kept ", "Zoë", "=1+1",
            "a\nb", "2026-03-02", "2026-03-02 00:00:00", "2026-03-02 09:10:30", "09:05:00",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("yyyy\\-mm\\-dd", "2026-03-02"),
        ("d.m.yy", "2026-03-02"),
        ("mmm yy", "2026-03-02"),
        ('[$-409]d/m/yy h:mm AM/PM;@', "2026-03-02 00:00:00"),
        ('0.00" days"', "46083"),
        ("#,##0 [$zł-415]", "46083"),
        ("General", "46083"),
        ("[Red]0", "46083"),
    ],
)  # fmt: skip
def test_what_shows_a_day_is_one(code, text):
    book = Workbook()
    book.active.append(["a"])
    book.active.append([46083])
    book.active["A2"].number_format = code
    assert read(bytes_of(book))[1:] == [(2, [text])]


def test_days_of_1904_formula_results_errors_and_rich_texts():
    sheet = HEAD + (
        '<row r="1">' + inline("A1", "a") + "</row>"
        '<row r="3"><c r="A3" s="1"><v>1</v></c><c r="C3" t="str"><f>A1&amp;"x"</f><v>ax</v></c>'
        '<c t="e"><v>#N/A</v></c>'
        '<c r="F3" t="s"><v>0</v></c><c r="G3" t="inlineStr"><is><t>_x0041__x000D_</t></is></c></row>'
        "<row><c><f>1+1</f><v>2</v></c></row>"
    ) + TAIL  # fmt: skip
    strings = "<sst><si><r><t>ri</t></r><r><t xml:space='preserve'>ch </t></r><rPh><t>no</t></rPh></si></sst>"
    styles = '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    content = made(
        sheet,
        strings=strings,
        styles=styles,
        book=BOOK.replace("<sheets>", '<workbookPr date1904="1"/><sheets>'),
    )
    assert read(content)[1:] == [(3, ["1904-01-02", "", "ax", "#N/A", "", "rich ", "A\r"]), (4, ["2"])]


def test_the_sheet_is_the_one_that_is_understood_best_or_named():
    content = book_of(
        ("Notes", [["What", "Why"], ["x", "y"]]),
        ("March", [["", ""], HEADING, ["1", "2026-03-02", "Ada"]]),
        ("April", [HEADING[:2], ["2", "2026-03-03"]]),
    )

    def fits(heading: list[str]) -> int:
        return sum(cell in HEADING for cell in heading)

    with contextlib.closing(Source(io.BytesIO(content))) as source:
        table = open_table(source, fits=fits)
        assert (table.sheet, table.sheets, table.heading_row) == ("March", ["Notes", "March", "April"], 2)
        assert open_table(source, fits=fits, sheet="april").heading == list(HEADING[:2])
        with pytest.raises(CannotImport, match="no sheet “May”; it has “Notes”, “March”, “April”"):
            open_table(source, fits=fits, sheet="May")


@pytest.mark.django_db
def test_a_workbook_comes_in_as_its_csv_does(tmp_path, capsys):
    rows = [
        HEADING,
        ["1", at(2026, 3, 2, 9, 10), "Ada"],
        ["2", dt.date(2026, 3, 3), "Bo"],
        ["3", "never", "Cy"],
    ]
    path, errors = tmp_path / "leads.xlsx", tmp_path / "errors.csv"
    path.write_bytes(book_of(("Notes", [["x"]]), ("March", rows)))
    call_command("import", "leads", str(path), source="crm", sheet="March", errors=str(errors))
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (answer["created"], answer["rejected"]) == (2, 1)
    assert list(Lead.objects.order_by("external_id").values_list("is_qualified_date_only", flat=True)) == [
        False,
        True,
    ]
    corrected = errors.read_text(encoding="utf-8").replace("never", "2026-03-03")
    assert counts(take("leads", corrected, source="crm")) == (1, 0, 0, 0)
    lines = "\n".join(",".join(str(cell) for cell in row) for row in rows[:3])
    assert counts(take("leads", lines, source="crm")) == (0, 0, 2, 0)


@pytest.mark.django_db
def test_truth_of_a_workbook_is_understood():
    take("leads", "external_id,qualified_at\n1,2026-03-02\n")
    heading = ("external_id", "lead_external_id", "attempted_at", "channel", "outcome", "automated")
    content = book_of(("a", [heading, ["a", 1, at(2026, 3, 3, 10), "email", "sent", True]]))
    assert counts(take("attempts", content)) == (1, 0, 0, 0)
    assert FollowUpAttempt.objects.get().is_automated


def _zip(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


GOOD = made(rows_of(HEADING, ("1", "2026-03-02", "Ada")))
ENTITIES = '<!DOCTYPE a [<!ENTITY x "1"><!ENTITY y SYSTEM "file:///etc/passwd">]>'
ENDLESS = "".join(f'a{number}="{number:9}" ' for number in range(600_000))
BAD = {
    "xls": (b"\xd0\xcf\x11\xe0" + b"\0" * 5000, "old kind"),
    "password": (b"\xd0\xcf\x11\xe0" + b"\0" * 5000 + "EncryptedPackage".encode("utf-16-le"), "password"),
    "another archive": (_zip(mimetype=b"application/vnd.oasis"), "no workbook"),
    "half of it": (GOOD[: len(GOOD) // 2], "damaged"),
    "no end": (b"PK\x03\x04", "damaged"),
    "no rows": (made(HEAD + TAIL), "every row is blank"),
    "entities": (made(ENTITIES + rows_of(HEADING, ("1", "&x;", "&y;"))), "document type"),
    "entities in the book": (made(rows_of(HEADING), book=ENTITIES + "<workbook/>"), "document type"),
    "zeros": (made(HEAD + " " * 40_000_000 + TAIL), "far more than its size"),
    "no XML": (made("name,company\n"), "damaged"),
    "half an element": (made(HEAD + '<row r="1"><c r="A1"'), "damaged"),
    "a text that is no end": (made(HEAD + "<row>" + inline("A1", "x" * 2_000_000)), "far more than its size"),
    "a name that is no end": (made(HEAD + "<row " + ENDLESS + "/>" + TAIL), "far more"),
    "row of the future": (made(HEAD + '<row r="99999999999"><c><v>1</v></c></row>' + TAIL), "damaged"),
    "column of the future": (made(HEAD + '<row r="1"><c r="ZZZ1"><v>1</v></c></row>' + TAIL), "damaged"),
    "columns backwards": (made(HEAD + '<row r="1"><c r="B1"><v>1</v></c><c r="A1"/></row>' + TAIL), "damaged"),
    "a text that is not there": (made(HEAD + '<row r="1"><c t="s"><v>7</v></c></row>' + TAIL), "damaged"),
    "a sheet elsewhere": (
        made(rows_of(HEADING), relations=RELATIONS.replace("Target=", 'TargetMode="External" Target=')),
        "no sheet",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_workbook_that_cannot_be_used_is_refused_with_the_reason(name):
    content, reason = BAD[name]
    with pytest.raises(CannotImport, match=reason):
        read(content)


def test_a_directory_of_very_many_parts_is_refused():
    content = _zip(**{f"part{number}": b"" for number in range(20_000)})
    with pytest.raises(CannotImport, match="far more than its size"):
        read(content)


def test_a_sheet_that_says_it_is_wide_is_as_wide_as_its_cells():
    rows = "".join(f'<row r="{number}"><c r="XFD{number}"><v>1</v></c></row>' for number in range(2, 3_000))
    content = made(HEAD + '<row r="1">' + inline("A1", "a") + "</row>" + rows + TAIL)
    found = read(content)
    assert len(found) == 2_999
    assert len(found[1][1]) < 1_000, "what stands far beyond the headings is cut off"
