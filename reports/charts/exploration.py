"""What was explored, and how its keys and numbers are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from django.utils.translation import gettext as _

from reports.charts import words
from reports.charts.explored_words import MEASURE_WORDS, WITHOUT
from reports.periods import Grain, Period
from reports.readings.explored import ORDERED, By, Explored, tiles_of
from reports.readings.explored_measures import MEASURES, Measure, Measured, Unit
from reports.readings.figures import Row
from reports.readings.numbers import Number


@dataclass(frozen=True, slots=True)
class Exploration:
    """What was asked, and what was found. `names` are those of each dimension's keys; `addresses` of the first's rows.

    Where one dimension has an order and the other has none, `by` is the one that has.
    """

    key: str
    by: By
    split: By | None
    period: Period
    found: Explored
    names: Mapping[By, Mapping[str, str]]
    currency: str = ""
    agreed: Number | None = None
    addresses: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def measure(self) -> Measure:
        return MEASURES[self.key]

    @property
    def name(self) -> str:
        return str(MEASURE_WORDS[self.key].name)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at all to be measured."""
        total = self.found.total
        return not total["qualified" if self.measure.of_leads else "handed_off"]

    def measured(self, row: Row | None) -> Measured:
        """Return the measure of a row; nothing for no row."""
        if row is None:
            return Measured(0 if self.measure.is_count else None, 0)
        return self.measure.read(self.period, row)

    def name_of(self, by: By, key: str) -> str:
        """Return what a key is called, in full."""
        tiles = tiles_of(self.period, by)
        if key in tiles:
            return _tile_name(tiles[key], by, with_year=self.period.start.year != self.period.end.year)
        if by is By.HOUR and key:
            return hour_name(key)
        return self.names.get(by, {}).get(key) or key or str(WITHOUT.get(by, ""))

    def written(self, one: Measured) -> str:
        """Write a number as people read it."""
        match self.measure.unit:
            case Unit.LENGTH:
                return words.duration(one.value)
            case Unit.SHARE:
                return words.percent(exact(one))
            case Unit.VALUE | Unit.MONEY:
                return words.money(one.value, self.currency)
        return words.amount(one.value)

    def spoken(self, one: Measured) -> str:
        """Write a number with the cases it rests on."""
        if self.measure.is_count:
            return self.written(one)
        return _("%(value)s (n %(n)s)") % {"value": self.written(one), "n": words.amount(one.n)}


def by_size(seen: Exploration, by: By, rows: Mapping[str, Row], *, most: int | None) -> list[str]:
    """Return the keys in their own order, or the largest first; of too many, those with most cases."""
    found = {key: seen.measured(row) for key, row in rows.items()}
    keys = sorted(found, key=lambda key: (-found[key].n, key))[:most]
    if by in ORDERED:
        return sorted(keys, key=lambda key: (key == "", key))
    return sorted(keys, key=lambda key: (*size(found[key]), seen.name_of(by, key).casefold(), key))


def size(one: Measured) -> tuple[bool, Fraction]:
    """Return what puts the larger first, and what has no number last."""
    value = exact(one)
    return (value is None, -(value or Fraction(0)))


def exact(one: Measured) -> Fraction | None:
    """Return the number as a fraction."""
    return None if one.value is None else Fraction(one.value)


def hour_name(key: str) -> str:
    """Return from when to when an hour of the day goes."""
    return f"{key}:00–{(int(key) + 1) % 24:02}:00"


def _tile_name(tile: Period, by: By, *, with_year: bool) -> str:
    match by.grain:
        case Grain.DAY:
            name = words.weekday_and_day(tile.start)
        case Grain.WEEK:
            name = words.days(tile.start, tile.end)
        case _:
            return words.month(tile.start)
    return _("%(days)s %(year)s") % {"days": name, "year": tile.start.year} if with_year else name
