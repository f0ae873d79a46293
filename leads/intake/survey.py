"""The first reading of a file, before anything is written: it must be readable to its end.

On the way it finds out what only the whole file can tell: whether day or month comes first in its dates, and which
ids come more than once.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection
from itertools import pairwise

from django.utils.translation import gettext as _

from leads.intake.faults import CannotImport
from leads.intake.identity import READ, derived, naming_its_lead
from leads.intake.mapping import MOMENTS, Cells, FileMapping
from leads.intake.moments import OrderClues
from leads.intake.reading import Table

# By what a row is known that has no id.
WITHOUT_ID: dict[str, Collection[str]] = {
    "leads": READ,
    "deals": ("lead_external_id", "lead_email", "lead_phone"),
}


class Survey:
    """What was found out. Constant memory but for eight bytes a row."""

    def __init__(self, table: Table, cells: Cells, mapping: FileMapping) -> None:
        self.order = mapping.order
        clues = None if mapping.order or mapping.formats else OrderClues()
        moments = [place for name in MOMENTS[cells.kind] for place in cells.stands_at.get(name, ())]
        self._ids = cells.only(("external_id",))
        self._without_id = cells.only(WITHOUT_ID.get(cells.kind, ()))
        self._kind, self._defaults = cells.kind, mapping.defaults
        seen = array("q")
        self.rows = 0
        for _number, row in table.rows():
            self.rows += 1
            if key := self._key(row):
                seen.append(hash(key))
            if clues is not None:
                for place in moments:
                    if place < len(row):
                        clues.look_at(row[place].strip())
        self._repeated = _repeated(seen)
        if clues is not None and clues.example:
            self.order = clues.order()
            if self.order is None:
                raise CannotImport(
                    _(
                        "Dates like “%(example)s” can be read with the day or the month first, and the file does not "
                        'say which. Name it in a mapping: [dates] order = "dmy" (or "mdy", "ymd").'
                    )
                    % {"example": clues.example}
                )

    def is_repeated(self, row: list[str]) -> bool:
        """Whether the row's id comes again in the file (or, hardly ever, one that looks alike)."""
        return bool(self._repeated) and hash(self._key(row)) in self._repeated

    def _key(self, row: list[str]) -> str:
        """What the row will be known by; nothing of an attempt without an id, which is known by all of its content."""
        if key := self._ids.take(row).get("external_id"):
            return key
        cells = self._without_id.take(row)
        if self._kind == "leads":
            return derived(cells, self._defaults)[1]
        return naming_its_lead(cells, self._defaults).get("lead_external_id", "")


def _repeated(seen: array[int]) -> frozenset[int]:
    return frozenset(one for one, two in pairwise(sorted(seen)) if one == two)
