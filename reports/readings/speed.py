"""Speed: business time from hand-off to first attempt, by day, week or month (DOMAIN: the agreed average first)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db import connection

from agreements.models import CalendarRevision, Commitment
from leads.models import Pause
from reports.hand_off_facts import AS_OF, STORED, UNANSWERED, words
from reports.periods import Grain, Period, buckets
from reports.readings.figures import Row
from reports.readings.goals import commitment_on
from reports.readings.numbers import number, share_json
from reports.readings.scope import Scope, figures_of
from reports.readings.selection import where
from reports.readings.stored import stored_waits
from reports.shares import Share, share
from reports.speed import WaitBin, Waits, kaplan_meier_median, wait_bins


@dataclass(frozen=True, slots=True)
class SpeedBucket:
    """Speed of the hand-offs of one period. Lengths in seconds; None where nobody was attempted.

    In time is judged on those whose `due_at` has passed; `not_yet_due_*` are the others, shown apart.
    `date_only` hand-offs take no part. `kaplan_meier_median` counts the open ones; it is worked out for totals
    only, and None where the median is not reached.
    """

    period: Period
    handed_off: int
    date_only: int
    attempted: int
    open: int
    open_overdue: int
    average: Fraction | None
    median: float | None
    p90: float | None
    average_elapsed: Fraction | None
    median_elapsed: float | None
    p90_elapsed: float | None
    in_time: Share
    not_yet_due_answered: int
    not_yet_due_open: int
    routing_average: Fraction | None
    rep_average: Fraction | None

    def as_json(self) -> dict[str, Any]:
        """Return the bucket as the `report` command prints it."""
        return {
            "from": self.period.start.isoformat(),
            "to": self.period.end.isoformat(),
            "handed_off": self.handed_off,
            "date_only": self.date_only,
            "attempted": self.attempted,
            "open": self.open,
            "open_overdue": self.open_overdue,
            "average": number(self.average),
            "median": number(self.median),
            "p90": number(self.p90),
            "average_elapsed": number(self.average_elapsed),
            "median_elapsed": number(self.median_elapsed),
            "p90_elapsed": number(self.p90_elapsed),
            "in_time": share_json(self.in_time),
            "not_yet_due": {"answered": self.not_yet_due_answered, "open": self.not_yet_due_open},
            "routing_average": number(self.routing_average),
            "rep_average": number(self.rep_average),
        }


@dataclass(frozen=True, slots=True)
class SpeedReport:
    """Speed by bucket and in total, with the promise it is drawn against.

    `medians` are those of the buckets that count the open ones, and `waits` how long all waited: both for pages.
    """

    grain: Grain
    as_of: dt.datetime
    buckets: tuple[SpeedBucket, ...]
    total: SpeedBucket
    kaplan_meier_median: int | None
    promise: Commitment | None
    medians: tuple[int | None, ...] = ()
    waits: tuple[WaitBin, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the report as the `report` command prints it."""
        promise = self.promise
        return {
            "by": self.grain.value,
            "as_of": self.as_of.isoformat(),
            "goal": {
                "average": _seconds(promise.average_goal) if promise else None,
                "allowance": _seconds(promise.allowance) if promise else None,
                "in_time_share": number(promise.in_time_share) if promise else None,
            },
            "buckets": [bucket.as_json() for bucket in self.buckets],
            "total": {**self.total.as_json(), "kaplan_meier_median": self.kaplan_meier_median},
        }


def _seconds(length: dt.timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())


def speed_report(scope: Scope, grain: Grain, *, with_survival: bool = True) -> SpeedReport:
    """Return the speed of the scope's hand-offs in buckets of the grain.

    `with_survival` false leaves the median that counts the open ones away.
    """
    tiles = buckets(scope.period.start, scope.period.end, grain)
    *rows, total = figures_of(scope, [*tiles, scope.period])
    promise = commitment_on(scope, Commitment.Kind.SPEED)
    by_tile = _waits(scope, tiles) if with_survival else [Waits() for _tile in tiles]
    all_waits = Waits.together(by_tile)
    return SpeedReport(
        grain=grain,
        as_of=scope.moment.at,
        buckets=tuple(speed_bucket(tile, row) for tile, row in zip(tiles, rows, strict=True)),
        total=speed_bucket(scope.period, total),
        kaplan_meier_median=kaplan_meier_median(all_waits),
        promise=promise,
        medians=tuple(map(kaplan_meier_median, by_tile)) if with_survival else (),
        waits=wait_bins(all_waits, allowance=_seconds(promise.allowance) if promise else None),
    )


