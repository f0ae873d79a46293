"""Stored figures as rows to compare, and the rows that counting everything anew gives."""

from __future__ import annotations

from typing import Any

from reports import rollups
from reports.models import PeriodFigure

Key = tuple[Any, ...]


def stored_rows() -> dict[Key, dict[str, Any]]:
    """Every stored figure by what it is of."""
    rows: dict[Key, dict[str, Any]] = {}
    for found in PeriodFigure.objects.values():
        row: dict[str, Any] = {**found}
        row.pop("id")
        key = tuple(row.pop(name) for name in ("agreement_id", "grain", "starts_on", "dimension", "key"))
        assert key not in rows
        rows[key] = row
    return rows


def rebuilt_rows() -> dict[Key, dict[str, Any]]:
    """The same after all of them were thrown away and counted anew."""
    PeriodFigure.objects.all().delete()
    rollups.rebuild()
    return stored_rows()


def row_differences(stored: dict[Key, dict[str, Any]], rebuilt: dict[Key, dict[str, Any]]) -> list[str]:
    """Return one line for each row that is not the same, too few or too many."""
    return [
        f"{key}: {stored.get(key)} for {rebuilt.get(key)}"
        for key in sorted(stored.keys() | rebuilt.keys(), key=str)
        if stored.get(key) != rebuilt.get(key)
    ]
