"""The first reading of a file, before anything is written: it must be readable to its end.

On the way it finds out what only the whole file can tell: whether day or month comes first in its dates, and which
ids come more than once.
"""

from __future__ import annotations

from array import array
from itertools import pairwise

from django.utils.translation import gettext as _

from leads.intake.faults import CannotImport
from leads.intake.mapping import MOMENTS, Cells, FileMapping
from leads.intake.moments import OrderClues
from leads.intake.reading import Table


class Survey:
    """What was found out. Constant memory but for eight bytes a row."""

    def __init__(self, table: Table, cells: Cells, mapping: FileMapping) -> None:
        self.order = mapping.order
        clues = None if mapping.order or mapping.formats else OrderClues()
        moments = [place for name in MOMENTS[cells.kind] for place in cells.stands_at.get(name, ())]
        id_places = cells.stands_at.get("external_id") or (
            cells.stands_at.get("lead_external_id", ()) if cells.kind == "deals" else ()
        )
        seen = array("q")
        self.rows = 0
        for _number, row in table.rows():
            self.rows += 1
            if id_places and (key := _key(row, id_places)):
                seen.append(hash(key))
            if clues is not None:
                for place in moments:
                    if place < len(row):
                        clues.look_at(row[place].strip())
        self._repeated = _repeated(seen)
        self._id_places = id_places
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
        return bool(self._repeated) and hash(_key(row, self._id_places)) in self._repeated


def _key(row: list[str], places: tuple[int, ...]) -> str:
    return " ".join(row[place].strip() for place in places if place < len(row))


def _repeated(seen: array[int]) -> frozenset[int]:
    return frozenset(one for one, two in pairwise(sorted(seen)) if one == two)
