"""Somebody's notices as a file: what each says to them now, as on their page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from agreements.table_files import Cell, instant
from slaproject.outbox.models import Alert, AlertQuerySet
from slaproject.outbox.wording import say

CHUNK = 1_000
HEADINGS = ["told_at", "read_at", "subject", "text", "why", "settled", "address"]


def alert_rows(found: AlertQuerySet, person: Any) -> Iterator[list[Cell]]:
    """Write these notices of one person, a part of them in memory; one about what they see no more says nothing."""
    read: Iterator[Alert] = found.iterator(CHUNK)
    while chunk := list(islice(read, CHUNK)):
        said = {one.alert.pk: one for one in say(chunk, person)}
        for alert in chunk:
            head: list[Cell] = [instant(alert.made_at), instant(alert.read_at), alert.get_subject_display()]
            one = said.get(alert.pk)
            yield [*head, one.text, one.why, one.is_settled, one.path] if one else [*head, *[None] * 4]
