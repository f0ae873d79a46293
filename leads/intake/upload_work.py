"""The worker's part in bringing a file in.

It runs `run_import`, as the command does. It claims an upload by a conditional update and gives a sign of life with
every batch; one whose worker died is claimed again after LEASE and read from its beginning, which writes nothing twice.
What was counted of an import is written with each batch, so it is exact over any number of passes.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db import connections, transaction
from django.utils import translation

from leads.intake.faults import CannotImport
from leads.intake.runs import ImportOptions, ImportResult, run_import
from leads.intake.said import said_from
from leads.intake.uploads import PIECE, StoredSource, store
from leads.models import Upload, UploadPiece
from leads.services.claims import ClaimLost, break_off, claim_next, end_claimed

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=120)
MOST_PASSES = 3


class Stopped(Exception):
    """Somebody asked that the work end."""


def work_on_next(*, now: dt.datetime) -> bool:
    """Try or import the upload that waits longest; False when there is none, or another worker is at one."""
    waiting = Upload.objects.waiting_for_work().order_by("changed_at", "pk")
    upload = claim_next(waiting, lease=LEASE, now=now, began_at=now)
    if upload is None:
        return False
    if upload.is_to_stop:
        _end(upload, now, state=Upload.State.STOPPED)
    elif upload.passes > MOST_PASSES:
        _end(upload, now, state=Upload.State.FAILED)
    else:
        _Work(upload, now).do()
    return True


def _end(upload: Upload, now: dt.datetime, **values: Any) -> None:
    end_claimed(upload, **{"is_to_stop": False, "changed_at": now, **values})


@contextlib.contextmanager
def another_connection() -> Iterator[Any]:
    """A connection to the database beside this thread's own."""
    connection = connections.create_connection("default")
    try:
        yield connection
    finally:
        connection.close()


class _Work:
    """One pass of the worker over one upload."""

    def __init__(self, upload: Upload, now: dt.datetime) -> None:
        self._upload = upload
        self._began, self._started = now, time.monotonic()
        self._is_trial = upload.state == Upload.State.TO_TRY

    def _now(self) -> dt.datetime:
        return self._began + dt.timedelta(seconds=time.monotonic() - self._started)

    def do(self) -> None:
        """Do all of it, and write down what it came to."""
        upload = self._upload
        with tempfile.TemporaryDirectory(prefix="sla-import-") as folder, self._noting() as note:
            path, errors = Path(folder) / "file", Path(folder) / "rejected"
            with path.open("wb") as file, StoredSource(upload).open() as binary:
                while piece := binary.read(PIECE):
                    file.write(piece)
            try:
                with translation.override(upload.by.language):
                    result = run_import(
                        kind=upload.kind,
                        stream_or_path=path,
                        options=self._options(errors, note),
                        now=self._began,
                    )
            except Stopped:
                _end(upload, self._now(), state=Upload.State.STOPPED)
            except ClaimLost:
                return
            except CannotImport as error:
                _end(upload, self._now(), state=Upload.State.REFUSED, fault=str(error))
            except Exception as error:
                # Tried again once the lease has run out; MOST_PASSES times in all.
                logger.error("upload %d: pass %d: %s", upload.pk, upload.passes, type(error).__name__)
                break_off(upload)
                raise
            else:
                with contextlib.suppress(ClaimLost):
                    self._finish(result, errors)

    def _options(self, errors: Path, note: Callable[[ImportResult, int], None]) -> ImportOptions:
        upload, said = self._upload, said_from(self._upload.said)
        return ImportOptions(
            source=upload.system,
            mapping=said.mapping(upload.kind),
            preset=said.preset or None,
            time_zone=said.time_zone or None,
            agreement=said.agreement or None,
            clock=said.clock,
            dry_run=self._is_trial,
            errors=errors,
            started_by_id=upload.by_id,
            file_name=upload.file_name,
            record_id=upload.record_id,
            on_batch=note,
        )

    @contextlib.contextmanager
    def _noting(self) -> Iterator[Callable[[ImportResult, int], None]]:
        """Give what notes how far the work is. A trial takes back all it writes, so its notes go another way."""
        with (
            another_connection() if self._is_trial else contextlib.nullcontext(connections["default"]) as way
        ):
            yield lambda result, total: self._note(way, result, total)

    def _note(self, connection: Any, result: ImportResult, total: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE leads_upload SET rows_done = %s, rows_total = %s, seen_at = %s WHERE id = %s AND claim = %s "
                "RETURNING is_to_stop",
                [result.rows, total, self._now(), self._upload.pk, self._upload.claim],
            )
            found = cursor.fetchone()
        if found is None:
            raise ClaimLost
        if found[0]:
            raise Stopped

    def _finish(self, result: ImportResult, errors: Path) -> None:
        upload = self._upload
        with transaction.atomic():
            _end(
                upload,
                self._now(),
                state=Upload.State.TRIED if self._is_trial else Upload.State.DONE,
                outcome=_outcome(result),
                rows_done=result.rows,
                rows_total=result.rows,
            )
            gone = [UploadPiece.Role.REJECTED] if self._is_trial else UploadPiece.Role.values
            UploadPiece.objects.filter(upload=upload, role__in=gone).delete()
            if result.rejected:
                with errors.open("rb") as file:
                    store(upload, UploadPiece.Role.REJECTED, file)


def _outcome(result: ImportResult) -> dict[str, Any]:
    return {
        "rows": result.rows,
        "created": result.created,
        "updated": result.updated,
        "unchanged": result.unchanged,
        "rejected": result.rejected,
        "seconds": result.seconds,
        "notes": result.notes,
        "kinds": [
            {
                "reason": reason,
                "count": kind.count,
                "samples": [{"row": row, "reason": why, "cells": cells} for row, why, cells in kind.samples],
            }
            for reason, kind in sorted(result.kinds.items(), key=lambda item: -item[1].count)
        ],
    }
