"""HubSpot: a list of events, each of one property of a contact or deal, in milliseconds since 1970.

A contact is a lead from the instant at which it came into the stage that is called qualified; before, it is only known.
Whoever owns it is named there by a number that says nothing here, so it is given to somebody by the rules of routing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slaproject.webhooks.changes import Change, instant, objects_of, said_only

KINDS = {"contact": "leads", "deal": "deals", "0-1": "leads", "0-3": "deals"}
STAGE = "lifecyclestage"
CONTACT = "contact"  # the one that a deal belongs to
TO_CONTACT = "DEAL_TO_CONTACT"
CLOSED = {"closedwon": "true", "closedlost": "false"}
OF_A_LEAD = {
    "company": "company",
    "job_title": "jobtitle",
    "email": "email",
    "country": "country",
    "source": "hs_analytics_source",
    "campaign": "hs_analytics_first_touch_converting_campaign",
}


class HubSpot:
    """See the module."""

    def changes(self, payload: Any) -> list[Change]:
        found = (_change(one) for one in objects_of(payload))
        return [one for one in found if one is not None]

    def row(self, kind: str, fields: Mapping[str, Any], stage: str) -> dict[str, Any] | None:
        return _lead(fields, stage) if kind == "leads" else _deal(fields)


def _change(event: Mapping[str, Any]) -> Change | None:
    """Return what an event says; None for one that says nothing of a contact or deal, as that it was made."""
    about, _dot, what = str(event.get("subscriptionType", "")).partition(".")
    kind = KINDS.get(str(event.get("objectTypeId", "")) if about == "object" else about)
    if kind is None:
        return None
    external_id, said = str(event.get("objectId", "")), {}
    if what == "propertyChange":
        name, value = str(event.get("propertyName", "")), event.get("propertyValue")
        said = said_only({name: value})
        if name == STAGE and said:
            at = instant(event.get("occurredAt"), "occurredAt")
            said[_since(str(value))] = at.isoformat()
    elif what == "associationChange" and event.get("associationType") == TO_CONTACT:
        external_id = str(event.get("fromObjectId", ""))
        said = {} if event.get("associationRemoved") else {CONTACT: str(event.get("toObjectId", ""))}
    if not said:
        return None
    return Change(kind, external_id, instant(event.get("occurredAt"), "occurredAt"), said)


def _since(stage: str) -> str:
    """Return the field that has the instant at which a contact came into a stage."""
    return f"{STAGE} {stage}"


def _lead(fields: Mapping[str, Any], stage: str) -> dict[str, Any] | None:
    qualified_at = fields.get(_since(stage))
    if qualified_at is None:
        return None
    name = " ".join(str(fields[one]) for one in ("firstname", "lastname") if one in fields)
    row = {ours: fields.get(theirs) for ours, theirs in OF_A_LEAD.items()}
    row["phone"] = fields.get("phone") or fields.get("mobilephone")
    return said_only({"qualified_at": qualified_at, "name": name, **row})


def _deal(fields: Mapping[str, Any]) -> dict[str, Any]:
    stage = str(fields.get("dealstage", ""))
    is_closed = str(fields.get("hs_is_closed", "true" if stage in CLOSED else "false")) == "true"
    is_won = str(fields.get("hs_is_closed_won", CLOSED.get(stage, "false"))) == "true"
    row = {
        "lead_external_id": fields.get(CONTACT),
        "amount": fields.get("amount"),
        "currency": fields.get("deal_currency_code"),
    }
    closed_at = _instant(fields.get("closedate")) if is_closed else ""
    return {**said_only(row), "won": is_closed and is_won, "closed_at": closed_at}


def _instant(value: Any) -> str:
    """Return an instant that is told in milliseconds, most often as a text, in words; any other as it is."""
    text = str(value) if value is not None else ""
    if text.isascii() and text.isdecimal() and len(text) <= 15:
        return instant(int(text), "closedate").isoformat()
    return text


ADAPTER = HubSpot()
