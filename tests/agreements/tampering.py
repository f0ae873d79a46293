"""An attacker with the rights of the tables' owner: changes rows with the triggers switched off.

The record is rewritten here by a program of its own, from what README says of its form.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
from collections.abc import Iterator
from typing import Any

from django.db import DatabaseError, connection, transaction

# Tables whose rows are signed or hashed, the part of the version's rows too.
TABLES = (
    "agreements_version",
    "agreements_commitment",
    "agreements_monthgoal",
    "agreements_clause",
    "agreements_signature",
    "agreements_agreementevent",
    "agreements_chainhead",
)


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """Tamper inside, with no trigger in the way; afterwards all is as before."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        transaction.set_rollback(True)


def run(statement: str, *parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def columns(table: str) -> list[tuple[str, str]]:
    """Return name and type of the columns that can be written."""
    return run(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
        table,
    )


def flip_a_byte(chance: random.Random, tables: tuple[str, ...] = TABLES) -> str:
    """Flip one bit of one byte of one value of one row; return which. What no type can hold is tried again."""
    while True:
        table = chance.choice(tables)
        rows = run(f"SELECT ctid::text FROM {table}")
        if not rows:
            continue
        row = chance.choice(rows)[0]
        column, kind = chance.choice(columns(table))
        value = run(f'SELECT "{column}"::text FROM {table} WHERE ctid = %s::tid', row)[0][0]
        if not value:
            continue
        raw = bytearray(value.encode())
        place = chance.randrange(len(raw))
        raw[place] ^= 1 << chance.randrange(8)
        try:
            flipped = raw.decode()
            if "\0" in flipped:
                continue
            with transaction.atomic():
                changed = run(
                    f'UPDATE {table} SET "{column}" = %s::{kind} WHERE ctid = %s::tid'
                    f' AND "{column}"::text IS DISTINCT FROM %s::{kind}::text RETURNING 1',
                    flipped, row, flipped,
                )  # fmt: skip
        except (UnicodeDecodeError, DatabaseError):
            continue
        if changed:
            return f"{table}.{column}: {value[:60]!r} at byte {place}"


def cut_the_tail(agreement: int, count: int) -> None:
    """Delete the last events."""
    run(
        "DELETE FROM agreements_agreementevent WHERE id IN (SELECT id FROM agreements_agreementevent"
        " WHERE agreement_id = %s ORDER BY position DESC LIMIT %s)",
        agreement,
        count,
    )


def swap(agreement: int, one: int, other: int) -> None:
    """Let two events change their places."""
    run(
        "UPDATE agreements_agreementevent SET position = CASE position WHEN %s THEN %s ELSE %s END + 1000000"
        " WHERE agreement_id = %s AND position IN (%s, %s)",
        one, other, one, agreement, one, other,
    )  # fmt: skip
    run("UPDATE agreements_agreementevent SET position = position - 1000000 WHERE position > 1000000")


def rewrite(agreement: int, order: list[int] | None = None) -> None:
    """Chain all events anew from what their rows say now, `order` of their ids first, and mend the head."""
    rows = run(
        "SELECT id FROM agreements_agreementevent WHERE agreement_id = %s ORDER BY position", agreement
    )
    ids = order or [row[0] for row in rows]
    run(
        "UPDATE agreements_agreementevent SET position = position + 1000000 WHERE agreement_id = %s",
        agreement,
    )
    previous, position = "0" * 64, 0
    for position, event in enumerate(ids, 1):
        found = run(
            "SELECT agreement_id, version_id, kind, to_jsonb(happened_at), actor_id, data"
            " FROM agreements_agreementevent WHERE id = %s",
            event,
        )[0]
        _of, version, kind, at, actor, data = found
        said = {
            "agreement": agreement, "position": position, "previous": previous, "event": event,
            "version": version, "kind": kind, "at": json.loads(at), "by": actor, "data": json.loads(data),
        }  # fmt: skip
        record = json.dumps(said)
        digest = hashlib.sha256(record.encode()).hexdigest()
        run(
            "UPDATE agreements_agreementevent SET position = %s, previous_sha256 = %s, record = %s, sha256 = %s"
            " WHERE id = %s",
            position, previous, record, digest, event,
        )  # fmt: skip
        previous = digest
    run(
        "UPDATE agreements_chainhead SET events = %s, sha256 = %s WHERE agreement_id = %s",
        position, previous, agreement,
    )  # fmt: skip
