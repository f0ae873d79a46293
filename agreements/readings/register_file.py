"""The register as a file: every agreement that is asked for, with what its line on the page says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agreements.readings.register import RegisterLine
from agreements.table_files import Cell

HEADINGS = [
    "agreement",
    "name",
    "level",
    "kind",
    "teams",
    "standing",
    "draft",
    "next_review",
    "kept",
    "who_has_to_act",
    "record",
]


def register_rows(lines: Iterable[RegisterLine]) -> Iterator[list[Cell]]:
    """Write the lines; what has several parts has them in one cell, a line for each."""
    for line in lines:
        one = line.agreement
        yield [
            one.slug,
            one.name,
            one.level,
            one.kind,
            "\n".join(line.teams),
            line.standing.sentence if line.standing else None,
            line.draft.sentence if line.draft else None,
            line.review_on.isoformat() if line.review_on else None,
            "\n".join(mark.spoken for mark in line.marks),
            "\n".join(f"{act.sentence} · {act.who}" for act in line.acts),
            line.record,
        ]
