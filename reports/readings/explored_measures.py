"""What can be explored: each measure as the pages of waterfall, speed, depth and recalibration read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from reports.periods import Period
from reports.readings.depth import depth_bucket
from reports.readings.figures import Row
from reports.readings.speed import speed_bucket
from reports.shares import Share, share


class Unit(StrEnum):
    """What a measure is measured in."""

    COUNT = "count"
    VALUE = "value"
    LENGTH = "length"
    SHARE = "share"
    AVERAGE = "average"


@dataclass(frozen=True, slots=True)
class Measured:
    """One number, exact; `n` is on how many cases it rests. None: nothing to measure it by."""

    value: Fraction | Decimal | float | int | None
    n: int


Read = Callable[[Period, Row], Measured]


@dataclass(frozen=True, slots=True)
class Measure:
    """`of_leads`: it counts qualified leads by the day they were qualified, all others hand-offs by theirs."""

    unit: Unit
    read: Read
    of_leads: bool = False

    @property
    def is_count(self) -> bool:
        """Whether parts of it add up to the whole, so that few cases are no reason to doubt it."""
        return self.unit in (Unit.COUNT, Unit.VALUE)


def _counted(name: str, unit: Unit = Unit.COUNT, **kind: bool) -> Measure:
    return Measure(unit, lambda _period, row: Measured(row[name], int(row[name])), **kind)


def _net(_period: Period, row: Row) -> Measured:
    net = row["counted"] - row["counted_rejected"]
    return Measured(net, net)


def _of_share(part: Share) -> Measured:
    return Measured(part.value, int(part.denominator))


def _close_rate(_period: Period, row: Row) -> Measured:
    return _of_share(share(row["won"], row["qualified"]))


def _average(period: Period, row: Row) -> Measured:
    return Measured(speed_bucket(period, row).average, row["attempted"])


def _median(period: Period, row: Row) -> Measured:
    return Measured(speed_bucket(period, row).median, row["attempted"])


def _p90(period: Period, row: Row) -> Measured:
    return Measured(speed_bucket(period, row).p90, row["attempted"])


def _in_time(period: Period, row: Row) -> Measured:
    return _of_share(speed_bucket(period, row).in_time)


def _depth(period: Period, row: Row) -> Measured:
    return Measured(depth_bucket(period, row).average, row["not_connected"])


def _worked(period: Period, row: Row) -> Measured:
    return _of_share(depth_bucket(period, row).worked)


def _fully_worked(period: Period, row: Row) -> Measured:
    return _of_share(depth_bucket(period, row).fully_worked)


def _stopped_early(period: Period, row: Row) -> Measured:
    return _of_share(depth_bucket(period, row).stopped_early)


MEASURES: dict[str, Measure] = {
    "handed_off": _counted("counted"),
    "qualified": _counted("qualified", of_leads=True),
    "accepted": _counted("counted_accepted"),
    "rejected": _counted("counted_rejected"),
    "net": Measure(Unit.COUNT, _net),
    "value": _counted("counted_value", Unit.VALUE),
    "hand_offs": _counted("handed_off"),
    "speed": Measure(Unit.LENGTH, _average),
    "speed_median": Measure(Unit.LENGTH, _median),
    "speed_p90": Measure(Unit.LENGTH, _p90),
    "in_time": Measure(Unit.SHARE, _in_time),
    "open": _counted("open"),
    "overdue": _counted("open_overdue"),
    "depth": Measure(Unit.AVERAGE, _depth),
    "worked": Measure(Unit.SHARE, _worked),
    "fully_worked": Measure(Unit.SHARE, _fully_worked),
    "stopped_early": Measure(Unit.SHARE, _stopped_early),
    "won": _counted("won", of_leads=True),
    "close_rate": Measure(Unit.SHARE, _close_rate, of_leads=True),
}
DEFAULT = "handed_off"
