"""Rows on their way into the database: copied into a temporary table, from where SQL writes what differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Columns = Mapping[str, str]


def stage(
    cursor: Any,
    table: str,
    columns: Columns,
    rows: Iterable[Sequence[Any]],
    *,
    by: Sequence[str] = ("external_id",),
) -> None:
    """Make the temporary table `table` anew and copy the rows into it; it goes with the transaction.

    `by` are the columns by which it is joined: all that the planner need know of it, besides how many rows it has.
    """
    defined = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
    cursor.execute(f"CREATE TEMPORARY TABLE {table} ({defined}) ON COMMIT DROP")
    copy(cursor, table, tuple(columns), rows)
    cursor.execute(f"ANALYZE {table} ({', '.join(by)})")


def copy(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Copy rows into a table: the quickest way in."""
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as writer:
        for row in rows:
            writer.write_row(row)


def update(cursor: Any, table: str, columns: Columns, rows: Sequence[Sequence[Any]]) -> None:
    """Write these columns of the rows whose id comes first, in one statement."""
    if not rows:
        return
    stage(cursor, "intake_update", {"id": "bigint", **columns}, rows, by=("id",))
    assigned = ", ".join(f"{name} = s.{name}" for name in columns)
    cursor.execute(f"UPDATE {table} t SET {assigned} FROM intake_update s WHERE t.id = s.id")
