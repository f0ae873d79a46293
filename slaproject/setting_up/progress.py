"""How far the worker is with a file, and where the waterfall shows what came in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Max, QuerySet

from leads.models import HandOff, Upload


@dataclass(frozen=True, slots=True)
class Progress:
    """Rows done of all, in per cent; how many come in a second, and how long the rest takes, once that is known."""

    done: int
    total: int
    percent: int
    rate: int | None
    left: dt.timedelta | None


def progress_of(upload: Upload) -> Progress:
    """Work out how far an upload is."""
    done, total = upload.rows_done, upload.rows_total
    rate = left = None
    if upload.began_at and upload.seen_at and done:
        seconds = (upload.seen_at - upload.began_at).total_seconds()
        if seconds > 0:
            rate = round(done / seconds)
            left = dt.timedelta(seconds=round((total - done) * seconds / done))
    return Progress(done, total, min(100, done * 100 // total) if total else 0, rate, left)


def last_month(upload: Upload) -> dt.date | None:
    """Return the last month that has leads of this import; of one that brought none, of all there are."""
    rows = HandOff.objects.all()
    last = _last_day(rows.filter(recorded_by=upload.record_id)) or _last_day(rows)
    return last.replace(day=1) if last else None


def _last_day(rows: QuerySet[HandOff]) -> dt.date | None:
    last: dt.date | None = rows.aggregate(last=Max("handed_off_on"))["last"]
    return last
