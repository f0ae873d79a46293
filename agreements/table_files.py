"""Tables as files: CSV, and workbooks (XLSX), in which no text is ever executed and every text can be read back.

Definitions. A *cell* is a text, a number, yes or no, or nothing; instants and days are texts (ISO 8601, in UTC). A
spreadsheet takes a text of a CSV file that begins like a formula for one: it gets an apostrophe before it. Where the
comma is in numbers, as in Polish, spreadsheets open a CSV file as if semicolons separated its cells, and know no
quotation marks then: so what follows a semicolon or begins a line within a text is a beginning, too. Where apostrophes
stand before it already it gets one more, so that `unescaped` gives back just what was there. A cell of a workbook says
itself that it is a text, and needs no apostrophe; it gets some only where reading would take them off.

A CSV file with letters beyond ASCII starts with a byte order mark, without which spreadsheets misread UTF-8; others do
without, so that every reader finds the first heading as it is.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

Cell = str | int | float | Decimal | bool | None
Row = Sequence[Cell]

FORMULA_STARTS = frozenset("=+-@\t\r\n\0＝＋－＠")
_AT_THE_START, _WITHIN = (
    f"[{re.escape(''.join(sorted(starts)))}])" for starts in (FORMULA_STARTS, FORMULA_STARTS - set("\r\n\0"))
)
EXECUTED = re.compile(f"^(?={_AT_THE_START}|[;\r\n](?={_WITHIN}")
"""What stands before each place of a text at which a spreadsheet may find a formula."""
_BEGINS = re.compile(f"^(?='*{_AT_THE_START}|[;\r\n](?='*{_WITHIN}")
_PROTECTED = re.compile(f"^'(?='*{_AT_THE_START}|([;\r\n])'(?='*{_WITHIN}")
MOST_ROWS = 1_048_575  # of a worksheet, below its heading
LONGEST_TEXT = 32_767
NOT_IN_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Format(StrEnum):
    """The kinds of files there are; what each is called ends its name."""

    CSV = "csv"
    XLSX = "xlsx"

    @property
    def content_type(self) -> str:
        if self is Format.CSV:
            return "text/csv; charset=utf-8"
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def escaped(text: str) -> str:
    """The text as it may stand in a CSV file; `unescaped` gives it back."""
    return _BEGINS.sub(lambda found: f"{found.group()}'", text)


def unescaped(cell: str) -> str:
    """The cell without the apostrophes that protect a spreadsheet from it."""
    return _PROTECTED.sub(lambda found: found.group(1) or "", cell) if "'" in cell else cell


def instant(at: dt.datetime | None) -> str | None:
    """An instant as files have it."""
    return None if at is None else at.astimezone(dt.UTC).replace(tzinfo=None).isoformat() + "Z"


def write_table(out: IO[bytes], form: Format, headings: Sequence[str], rows: Iterable[Row]) -> None:
    """Write a table into an empty file, in constant memory; it then stands at the first byte that is to be read."""
    if form is Format.CSV:
        _write_csv(out, headings, rows)
    else:
        _write_workbook(out, headings, rows)


def _write_csv(out: IO[bytes], headings: Sequence[str], rows: Iterable[Row]) -> None:
    out.write(codecs.BOM_UTF8)
    text = io.TextIOWrapper(out, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow([escaped(heading) for heading in headings])
    for row in rows:
        writer.writerow([escaped(cell) if isinstance(cell, str) else cell for cell in row])
    text.flush()
    text.detach()
    start = len(codecs.BOM_UTF8)
    out.seek(start)
    is_ascii = all(piece.isascii() for piece in iter(lambda: out.read(1 << 16), b""))
    out.seek(start if is_ascii else 0)


def _write_workbook(out: IO[bytes], headings: Sequence[str], rows: Iterable[Row]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("1")
    sheet.freeze_panes = "A2"
    for number, heading in enumerate(headings, 1):
        sheet.column_dimensions[get_column_letter(number)].width = max(12, len(heading) + 2)
    bold = Font(bold=True)
    top = [_text_cell(sheet, heading) for heading in headings]
    for cell in top:
        cell.font = bold
    sheet.append(top)
    for row in rows:
        sheet.append([_text_cell(sheet, cell) if isinstance(cell, str) else cell for cell in row])
    book.save(out)
    out.seek(0)


def _text_cell(sheet: Any, text: str) -> Any:
    """A cell that is a text whatever it begins with: no formula, no error, no link."""
    if unescaped(text) != text:
        text = escaped(text)
    cell = WriteOnlyCell(sheet, NOT_IN_XML.sub("", text)[:LONGEST_TEXT])
    cell.data_type = "s"
    return cell
