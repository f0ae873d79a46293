"""The worker's part in a file: it writes the list as its asker would see it, in their zone and language.

It claims an export by a conditional update and gives a sign of life with every thousand rows; one whose worker died is
claimed again after LEASE and made from its beginning. Nothing of it is kept before all of it is.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import tempfile
import time
import zoneinfo
from collections.abc import Iterator
from typing import IO

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone, translation

from agreements.table_files import MOST_ROWS, Cell, Format, write_table
from leads.exports.kept import may_be_made
from leads.exports.lists import open_list
from leads.exports.placing import place
from leads.exports.table import NotUnderstood
from leads.models import Export, ExportPiece
from leads.services.claims import ClaimLost, break_off, claim_next, end_claimed, note_claimed

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=300)  # a query of a long list answers nothing until it has all its rows
MOST_PASSES = 3
NOTED_EVERY = 1_000
PIECE = 1 << 18
State = Export.State


def make_next(*, now: dt.datetime) -> bool:
    """Make the file that waits longest; False when there is none, or another worker is at one."""
    waiting = Export.objects.filter(state=State.WAITING).order_by("asked_at", "pk")
    export = claim_next(waiting, lease=LEASE, now=now, rows_done=0)
    if export is None:
        return False
    if export.passes > MOST_PASSES:
        with contextlib.suppress(ClaimLost):
            end_claimed(export, state=State.FAILED, ended_at=now)
    else:
        _Making(export, now).do()
    return True


class _Making:
    """One pass of the worker over one export."""

    def __init__(self, export: Export, now: dt.datetime) -> None:
        self._export = export
        self._began, self._started = now, time.monotonic()
        self._done = 0

    def _now(self) -> dt.datetime:
        return self._began + dt.timedelta(seconds=time.monotonic() - self._started)

    def do(self) -> None:
        """Do all of it; what went wrong for another reason than the list itself is tried again."""
        export = self._export
        try:
            with tempfile.TemporaryFile(prefix="sla-export-") as out:
                if self._is_written(out):
                    self._hand_over(out)
                else:
                    end_claimed(export, state=State.REFUSED, ended_at=self._now())
        except ClaimLost:
            return
        except Exception as error:
            logger.error("export %d: pass %d: %s", export.pk, export.passes, type(error).__name__)
            break_off(export, seen_at=None)
            raise

    def _is_written(self, out: IO[bytes]) -> bool:
        export, by, form = self._export, self._export.by, Format(self._export.form)
        if not may_be_made(export):
            return False
        with timezone.override(zoneinfo.ZoneInfo(by.time_zone)), translation.override(by.language):
            try:
                table = open_list(export.kind, by, QueryDict(export.query), now=self._began)
            except NotUnderstood:
                return False
            total = table.count()
            if form is Format.XLSX and total > MOST_ROWS:
                return False
            self._note(rows_total=total)
            write_table(out, form, table.headings, self._noted(table.rows()))
        return True

    def _noted(self, rows: Iterator[list[Cell]]) -> Iterator[list[Cell]]:
        for row in rows:
            yield row
            self._done += 1
            if self._done % NOTED_EVERY == 0:
                self._note(rows_done=self._done)

    def _note(self, **values: int) -> None:
        note_claimed(self._export, self._now(), **values)

    def _hand_over(self, out: IO[bytes]) -> None:
        if not self._export.placed_as:
            self._keep(out)
            return
        try:
            size = place(out, self._export.placed_as, is_still_wanted=self._note)
        except OSError as error:
            logger.error("export %d: not put into the folder: %s", self._export.pk, type(error).__name__)
            end_claimed(self._export, state=State.UNPLACED, ended_at=self._now())
        else:
            end_claimed(self._export, state=State.DONE, ended_at=self._now(), size=size, **self._rows())

    def _rows(self) -> dict[str, int]:
        return {"rows_done": self._done, "rows_total": self._done}

    def _keep(self, out: IO[bytes]) -> None:
        with transaction.atomic():
            size = number = 0
            while content := out.read(PIECE):
                ExportPiece.objects.create(export=self._export, number=number, content=content)
                number += 1
                size += len(content)
            end_claimed(self._export, state=State.DONE, ended_at=self._now(), size=size, **self._rows())
