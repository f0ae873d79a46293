"""A file that somebody brings in by the pages: kept, described, and given to the worker to be tried and imported.

Every change is a conditional update of the state that it is made from: of two clicks, or two people, one does it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, BinaryIO

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from leads.intake.faults import CannotImport
from leads.intake.guessing import guess_columns, guess_encoding, guess_preset
from leads.intake.mapping import FIELDS, Column
from leads.intake.reading import Row, Source, Table, is_workbook, open_table
from leads.intake.said import Said, said_from
from leads.intake.values import clean
from leads.intake.workbooks import open_workbook
from leads.models import Import, Upload, UploadPiece

PIECE = 1 << 18
LARGEST_FILE = 50 * 1024 * 1024
MOST_COLUMNS = 1_000
PREVIEW = 20
LOOKED_AT = 1_000
"""So many rows are asked whose ids they have: a file that was given out here says so, in a column of its own."""
SYSTEM = "system"
KEPT = dt.timedelta(days=7)
State = Upload.State


class StoredSource(Source):
    """The bytes of an upload, read from the database as far as they are asked for."""

    def __init__(self, upload: Upload) -> None:
        self._upload_id = upload.pk
        self._first: bytes | None = None
        self._size = upload.size
        self.name = upload.file_name

    def open(self) -> BinaryIO:
        """The bytes from the first on."""
        if self._first is None:
            self._first = _piece(self._upload_id, UploadPiece.Role.FILE, 0) or b""
        return io.BufferedReader(_Pieces(self._upload_id, self._first, self._size), PIECE)

    def close(self) -> None:
        """Nothing is held open."""

    def is_file(self, path: Path) -> bool:
        """A file in the database is none on this host."""
        return False


class _Pieces(io.RawIOBase):
    """The bytes of an upload from any place on; one piece of them at a time is here."""

    def __init__(self, upload_id: int, first: bytes, size: int) -> None:
        self._upload_id, self._size = upload_id, size
        self._at = self._number = 0
        self._content = first

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        number, place = divmod(self._at, PIECE)
        if number != self._number:
            self._number = number
            self._content = _piece(self._upload_id, UploadPiece.Role.FILE, number) or b""
        found = self._content[place : place + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)


def _piece(upload_id: int, role: str, number: int) -> bytes | None:
    rows = UploadPiece.objects.filter(upload_id=upload_id, role=role, number=number)
    content = rows.values_list("content", flat=True).first()
    return None if content is None else bytes(content)


def sheets_of(source: Source) -> list[str]:
    """Return the sheets of a workbook; none of another file, or of one that cannot be opened."""
    if not is_workbook(source):
        return []
    with source.open() as binary, contextlib.suppress(CannotImport):
        return [sheet.name for sheet in open_workbook(binary, source.name).sheets]
    return []


def rejected_rows(upload: Upload) -> Iterator[bytes]:
    """The file of rejected rows, piece by piece; nothing where no row was rejected."""
    number = 0
    while content := _piece(upload.pk, UploadPiece.Role.REJECTED, number):
        yield content
        number += 1


def keep_upload(
    *, kind: str, system: str, file: IO[Any], file_name: str, by: Any, now: dt.datetime
) -> Upload:
    """Keep a file for the worker, described as far as it can be guessed.

    Raises CannotImport for what is no file of rows and cells; nothing is kept of it.
    """
    with contextlib.closing(Source(file)) as source:
        source.name = clean(Path(file_name).name)[:255] or "-"
        said = _guessed(kind, system, source)
        with transaction.atomic():
            upload = Upload.objects.create(
                kind=kind,
                system=system,
                file_name=source.name,
                size=0,
                said=said.as_json(),
                by=by,
                created_at=now,
                changed_at=now,
            )
            with source.open() as binary:
                upload.size = store(upload, UploadPiece.Role.FILE, binary)
            upload.save(update_fields=["size"])
    return upload


def store(upload: Upload, role: str, binary: IO[bytes]) -> int:
    """Put these bytes into pieces; return how many there were."""
    size = number = 0
    while content := binary.read(PIECE):
        UploadPiece.objects.create(upload=upload, role=role, number=number, content=content)
        number += 1
        size += len(content)
    return size


def said_last(kind: str, system: str) -> Said | None:
    """Return what was said of the last file of this kind that came in of this system; None where none did."""
    last = Upload.objects.filter(kind=kind, system=system, state=State.DONE).order_by("-id").first()
    return said_from(last.said) if last else None


def _guessed(kind: str, system: str, source: Source) -> Said:
    last = said_last(kind, system)
    before = last or Said()
    described = Said(
        encoding="" if is_workbook(source) else guess_encoding(source),
        delimiter="",
        defaults=before.defaults,
        values=before.values,
        kept=before.kept,
        order=before.order,
        decimal=before.decimal,
        currency=before.currency,
        time_zone=before.time_zone,
        agreement=before.agreement,
    )
    return with_columns(kind, described, source, remembered=before.columns if last else None)


def with_columns(
    kind: str,
    said: Said,
    source: Source,
    *,
    remembered: Mapping[str, Column] | None = None,
    preset: str | None = None,
) -> Said:
    """Return what was said with the columns guessed anew, by this preset, or by the one that the headings look like.

    What was said of every row holds until a preset is chosen, which has its own.
    """
    table, _rows = looked_at(kind, said, source, rows=PREVIEW)
    name = guess_preset(kind, table.heading) if preset is None else preset
    columns, sure = guess_columns(kind, table.heading, preset_name=name, remembered=remembered)
    return replace(
        said,
        delimiter=table.delimiter,
        sheet=table.sheet,
        preset=name,
        columns=columns,
        sure=sure,
        defaults=said.defaults if preset is None else {},
    )


def looked_at(kind: str, said: Said, source: Source, *, rows: int) -> tuple[Table, list[Row]]:
    """Return the heading of a file and its first rows. CannotImport where even these cannot be read."""
    table = open_table(
        source,
        encoding=said.encoding or None,
        delimiter=said.delimiter or None,
        sheet=said.sheet or None,
        fits=lambda heading: _guessable(kind, heading),
    )
    if len(table.heading) > MOST_COLUMNS:
        raise CannotImport(
            _("The file has %(columns)d columns; at most %(most)d can be chosen from here.")
            % {"columns": len(table.heading), "most": MOST_COLUMNS}
        )
    return table, list(itertools.islice(table.rows(), rows))


def systems_named(kind: str, table: Table, rows: list[Row]) -> list[str]:
    """Return the systems whose ids these rows say that they have; none in a file without a word on it.

    Rows of attempts are taken as of the system that each names.
    """
    if SYSTEM not in table.heading or SYSTEM in FIELDS[kind]:
        return []
    place = table.heading.index(SYSTEM)
    return sorted({name for _number, cells in rows if (name := clean("".join(cells[place : place + 1])))})


def _guessable(kind: str, heading: list[str]) -> int:
    if len(heading) > MOST_COLUMNS:
        return 0
    columns, _sure = guess_columns(kind, heading, preset_name=guess_preset(kind, heading))
    return sum(bool(column.headings) for column in columns.values())


def describe(*, upload: Upload, said: Said, now: dt.datetime) -> None:
    """Keep what was said; what was tried before has to be tried again. ValidationError while the worker has it."""
    _change(upload, Upload.CHANGEABLE, _being_worked_on(), said=said.as_json(), state=State.DRAFT, record=None,
            outcome={}, fault="", changed_at=now)  # fmt: skip


def take_as_of(*, upload: Upload, system: str, now: dt.datetime) -> None:
    """Keep whose ids the rows have. ValidationError while the worker has the file."""
    _change(upload, Upload.CHANGEABLE, _being_worked_on(), system=system, state=State.DRAFT, record=None,
            outcome={}, fault="", changed_at=now)  # fmt: skip


def ask_to_try(*, upload: Upload, now: dt.datetime) -> None:
    """Let the worker count what would become of every row. A second click finds it asked for already."""
    _change(upload, Upload.CHANGEABLE, _being_worked_on(), state=State.TO_TRY, record=None, **_afresh(now))


def ask_to_run(*, upload: Upload, by: Any, now: dt.datetime) -> None:
    """Let the worker import what was tried, or go on with what was stopped. Of two clicks one starts it."""
    tried = Q(state=State.TRIED) | Q(
        state__in=[State.STOPPED, State.FAILED, State.REFUSED], record__isnull=False
    )
    refusal = _("This file was changed, imported or started meanwhile: look at where it stands now.")
    with transaction.atomic():
        waiting = Upload.objects.select_for_update().filter(tried, pk=upload.pk).first()
        if waiting is None:
            raise ValidationError(refusal)
        record = waiting.record or Import.objects.create(
            kind=waiting.kind,
            system=waiting.system,
            file_name=waiting.file_name,
            started_at=now,
            started_by=by,
            undoable_until=now + Import.TO_UNDO,
        )
        Upload.objects.filter(pk=upload.pk).update(state=State.TO_RUN, record=record, **_afresh(now))


def ask_to_stop(*, upload: Upload, now: dt.datetime) -> None:
    """Stop the work at the next batch; at once where no worker has begun it. What is written stays."""
    working = Upload.objects.filter(pk=upload.pk).waiting_for_work()
    if not working.filter(claim=None).update(state=State.STOPPED, changed_at=now):
        working.update(is_to_stop=True)


def discard(*, upload: Upload) -> None:
    """Take a file away that is not to be imported. ValidationError while the worker has it, or once it was imported."""
    with transaction.atomic():
        gone = Upload.objects.select_for_update().filter(pk=upload.pk, state__in=Upload.CHANGEABLE).first()
        if gone is None:
            raise ValidationError(_being_worked_on())
        gone.delete()


def forget_old_uploads(*, now: dt.datetime) -> int:
    """Take away files that nobody came back to, and what stood in the rows of those imported; return of how many."""
    old = Upload.objects.filter(changed_at__lt=now - KEPT)
    left = old.filter(state__in=Upload.CHANGEABLE)
    count = left.count()
    left.delete()
    done = old.filter(state=State.DONE).exclude(outcome={})
    UploadPiece.objects.filter(upload__in=done).delete()
    return count + done.update(outcome={})


def _being_worked_on() -> str:
    return _("This file is being worked on, or was imported meanwhile.")


def _change(upload: Upload, states: Any, refusal: str, **values: Any) -> None:
    if not Upload.objects.filter(pk=upload.pk, state__in=states).update(**values):
        raise ValidationError(refusal)


def _afresh(now: dt.datetime) -> dict[str, Any]:
    return {
        "claim": None, "seen_at": None, "began_at": None, "passes": 0, "is_to_stop": False, "rows_total": 0,
        "rows_done": 0, "outcome": {}, "fault": "", "changed_at": now,
    }  # fmt: skip
