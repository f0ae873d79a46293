"""One import from beginning to end: the file is surveyed, then read and written in batches.

A batch is one transaction, and every row names its own place, so an import that was killed is simply run again. Of rows
with the same id the last good one wins, wherever it stands; the others count as unchanged. A trial (`dry_run`) runs the
very same statements and rolls everything back.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import re
import time
import zoneinfo
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg.errors import DeadlockDetected, UniqueViolation

from agreements.models import Agreement
from agreements.terms import TermsBook
from leads.asking import ask_the_worker
from leads.intake.ahead import one_ahead
from leads.intake.attempt_rows import Attempts
from leads.intake.context import Clock, Context, Kind, Pending, Written, newest_change
from leads.intake.deal_rows import Deals
from leads.intake.faults import CannotImport, Rejected
from leads.intake.identity import told_apart_by
from leads.intake.lead_rows import Leads
from leads.intake.mapping import Cells, FileMapping, combined, preset, read_mapping, understood
from leads.intake.moments import Moments
from leads.intake.named import NamesSeen
from leads.intake.people import Directory
from leads.intake.planner import is_news, tell_the_planner
from leads.intake.reading import Source, Table, open_table
from leads.intake.rejects import Rejects
from leads.intake.remarks import about_repeated, about_waiting, about_words
from leads.intake.sources import NewSources
from leads.intake.survey import Survey
from leads.intake.values import SYSTEM_LIMIT, clean, currency, shortened
from leads.models import Import

BATCH = 5_000
TRIES = 3
COUNTED = ("rows", "created", "updated", "unchanged", "rejected")
REASONS = 20
MOST_KINDS_OF_REASONS, SAMPLES, SAMPLE_CELLS = 30, 3, 8
QUOTED = re.compile("([“„])[^”]*”")  # as each language quotes

KINDS: dict[str, Callable[[Context, Cells], Kind[Any]]] = {
    "leads": Leads,
    "attempts": Attempts,
    "deals": Deals,
}


@dataclass(frozen=True)
class ImportOptions:
    """What can be said about a file. `source` is the system whose ids it has; `mapping` a TOML file, or one read.

    `record_id` is the import that this is a pass of: the counts of an earlier pass, which was killed, go on. `on_batch`
    is told the counts so far and how many rows the file has: once before the first batch, then in the transaction of
    each; what it raises takes that batch back and ends the import.
    """

    source: str = "import"
    mapping: str | Path | FileMapping | None = None
    preset: str | None = None
    sheet: str | None = None
    currency: str | None = None
    time_zone: str | None = None
    agreement: str | None = None
    clock: Clock | str = Clock.RECENT
    dry_run: bool = False
    errors: str | Path | None = None
    started_by_id: int | None = None
    file_name: str | None = None
    record_id: int | None = None
    on_batch: Callable[[ImportResult, int], None] | None = None


@dataclass
class Reason:
    """Why rows were rejected, whatever stood in them: how many, and the first of them with number, reason and cells."""

    count: int = 0
    samples: list[tuple[int, str, list[str]]] = field(default_factory=list)


@dataclass
class ImportResult:
    """What became of the rows: each is counted once below `rows`. `notes` are remarks about the whole file.

    `reasons` are the first of the rejected rows: the number of each and why. `kinds` are the reasons without what
    stood in the cells.
    """

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    reasons: list[tuple[int, str]] = field(default_factory=list)
    kinds: dict[str, Reason] = field(default_factory=dict)
    import_id: int | None = None


def run_import(
    *, kind: str, stream_or_path: str | Path | IO[Any], options: ImportOptions, now: dt.datetime
) -> ImportResult:
    """Import a file of leads, attempts or deals; return how many rows became what.

    Raises CannotImport, before anything is written, for a file that is damaged or does not fit, and for options
    that name something unknown. Rows that cannot be used are counted, and go to the file of errors.
    """
    started = time.monotonic()
    mapping = _mapping(kind, options)
    with contextlib.closing(Source(stream_or_path)) as source:
        result = _import(kind, source, mapping, options, now, started)
    return result


def _import(
    kind: str, source: Source, mapping: FileMapping, options: ImportOptions, now: dt.datetime, started: float
) -> ImportResult:
    table = open_table(
        source,
        encoding=mapping.encoding,
        delimiter=mapping.delimiter,
        sheet=options.sheet or mapping.sheet,
        fits=lambda heading: understood(kind, mapping, heading),
    )
    cells = Cells(kind, mapping, table.heading)
    context = context_of(options, mapping, now)
    if kind == "leads" and "source" in cells.stands_at:
        context.new_sources = NewSources()
    survey = Survey(table, cells, mapping)
    context.moments.order = survey.order
    result = ImportResult(notes=list(cells.notes))
    with Rejects(options.errors, table) as rejects, _trial_or_not(options.dry_run):
        record = (
            Import.objects.get(pk=options.record_id)
            if options.record_id
            else Import.objects.create(
                kind=kind,
                system=context.system,
                file_name=clean(Path(options.file_name or source.name).name)[:255] or "-",
                started_at=now,
                started_by_id=options.started_by_id,
                undoable_until=now + Import.TO_UNDO,
            )
        )
        context.import_id, context.is_undoable = record.pk, True
        run = _Run(cells, KINDS[kind](context, cells), record, result, rejects, options)
        run.go(table, survey)
        about_rows = (told_apart_by(context.known_by), about_repeated(run.superseded))
        about_all = (*about_rows, *about_words(context, cells), about_waiting(run.waited_for))
        result.notes += filter(None, about_all)
        if result.created >= BATCH and not options.dry_run and is_news(kind, result.created):
            tell_the_planner()
        result.seconds = round(time.monotonic() - started, 3)
        record.finished_at = now + dt.timedelta(seconds=result.seconds)
        record.undoable_until = record.finished_at + Import.TO_UNDO
        record.save(update_fields=["finished_at", "undoable_until"])
        result.import_id = None if options.dry_run else record.pk
    return result


@dataclass
class _Batch:
    """Rows to write together, and what became of the others that were read with them."""

    pending: list[Pending[Any]] = field(default_factory=list)
    rejected: list[tuple[int, list[str], str]] = field(default_factory=list)
    rows: int = 0
    superseded: int = 0


class _Run:
    """The rows on their way: read by one thread, written by this one."""

    def __init__(
        self,
        cells: Cells,
        kind: Kind[Any],
        record: Import,
        result: ImportResult,
        rejects: Rejects,
        options: ImportOptions,
    ) -> None:
        self._cells = cells
        self._kind = kind
        self._record = record
        self._result = result
        self._rejects = rejects
        self._goes_on = options.record_id is not None
        self._on_batch = options.on_batch
        self._rows_in_file = 0
        self.superseded = 0
        self.waited_for = NamesSeen()
        result.created, result.updated = (
            record.created,
            record.updated,
        )  # of an earlier pass, where there was one

    def go(self, table: Table, survey: Survey) -> None:
        """Read and write every row."""
        self._rows_in_file = survey.rows
        if self._on_batch is not None:
            self._on_batch(self._result, self._rows_in_file)
        with contextlib.closing(one_ahead(self._read(table, survey))) as batches:
            for batch in batches:
                self._write(batch)

    def _read(self, table: Table, survey: Survey) -> Iterator[_Batch]:
        batch = _Batch()
        waiting: dict[str, Pending[Any]] = {}
        repeated: dict[str, Pending[Any]] = {}
        for number, row in table.rows():
            batch.rows += 1
            try:
                pending = self._understood(number, row)
            except Rejected as reason:
                batch.rejected.append((number, row, str(reason)))
            else:
                place = repeated if survey.is_repeated(row) else waiting
                if place.pop(pending.row.key, None) is not None:
                    batch.superseded += 1
                place[pending.row.key] = pending
            if len(waiting) >= BATCH or batch.rows >= 4 * BATCH:
                batch.pending = list(waiting.values())
                yield batch
                waiting.clear()
                batch = _Batch()
        batch.pending = list(waiting.values())
        yield batch
        for start in range(0, len(repeated), BATCH):
            yield _Batch(list(itertools.islice(repeated.values(), start, start + BATCH)))

    def _understood(self, number: int, row: list[str]) -> Pending[Any]:
        if self._cells.overflows(row):
            raise Rejected(
                _("%(cells)d cells, but only %(headings)d headings: is a separator in a text not quoted?")
                % {"cells": len(row), "headings": self._cells.width}
            )
        return Pending(number, row, self._kind.read(self._cells.take(row)))

    def _write(self, batch: _Batch) -> None:
        written = in_one_transaction(lambda cursor: self._written(batch, cursor))
        rejected = batch.rejected
        if written.rejected:
            cells = {pending.number: pending.cells for pending in batch.pending}
            rejected = rejected + [(number, cells[number], reason) for number, reason in written.rejected]
        for number, row, reason in sorted(rejected):
            self._rejects.add(number, row, reason)
            self._remember(number, row, reason)
        for name in COUNTED:
            setattr(self._result, name, getattr(self._record, name))
        self.superseded += batch.superseded
        for lead in written.waited_for:
            self.waited_for.see(lead)

    def _written(self, batch: _Batch, cursor: Any) -> Written:
        """Write a batch with the counts that it leads to: both are kept, or neither."""
        waited_for = Import.objects.select_for_update(no_key=True).filter(pk=self._record.pk)
        if waited_for.values_list("undone_at", flat=True).get() is not None:
            raise CannotImport(_("This import was undone meanwhile: nothing more of it is written."))
        written = self._kind.write(batch.pending, cursor) if batch.pending else Written(0, 0, 0, [])
        counts = replace(self._result)
        counts.rows += batch.rows
        counts.created += written.created
        counts.updated += written.updated
        counts.unchanged += written.unchanged + batch.superseded
        counts.rejected += len(batch.rejected) + len(written.rejected)
        if self._goes_on:  # what an earlier pass wrote is found again, and yet was not unchanged
            counts.unchanged = max(0, counts.rows - counts.created - counts.updated - counts.rejected)
        for name in COUNTED:
            setattr(self._record, name, getattr(counts, name))
        self._record.save(update_fields=COUNTED)
        if self._on_batch is not None:
            self._on_batch(counts, self._rows_in_file)
        return written

    def _remember(self, number: int, row: list[str], reason: str) -> None:
        result = self._result
        if len(result.reasons) < REASONS:
            result.reasons.append((number, reason))
        kind = QUOTED.sub(r"\1…”", reason)
        if kind not in result.kinds and len(result.kinds) >= MOST_KINDS_OF_REASONS:
            return
        known = result.kinds.setdefault(kind, Reason())
        known.count += 1
        if len(known.samples) < SAMPLES:
            known.samples.append((number, reason, [shortened(cell) for cell in row[:SAMPLE_CELLS]]))


def in_one_transaction(write: Callable[[Any], Written]) -> Written:
    """Write a batch; once more when another process was in the way, since nothing of it was kept."""
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                return write(cursor)
        except OperationalError as error:
            if not left or not isinstance(error.__cause__, DeadlockDetected):
                raise
        except Exception as error:
            if not left or not isinstance(error.__cause__, UniqueViolation):
                raise
    raise AssertionError("the last try returns or raises")


@contextlib.contextmanager
def _trial_or_not(is_trial: bool) -> Iterator[None]:
    if not is_trial:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _mapping(kind: str, options: ImportOptions) -> FileMapping:
    if kind not in KINDS:
        raise CannotImport(
            _("“%(kind)s” cannot be imported; %(known)s can.") % {"kind": kind, "known": ", ".join(KINDS)}
        )
    said = options.mapping
    own = said if isinstance(said, FileMapping) else read_mapping(said, kind) if said else FileMapping()
    mapping = combined(preset(options.preset, kind), own) if options.preset else own
    if not options.currency:
        return mapping
    try:
        return replace(mapping, currency=currency(options.currency, "currency"))
    except Rejected as reason:
        raise CannotImport(str(reason)) from None


def context_of(options: ImportOptions, mapping: FileMapping, now: dt.datetime) -> Context:
    """Return what every row is read and written with; CannotImport for an option that names something unknown."""
    if not options.source or len(options.source) > SYSTEM_LIMIT or not options.source.isprintable():
        raise CannotImport(_("The name of the source has 1 to %(limit)d letters.") % {"limit": SYSTEM_LIMIT})
    try:
        rule = Clock(options.clock)
    except ValueError:
        raise CannotImport(_("“%(clock)s” is no rule for clocks.") % {"clock": options.clock}) from None
    agreement = None
    if options.agreement:
        agreement = Agreement.objects.filter(slug=options.agreement).first()
        if agreement is None:
            known = ", ".join(Agreement.objects.order_by("slug").values_list("slug", flat=True))
            raise CannotImport(
                _("There is no agreement “%(slug)s”; there is %(known)s.")
                % {"slug": options.agreement, "known": known or _("none")}
            )
    newest = newest_change()  # before the book is read: what comes between is then read again
    book = TermsBook()
    zone = agreement.zone if agreement else zoneinfo.ZoneInfo(book.company_revision.time_zone)
    if options.time_zone:
        if options.time_zone not in zoneinfo.available_timezones():
            raise CannotImport(
                _("“%(name)s” is not a time zone. Write it like Europe/Warsaw.") % {"name": options.time_zone}
            )
        zone = zoneinfo.ZoneInfo(options.time_zone)
    return Context(
        system=options.source,
        now=now,
        mapping=mapping,
        moments=Moments(zone=zone, now=now, formats=mapping.formats, order=mapping.order),
        directory=Directory(),
        book=book,
        newest_change=newest,
        clock=rule,
        agreement=agreement,
        zone=zone,
        is_zone_given=bool(options.time_zone),
        started_by_id=options.started_by_id,
    )


def ask_for_fresh_figures() -> bool:
    """Ask the worker to bring the figures up to date now; False when the broker cannot be reached.

    Nothing is lost then: the figures are brought up to date in turn, some seconds later.
    """
    return ask_the_worker("reports.tasks.refresh_figures")
