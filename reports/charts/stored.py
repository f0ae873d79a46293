"""Charts and tables as JSON, and back: what an edition keeps of them is drawn by the same renderers as a live one."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, fields
from typing import Any

from agreements.site_addresses import is_of_this_site
from reports.charts.description import (
    Cell,
    Chart,
    Column,
    Goal,
    Mark,
    Panel,
    Series,
    Table,
    Tick,
    Today,
    Tone,
)


def chart_as_json(chart: Chart) -> dict[str, Any]:
    """Return everything that the chart says and shows."""
    found = asdict(chart)
    found["as_of"] = chart.as_of.isoformat()
    for name in ("series", "legend"):
        found[name] = [{**one, "muted": sorted(one["muted"])} for one in found[name]]
    return found


def chart_of_json(stored: dict[str, Any]) -> Chart:
    """Return the chart as it was."""
    given = {field.name: stored[field.name] for field in fields(Chart)}
    return Chart(
        **given
        | {name: tuple(stored[name]) for name in ("labels", "spoken", "under", "shaded", "notes")}
        | {
            "panels": tuple(
                Panel(**one | {"ticks": tuple(Tick(**tick) for tick in one["ticks"])})
                for one in stored["panels"]
            ),
            "series": tuple(_series(one) for one in stored["series"]),
            "legend": tuple(_series(one) for one in stored["legend"]),
            "table": table_of_json(stored["table"]),
            "as_of": dt.datetime.fromisoformat(stored["as_of"]),
            "goal": Goal(**stored["goal"]) if stored["goal"] else None,
            "today": Today(**stored["today"]) if stored["today"] else None,
        }
    )


def table_as_json(table: Table) -> dict[str, Any]:
    """Return the table with its texts and raw values."""
    return asdict(table)


def table_of_json(stored: dict[str, Any]) -> Table:
    """Return the table as it was."""
    return Table(
        caption=stored["caption"],
        columns=tuple(Column(**one) for one in stored["columns"]),
        rows=tuple(tuple(_cell(cell) for cell in row) for row in stored["rows"]),
        total=tuple(_cell(cell) for cell in stored["total"]),
    )


def _cell(stored: dict[str, Any]) -> Cell:
    """The cell as it was; a link only where it leads to a page of this site, whatever stands in the database."""
    address = stored.get("address", "")
    return Cell(**stored | {"address": address if is_of_this_site(address) else ""})


def _series(stored: dict[str, Any]) -> Series:
    return Series(
        **stored
        | {
            "mark": Mark(stored["mark"]),
            "tone": Tone(stored["tone"]),
            "muted": frozenset(stored["muted"]),
            **{name: tuple(stored[name]) for name in ("values", "texts", "highs")},
        }
    )
