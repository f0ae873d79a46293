"""Depth's heat table: how many k-th attempts came on which business day, the number in each cell, one hue for many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.attempt_days import LAST, LATEST, AttemptDays
from reports.charts import words
from reports.charts.buckets import FEW
from reports.charts.description import Cell, Column, Table

HEAT = "heat"
SHADES = 5
NAMED = 2
"""The attempt of which the title speaks, if enough were made: after the first it shows whether sales went on."""


@dataclass(frozen=True, slots=True)
class HeatTable:
    """`title` is the finding, `shades` says of each cell how much of the hue it has: 0 for nothing, 5 for most."""

    key: str
    title: str
    subtitle: str
    summary: str
    notes: tuple[str, ...]
    table: Table
    shades: tuple[tuple[int, ...], ...]

    @property
    def rows(self) -> Iterator[tuple[Cell, list[tuple[Cell, int]], Cell]]:
        """Each row: its heading, the cells with their shades, and its sum."""
        for (heading, *cells, total), shades in zip(self.table.rows, self.shades, strict=True):
            yield heading, list(zip(cells, shades, strict=True)), total


def heat_table(rows: Sequence[AttemptDays], *, subtitle: str) -> HeatTable | None:
    """Describe the table; None where no attempt was made."""
    if not rows:
        return None
    most = max(max(row.days) for row in rows)
    measure = _("How many hand-offs had which attempt on which business day after the hand-off")
    return HeatTable(
        key=HEAT,
        title=_finding(rows),
        subtitle=f"{measure} · {subtitle}",
        summary=_summary(rows),
        notes=(
            _(
                "Day 0 is the day of the hand-off. An attempt on a day off counts to the business day before it."
            ),
            _(
                "Counted are attempts up to the connection; each hand-off has the business hours it came under."
            ),
        ),
        table=_table(rows),
        shades=tuple(tuple(_shade(n, most) for n in row.days) for row in rows),
    )


def _shade(n: int, most: int) -> int:
    """Return how dark a cell is, in steps: the most of all has the darkest, any at all the lightest or more."""
    return -(-SHADES * n // most)


def _finding(rows: Sequence[AttemptDays]) -> str:
    enough = {row.k: row for row in rows if row.n >= FEW}
    if NAMED in enough:
        median = enough[NAMED].median
        if median == LATEST:
            return _("Half of the second attempts came only after %(n)s business days or more.") % {
                "n": LATEST
            }
        if median == 0:
            return _("Half of the second attempts came on the day of the hand-off.")
        return ngettext(
            "Half of the second attempts came within %(n)s business day.",
            "Half of the second attempts came within %(n)s business days.",
            median,
        ) % {"n": words.amount(median)}
    if 1 in enough:
        return _("Fewer than %(few)s second attempts were made, to say when half of them came.") % {
            "few": FEW
        }
    return _("Fewer than %(few)s first attempts were made, to say when half of them came.") % {"few": FEW}


def _summary(rows: Sequence[AttemptDays]) -> str:
    """Say of each attempt by which day half of them had come, where there are enough."""
    said = [
        _("%(attempt)s by day %(day)s") % {"attempt": _name(row.k), "day": _day(row.median)}
        for row in rows
        if row.n >= FEW
    ]
    if not said:
        return ""
    return _("Half of them had come: %(attempts)s.") % {"attempts": "; ".join(said)}


def _name(k: int) -> str:
    if k == LAST:
        return _("attempt %(k)s and later ones") % {"k": words.amount(k)}
    return _("attempt %(k)s") % {"k": words.amount(k)}


def _day(day: int) -> str:
    if day == LATEST:
        return _("%(n)s or later") % {"n": words.amount(day)}
    return words.amount(day)


def _table(rows: Sequence[AttemptDays]) -> Table:
    days = range(LATEST + 1)
    return Table(
        caption=_("Attempts by business day after the hand-off"),
        columns=(
            Column("attempt", _("Attempt")),
            *(
                Column(
                    f"day_{day}" if day < LATEST else f"day_{day}_or_later",
                    _("Day %(day)s") % {"day": _day(day)},
                )
                for day in days
            ),
            Column("all", _("All")),
        ),
        rows=tuple(
            (
                Cell(
                    words.amount(row.k) if row.k < LAST else _("%(k)s or later") % {"k": words.amount(row.k)},
                    row.k,
                ),
                *(Cell(words.amount(n), n) for n in row.days),
                Cell(words.amount(row.n), row.n),
            )
            for row in rows
        ),
    )
