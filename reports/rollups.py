"""Stored figures are rewritten, never incremented: a changed day, with its week and month, is counted anew.

One transaction takes the notes of changed days, deletes the figures they touch and inserts them again; killed
anywhere, it has not happened, and the notes are still there. A lock lets one refresh run at a time: another
waits, or leaves the work to it. The result therefore always equals a rebuild.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction

from leads.models import HandOff
from reports.hand_off_facts import AGGREGATES, COUNTED_UNDER, GAPS, SPACING, STORED, SUM_COLUMNS, words
from reports.models import FigureState, PeriodFigure
from reports.periods import Grain, Period, bucket_of

# Any number, as long as nothing else of the product locks it.
REFRESH_LOCK = 7_305_001

# Of all hand-offs and of each owner, segment, source and campaign, in each period and under each agreement.
KEYS = """under.counted_under AS agreement_id, p.grain, p.starts_on,
        CASE WHEN grouping(f.owner) = 0 THEN 'owner' WHEN grouping(f.segment) = 0 THEN 'segment'
             WHEN grouping(f.source) = 0 THEN 'source' WHEN grouping(f.campaign) = 0 THEN 'campaign' ELSE '' END
            AS dimension,
        coalesce(f.owner, f.segment, f.source, f.campaign, '') AS key"""
IN_PERIODS = f"""FROM unnest(%(grains)s::text[], %(starts)s::date[], %(ends)s::date[]) AS p(grain, starts_on, ends_on)
        JOIN {{relation}} f ON f.handed_off_on >= p.starts_on AND f.handed_off_on < p.ends_on
        JOIN ({COUNTED_UNDER}) under ON under.agreement_id = coalesce(f.agreement_id, 0)"""
GROUPED = """GROUP BY GROUPING SETS (
        (p.grain, p.starts_on, under.counted_under), (p.grain, p.starts_on, under.counted_under, f.owner),
        (p.grain, p.starts_on, under.counted_under, f.segment), (p.grain, p.starts_on, under.counted_under, f.source),
        (p.grain, p.starts_on, under.counted_under, f.campaign)
    )"""

# The gaps between attempts are looked up once for each hand-off, though each lies in several periods.
INSERT = f"""
INSERT INTO reports_periodfigure (
    agreement_id, grain, starts_on, dimension, key, {", ".join(SUM_COLUMNS)}, gaps, gap_average, gap_median,
    distribution, connected_distribution
)
WITH gapped AS MATERIALIZED (
    SELECT f.agreement_id, f.handed_off_on, f.owner, f.segment, f.source, f.campaign, gap
    FROM ({STORED}) f CROSS JOIN LATERAL {GAPS} gaps
    WHERE f.handed_off_on = ANY(%(days)s::date[]) AND gap IS NOT NULL
)
SELECT c.agreement_id, c.grain, c.starts_on, c.dimension, c.key,
    {", ".join(f"c.{name}" for name in SUM_COLUMNS)}, coalesce(s.gaps, 0), s.gap_average, s.gap_median,
    (SELECT coalesce(jsonb_object_agg(n, times), '{{}}') FROM
        (SELECT n, count(*) AS times FROM unnest(c.attempts_each) n GROUP BY n) d),
    (SELECT coalesce(jsonb_object_agg(n, times), '{{}}') FROM
        (SELECT n, count(*) AS times FROM unnest(c.attempts_each_connected) n GROUP BY n) d)
FROM (
    SELECT {KEYS},
        {AGGREGATES}
    {IN_PERIODS.format(relation=f"({STORED})")}
    {GROUPED}
) c LEFT JOIN (
    SELECT {KEYS},
        {SPACING}
    {IN_PERIODS.format(relation="gapped")}
    {GROUPED}
) s ON (coalesce(s.agreement_id, 0), s.grain, s.starts_on, s.dimension, s.key)
    = (coalesce(c.agreement_id, 0), c.grain, c.starts_on, c.dimension, c.key)
"""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did: how many days had changed, how many periods were counted anew."""

    days: int
    periods: int


def refresh(*, now: dt.datetime, wait: bool = False, period: Period | None = None) -> Refreshed | None:
    """Count anew what changed (in the period); None when another refresh is at work and `wait` is false."""
    with transaction.atomic():
        if not _lock(wait):
            return None
        with connection.cursor() as cursor:
            if period is None:
                cursor.execute("DELETE FROM leads_changedday RETURNING day_on")
            else:
                cursor.execute(
                    "DELETE FROM leads_changedday WHERE day_on >= %s AND day_on < %s RETURNING day_on",
                    [period.start, period.end],
                )
            days = {row[0] for row in cursor.fetchall()}
        periods = _rewrite(days)
        if period is None:
            FigureState.objects.update_or_create(id=1, defaults={"complete_at": now})
    return Refreshed(days=len(days), periods=periods)


def rebuild(*, period: Period | None = None) -> Refreshed:
    """Count anew every day of the period, or all there are, a month at a time, changed or not."""
    if period is None:
        days = set(HandOff.objects.values_list("handed_off_on", flat=True).distinct())
        days |= set(PeriodFigure.objects.values_list("starts_on", flat=True).distinct())
    else:
        days = set(period)
    months: dict[dt.date, set[dt.date]] = {}
    for day in days:
        months.setdefault(day.replace(day=1), set()).add(day)
    periods = 0
    for month in sorted(months):
        with transaction.atomic():
            _lock(wait=True)
            periods += _rewrite(months[month])
    return Refreshed(days=len(days), periods=periods)


def figures_as_of() -> dt.datetime | None:
    """Return the instant up to which the stored figures are complete; None before the first refresh."""
    return FigureState.objects.values_list("complete_at", flat=True).first()


def _lock(wait: bool) -> bool:
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REFRESH_LOCK])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [REFRESH_LOCK])
        row = cursor.fetchone()
        return bool(row and row[0])


def _rewrite(days: Iterable[dt.date]) -> int:
    """Delete and insert the figures of these days and of the weeks and months they lie in; return how many periods."""
    periods = {(grain, bucket_of(day, grain)) for day in days for grain in Grain}
    if not periods:
        return 0
    ordered = sorted(periods, key=lambda item: (item[0].value, item[1].start))
    parameters = {
        **words(),
        "until": None,
        "grains": [grain.value for grain, _ in ordered],
        "starts": [period.start for _, period in ordered],
        "ends": [period.end for _, period in ordered],
        "days": sorted({day for _, period in ordered for day in period}),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM reports_periodfigure WHERE (grain, starts_on) IN
            (SELECT * FROM unnest(%(grains)s::text[], %(starts)s::date[]))""",
            parameters,
        )
        cursor.execute(INSERT, parameters)
    return len(ordered)
