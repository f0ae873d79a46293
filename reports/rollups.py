"""Stored figures are rewritten, never incremented: a changed day, with its week and month, is counted anew.

One transaction takes the notes of changed days, deletes the figures they touch and inserts them again; killed
anywhere, it has not happened, and the notes are still there. A lock lets one refresh run at a time: another
waits, or leaves the work to it. The result therefore always equals a rebuild. Where very many days changed, as after
the import of a history, each month has a transaction of its own: what was counted stays, whatever ends the work.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import QuerySet

from agreements.terms import company_zone
from leads.models import ChangedDay, HandOff
from reports.hand_off_facts import (
    AGGREGATES,
    BY_BUSINESS_DAY,
    COUNTED_UNDER,
    GAPS,
    OPENING,
    SPACING,
    STORED,
    SUM_COLUMNS,
    TRIED,
    WAITS,
    words,
)
from reports.load import MOST
from reports.models import FigureState, PeriodFigure
from reports.opening import opening_of
from reports.periods import Grain, Period, bucket_of, part_of

# Any number, as long as nothing else of the product locks it.
REFRESH_LOCK = 7_305_001

TOGETHER = 31
"""So many changed days are counted in one statement: no worker's time limit is ever in its way."""

PART = PeriodFigure.Grain.PART.value
DIMENSIONS = ("owner", "segment", "source", "campaign", "team", "load")

# Of all hand-offs and of each owner, segment and so on, in each period and under each agreement.
KEYS = f"""f.counted_under AS agreement_id, p.grain, p.starts_on,
        CASE {" ".join(f"WHEN grouping(f.{one}) = 0 THEN '{one}'" for one in DIMENSIONS)} ELSE '' END AS dimension,
        coalesce({", ".join(f"f.{one}" for one in DIMENSIONS)}, '') AS key"""
IN_PERIODS = """FROM unnest(%(grains)s::text[], %(starts)s::date[], %(days)s::date[]) AS p(grain, starts_on, day_on)
        JOIN {relation} f ON f.handed_off_on = p.day_on"""
GROUPED = f"""GROUP BY p.grain, p.starts_on, f.counted_under,
        GROUPING SETS ((), {", ".join(f"(f.{one})" for one in DIMENSIONS)})"""

# Of these grains the lengths are kept whose percentiles any other span needs.
IS_ADDED = f"p.grain IN ('{Grain.DAY.value}', '{Grain.MONTH.value}')"

