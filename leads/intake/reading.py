"""A file of rows and cells, whatever spreadsheet or program wrote it: encoding, separator, heading, rows.

UTF-8 (with a byte order mark or without) and UTF-16 with a byte order mark are read; the mapping can name another
encoding. Cells are separated by comma, semicolon, tab or bar. Lines may end in LF, CR LF, CR, or CR CR LF. The first
row that is not blank is the heading, but for a `sep=;` line before it. Blank rows are passed over. A row has the
number that a spreadsheet shows: the first line of the file is 1. A sheet of a workbook is read as its CSV would be.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO

from django.utils.translation import gettext as _

from leads.intake.faults import CannotImport
from leads.intake.values import shortened
from leads.intake.workbooks import OLE, ZIP, open_workbook, refuse_old_workbook, sheets_to_look_at

DELIMITERS = (",", ";", "\t", "|")
BLANK = " ,;\t|\ufeff"
LONGEST_LINE = 1_000_000
END = "\x1f end of file \x1f"
IN_MEMORY = 8_000_000
BEYOND = (
    100  # cells of a row beyond its headings that are kept: it is rejected, and says what is wrong with it
)
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16, so it comes first
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OTHER_KINDS = (
    (b"\x1f\x8b", "gzip"),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
)

Row = tuple[int, list[str]]


class Source:
    """The bytes of a file, which can be read from the beginning more than once; what was kept goes with `close`."""

    def __init__(self, stream_or_path: str | Path | IO[Any]) -> None:
        self._path: Path | None = None
        self._kept: tempfile.SpooledTemporaryFile[bytes] | None = None
        if isinstance(stream_or_path, str | Path):
            self._path = Path(stream_or_path)
            self.name = self._path.name
        else:
            self._kept = _kept(stream_or_path)
            self.name = Path(str(getattr(stream_or_path, "name", ""))).name

    def open(self) -> BinaryIO:
        """The bytes from the first on. CannotImport when there is no such file."""
        if self._kept is not None:
            self._kept.seek(0)
            return _Unclosed(self._kept)  # type: ignore[return-value]
        assert self._path is not None
        try:
            return self._path.open("rb")
        except OSError as error:
            raise CannotImport(
                _("%(file)s cannot be read: %(reason)s") % {"file": self._path, "reason": error.strerror}
            ) from None

    def close(self) -> None:
        """Give back what a stream was kept in."""
        if self._kept is not None:
            self._kept.close()

    def is_file(self, path: Path) -> bool:
        """Whether these bytes stand in the file at `path`."""
        return self._path is not None and path.exists() and path.samefile(self._path)


class _Unclosed(io.BufferedIOBase):
    """A reader of a kept stream, whose end is not the end of the stream."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        return bytes(self._stream.read(-1 if size is None else size))

    def read1(self, size: int = -1, /) -> bytes:
        return self.read(size if size > 0 else io.DEFAULT_BUFFER_SIZE)

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._stream.seek(offset, whence)
        return self.tell()

    def tell(self) -> int:
        return int(self._stream.tell())


def _kept(stream: IO[Any]) -> tempfile.SpooledTemporaryFile[bytes]:
    kept = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - lives as long as the Source
    first = stream.read(1)
    if isinstance(first, str):
        kept.write(first.encode())
        while piece := stream.read(1 << 16):
            kept.write(piece.encode())
    else:
        kept.write(first)
        shutil.copyfileobj(stream, kept)
    return kept


@dataclass
class Table:
    """A file with its heading read; `rows` goes through it from the first row below.

    Of a workbook, `sheet` is the one that is read, and `encoding` and `delimiter` those of the CSV file in which its
    rejected rows come back.
    """

    source: Source
    encoding: str
    delimiter: str
    heading: list[str]
    heading_row: int
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[Row]:
        """Every row that is not blank, with its number. CannotImport where the file is damaged."""
        widest = len(self.heading) + BEYOND
        for number, cells in self._all(widest):
            if number > self.heading_row and any(map(str.strip, cells)):
                yield number, cells if len(cells) <= widest else _cut(cells, widest)

    def _all(self, widest: int) -> Iterator[Row]:
        if self.sheet:
            return _rows_of_sheet(self.source, self.sheet, widest)
        return _rows(self.source, self.encoding, self.delimiter)


def _cut(cells: list[str], widest: int) -> list[str]:
    """So many cells of a row; the last says that something stands beyond, if something does."""
    beyond = next((cell for cell in cells[widest - 1 :] if cell.strip()), "")
    return [*cells[: widest - 1], beyond]


def is_workbook(source: Source) -> bool:
    """Whether a file seems to be a workbook (xlsx)."""
    with source.open() as binary:
        return binary.read(len(ZIP)) == ZIP


def open_table(
    source: Source,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    fits: Callable[[list[str]], int],
) -> Table:
    """Find out encoding, separator, or sheet, and heading. `fits` says how many cells of a heading are understood."""
    with source.open() as binary:
        start = binary.read(4096)
    if start.startswith(ZIP):
        return _open_sheet(source, sheet, fits)
    if start.startswith(OLE):
        refuse_old_workbook(source.open(), source.name)
    encoding = _encoding(start, encoding, source.name)
    best: tuple[tuple[int, int], Table] | None = None
    for candidate in [delimiter] if delimiter else DELIMITERS:
        found = _heading(source, encoding, candidate)
        if found is None:
            continue
        number, cells, is_named = found
        score = (fits(cells) + 1000 * is_named, len(cells))
        if best is None or score > best[0]:
            best = (score, Table(source, encoding, candidate, cells, number))
    if best is None:
        raise _no_heading(source)
    return best[1]


