"""Small workbooks for the tests: written by openpyxl as people's are, or by hand as nobody's should be."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl.workbook.workbook import Workbook

TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)
PLACES = {"strings": "sharedStrings", "styles": "styles"}
HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = "</sheetData></worksheet>"


def book_of(*sheets: tuple[str, Iterable[Sequence[Any]]]) -> bytes:
    """A workbook of these sheets, each with a name and rows."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return bytes_of(book)


def bytes_of(book: Any) -> bytes:
    """The file of a workbook of openpyxl."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def inline(name: str, text: str) -> str:
    """A cell with its text in it."""
    return f'<c r="{name}" t="inlineStr"><is><t>{text}</t></is></c>'


def made(sheet: str | bytes, **parts: str | bytes) -> bytes:
    """A workbook with this XML of its only sheet; `parts` replaces others: strings, styles, book, relations."""
    whole = {
        "[Content_Types].xml": TYPES,
        "xl/workbook.xml": parts.get("book", BOOK),
        "xl/_rels/workbook.xml.rels": parts.get("relations", RELATIONS),
        "xl/worksheets/sheet1.xml": sheet,
        **{f"xl/{PLACES[key]}.xml": parts[key] for key in PLACES if key in parts},
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in whole.items():
            archive.writestr(name, content)
    return file.getvalue()


def rows_of(*rows: Sequence[str]) -> str:
    """The XML of a sheet with these rows of texts."""
    lines = [
        f'<row r="{number}">'
        + "".join(inline(f"{chr(65 + place)}{number}", text) for place, text in enumerate(row))
        + "</row>"
        for number, row in enumerate(rows, 1)
    ]
    return HEAD + "".join(lines) + TAIL
