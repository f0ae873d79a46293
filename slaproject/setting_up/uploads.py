"""A file that is imported while somebody waits, and what became of it.

Nothing is kept of an upload but the rows it wrote: the file of rejected rows goes into the answer itself. The site may
run on several hosts, where a file left on one of them would not be found by the next request.
"""

from __future__ import annotations

import base64
import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Max, QuerySet

from leads.intake.mapping import FileMapping
from leads.intake.runs import ImportOptions, ImportResult, ask_for_fresh_figures, run_import
from leads.models import HandOff, Import

# What a page can carry; who has more rejected rows than fit has a fault that the first reasons show.
LARGEST_ERROR_FILE = 4_000_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an upload. `error_file` is base64; empty without rejected rows, or where it is too large."""

    kind: str
    file_name: str
    is_trial: bool
    result: ImportResult
    error_file: str
    waterfall_month: dt.date | None = None
    figures_come_now: bool = False

    @property
    def changes(self) -> int:
        return self.result.created + self.result.updated


def import_upload(
    *, kind: str, file: UploadedFile[Any], said: dict[str, Any], by: Any, now: dt.datetime
) -> Outcome:
    """Import an uploaded file; CannotImport where it cannot be used at all, and then nothing was written."""
    mapping = FileMapping(
        order=said["order"] or None, decimal=said["decimal"] or ".", encoding=said["encoding"] or None
    )
    with tempfile.TemporaryDirectory(prefix="sla-import-") as folder:
        errors = Path(folder) / "rejected.csv"
        result = run_import(
            kind=kind,
            stream_or_path=file,
            options=ImportOptions(
                source=said["source"],
                mapping=mapping,
                preset=said["preset"] or None,
                time_zone=said["time_zone"] or None,
                agreement=said["agreement"].slug if said["agreement"] else None,
                clock=said["clock"],
                dry_run=said["dry_run"],
                errors=errors,
                started_by_id=by.pk,
                file_name=file.name,
            ),
            now=now,
        )
        error_file = _kept(errors) if result.rejected else ""
    is_written = not said["dry_run"] and bool(result.created + result.updated)
    return Outcome(
        kind=kind,
        file_name=file.name or "",
        is_trial=said["dry_run"],
        result=result,
        error_file=error_file,
        waterfall_month=_last_month(result) if kind == Import.Kind.LEADS else None,
        figures_come_now=is_written and ask_for_fresh_figures(),
    )


def _kept(path: Path) -> str:
    if path.stat().st_size > LARGEST_ERROR_FILE:
        return ""
    return base64.b64encode(path.read_bytes()).decode()


def _last_month(result: ImportResult) -> dt.date | None:
    """Return the last month that has leads of this import; of one that brought none, of all there are."""
    rows = HandOff.objects.all()
    of_import = rows.filter(recorded_by=result.import_id) if result.import_id else rows.none()
    last = _last_day(of_import) or _last_day(rows)
    return last.replace(day=1) if last else None


def _last_day(rows: QuerySet[HandOff]) -> dt.date | None:
    last: dt.date | None = rows.aggregate(last=Max("handed_off_on"))["last"]
    return last
