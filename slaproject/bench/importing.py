"""The speed of an import of leads beside raw COPY and beside django-import-export in bulk.

The data is made in a database of its own, which is dropped afterwards: a table that already holds the leads, with all
its indexes. Each side adds as many new ones to it, in turn, with ids that no other turn has.

The product reads a CSV of thirteen columns, understands and checks every cell, keeps rows of the same id apart, writes
each lead *and its hand-off*, counts, and keeps a record by which the import can be undone. Raw COPY takes finished rows
of leads alone, as bytes that were made before: less cannot be done. The library reads the same CSV into leads alone,
looks up which are known, and creates them a thousand at a time; it is given a fifth of the rows, as it is slow.

Afterwards the last file is imported once more: nothing may be written.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from time import perf_counter
from typing import Any

from django.db import connection
from django.utils import timezone

from leads.intake.runs import ImportOptions, ImportResult, run_import
from leads.models import HandOff
from slaproject.bench.company import SEGMENTS, SOURCES, make_company, tidy
from slaproject.bench.databases import own_database
from slaproject.bench.rows import Disagreement, Row, compared, interleaved

LEADS, BATCH, RUNS = 1_000_000, 50_000, 3
LIBRARY_PART = 5
BESIDE_COPY, BESIDE_LIBRARY = 0.7, 8.0
SYSTEM = "bench-import"
COLUMNS = (
    *("external_id", "qualified_at", "origin", "source", "campaign", "segment", "owner", "name", "company"),
    *("job_title", "email", "phone", "country"),
)
COPIED = (
    *("system", "external_id", "origin", "source", "campaign", "qualified_at", "qualified_on"),
    *("is_qualified_date_only", "created_at", "name", "company", "job_title", "email", "phone", "country"),
    "segment_id",
)


def run(leads: int | None = None) -> list[Row]:
    """Rows of the import's rate; Disagreement where a side wrote other rows than it was given."""
    from slaproject.bench.import_library import import_with_library

    size = leads or LEADS
    batch = min(BATCH, size)
    with own_database():
        now = timezone.now().replace(microsecond=0)
        segments = make_company(leads=size, at=now - dt.timedelta(days=400)).segments
        tidy()
        files = _Files(now, batch, segments)

        part = max(batch // LIBRARY_PART, 1)

        def product() -> float:
            file = io.StringIO(files.csv(batch))
            return _rate(batch, lambda: _imported(file, now))

        def copied() -> float:
            rows = files.copied(batch)
            return _rate(batch, lambda: _copied(rows))

        def library() -> float:
            text = files.csv(part)
            return _rate(part, lambda: import_with_library(text, system=f"{SYSTEM}-library", now=now))

        figures = interleaved({"product": product, "copy": copied, "library": library}, RUNS)
        text = files.csv(batch)
        for expected in (batch, 0):
            result = _imported(io.StringIO(text), now)
            if result.created != expected or result.updated or result.rejected:
                raise Disagreement(f"of {batch} rows, {expected} of them new, {result} came")
        if HandOff.objects.filter(lead__system=SYSTEM).count() != (RUNS + 2) * batch:
            raise Disagreement("not every imported lead has its hand-off")
    unit: dict[str, Any] = {"unit": "rows/s", "leads": size, "product": figures["product"]}
    return [
        compared("leads imported, beside raw COPY", yardstick=figures["copy"], goal=BESIDE_COPY, **unit),
        compared(
            "leads imported, beside django-import-export in bulk",
            yardstick=figures["library"],
            goal=BESIDE_LIBRARY,
            **unit,
        ),
    ]


class _Files:
    """New rows whenever asked, each with an id that nobody had before."""

    def __init__(self, now: dt.datetime, size: int, segments: Sequence[int]) -> None:
        self._now, self._segments = now, segments
        self._ids = count(10**7)  # no id of the leads that are there

    def csv(self, size: int) -> str:
        written = io.StringIO()
        writer = csv.writer(written)
        writer.writerow(COLUMNS)
        writer.writerows(
            (
                *(n, self._at(n).isoformat(), "marketing", f"Source {n % SOURCES}", "Autumn"),
                *(f"bench-{n % SEGMENTS}", f"Rep {n % 200}", f"Ana Sample {n}", f"Company {n // 3}"),
                *("Director", f"new{n}@example.com", f"+48 22 666 {n}", "PL"),
            )
            for n in self._numbers(size)
        )
        return written.getvalue()

    def copied(self, size: int) -> bytes:
        """The same rows, without owners, as COPY takes them: text of columns, separated by tabs."""
        lines = (
            (
                *(
                    "bench-copy",
                    n,
                    "marketing",
                    f"Source {n % SOURCES}",
                    "Autumn",
                    self._at(n),
                    self._at(n).date(),
                ),
                *("f", self._now, f"Ana Sample {n}", f"Company {n // 3}", "Director", f"new{n}@example.com"),
                *(f"+48 22 666 {n}", "PL", self._segments[n % len(self._segments)]),
            )
            for n in self._numbers(size)
        )
        return "".join("\t".join(map(str, line)) + "\n" for line in lines).encode()

    def _numbers(self, size: int) -> Iterable[int]:
        return [next(self._ids) for _ in range(size)]

    def _at(self, n: int) -> dt.datetime:
        return self._now - dt.timedelta(days=30, seconds=n % 2_000_000)


def _rate(rows: int, work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return rows / (perf_counter() - began)


def _imported(file: io.StringIO, now: dt.datetime) -> ImportResult:
    options = ImportOptions(source=SYSTEM, agreement="bench", time_zone="UTC")
    return run_import(kind="leads", stream_or_path=file, options=options, now=now)


def _copied(rows: bytes) -> None:
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY leads_lead ({', '.join(COPIED)}) FROM STDIN") as writer:
            writer.write(rows)
        expected = rows.count(b"\n")
        if cursor.rowcount != expected:
            raise Disagreement(f"COPY wrote {cursor.rowcount} rows of {expected}")
