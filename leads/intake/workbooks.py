"""A sheet of a workbook (xlsx) as rows of texts, those that a CSV file of it would have.

Days and times stand as in 2026-03-02 09:10:00, numbers without a thousands separator, yes and no as TRUE and FALSE;
of a formula its last result counts. Of several sheets the one is taken whose headings are understood best, unless one
is named; hidden ones only by name.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import posixpath
import re
from collections.abc import Generator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import BinaryIO

from django.utils.translation import gettext as _

from leads.intake.faults import CannotImport
from leads.intake.values import shortened
from leads.intake.workbook_parts import MOST_COLUMNS, Archive, Reader, SharedStrings, Sheet, unescaped

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
PASSWORD = "EncryptedPackage".encode("utf-16-le")
MOST_SHEETS = 200
SECONDS = 86_400
# The formats that every workbook has: dates, times of the day, both.
BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17, *range(27, 32), 36, *range(50, 55), 57, 58), "day"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47, 55, 56), "time"),
    22: "both",
}
NO_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NamedSheet:
    """A sheet, the part in which it stands, and whether it is shown."""

    name: str
    part: str
    is_hidden: bool


class _Relations(Reader):
    def __init__(self, archive: Archive, part: str) -> None:
        super().__init__(archive, part)
        self.targets: dict[str, str] = {}
        self.by_kind: dict[str, str] = {}

    def begin(self, name: str, given: dict[str, str]) -> None:
        if name == "Relationship" and given.get("TargetMode") != "External":
            target = given.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            self.targets[given.get("Id", "")] = path
            self.by_kind.setdefault(given.get("Type", "").rpartition("/")[2], path)


class _Book(Reader):
    def __init__(self, archive: Archive, part: str) -> None:
        super().__init__(archive, part)
        self.sheets: list[tuple[str, str, bool]] = []
        self.begins_1904 = False

    def begin(self, name: str, given: dict[str, str]) -> None:
        if name == "workbookPr":
            self.begins_1904 = given.get("date1904") in ("1", "true")
        elif name == "sheet" and len(self.sheets) < MOST_SHEETS:
            relation = next((text for key, text in given.items() if key.endswith(" id")), "")
            is_hidden = given.get("state", "visible") != "visible"
            self.sheets.append((unescaped(given.get("name", "")), relation, is_hidden))


class _Styles(Reader):
    """Which of the cells' styles show a day, a time, or both."""

    def __init__(self, archive: Archive, part: str) -> None:
        super().__init__(archive, part)
        self._own: dict[int, str] = {}
        self._is_of_cells = False
        self.kinds: list[str] = []
        if archive.has(part):
            self.whole()

    def begin(self, name: str, given: dict[str, str]) -> None:
        if name == "numFmt":
            self._own[_number(given.get("numFmtId"))] = _kind_of(given.get("formatCode", ""))
        elif name == "cellXfs":
            self._is_of_cells = True
        elif name == "xf" and self._is_of_cells:
            number = _number(given.get("numFmtId"))
            self.kinds.append(self._own.get(number, BUILT_IN.get(number, "")))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._is_of_cells = False


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0


def _kind_of(code: str) -> str:
    plain = NO_CODE.sub("", code.split(";")[0]).lower()
    if plain == "general":
        return ""
    has_time = "h" in plain or "s" in plain
    has_day = "y" in plain or "d" in plain or ("m" in plain and not has_time)
    return {(True, False): "day", (False, True): "time", (True, True): "both"}.get((has_day, has_time), "")


