"""Rows that a program sends, one or several thousand: read and written as those of a file are, each answered for.

They have the canonical fields; what is missing or empty says nothing, and a lead without an id is known as in a file.
Of several rows of one id the last good one wins, as there. What is sent at once is one import of its own in the
history, but what comes lead by lead is one a day: a CRM that tells of every lead would otherwise bury the files of
people.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _

from leads.intake.context import Kind, Pending
from leads.intake.faults import Rejected
from leads.intake.identity import ID_LIMIT
from leads.intake.mapping import FIELDS, Cells, FileMapping
from leads.intake.runs import BATCH, KINDS, ImportOptions, context_of, in_one_transaction
from leads.intake.values import clean, shortened
from leads.models import Import

CREATED, UPDATED, UNCHANGED, REJECTED = "created", "updated", "unchanged", "rejected"
NAMED = {  # the ids here of these ids there; a lead that was merged is the one that it went into
    "leads": """SELECT external_id, coalesce(merged_into_id, id) FROM leads_lead
        WHERE system = %s AND external_id = ANY(%s)""",
    "deals": "SELECT external_id, id FROM leads_deal WHERE system = %s AND external_id = ANY(%s)",
}
KNOWN = {kind: frozenset(names) for kind, names in FIELDS.items()}
SENT = "API"
OF_YES_OR_NO = frozenset({"won"})


@dataclass(slots=True)
class Became:
    """What became of one row, which are counted from 1; `id` is that of the lead or deal."""

    row: int
    external_id: str
    result: str
    reason: str = ""
    id: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return what is answered about the row."""
        return {name: getattr(self, name) for name in self.__slots__}


def take_rows(
    *, kind: str, rows: Sequence[Any], options: ImportOptions, now: dt.datetime, is_one: bool = False
) -> list[Became]:
    """Write rows of leads or deals, and say what became of each; CannotImport for options that name something unknown.

    `is_one` tells that they came one by one.
    """
    mapping = FileMapping()
    cells = Cells(kind, mapping, list(FIELDS[kind]))
    context = context_of(options, mapping, now)
    record = _record(kind, options, now, is_one=is_one)
    context.import_id = record.pk
    reader = KINDS[kind](context, cells)
    became = [Became(number, _id_of(row), UNCHANGED) for number, row in enumerate(rows, 1)]
    waiting: dict[str, Pending[Any]] = {}
    for one, row in zip(became, rows, strict=True):
        try:
            pending = Pending(one.row, [], reader.read(cells.take(_texts(kind, row))))
        except Rejected as reason:
            one.result, one.reason = REJECTED, str(reason)
            continue
        one.external_id = pending.row.key
        if (earlier := waiting.pop(pending.row.key, None)) is not None:
            became[earlier.number - 1].reason = (
                _("Row %s is about the same, and is the one that counts.") % one.row
            )
        waiting[pending.row.key] = pending
    understood = list(waiting.values())
    for start in range(0, len(understood), BATCH):
        _write(reader, understood[start : start + BATCH], became)
    _name(kind, options.source, became)
    _count(record, became, now)
    return became


def counts(became: Sequence[Became]) -> dict[str, int]:
    """Return how many rows became what."""
    results = [one.result for one in became]
    return {name: results.count(name) for name in (CREATED, UPDATED, UNCHANGED, REJECTED)}


def _write(reader: Kind[Any], batch: list[Pending[Any]], became: Sequence[Became]) -> None:
    written = in_one_transaction(lambda cursor: reader.write(batch, cursor))
    refused = dict(written.rejected)
    for pending in batch:
        one = became[pending.number - 1]
        if pending.number in refused:
            one.result, one.reason = REJECTED, refused[pending.number]
        elif pending.row.key in written.new:
            one.result = CREATED
        elif pending.row.key in written.changed:
            one.result = UPDATED


def _texts(kind: str, row: Any) -> list[str]:
    if not isinstance(row, Mapping):
        raise Rejected(_("A row is an object."))
    known, get = FIELDS[kind], row.get
    if not KNOWN[kind].issuperset(row):
        unknown = sorted(set(row) - KNOWN[kind])
        said = {"field": shortened(clean(unknown[0])), "known": ", ".join(known)}
        raise Rejected(_("%(field)s: there is no such field; known are %(known)s") % said)
    return [value if isinstance(value := get(name), str) else _text(name, value) for name in known]


def _text(name: str, value: Any) -> str:
    match value:
        case None:
            return ""
        case bool() if name in OF_YES_OR_NO:
            return "yes" if value else "no"
        case bool():
            pass
        case str() | int():
            return str(value)
        case float() if (
            value.is_integer()
        ):  # 48600100200.0 is what a table makes of a number with gaps below it
            return str(int(value))
        case float() if math.isfinite(value):
            return str(value)
    raise Rejected(_("%(field)s: a text is needed") % {"field": name})


def _id_of(row: Any) -> str:
    key = row.get("external_id") if isinstance(row, Mapping) else None
    return clean(str(key)[:ID_LIMIT]) if isinstance(key, str | int) else ""


def _record(kind: str, options: ImportOptions, now: dt.datetime, *, is_one: bool) -> Import:
    about = {
        "kind": kind,
        "system": options.source,
        "file_name": f"{SENT} {now:%Y-%m-%d}" if is_one else SENT,
        "started_by_id": options.started_by_id,
    }
    known = Import.objects.filter(**about).first() if is_one else None
    return known or Import.objects.create(started_at=now, **about)


def _name(kind: str, system: str, became: Sequence[Became]) -> None:
    keys = {one.external_id for one in became if one.result != REJECTED}
    with connection.cursor() as cursor:
        cursor.execute(NAMED[kind], [system, list(keys)])
        ids: dict[str, int] = dict(cursor.fetchall())
    for one in became:
        if one.result != REJECTED:
            one.id = ids.get(one.external_id)


def _count(record: Import, became: Sequence[Became], now: dt.datetime) -> None:
    """Add to what the import counted; last, since others may wait for its row."""
    added = {name: F(name) + n for name, n in counts(became).items()}
    Import.objects.filter(pk=record.pk).update(rows=F("rows") + len(became), finished_at=now, **added)
