"""The chain of an agreement's events: each hashed with the one before it, and the head kept apart.

It is recomputed here from the rows, not by the function in the database that wrote it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from agreements.models import Agreement
from agreements.services.signed_rows import json_rows

FIRST_PREVIOUS = "0" * 64


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written, and at which event, where it is at one."""

    text: str
    position: int | None = None


@dataclass(slots=True)
class Chain:
    """The events as they are now, in their order, the SHA-256 of the last, and what is wrong with them."""

    events: list[dict[str, Any]]
    head: str = FIRST_PREVIOUS
    findings: list[Finding] = field(default_factory=list)

    def found(self, text: str, position: int | None = None) -> None:
        self.findings.append(Finding(text, position))

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """Return the events of one kind."""
        return [event for event in self.events if event["kind"] == kind]


def data_of(event: dict[str, Any]) -> dict[str, Any]:
    """Return the details of an event; none where somebody put something else there."""
    return event["data"] if isinstance(event["data"], dict) else {}


def chain_of(agreement: Agreement) -> Chain:
    """Walk an agreement's chain from its first event."""
    chain = Chain(
        json_rows(
            "SELECT to_jsonb(e) FROM agreements_agreementevent e WHERE agreement_id = %s ORDER BY position, id",
            [agreement.pk],
        )
    )
    expected = 1
    for event in chain.events:
        position = event["position"]
        if position > expected:
            chain.found(_missing(expected, position - 1), expected)
        elif position < expected:
            chain.found(_("There are two events at this position."), position)
        elif event["previous_sha256"] != chain.head:
            chain.found(_("It does not follow the event before it."), position)
        for column in _changed_columns(event):
            chain.found(_("“%(column)s” was changed.") % {"column": column}, position)
        expected, chain.head = position + 1, event["sha256"]
    _compare_with_head(chain, agreement, expected - 1)
    return chain


def _compare_with_head(chain: Chain, agreement: Agreement, last: int) -> None:
    heads = json_rows(
        "SELECT to_jsonb(h) FROM agreements_chainhead h WHERE agreement_id = %s", [agreement.pk]
    )
    if not heads:
        if chain.events:
            chain.found(_("The head of the chain is missing."))
    elif heads[0]["events"] > last:
        chain.found(_missing(last + 1, heads[0]["events"]), last + 1)
    elif (heads[0]["events"], heads[0]["sha256"]) != (last, chain.head):
        chain.found(_("The head of the chain is not that of the last event."), last or None)


def _missing(first: int, last: int) -> str:
    if first == last:
        return _("Event %(first)s is missing.") % {"first": first}
    return _("Events %(first)s to %(last)s are missing.") % {"first": first, "last": last}


def _changed_columns(event: dict[str, Any]) -> list[str]:
    """Return what of an event is not what its hashed text says."""
    if hashlib.sha256(event["record"].encode()).hexdigest() != event["sha256"]:
        return [_("record or SHA-256")]
    try:
        said = json.loads(event["record"], parse_float=Decimal)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return ["record"]
    now = {
        "agreement": event["agreement_id"],
        "position": event["position"],
        "previous": event["previous_sha256"],
        "event": event["id"],
        "version": event["version_id"],
        "kind": event["kind"],
        "at": event["happened_at"],
        "by": event["actor_id"],
        "data": event["data"],
    }
    return [name for name in {**said, **now} if said.get(name) != now.get(name)]