@dataclass
class Workbook:
    """An open workbook: its sheets, and how the values of its cells are written."""

    archive: Archive
    sheets: list[NamedSheet]
    strings_part: str
    styles_part: str
    epoch: dt.datetime
    _strings: SharedStrings | None = None
    _styles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._dated = lru_cache(maxsize=20_000)(self._moment)

    def rows(
        self, sheet: NamedSheet, widest: int = MOST_COLUMNS
    ) -> Generator[tuple[int, list[str]], None, None]:
        """Every row of a sheet, with its number; of a wider one than `widest` the last cell is what stands beyond."""
        if self._strings is None:
            self._strings = SharedStrings(self.archive, self.strings_part)
            self._styles = _Styles(self.archive, self.styles_part).kinds
        yield from Sheet(self.archive, sheet.part, self._text_of).rows(widest)

    def close(self) -> None:
        """Give back what the texts were kept in."""
        if self._strings is not None:
            self._strings.close()

    def _text_of(self, kind: str, style: int, value: str) -> str:
        if kind == "s":
            assert self._strings is not None
            return self._strings.get(_number(value) if value.isdigit() else -1)
        if kind in ("str", "inlineStr"):
            return unescaped(value)
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind == "n":
            shown = self._styles[style] if style < len(self._styles) else ""
            return self._dated(value, shown) if shown else _plain(value)
        return value

    def _moment(self, value: str, shown: str) -> str:
        try:
            seconds = round(float(value) * SECONDS)
            if shown == "time" and 0 <= seconds < SECONDS:
                return str((self.epoch + dt.timedelta(seconds=seconds)).time())
            at = self.epoch + dt.timedelta(seconds=seconds)
        except (ValueError, OverflowError):
            return _plain(value)
        return at.date().isoformat() if shown == "day" and not seconds % SECONDS else at.isoformat(" ")


def _plain(value: str) -> str:
    """A number as it is shown without a format: at most 15 digits, and no exponent."""
    try:
        number = float(value)
    except ValueError:
        return value
    if not abs(number) < 1e300:
        return value
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    text = format(number, ".15g")
    return format(Decimal(text), "f") if "e" in text and abs(number) < 1e30 else text


def open_workbook(file: BinaryIO, name: str) -> Workbook:
    """Open a workbook; CannotImport for what is none, or is dangerous to unpack."""
    archive = Archive(file, name)
    if not archive.has("xl/workbook.xml"):
        raise CannotImport(
            _("%(file)s is an archive, but no workbook (xlsx): save the sheet as “CSV UTF-8” or xlsx.")
            % {"file": name}
        )
    relations = _Relations(archive, "xl/_rels/workbook.xml.rels")
    book = _Book(archive, "xl/workbook.xml")
    relations.whole()
    book.whole()
    sheets = [
        NamedSheet(sheet, relations.targets[relation], is_hidden)
        for sheet, relation, is_hidden in book.sheets
        if archive.has(relations.targets.get(relation, ""))
    ]
    if not sheets:
        raise CannotImport(_("%(file)s has no sheet of cells.") % {"file": name})
    return Workbook(
        archive,
        sheets,
        relations.by_kind.get("sharedStrings", "xl/sharedStrings.xml"),
        relations.by_kind.get("styles", "xl/styles.xml"),
        dt.datetime(1904, 1, 1) if book.begins_1904 else dt.datetime(1899, 12, 30),  # noqa: DTZ001 - a wall time
    )


def sheets_to_look_at(workbook: Workbook, named: str | None) -> list[NamedSheet]:
    """The sheet of that name, or all that are shown."""
    shown = [sheet for sheet in workbook.sheets if not sheet.is_hidden] or workbook.sheets
    if not named:
        return shown
    for sheet in workbook.sheets:
        if sheet.name.strip().casefold() == named.strip().casefold():
            return [sheet]
    raise CannotImport(
        _("The workbook has no sheet “%(name)s”; it has %(known)s.")
        % {
            "name": shortened(named),
            "known": ", ".join(f"“{shortened(sheet.name)}”" for sheet in workbook.sheets[:20]),
        }
    )


def refuse_old_workbook(file: BinaryIO, name: str) -> None:
    """Say of a file of the old kind of Office whether it is an xls or has a password."""
    last = b""
    with contextlib.closing(file):
        while piece := file.read(1 << 20):
            if PASSWORD in last + piece:
                raise CannotImport(
                    _("%(file)s is protected by a password: save it without one.") % {"file": name}
                )
            last = piece[-len(PASSWORD) :]
    raise CannotImport(
        _("%(file)s is a workbook of the old kind (xls): save it as xlsx or as “CSV UTF-8”.") % {"file": name}
    )