def speed_bucket(period: Period, row: Row) -> SpeedBucket:
    """Return the speed that a row of figures says."""
    judged = (
        row["answered_with_clock"] - row["answered_not_yet_due"] + row["open_overdue"] + row["released_late"]
    )
    return SpeedBucket(
        period=period,
        handed_off=row["timed"],
        date_only=row["handed_off"] - row["timed"],
        attempted=row["attempted"],
        open=row["open"],
        open_overdue=row["open_overdue"],
        average=_mean(row["business_seconds"], row["attempted"]),
        median=row["business_median"],
        p90=row["business_p90"],
        average_elapsed=_mean(row["elapsed_seconds"], row["attempted"]),
        median_elapsed=row["elapsed_median"],
        p90_elapsed=row["elapsed_p90"],
        in_time=share(row["met"] - row["met_not_yet_due"], judged),
        not_yet_due_answered=row["answered_not_yet_due"],
        not_yet_due_open=row["open_not_yet_due"],
        routing_average=_mean(row["routing_seconds"], row["routed"]),
        rep_average=_mean(row["repped_seconds"], row["routed"]),
    )


def _mean(total: int, n: int) -> Fraction | None:
    return Fraction(int(total), n) if n else None


# Those answered, by how long it took, where no stored figure knows it; and those not (any more) waited for, to be
# measured up to their end. `key` groups them.
ANSWERED = """
SELECT {key}, array_agg(f.business ORDER BY f.business)
FROM ({relation}) f {join}
WHERE f.handed_off_on >= %(start)s AND f.handed_off_on < %(end)s AND f.business IS NOT NULL AND {condition}
GROUP BY 1
"""
CENSORED = f"""
SELECT {{key}}, f.id, f.calendar_revision_id,
    extract(epoch FROM f.handed_off_at)::bigint,
    extract(epoch FROM coalesce(CASE WHEN NOT ({UNANSWERED}) THEN f.closed_at END, %(now)s))::bigint
FROM ({{relation}}) f {{join}}
WHERE f.handed_off_on >= %(start)s AND f.handed_off_on < %(end)s AND NOT f.is_date_only
    AND f.first_attempt_at IS NULL AND {{condition}}
"""

# Those once paused among them, found by a partial index: a pause that lasts is where their waiting ends.
PAUSED = """
SELECT f.id FROM ({relation}) f JOIN leads_handoff p ON p.id = f.id
WHERE f.handed_off_on >= %(start)s AND f.handed_off_on < %(end)s AND p.handed_off_on >= %(start)s
    AND p.handed_off_on < %(end)s AND p.paused_at IS NOT NULL AND f.first_attempt_at IS NULL AND {condition}
"""


TILE = "width_bucket(f.handed_off_on, %(starts)s::date[])"


def _waits(scope: Scope, tiles: Sequence[Period]) -> list[Waits]:
    """Return how long the hand-offs of each tile that take part waited, in business seconds."""
    asked = {"starts": [tile.start for tile in tiles]}
    answered = None if scope.moment.is_past else stored_waits(tiles, scope.selection)
    if answered is None:
        found = dict(_rows(scope, ANSWERED, TILE, asked))
        answered = [found.get(number + 1, []) for number in range(len(tiles))]
    censored = _censored(scope, TILE, asked)
    return [Waits(of_tile, censored.get(number + 1, [])) for number, of_tile in enumerate(answered)]


def waits_by_pair(
    scope: Scope, one: str, two: str, *, join: str = "", asked: Mapping[str, Any]
) -> dict[tuple[str, str], Waits]:
    """Return how long the hand-offs that take part waited, by two keys: text in SQL on facts `f` and what is joined."""
    key = f"ARRAY[{one}, {two}]"
    answered = {(first, second): waits for (first, second), waits in _rows(scope, ANSWERED, key, asked, join)}
    censored = _censored(scope, key, asked, join=join)
    return {
        pair: Waits(answered.get(pair, ()), censored.get(pair, ()))
        for pair in answered.keys() | censored.keys()
    }


def _censored(scope: Scope, key: str, asked: Mapping[str, Any], *, join: str = "") -> dict[Any, list[int]]:
    """Return how long those without an attempt had waited where their waiting ended, ascending, by key."""
    unanswered = _rows(scope, CENSORED, key, asked, join)
    paused = [pk for (pk,) in _rows(scope, PAUSED, key, asked)] if unanswered else []
    revisions = CalendarRevision.objects.in_bulk({row[2] for row in unanswered})
    pauses = Pause.objects.spans(paused)
    censored: dict[Any, list[int]] = {}
    for found, pk, revision, start, end in unanswered:
        calendar = revisions[revision].compiled()
        waited = calendar.elapsed_seconds(start, end)
        if pk in pauses:
            begun_at, ended_at = (dt.datetime.fromtimestamp(second, dt.UTC) for second in (start, end))
            waited = calendar.elapsed(begun_at, ended_at, pauses[pk]) // dt.timedelta(seconds=1)
        censored.setdefault(tuple(found) if isinstance(found, list) else found, []).append(waited)
    return {found: sorted(waits) for found, waits in censored.items()}


def _rows(
    scope: Scope, statement: str, key: str, asked: Mapping[str, Any], join: str = ""
) -> list[tuple[Any, ...]]:
    condition, parameters = where(scope.selection)
    relation = AS_OF if scope.moment.is_past else STORED
    parameters |= {
        **words(),
        **asked,
        "now": scope.moment.at,
        "start": scope.period.start,
        "end": scope.period.end,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            statement.format(key=key, relation=relation, join=join, condition=condition), parameters
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
