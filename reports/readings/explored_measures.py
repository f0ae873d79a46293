"""What can be explored: each measure as the pages of waterfall, speed, depth and recalibration read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from reports.depth import at_least
from reports.periods import Period
from reports.readings.depth import DepthBucket, depth_bucket
from reports.readings.figures import Row
from reports.readings.speed import SpeedBucket, speed_bucket
from reports.shares import Share, share


class Unit(StrEnum):
    """What a measure is measured in."""

    COUNT = "count"
    VALUE = "value"
    MONEY = "money"
    LENGTH = "length"
    SHARE = "share"
    AVERAGE = "average"


class Topic(StrEnum):
    """Which page has the measure as well."""

    GOAL = "goal"
    SPEED = "speed"
    DEPTH = "depth"
    CUSTOMERS = "customers"


class Needs(StrEnum):
    """What a measure reads beside the sums."""

    NOTHING = ""
    TALLIES = "tallies"
    SPACING = "spacing"
    WAITS = "waits"
    DEALS = "deals"


@dataclass(frozen=True, slots=True)
class Measured:
    """One number, exact; `n` is on how many cases it rests. None: nothing to measure it by."""

    value: Fraction | Decimal | float | int | None
    n: int


Read = Callable[[Period, Row], Measured]


@dataclass(frozen=True, slots=True)
class Measure:
    """`of_leads`: it counts qualified leads by the day they were qualified, all others hand-offs by theirs."""

    topic: Topic
    unit: Unit
    read: Read
    of_leads: bool = False
    needs: Needs = Needs.NOTHING

    @property
    def is_count(self) -> bool:
        """Whether parts of it add up to the whole, so that few cases are no reason to doubt it."""
        return self.unit in (Unit.COUNT, Unit.VALUE)


def _counted(topic: Topic, name: str, unit: Unit = Unit.COUNT, **kind: Any) -> Measure:
    return Measure(topic, unit, lambda _period, row: Measured(row[name], int(row[name])), **kind)


def _net(_period: Period, row: Row) -> Measured:
    net = row["counted"] - row["counted_rejected"]
    return Measured(net, net)


def _of_share(part: Share) -> Measured:
    return Measured(part.value, int(part.denominator))


def _close_rate(_period: Period, row: Row) -> Measured:
    return _of_share(share(row["won"], row["qualified"]))


def _average_deal(_period: Period, row: Row) -> Measured:
    return Measured(Fraction(row["revenue"]) / row["paying"] if row["paying"] else None, row["paying"])


def _revenue(_period: Period, row: Row) -> Measured:
    return Measured(row["revenue"], row["paying"])


def _of_speed(read: Callable[[SpeedBucket], Fraction | float | None], n: str = "attempted") -> Measure:
    def measured(period: Period, row: Row) -> Measured:
        return Measured(read(speed_bucket(period, row)), row[n])

    return Measure(Topic.SPEED, Unit.LENGTH, measured)


def _speed_count(read: Callable[[SpeedBucket], int]) -> Measure:
    def measured(period: Period, row: Row) -> Measured:
        n = read(speed_bucket(period, row))
        return Measured(n, n)

    return Measure(Topic.SPEED, Unit.COUNT, measured)


def _in_time(period: Period, row: Row) -> Measured:
    return _of_share(speed_bucket(period, row).in_time)


def _survival(_period: Period, row: Row) -> Measured:
    return Measured(row["kaplan_meier_median"], row["waited"])


def _depth(period: Period, row: Row) -> Measured:
    return Measured(depth_bucket(period, row).average, row["not_connected"])


def _depth_judged(period: Period, row: Row) -> Measured:
    judged = depth_bucket(period, row).judged
    return Measured(judged.average, judged.not_connected)


def _depth_share(read: Callable[[DepthBucket], Share]) -> Measure:
    return Measure(Topic.DEPTH, Unit.SHARE, lambda period, row: _of_share(read(depth_bucket(period, row))))


def _tried(k: int) -> Measure:
    """Return the share of hand-offs with at least k attempts, those that connected earlier counted as fulfilled."""

    def measured(_period: Period, row: Row) -> Measured:
        steps = at_least(row["distribution"], row["connected_distribution"], agreed=k)
        return _of_share(steps[k - 1].fulfilled)

    return Measure(Topic.DEPTH, Unit.SHARE, measured, needs=Needs.TALLIES)


def _spacing(column: str) -> Measure:
    return Measure(
        Topic.DEPTH,
        Unit.LENGTH,
        lambda _period, row: Measured(row[column], row["gaps"]),
        needs=Needs.SPACING,
    )


MOST_TRIED = 10
"""Up to so many attempts their shares are measures of their own."""
AT_LEAST = {f"at_least_{k}": k for k in range(1, MOST_TRIED + 1)}
MEASURES: dict[str, Measure] = {
    "handed_off": _counted(Topic.GOAL, "counted"),
    "qualified": _counted(Topic.GOAL, "qualified", of_leads=True),
    "accepted": _counted(Topic.GOAL, "counted_accepted"),
    "rejected": _counted(Topic.GOAL, "counted_rejected"),
    "net": Measure(Topic.GOAL, Unit.COUNT, _net),
    "value": Measure(
        Topic.GOAL, Unit.VALUE, lambda _period, row: Measured(row["counted_value"], row["counted"])
    ),
    "hand_offs": _counted(Topic.GOAL, "handed_off"),
    "speed": _of_speed(lambda one: one.average),
    "speed_median": _of_speed(lambda one: one.median),
    "speed_p90": _of_speed(lambda one: one.p90),
    "speed_survival": Measure(Topic.SPEED, Unit.LENGTH, _survival, needs=Needs.WAITS),
    "in_time": Measure(Topic.SPEED, Unit.SHARE, _in_time),
    "attempted": _counted(Topic.SPEED, "attempted"),
    "open": _counted(Topic.SPEED, "open"),
    "overdue": _counted(Topic.SPEED, "open_overdue"),
    "not_yet_due": _speed_count(lambda one: one.not_yet_due_answered + one.not_yet_due_open),
    "speed_elapsed": _of_speed(lambda one: one.average_elapsed),
    "speed_elapsed_median": _of_speed(lambda one: one.median_elapsed),
    "speed_elapsed_p90": _of_speed(lambda one: one.p90_elapsed),
    "routing": _of_speed(lambda one: one.routing_average, "routed"),
    "rep_part": _of_speed(lambda one: one.rep_average, "routed"),
    "depth": Measure(Topic.DEPTH, Unit.AVERAGE, _depth),
    "not_connected": _counted(Topic.DEPTH, "not_connected"),
    "worked": _depth_share(lambda one: one.worked),
    "fully_worked": _depth_share(lambda one: one.fully_worked),
    "depth_judged": Measure(Topic.DEPTH, Unit.AVERAGE, _depth_judged),
    "worked_judged": _depth_share(lambda one: one.judged.worked),
    "fully_worked_judged": _depth_share(lambda one: one.judged.fully_worked),
    "young": _counted(Topic.DEPTH, "young"),
    "stopped_early": _depth_share(lambda one: one.stopped_early),
    "spacing": _spacing("gap_average"),
    "spacing_median": _spacing("gap_median"),
    **{name: _tried(k) for name, k in AT_LEAST.items()},
    "won": _counted(Topic.CUSTOMERS, "won", of_leads=True),
    "close_rate": Measure(Topic.CUSTOMERS, Unit.SHARE, _close_rate, of_leads=True),
    "average_deal": Measure(Topic.CUSTOMERS, Unit.MONEY, _average_deal, of_leads=True, needs=Needs.DEALS),
    "revenue": Measure(Topic.CUSTOMERS, Unit.VALUE, _revenue, of_leads=True, needs=Needs.DEALS),
}
DEFAULT = "handed_off"