def _no_heading(source: Source) -> CannotImport:
    return CannotImport(_("%(file)s has no heading: every row is blank.") % {"file": source.name})


def _open_sheet(source: Source, named: str | None, fits: Callable[[list[str]], int]) -> Table:
    best: tuple[int, Table] | None = None
    with source.open() as binary, contextlib.closing(open_workbook(binary, source.name)) as workbook:
        sheets = [sheet.name for sheet in workbook.sheets]
        for sheet in sheets_to_look_at(workbook, named):
            with contextlib.closing(workbook.rows(sheet)) as rows:
                headings = ((n, cells) for n, cells in rows if any(cell.strip(BLANK) for cell in cells))
                number, cells = next(headings, (0, []))
            if number and (best is None or fits(cells) > best[0]):
                best = fits(cells), Table(source, "utf-8-sig", ",", cells, number, sheet.name, sheets)
    if best is None:
        raise _no_heading(source)
    return best[1]


def _rows_of_sheet(source: Source, name: str, widest: int) -> Iterator[Row]:
    with source.open() as binary, contextlib.closing(open_workbook(binary, source.name)) as workbook:
        (sheet,) = sheets_to_look_at(workbook, name)
        with contextlib.closing(workbook.rows(sheet, widest)) as rows:
            yield from rows


def _heading(source: Source, encoding: str, delimiter: str) -> tuple[int, list[str], bool] | None:
    is_named = False
    for number, cells in _rows(source, encoding, delimiter, is_sample=True):
        line = delimiter.join(cells).strip().lower()
        if number == 1 and line.startswith("sep=") and len(line) <= 5:
            is_named = line[4:] == delimiter or (delimiter == "\t" and line == "sep=")
            continue
        if any(cell.strip(BLANK) for cell in cells):
            return number, cells, is_named
    return None


def _rows(source: Source, encoding: str, delimiter: str, *, is_sample: bool = False) -> Iterator[Row]:
    number = 0
    cells: list[str] = []
    with (
        source.open() as binary,
        io.TextIOWrapper(binary, encoding=encoding, errors="strict", newline=None) as text,
    ):
        try:
            for cells in csv.reader(_lines(text), delimiter=delimiter):
                number += 1
                if cells and cells[-1].endswith(END):
                    break
                yield number, cells
        except UnicodeDecodeError:
            raise CannotImport(_undecodable(source, encoding)) from None
        except csv.Error as error:
            raise CannotImport(
                _("Row %(row)d cannot be read (%(reason)s): is a quotation mark before it never closed?")
                % {"row": number + 1, "reason": error}
            ) from None
    if cells != [END] and not is_sample:
        raise CannotImport(_("A quotation mark that opens in row %(row)d is never closed.") % {"row": number})


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    line_number = 0
    while line := text.readline(LONGEST_LINE):
        line_number += 1
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            raise CannotImport(
                _("Line %(line)d is longer than %(limit)d characters: is this a file of rows and cells?")
                % {"line": line_number, "limit": LONGEST_LINE}
            )
        if "\0" in line:
            raise CannotImport(
                _("Line %(line)d holds a zero byte: save the file as “CSV UTF-8”.") % {"line": line_number}
            )
        if not line.endswith("\n"):
            line += "\n"
        yield line
    yield END


def _encoding(start: bytes, named: str | None, name: str) -> str:
    if not start:
        raise CannotImport(_("%(file)s is empty: it has 0 bytes.") % {"file": name})
    for mark, kind in OTHER_KINDS:
        if start.startswith(mark):
            raise CannotImport(
                _("%(file)s is not a CSV file but %(kind)s: save it as “CSV UTF-8”.")
                % {"file": name, "kind": kind}
            )
    for mark, encoding in BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return encoding
    if named is None and b"\0" in start[:2]:
        raise CannotImport(
            _("%(file)s seems to be UTF-16 without a byte order mark: save it as “CSV UTF-8”.")
            % {"file": name}
        )
    return named or "utf-8"


def _undecodable(source: Source, encoding: str) -> str:
    """Say which byte it is. Read anew, because a text stream tells the position within its own buffer only."""
    decoder = codecs.getincrementaldecoder(encoding)()
    offset = 0
    with source.open() as binary:
        while True:
            piece = binary.read(1 << 16)
            waiting = decoder.getstate()[0]
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                position = offset - len(waiting) + error.start
                return _(
                    "The file is not %(encoding)s: byte %(position)d is 0x%(byte)02x. Save it as “CSV UTF-8”, or "
                    'name its encoding in the mapping: [csv] encoding = "cp1252".'
                ) % {
                    "encoding": encoding.removesuffix("-sig").upper(),
                    "position": position,
                    "byte": error.object[error.start],
                }
            if not piece:
                return _("The file is not %(encoding)s.") % {"encoding": encoding.upper()}
            offset += len(piece)


def headings_named(headings: Iterable[str]) -> str:
    """A list of headings for people, not too long."""
    named = [f"“{shortened(heading.strip())}”" for heading in headings if heading.strip()]
    return ", ".join(named[:40]) + (" …" if len(named) > 40 else "")
