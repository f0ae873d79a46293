"""Figures as CSV files: safe to open in a spreadsheet, the same numbers as the table and the `report` command.

A text that a spreadsheet would take for a formula gets an apostrophe before it. A file with letters beyond ASCII
starts with a byte order mark, without which spreadsheets misread UTF-8; others do without, so that every reader
finds the first heading as it is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from django.http import HttpResponse

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def safe(value: object) -> object:
    """Return the value as a cell that no spreadsheet executes; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def csv_answer(rows: Sequence[Mapping[str, object]], *, name: str) -> HttpResponse:
    """Return the rows as a file for download; `name` is plain ASCII without an ending."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows({key: safe(value) for key, value in row.items()} for row in rows)
    text = out.getvalue()
    answer = HttpResponse(
        text.encode("utf-8" if text.isascii() else "utf-8-sig"), content_type="text/csv; charset=utf-8"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
