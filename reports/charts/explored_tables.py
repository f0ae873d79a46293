"""What was explored as tables: as many rows and columns as are drawn, and as a file all of them."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from reports.charts import words
from reports.charts.description import Cell, Column, Table
from reports.charts.exploration import Exploration, by_size, exact
from reports.charts.explored_words import BY_NAMES
from reports.readings.explored import By, tiles_of
from reports.readings.explored_measures import Measured
from reports.readings.figures import Row
from reports.readings.numbers import Number, number


def file_rows(seen: Exploration) -> list[dict[str, Number | str | None]]:
    """Return every group, drawn or not, as rows of a file."""
    rows: list[dict[str, Number | str | None]] = []
    seconds = by_size(seen, seen.split, seen.found.second, most=None) if seen.split is not None else []
    for one in by_size(seen, seen.by, seen.found.first, most=None):
        if seen.split is None:
            rows.append(_file_row(seen, {seen.by: one}, seen.found.first[one]))
            continue
        rows += [
            _file_row(seen, {seen.by: one, seen.split: two}, seen.found.cells[one, two])
            for two in seconds
            if (one, two) in seen.found.cells
        ]
    return rows


def _file_row(seen: Exploration, keys: Mapping[By, str], row: Row) -> dict[str, Number | str | None]:
    found = seen.measured(row)
    told: dict[str, Number | str | None] = {
        by.value: key if key in tiles_of(seen.period, by) else seen.name_of(by, key)
        for by, key in keys.items()
    }
    return told | {seen.key: number(exact(found)), "n": found.n}


def listed(seen: Exploration, rows: list[tuple[tuple[str, ...], Measured]]) -> Table:
    """One row for each bar, with all below."""
    dimensions = [by for by in (seen.by, seen.split) if by is not None]
    columns = [Column(by.value, str(BY_NAMES[by])) for by in dimensions]
    columns.append(Column(seen.key, seen.name))
    if not seen.measure.is_count:
        columns.append(Column("n", _("n")))
    return Table(
        caption=_caption(seen),
        columns=tuple(columns),
        rows=tuple(
            (
                *(
                    Cell(seen.name_of(by, key), key, seen.addresses.get(key, "") if place == 0 else "")
                    for place, (by, key) in enumerate(zip(dimensions, keys, strict=True))
                ),
                *_cells(seen, one),
            )
            for keys, one in rows
        ),
        total=(
            Cell(_("All"), ""),
            *(Cell("", "") for _by in dimensions[1:]),
            *_cells(seen, seen.measured(seen.found.total)),
        ),
    )


def _cells(seen: Exploration, one: Measured) -> list[Cell]:
    cells = [Cell(seen.written(one), number(exact(one)))]
    return cells if seen.measure.is_count else [*cells, Cell(words.amount(one.n), one.n)]


def crossed(seen: Exploration, keys: list[str], parts: list[str]) -> Table:
    """A row for each bar, a column for each part, and all at the end of each."""
    assert seen.split is not None
    split = seen.split

    def cell(row: Row | None) -> Cell:
        one = seen.measured(row)
        return Cell(seen.spoken(one) if one.value is not None else words.NONE, number(exact(one)))

    return Table(
        caption=_caption(seen),
        columns=(
            Column(seen.by.value, str(BY_NAMES[seen.by])),
            *(
                Column(f"{split.value}-{place}", seen.name_of(split, part))
                for place, part in enumerate(parts)
            ),
            Column("all", _("All")),
        ),
        rows=tuple(
            (
                Cell(seen.name_of(seen.by, key), key, seen.addresses.get(key, "")),
                *(cell(seen.found.cells.get((key, part))) for part in parts),
                cell(seen.found.first[key]),
            )
            for key in keys
        ),
        total=(
            Cell(_("All"), ""),
            *(cell(seen.found.second[part]) for part in parts),
            cell(seen.found.total),
        ),
    )


def _caption(seen: Exploration) -> str:
    said = " × ".join(str(BY_NAMES[by]) for by in (seen.by, seen.split) if by is not None)
    return f"{seen.name}: {said}"
