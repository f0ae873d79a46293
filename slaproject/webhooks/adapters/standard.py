"""The payload of Standard Webhooks: `type`, `timestamp`, and in `data` one row of a lead or deal, or a list of them.

The type begins with `lead.` or `deal.`; any other is passed over. The fields are those of `POST /api/v1/leads/`. A lead
without an id is known by its e-mail alone: a webhook may say a part of a lead, without the rest that it is known by.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from leads.intake.identity import derived
from leads.intake.values import clean
from slaproject.webhooks.changes import Change, Unreadable, instant, objects_of, said_only

KINDS = {"lead": "leads", "deal": "deals"}


class Standard:
    """See the module."""

    def changes(self, payload: Any) -> list[Change]:
        if not isinstance(payload, Mapping) or not isinstance(payload.get("type"), str):
            raise Unreadable(_("An object with type, timestamp and data is needed."))
        kind = KINDS.get(payload["type"].partition(".")[0])
        if kind is None:
            return []
        occurred_at = instant(payload.get("timestamp"), "timestamp")
        return [
            Change(kind, _id(kind, row), occurred_at, _said(kind, row))
            for row in objects_of(payload.get("data"))
        ]

    def row(self, kind: str, fields: Mapping[str, Any], stage: str) -> dict[str, Any] | None:
        return dict(fields)


def _id(kind: str, row: Mapping[str, Any]) -> str:
    said, email = row.get("external_id"), row.get("email")
    if isinstance(said, str | int) and not isinstance(said, bool) and said != "":
        return str(said)
    return derived({"email": clean(email)}, {})[1] if kind == "leads" and isinstance(email, str) else ""


def _said(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: value for name, value in said_only(row).items() if name != "external_id"}
    if kind == "deals" and "won" in said:
        said.setdefault("closed_at", "")  # says that it is open
    return said


ADAPTER = Standard()
