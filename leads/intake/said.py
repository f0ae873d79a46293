"""What somebody said about a file on the pages, kept as JSON, and as the mapping that an import is run with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from leads.intake.context import Clock
from leads.intake.mapping import FIELDS, Column, FileMapping, preset


@dataclass(frozen=True, slots=True)
class Said:
    """One file, described. `columns` names for every field the headings it is read from; none, and it is passed over.

    `defaults` are what was said of every row of fields that have no column: a word, or "" where the preset's holds not.
    `sure` says of each field how its column was found. `kept` are the words of which it was said that they stay as
    they are. Texts that say nothing are empty; `currency` is None until somebody was asked for it.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str = ""
    preset: str = ""
    columns: dict[str, Column] = field(default_factory=dict)
    sure: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    kept: dict[str, list[str]] = field(default_factory=dict)
    order: str = ""
    decimal: str = ""
    currency: str | None = None
    time_zone: str = ""
    agreement: str = ""
    clock: str = Clock.RECENT.value

    def as_json(self) -> dict[str, Any]:
        """Return what the database keeps."""
        return asdict(self)

    def defaults_with_preset(self, kind: str) -> dict[str, str]:
        """Return what stands for empty cells: as was said, and else as the preset has it."""
        return (preset(self.preset, kind).defaults if self.preset else {}) | self.defaults

    def mapping(self, kind: str) -> FileMapping:
        """Return the mapping, in which no field finds a column by its name alone."""
        return FileMapping(
            columns={name: self.columns.get(name, Column(())) for name in FIELDS[kind]},
            defaults=self.defaults,
            values=self.values,
            order=self.order or None,
            decimal=self.decimal or ".",
            currency=self.currency or "",
            delimiter=self.delimiter or None,
            encoding=self.encoding or None,
            sheet=self.sheet or None,
        )


def said_from(content: Mapping[str, Any]) -> Said:
    """Read what was kept by `as_json`."""
    columns = {
        name: Column(tuple(column["headings"]), column["is_choice"])
        for name, column in content.get("columns", {}).items()
    }
    return Said(**{**content, "columns": columns})