# Facts are looked up once for each hand-off, though each lies in several periods and is counted under several
# agreements. Its load is everything that its owner was handed that day, under whatever agreement.
FACTS = f"""
loaded AS MATERIALIZED (
    SELECT f.*, CASE WHEN f.owner <> 'name:' THEN
        least(count(*) OVER (PARTITION BY f.owner, f.handed_off_on), {MOST})::text END AS load
    FROM ({STORED}) f WHERE f.handed_off_on = ANY(%(of_days)s::date[])
), facts AS MATERIALIZED (
    SELECT f.*, under.counted_under,
        row_number() OVER (PARTITION BY under.counted_under, f.owner, f.handed_off_on) = 1 AS opens_rep_day
    FROM loaded f JOIN ({COUNTED_UNDER}) under ON under.agreement_id = coalesce(f.agreement_id, 0)
), gapped AS MATERIALIZED (
    SELECT f.agreement_id, f.handed_off_on, {", ".join(f"f.{one}" for one in DIMENSIONS)}, gap
    FROM loaded f CROSS JOIN LATERAL {GAPS} gaps WHERE gap IS NOT NULL
), gaps_under AS (
    SELECT f.*, under.counted_under
    FROM gapped f JOIN ({COUNTED_UNDER}) under ON under.agreement_id = coalesce(f.agreement_id, 0)
), tried AS MATERIALIZED (
    SELECT f.agreement_id, f.handed_off_on, {", ".join(f"f.{one}" for one in DIMENSIONS)}, tried.k, tried.business_day
    FROM loaded f JOIN {OPENING} opening USING (calendar_revision_id, handed_off_on) CROSS JOIN LATERAL {TRIED} tried
), tried_under AS (
    SELECT f.*, under.counted_under
    FROM tried f JOIN ({COUNTED_UNDER}) under ON under.agreement_id = coalesce(f.agreement_id, 0)
)
"""
INSERT = f"""
INSERT INTO reports_periodfigure (
    agreement_id, grain, starts_on, dimension, key, {", ".join(SUM_COLUMNS)}, waits, elapsed_waits, rep_days,
    gaps, gap_average, gap_median, gap_lengths, attempt_days, distribution, connected_distribution
)
WITH {FACTS}
SELECT c.agreement_id, c.grain, c.starts_on, c.dimension, c.key,
    {", ".join(f"c.{name}" for name in SUM_COLUMNS)}, c.waits, c.elapsed_waits, c.rep_days,
    coalesce(s.gaps, 0), s.gap_average, s.gap_median, coalesce(s.gap_lengths, '{{}}'), coalesce(t.attempt_days, '[]'),
    (SELECT coalesce(jsonb_object_agg(n, times), '{{}}') FROM
        (SELECT n, count(*) AS times FROM unnest(c.attempts_each) n GROUP BY n) d),
    (SELECT coalesce(jsonb_object_agg(n, times), '{{}}') FROM
        (SELECT n, count(*) AS times FROM unnest(c.attempts_each_connected) n GROUP BY n) d)
FROM (
    SELECT {KEYS},
        {AGGREGATES.rstrip()}, {WAITS.strip()},
        coalesce(array_agg(f.elapsed ORDER BY f.elapsed) FILTER (WHERE f.elapsed IS NOT NULL AND {IS_ADDED}), '{{}}')
            AS elapsed_waits,
        CASE WHEN grouping(f.load) = 0 THEN count(f.id) FILTER (WHERE f.opens_rep_day) ELSE 0 END AS rep_days
    {IN_PERIODS.format(relation="facts")}
    {GROUPED}
) c LEFT JOIN (
    SELECT {KEYS},
        {SPACING.rstrip()}, array_agg(gap ORDER BY gap) FILTER (WHERE {IS_ADDED}) AS gap_lengths
    {IN_PERIODS.format(relation="gaps_under")}
    {GROUPED}
) s ON (coalesce(s.agreement_id, 0), s.grain, s.starts_on, s.dimension, s.key)
    = (coalesce(c.agreement_id, 0), c.grain, c.starts_on, c.dimension, c.key)
LEFT JOIN (
    SELECT agreement_id, grain, starts_on, dimension, key, jsonb_agg(days ORDER BY k) AS attempt_days FROM (
        SELECT {KEYS}, f.k,
            {BY_BUSINESS_DAY.strip()}
        {IN_PERIODS.format(relation="tried_under")}
        WHERE p.grain = '{Grain.DAY.value}'
        {GROUPED}, f.k
    ) by_k GROUP BY agreement_id, grain, starts_on, dimension, key
) t ON (coalesce(t.agreement_id, 0), t.grain, t.starts_on, t.dimension, t.key)
    = (coalesce(c.agreement_id, 0), c.grain, c.starts_on, c.dimension, c.key)
WHERE NOT (c.dimension = 'load' AND c.key = '')
"""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did: how many days had changed, how many periods were counted anew."""

    days: int
    periods: int

    def __add__(self, other: Refreshed) -> Refreshed:
        return Refreshed(self.days + other.days, self.periods + other.periods)


def refresh(*, now: dt.datetime, wait: bool = False, period: Period | None = None) -> Refreshed | None:
    """Count anew what changed (in the period); None when another refresh is at work and `wait` is false."""
    if period is None:
        _note_start(now)
    done = Refreshed(days=0, periods=0)
    *first, last = _parts(period)
    for part in first:
        with transaction.atomic():
            if not _lock(wait):
                return None
            done += _count_noted(part)
    with transaction.atomic():
        if not _lock(wait):
            return None
        done += _count_noted(last)
        if period is None:
            _note_end(now)
    return done


def rebuild(*, period: Period | None = None) -> Refreshed:
    """Count anew every day of the period, or all there are, a month at a time, changed or not."""
    if period is None:
        days = set(HandOff.objects.values_list("handed_off_on", flat=True).distinct())
        days |= set(PeriodFigure.objects.values_list("starts_on", flat=True).distinct())
    else:
        days = set(period)
    done = Refreshed(days=0, periods=0)
    for month in _by_month(days):
        with transaction.atomic():
            _lock(wait=True)
            done += Refreshed(days=len(month), periods=_rewrite(month))
    return done


def figures_as_of() -> dt.datetime | None:
    """Return the instant up to which the stored figures are complete; None before the first refresh."""
    return FigureState.objects.values_list("complete_at", flat=True).first()


def _note_start(now: dt.datetime) -> None:
    """Write down, for others to see at once, that a refresh begins; not where another one is at work."""
    with transaction.atomic():
        if _lock(wait=False):
            FigureState.objects.update_or_create(id=1, defaults={"started_at": now})


def _note_end(now: dt.datetime) -> None:
    """Write down that what changed up to now is counted, unless one that began later was sooner."""
    newest = FigureState.objects.filter(id=1, complete_at__gt=now)
    if not newest.exists():
        FigureState.objects.update_or_create(id=1, defaults={"complete_at": now})


def _parts(period: Period | None) -> list[Period | None]:
    """Return the spans whose notes are taken together, None for all that are left: one, or a month each."""
    days = _noted(period).values_list("day_on", flat=True).distinct()
    months = _by_month(days) if len(days) > TOGETHER else []
    return [*(Period(min(month), max(month) + dt.timedelta(days=1)) for month in months[:-1]), period]


def _by_month(days: Iterable[dt.date]) -> list[set[dt.date]]:
    """Return the days by their months, the newest month first: it is the one that is looked at."""
    months: dict[dt.date, set[dt.date]] = {}
    for day in days:
        months.setdefault(day.replace(day=1), set()).add(day)
    return [months[month] for month in sorted(months, reverse=True)]


def _noted(period: Period | None) -> QuerySet[ChangedDay]:
    noted = ChangedDay.objects.all()
    return noted if period is None else noted.filter(day_on__gte=period.start, day_on__lt=period.end)


def _count_noted(period: Period | None) -> Refreshed:
    """Take the notes of changed days, and count these anew."""
    with connection.cursor() as cursor:
        if period is None:
            cursor.execute("DELETE FROM leads_changedday RETURNING day_on")
        else:
            cursor.execute(
                "DELETE FROM leads_changedday WHERE day_on >= %s AND day_on < %s RETURNING day_on",
                [period.start, period.end],
            )
        days = {row[0] for row in cursor.fetchall()}
    return Refreshed(days=len(days), periods=_rewrite(days))


def _lock(wait: bool) -> bool:
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REFRESH_LOCK])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [REFRESH_LOCK])
        row = cursor.fetchone()
        return bool(row and row[0])


def _rewrite(days: Iterable[dt.date]) -> int:
    """Delete and insert the figures of these days and of the periods they lie in; return how many periods."""
    periods = {one for day in days for one in _periods_of(day)}
    if not periods:
        return 0
    ordered = sorted(periods, key=lambda item: (item[0], item[1].start))
    by_day = [(grain, period.start, day) for grain, period in ordered for day in period]
    grains, starts, of_days = zip(*by_day, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM reports_periodfigure WHERE (grain, starts_on) IN
            (SELECT * FROM unnest(%(grains)s::text[], %(starts)s::date[]))""",
            {
                "grains": [grain for grain, _ in ordered],
                "starts": [period.start for _, period in ordered],
            },
        )
        cursor.execute(
            INSERT,
            {
                **words(),
                **opening_of(HandOff.objects.filter(handed_off_on__in=set(of_days))),
                "zone": company_zone().key,
                "until": None,
                "now": "infinity",
                "grains": list(grains),
                "starts": list(starts),
                "days": list(of_days),
                "of_days": sorted(set(of_days)),
            },
        )
    return len(ordered)


def _periods_of(day: dt.date) -> list[tuple[str, Period]]:
    """Return the day, its week and its month, and the part of the week that lies in the month where it is cut."""
    periods = [(grain.value, bucket_of(day, grain)) for grain in Grain]
    part = part_of(day)
    return [*periods, (PART, part)] if part else periods
