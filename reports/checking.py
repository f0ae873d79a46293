"""Some months are counted anew and compared with what is stored: it must be the same, and somebody must know if not.

First the facts of the month's hand-offs, beside their attempts; then the stored figures, beside the hand-offs. What
differs is put right, since attempts and hand-offs are what happened, and written down with where it was. What changed
meanwhile and waits for its refresh is no difference.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from django.db import connection, transaction

from leads.models import HandOff
from leads.services.facts import refresh_facts, wrong_facts
from reports import rollups
from reports.models import FigureCheck, PeriodFigure
from reports.periods import Grain, Period, bucket_of, month_of

MONTHS = 3
EXAMPLES = 20
ALWAYS = Period(dt.date.min, dt.date.max)
LOG = logging.getLogger(__name__)

_KEY = ("agreement_id", "grain", "starts_on", "dimension", "key")
_NAMES = [str(one.column) for one in PeriodFigure._meta.local_fields if not one.primary_key]
# An average of floats is summed in whatever order the rows come.
_COLUMNS = ", ".join("round(gap_average::numeric, 3)" if name == "gap_average" else name for name in _NAMES)
_KEEP = """
CREATE TEMPORARY TABLE figures_kept ON COMMIT DROP AS
SELECT * FROM reports_periodfigure WHERE starts_on >= %s AND starts_on < %s
"""
_DIFFERING = f"""
WITH kept AS (SELECT {_COLUMNS} FROM figures_kept), counted AS (
    SELECT {_COLUMNS} FROM reports_periodfigure WHERE starts_on >= %s AND starts_on < %s
)
SELECT DISTINCT {", ".join(_KEY)} FROM (
    (SELECT * FROM kept EXCEPT SELECT * FROM counted) UNION ALL (SELECT * FROM counted EXCEPT SELECT * FROM kept)
) d WHERE %s OR NOT EXISTS (
    SELECT 1 FROM leads_changedday c WHERE c.day_on >= d.starts_on AND c.day_on < d.starts_on
        + CASE d.grain WHEN 'day' THEN interval '1 day' WHEN 'month' THEN interval '1 month' ELSE interval '7 days' END
) ORDER BY {", ".join(_KEY)}
"""


def check_figures(*, now: dt.datetime, random: Random, months: int = MONTHS) -> list[FigureCheck]:
    """Check the latest month that has hand-offs, and others at random; return what was found in each.

    Each month is checked and put right by itself: who is interrupted keeps what is done.
    """
    found = [dt.date(on.year, on.month, 1) for on in HandOff.objects.dates("handed_off_on", "month")]
    chosen = [*found[-1:], *random.sample(found[:-1], min(months - 1, len(found[:-1])))]
    return [check_month(month_of(month), now=now) for month in chosen]


def check_month(month: Period, *, now: dt.datetime) -> FigureCheck:
    """Check one month, put right what is wrong in it, and keep and log what that was."""
    ids = list(HandOff.objects.filter(handed_off_on__in=list(month)).values_list("pk", flat=True))
    hand_offs = _put_facts_right(ids, now)
    compared, figures = _put_figures_right(month, now)
    examples = [
        *(f"hand-off {pk}: its facts are not what its attempts say" for pk in hand_offs[:EXAMPLES]),
        *(f"figure {_named(key)}: it is not what the hand-offs say" for key in figures[:EXAMPLES]),
    ][:EXAMPLES]
    for line in examples:
        LOG.error("stored figures of %s: %s", f"{month.start:%Y-%m}", line)
    return FigureCheck.objects.create(
        month_on=month.start,
        checked_at=now,
        hand_offs=len(ids),
        figures=compared,
        wrong_hand_offs=len(hand_offs),
        wrong_figures=len(figures),
        examples=examples,
    )


def _put_facts_right(ids: Sequence[int], now: dt.datetime) -> list[int]:
    """Return the hand-offs whose facts were wrong also when nobody could be changing them."""
    suspected = wrong_facts(ids, now=now)
    if not suspected:
        return []
    with transaction.atomic():
        list(HandOff.objects.select_for_update().filter(pk__in=suspected).order_by("pk").values_list("pk"))
        wrong = wrong_facts(suspected, now=now)
        refresh_facts(wrong, now=now)
    return wrong


def _put_figures_right(month: Period, now: dt.datetime) -> tuple[int, list[Sequence[Any]]]:
    """Count the month anew; return how many figures it had, and the keys of those that were wrong.

    They are brought up to date first: what changes in the moment until they are counted is noted, and left out. Up to
    when all figures are complete is left to the refresh of all: that of `now` may be minutes ago.
    """
    with transaction.atomic():
        rollups.refresh(now=now, wait=True, period=month)
        kept = keep_figures(Period(bucket_of(month.start, Grain.WEEK).start, month.end))
        rollups.rebuild(period=month)
        return kept.figures, differing_figures(kept)


@dataclass(frozen=True, slots=True)
class Kept:
    """Stored figures that were put aside in this transaction: those that begin in the period."""

    period: Period
    figures: int


def keep_figures(period: Period = ALWAYS) -> Kept:
    """Put the stored figures aside, to be compared later in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.figures_kept")
        cursor.execute(_KEEP, [period.start, period.end])
        return Kept(period, cursor.rowcount)


def differing_figures(kept: Kept, *, even_waiting: bool = False) -> list[Sequence[Any]]:
    """Return the keys of stored figures that are not as they were; of days that wait for being counted if asked."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERING, [kept.period.start, kept.period.end, even_waiting])
        return list(cursor.fetchall())


def _named(key: Sequence[Any]) -> str:
    return ", ".join(
        f"{name} {value}" for name, value in zip(_KEY, key, strict=True) if value not in (None, "")
    )
