"""The parts of a workbook (xlsx): a ZIP archive of XML files, read piece by piece and trusted in nothing.

Read by expat, with limits where a small file could become a large one: how much a part may unpack to and how many
there may be, how long a text and how wide and long a sheet. Document types are refused, and with them entities, of
the file and from elsewhere. openpyxl's reader is not used: it fills rows up as the file says, and has no limits.
"""

from __future__ import annotations

import re
import struct
import tempfile
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, BinaryIO, NoReturn
from xml.parsers import expat

from django.utils.translation import gettext as _

from leads.intake.faults import CannotImport

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384  # of a sheet, as the format has it
LONGEST_TEXT = 1_000_000
LARGEST_SHEET, LARGEST_STRINGS, LARGEST_OTHER = 2_000_000_000, 200_000_000, 16_000_000
MOST_UNPACKED = 200  # times the size of the part in the file, beyond SMALL; sheets of Excel come to about 10
SMALL = 10_000_000
LARGEST_DIRECTORY = 1_000_000
PIECE = 1 << 16
DIRECTORY_END, ELSEWHERE = b"PK\x05\x06", b"PK\x06\x07"
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
CELL_NAME = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})\Z")


class Archive:
    """A workbook's archive, opened after its directory was looked at."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._name = name
        self._look_at_directory(file)
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            self.damaged()

    def damaged(self) -> NoReturn:
        """Say that the file cannot be read."""
        raise CannotImport(_("%(file)s is damaged, or no workbook (xlsx).") % {"file": self._name})

    def too_large(self) -> NoReturn:
        """Say that the file would unpack to too much."""
        raise CannotImport(
            _("%(file)s holds far more than its size: save the sheet as “CSV UTF-8”.") % {"file": self._name}
        )

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return part in self._zip.NameToInfo

    def pieces(self, part: str, largest: int) -> Iterator[bytes]:
        """The bytes of a part; CannotImport where it is damaged, or larger than it may be."""
        try:
            info = self._zip.getinfo(part)
            if info.file_size > largest or info.file_size > SMALL + MOST_UNPACKED * info.compress_size:
                self.too_large()
            with self._zip.open(info) as file:
                while piece := file.read(PIECE):
                    yield piece
        except (
            KeyError,
            zipfile.BadZipFile,
            zlib.error,
            OSError,
            EOFError,
            NotImplementedError,
            RuntimeError,
        ):
            self.damaged()

    def _look_at_directory(self, file: BinaryIO) -> None:
        """Refuse an archive of very many parts before anything keeps their names."""
        size = file.seek(0, 2)
        file.seek(max(0, size - 66_000))
        end = file.read(66_000)
        at = end.rfind(DIRECTORY_END)
        if at < 0 or len(end) < at + 22:
            self.damaged()
        if end[max(0, at - 20) : at].startswith(ELSEWHERE) or struct.unpack("<L", end[at + 12 : at + 16])[
            0
        ] > (LARGEST_DIRECTORY):
            self.too_large()
        file.seek(0)


class Reader:
    """Reads one part by expat. Subclasses say what begins, ends and is written, by the local names of elements."""

    largest = LARGEST_OTHER

    def __init__(self, archive: Archive, part: str) -> None:
        self._archive, self._part = archive, part
        self._text: list[str] | None = None
        self._length = 0
        self._is_moving = False

    def begin(self, name: str, given: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def listen(self) -> None:
        """From here on what is written is kept."""
        self._text, self._length = [], 0

    def heard(self) -> str:
        """What was written since `listen`."""
        text, self._text = "".join(self._text or ()), None
        return text

    def read(self) -> Iterator[None]:
        """Go through the part, and come back after each piece."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._begun
        parser.EndElementHandler = lambda name: self.end(_local(name))
        parser.CharacterDataHandler = self._written
        parser.StartDoctypeDeclHandler = self._refuse
        still = 0
        try:
            for piece in self._archive.pieces(self._part, self.largest):
                self._is_moving = False
                parser.Parse(piece, False)
                still = 0 if self._is_moving else still + len(piece)
                if still > 4 * LONGEST_TEXT:  # a name or a comment without an end, which expat keeps
                    self._archive.too_large()
                yield
            parser.Parse(b"", True)
        except expat.ExpatError:
            self._archive.damaged()
        yield

    def whole(self) -> None:
        """Go through all of it."""
        for _piece in self.read():
            pass

    def _begun(self, name: str, given: dict[str, str]) -> None:
        self._is_moving = True
        self.begin(_local(name), given)

    def _written(self, text: str) -> None:
        self._is_moving = True
        if self._text is not None:
            self._length += len(text)
            if self._length > LONGEST_TEXT:
                self._archive.too_large()
            self._text.append(text)

    def _refuse(self, *declared: Any) -> None:
        raise CannotImport(_("The workbook declares a document type, which none of Excel does."))


