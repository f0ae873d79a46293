"""The rows of a version, column by column, as they stood when it was signed.

The signed text says what was agreed; this says in which rows it stood, with their ids and who wrote them. A later
release may add columns and parts: what is compared is what was kept.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import connection

from agreements.models import Version

# What changes when a version is signed or ends; events say these.
NOT_KEPT = ["state", "in_force", "ended_on", "signed_at", "signed_text", "signed_rows", "text_sha256"]
# Name of each part → the tables, and the column that says of which version a row is.
PARTS = {
    "version": ("agreements_version r", "r.id"),
    "commitments": ("agreements_commitment r", "r.version_id"),
    "month_goals": (
        "agreements_monthgoal r JOIN agreements_commitment c ON c.id = r.commitment_id",
        "c.version_id",
    ),
    "clauses": ("agreements_clause r", "r.version_id"),
    "obligations": ("agreements_obligation r", "r.version_id"),
    "measures": ("agreements_custommeasure r", "r.version_id"),
    "campaign_goals": ("agreements_campaigngoal r", "r.version_id"),
    "signatures": ("agreements_signature r", "r.version_id"),
}

Rows = dict[str, list[dict[str, Any]]]


def rows_text(version: Version) -> str:
    """Return the version's rows as the text that is kept and hashed."""
    return json.dumps(rows_now([version.pk])[version.pk], default=str, ensure_ascii=False, sort_keys=True)


def rows_now(versions: Sequence[int]) -> dict[int, Rows]:
    """Return the rows of each of these versions as they are now, those of a part by id: all parts by one query."""
    found: dict[int, Rows] = defaultdict(lambda: {part: [] for part in PARTS})
    each = [
        f"SELECT to_jsonb(r) - %s::text[] || jsonb_build_object(' of', {of}, ' part', '{part}') FROM {tables}"
        f" WHERE {of} = ANY(%s)"
        for part, (tables, of) in PARTS.items()
    ]
    rows = json_rows(" UNION ALL ".join(each), [NOT_KEPT, list(versions)] * len(each))
    for row in sorted(rows, key=lambda row: int(row["id"])):
        found[row.pop(" of")][row.pop(" part")].append(row)
    return found


def json_rows(query: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
    """Return rows that a query gives as JSON objects, numbers exact.

    So every row can be read, also one with a day that no calendar has because somebody tampered with it.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT row::text FROM ({query}) AS given (row)", parameters)
        return [json.loads(row, parse_float=Decimal) for (row,) in cursor.fetchall()]
