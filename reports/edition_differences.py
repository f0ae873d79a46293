"""What is different between two editions of a month: promises first, then each figure and each definition.

Written from the snapshots alone, so that an old difference reads the same for ever. An edition of the first form kept
no definitions and no reasons why leads came back: nothing can be compared with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

NONE, LATER = "–", ("definitions", "returned")


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, str]]:
    """Return what changed: of what, where, from what, to what."""
    later = [name for name in LATER if name in before and name in after]
    return [
        *_changed(_promises(before), _promises(after)),
        *_changed(_figures(before, later), _figures(after, later)),
    ]


def _promises(snapshot: dict[str, Any]) -> dict[tuple[str, ...], tuple[Any, str, str, str]]:
    """Each promise by its key: what is compared, and what is said of it."""
    judged = snapshot["judged"]
    return {
        (one["key"],): (
            judged.get(one["key"]),
            side["team"],
            one["title"],
            f"{one['word']}: {one['figure']}",
        )
        for side in snapshot["sides"]
        for one in side["promises"]
    }


def _figures(
    snapshot: dict[str, Any], later: Iterable[str]
) -> dict[tuple[str, ...], tuple[Any, str, str, str]]:
    """Each figure by table, row and column, and each cell of the `later` tables."""
    tables = [(chart["key"], chart["table"]) for chart in snapshot["charts"]]
    named = [(name, snapshot[name]) for name in ("rates", *later)]
    return {key: said for name, table in [*tables, *named] for key, said in _cells(name, table)}


def _cells(name: str, table: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], tuple[Any, str, str, str]]]:
    rows = [*table["rows"], table["total"]] if table["total"] else table["rows"]
    for row in rows:
        head = row[0]
        for column, cell in zip(table["columns"][1:], row[1:], strict=False):
            where = f"{head['text']}, {column['name']}"
            compared = cell["text"] if cell["value"] is None else cell["value"]
            yield (name, str(head["value"]), column["key"]), (compared, table["caption"], where, cell["text"])


def _changed(
    before: dict[tuple[str, ...], tuple[Any, str, str, str]],
    after: dict[tuple[str, ...], tuple[Any, str, str, str]],
) -> Iterator[dict[str, str]]:
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        if old and new and old[0] == new[0]:
            continue
        named = new or old
        assert named is not None
        yield {
            "of": named[1],
            "where": named[2],
            "before": old[3] if old else NONE,
            "after": new[3] if new else NONE,
        }
