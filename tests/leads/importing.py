"""Small files for the tests of imports, and what they leave in the database."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from leads.intake.mapping import mapping_from
from leads.intake.runs import ImportOptions, ImportResult, run_import

# Wednesday, 4 March 2026, noon in UTC.
NOW = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
TABLES = (
    "leads_lead",
    "leads_handoff",
    "leads_handoffevent",
    "leads_followupattempt",
    "leads_attemptnote",
    "leads_deal",
)


def file_of(heading: str, rows: Iterable[Sequence[object]]) -> io.BytesIO:
    """A CSV file of these rows; texts are quoted where they must be."""
    import csv

    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heading.split(","))
    writer.writerows(rows)
    return io.BytesIO(text.getvalue().encode())


def take(
    kind: str,
    content: str | bytes | io.BytesIO,
    *,
    now: dt.datetime = NOW,
    mapping: dict[str, Any] | None = None,
    **options: Any,
) -> ImportResult:
    """Import this text; checks that every row was counted once."""
    if isinstance(content, str):
        content = content.encode()
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    if mapping is not None:
        options["mapping"] = mapping_from(mapping, kind, "mapping")
    result = run_import(kind=kind, stream_or_path=stream, options=ImportOptions(**options), now=now)
    assert result.rows == result.created + result.updated + result.unchanged + result.rejected
    return result


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    """Created, updated, unchanged, rejected."""
    return result.created, result.updated, result.unchanged, result.rejected


def whole_tables() -> dict[str, list[tuple[Any, ...]]]:
    """Everything that imports write."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            found[table] = cursor.fetchall()
    return found
