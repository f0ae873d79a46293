"""What a chart says and shows, whatever draws it.

Values are raw (leads, seconds, shares from 0 to 1) and the same in the drawing, the table and the CSV; texts are
in the reader's language. `None` draws nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from reports.readings.numbers import Number


class Mark(StrEnum):
    """How a series is drawn."""

    STEP = "step"
    DASHED = "dashed"
    DOTTED = "dotted"
    THIN = "thin"
    BAND = "band"
    BARS = "bars"
    OUTLINED = "outlined"


class Tone(StrEnum):
    """What a colour stands for; which colour that is, the page's theme says."""

    ACTUAL = "actual"
    GOAL = "goal"
    OK = "ok"
    BREACH = "breach"
    INK = "ink"


@dataclass(frozen=True, slots=True)
class Series:
    """One row of values over the labels. `texts` say each value in words; `muted` bars rest on few cases.

    `highs` is the upper edge of a band, whose lower edge is `values`. `end_label` stands at the last value.
    """

    name: str
    mark: Mark
    tone: Tone
    values: tuple[Number | None, ...]
    texts: tuple[str, ...] = ()
    muted: frozenset[int] = frozenset()
    highs: tuple[Number | None, ...] = ()
    end_label: str = ""
    panel: int = 0


@dataclass(frozen=True, slots=True)
class Goal:
    """A level that was agreed, with its number written on it."""

    value: Number
    label: str


@dataclass(frozen=True, slots=True)
class Tick:
    value: Number
    text: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the drawing with its own scale; all parts share the labels."""

    title: str
    ticks: tuple[Tick, ...]
    is_small: bool = False


@dataclass(frozen=True, slots=True)
class Today:
    """The label at which the reader stands, and the gap between pace and actual there."""

    index: int
    label: str
    gap_from: Number | None = None
    gap_to: Number | None = None
    gap_label: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """`key` names it in the CSV, `name` in the table."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Cell:
    """`address` leads to the rows behind a row's heading, where there is a page of them."""

    text: str
    value: Number | str | None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The same figures as rows; the first cell of a row is its heading."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] = ()

    def flat_rows(self) -> list[dict[str, Number | str | None]]:
        """Return the raw values by the columns' keys, for CSV."""
        return [
            {column.key: cell.value for column, cell in zip(self.columns, row, strict=True)}
            for row in self.rows
        ]


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: `title` is the finding, `summary` level, gap and trend in words, `labels` the x axis.

    `under` is a second line below each label, `spoken` its full name. `is_lying` bars lie, labels at the left.
    """

    key: str
    title: str
    subtitle: str
    labels: tuple[str, ...]
    spoken: tuple[str, ...]
    panels: tuple[Panel, ...]
    series: tuple[Series, ...]
    summary: str
    table: Table
    as_of: dt.datetime
    goal: Goal | None = None
    under: tuple[str, ...] = ()
    shaded: tuple[int, ...] = ()
    today: Today | None = None
    notes: tuple[str, ...] = ()
    legend: tuple[Series, ...] = field(default=())
    is_lying: bool = False
    is_stacked: bool = False
    is_empty: bool = False