@lru_cache(maxsize=1_000)
def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def unescaped(text: str) -> str:
    """The text that a workbook writes with letters like _x000D_."""
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


class SharedStrings(Reader):
    """The texts that cells name by number. They stand in a file of their own: there may be millions."""

    largest = LARGEST_STRINGS

    def __init__(self, archive: Archive, part: str) -> None:
        super().__init__(archive, part)
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the texts are asked for
        self._ends = array("Q", [0])
        self._parts: list[str] = []
        self._is_phonetic = False
        self.get = lru_cache(maxsize=20_000)(self._get)
        if archive.has(part):
            self.whole()

    def begin(self, name: str, given: dict[str, str]) -> None:
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._is_phonetic = True
        elif name == "t":
            self.listen()

    def end(self, name: str) -> None:
        if name == "rPh":
            self._is_phonetic = False
        elif name == "t":
            heard = self.heard()
            if not self._is_phonetic:
                self._parts.append(heard)
        elif name == "si":
            written = unescaped("".join(self._parts)).encode("utf-8", "surrogatepass")
            self._file.write(written)
            self._ends.append(self._ends[-1] + len(written))

    def close(self) -> None:
        """Give back their file."""
        self._file.close()

    def _get(self, number: int) -> str:
        if not 0 <= number < len(self._ends) - 1:
            self._archive.damaged()
        start = self._ends[number]
        self._file.seek(start)
        return self._file.read(self._ends[number + 1] - start).decode("utf-8", "replace")


class Sheet(Reader):
    """The cells of a sheet, row by row, as they are written: kind of value, style and text."""

    largest = LARGEST_SHEET

    def __init__(self, archive: Archive, part: str, text_of: Callable[[str, int, str], str]) -> None:
        super().__init__(archive, part)
        self._text_of = text_of
        self._rows: list[tuple[int, dict[int, str]]] = []
        self._number = 0
        self._cells: dict[int, str] = {}
        self._kind, self._style, self._column = "", 0, -1
        self._value = ""
        self._is_phonetic = False

    def rows(self, widest: int = MOST_COLUMNS) -> Iterator[tuple[int, list[str]]]:
        """Every row that the sheet has, with its number; of a wider one the last cell is the first text beyond."""
        for _piece in self.read():
            for number, cells in self._rows:
                wide = max(cells, default=-1) + 1
                row = [cells.get(place, "") for place in range(min(wide, widest))]
                if wide > widest:
                    beyond = (cells[place] for place in sorted(cells) if place >= widest - 1)
                    row[-1] = next((text for text in beyond if text.strip()), "")
                yield number, row
            self._rows.clear()

    def begin(self, name: str, given: dict[str, str]) -> None:
        if name == "row":
            number = given.get("r", "")
            self._number = int(number) if number.isascii() and number.isdigit() else self._number + 1
            if not 0 < self._number <= MOST_ROWS:
                self._archive.damaged()
            self._cells, self._column = {}, -1
        elif name == "c":
            self._column = self._column_of(given.get("r", ""))
            style = given.get("s", "0")
            self._kind = given.get("t", "n")
            self._style = int(style) if style.isascii() and style.isdigit() else 0
            self._value = ""
        elif name in ("v", "t"):
            self.listen()
        elif name == "rPh":
            self._is_phonetic = True

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            heard = self.heard()
            if not self._is_phonetic:
                self._value += heard
                if len(self._value) > LONGEST_TEXT:
                    self._archive.too_large()
        elif name == "rPh":
            self._is_phonetic = False
        elif name == "c":
            if self._value:
                self._cells[self._column] = self._text_of(self._kind, self._style, self._value)
        elif name == "row":
            self._rows.append((self._number, self._cells))
            self._cells = {}

    def _column_of(self, cell: str) -> int:
        found = CELL_NAME.match(cell)
        column = self._column + 1
        if found is not None:
            column = 0
            for letter in found[1].upper():
                column = 26 * column + ord(letter) - 64
            column -= 1
        if not self._column < column < MOST_COLUMNS:
            self._archive.damaged()
        return column
