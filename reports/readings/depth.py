"""Depth: attempts on the hand-offs that have not connected, by day, week or month."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from agreements.models import Commitment
from reports.depth import AtLeast, Tally, at_least
from reports.periods import Grain, Period, buckets
from reports.readings.figures import Row
from reports.readings.goals import commitment_on
from reports.readings.numbers import number, share_json
from reports.readings.scope import Scope, figures_of
from reports.readings.spacing import NO_SPACING, Spacing, spacing_of
from reports.shares import Share, share


@dataclass(frozen=True, slots=True)
class Judged:
    """Depth of those on which the commitment is judged: the window has ended, or the hand-off was closed."""

    not_connected: int
    attempts: int
    worked: Share
    fully_worked: Share

    @property
    def average(self) -> Fraction | None:
        return Fraction(self.attempts, self.not_connected) if self.not_connected else None

    def as_json(self) -> dict[str, Any]:
        return {
            "not_connected": self.not_connected,
            "attempts": self.attempts,
            "average": number(self.average),
            "worked": share_json(self.worked),
            "fully_worked": share_json(self.fully_worked),
        }


@dataclass(frozen=True, slots=True)
class DepthBucket:
    """Depth of the hand-offs of one period. All but `handed_off` speak of those that have not connected, and
    were neither rejected nor recycled. `fully_worked` is out of those with an agreed number of attempts.
    """

    period: Period
    handed_off: int
    not_connected: int
    attempts: int
    worked: Share
    fully_worked: Share
    distribution: Tally
    connected_distribution: Tally
    judged: Judged
    young: int
    young_attempts: int
    stopped_early: Share

    @property
    def without_terms(self) -> int:
        """Those not connected that were handed off when no agreement was in force: nothing judges them."""
        return self.not_connected - self.judged.not_connected - self.young

    @property
    def average(self) -> Fraction | None:
        """Attempts ÷ hand-offs not connected."""
        return Fraction(self.attempts, self.not_connected) if self.not_connected else None

    def as_json(self) -> dict[str, Any]:
        """Return the bucket as the `report` command prints it."""
        return {
            "from": self.period.start.isoformat(),
            "to": self.period.end.isoformat(),
            "handed_off": self.handed_off,
            "not_connected": self.not_connected,
            "attempts": self.attempts,
            "average": number(self.average),
            "worked": share_json(self.worked),
            "fully_worked": share_json(self.fully_worked),
            "distribution": {str(made): n for made, n in sorted(self.distribution.items())},
            "judged": self.judged.as_json(),
            "young": {"not_connected": self.young, "attempts": self.young_attempts},
            "stopped_early": share_json(self.stopped_early),
        }


@dataclass(frozen=True, slots=True)
class DepthReport:
    """Depth by bucket and in total, with the promise it is drawn against."""

    grain: Grain
    as_of: dt.datetime
    buckets: tuple[DepthBucket, ...]
    total: DepthBucket
    at_least: tuple[AtLeast, ...]
    spacing: Spacing
    promise: Commitment | None

    def as_json(self) -> dict[str, Any]:
        """Return the report as the `report` command prints it."""
        steps = [
            {"k": s.k, "attempted": s.attempted, "connected_earlier": s.connected_earlier, "total": s.total}
            for s in self.at_least
        ]
        return {
            "by": self.grain.value,
            "as_of": self.as_of.isoformat(),
            "goal": {"attempts": self.promise.attempts if self.promise else None},
            "buckets": [bucket.as_json() for bucket in self.buckets],
            "total": {**self.total.as_json(), "at_least": steps, "spacing": self.spacing.as_json()},
        }


def depth_report(scope: Scope, grain: Grain, *, with_spacing: bool = True) -> DepthReport:
    """Return the depth of the scope's hand-offs in buckets of the grain.

    `with_spacing` false leaves the time between attempts away.
    """
    tiles = buckets(scope.period.start, scope.period.end, grain)
    *rows, of_all = figures_of(scope, [*tiles, scope.period])
    total = depth_bucket(scope.period, of_all)
    promise = commitment_on(scope, Commitment.Kind.DEPTH)
    agreed = promise.attempts if promise else None
    return DepthReport(
        grain=grain,
        as_of=scope.moment.at,
        buckets=tuple(depth_bucket(tile, row) for tile, row in zip(tiles, rows, strict=True)),
        total=total,
        at_least=tuple(at_least(total.distribution, total.connected_distribution, agreed=agreed)),
        spacing=spacing_of(scope, of_all) if with_spacing else NO_SPACING,
        promise=promise,
    )


def depth_bucket(period: Period, row: Row) -> DepthBucket:
    """Return the depth that a row of figures says."""
    return DepthBucket(
        period=period,
        handed_off=row["handed_off"],
        not_connected=row["not_connected"],
        attempts=int(row["attempts"]),
        worked=share(row["worked"], row["not_connected"]),
        fully_worked=share(row["fully_worked"], row["agreed_on"]),
        distribution=row["distribution"],
        connected_distribution=row["connected_distribution"],
        judged=Judged(
            not_connected=row["under_terms"] - row["young"],
            attempts=int(row["attempts_under_terms"]) - int(row["young_attempts"]),
            worked=share(row["worked_under_terms"] - row["young_worked"], row["under_terms"] - row["young"]),
            fully_worked=share(
                row["fully_worked"] - row["young_fully_worked"], row["agreed_on"] - row["young_agreed_on"]
            ),
        ),
        young=row["young"],
        young_attempts=int(row["young_attempts"]),
        stopped_early=share(row["stopped_early"], row["closed_unreachable"]),
    )
