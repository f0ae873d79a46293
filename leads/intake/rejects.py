"""The file of rejected rows: as they came, with the number of the row and the reason, fit to be corrected and
imported again with the same mapping. Cells beyond the last heading stand after the reason.
"""

from __future__ import annotations

import csv
from pathlib import Path
from types import TracebackType
from typing import IO

from django.utils.translation import gettext as _

from agreements.table_files import EXECUTED
from leads.intake.faults import CannotImport
from leads.intake.mapping import same
from leads.intake.reading import Table

OWN_HEADINGS = ("row", "error")


class Rejects:
    """Writes the file of errors; without a path, nowhere. Columns that an earlier such file added are replaced."""

    def __init__(self, path: str | Path | None, table: Table) -> None:
        self._file: IO[str] | None = None
        heading = table.heading
        self._width = self._heading_width = len(heading)
        if tuple(map(same, heading[-2:])) == OWN_HEADINGS:
            self._width -= 2
        if path is None:
            return
        path = Path(path)
        if table.source.is_file(path):
            raise CannotImport(
                _("%(file)s is the file to import: name another for the errors.") % {"file": path}
            )
        try:
            self._file = path.open("w", encoding=table.encoding, errors="replace", newline="")
        except OSError as error:
            raise CannotImport(
                _("%(file)s cannot be written: %(reason)s") % {"file": path, "reason": error.strerror}
            ) from None
        self._writer = csv.writer(self._file, delimiter=table.delimiter)
        self._write(heading[: self._width], OWN_HEADINGS)

    def add(self, number: int, cells: list[str], reason: str) -> None:
        """Write one row and why it was rejected."""
        if self._file is not None:
            self._write(cells[: self._width], (str(number), reason), cells[self._heading_width :])

    def _write(self, cells: list[str], own: tuple[str, ...], beyond: list[str] | tuple[()] = ()) -> None:
        padded = cells + [""] * (self._width - len(cells))
        self._writer.writerow([_guarded(cell) for cell in (*padded, *own, *beyond)])

    def __enter__(self) -> Rejects:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()


def _guarded(cell: str) -> str:
    """The cell as it came, with an apostrophe wherever a spreadsheet would execute it, which an import takes off."""
    return EXECUTED.sub(lambda found: f"{found.group()}'", cell)
