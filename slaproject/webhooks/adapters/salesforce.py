"""Salesforce: change events (Change Data Capture) of leads and opportunities, as the event bus words them.

A lead is one here from the instant at which it came into the status that is called qualified; before, it is only known.
That a lead became an opportunity is told by the lead's own event. Owners are numbers that say nothing here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from slaproject.webhooks.changes import MOST_CHANGES, Change, Unreadable, instant, objects_of, said_only

HEADER = "ChangeEventHeader"
WRAPPINGS = ("data", "payload")
KINDS = {"Lead": "leads", "Opportunity": "deals"}
SAY_SOMETHING = ("CREATE", "UPDATE", "UNDELETE")
PARTS = ("Name", "Address")  # told as objects with parts
LEAD = "Lead"  # the one that an opportunity came from
OF_A_LEAD = {
    "company": "Company",
    "job_title": "Title",
    "email": "Email",
    "country": "Country",
    "source": "LeadSource",
}


class Salesforce:
    """See the module."""

    def changes(self, payload: Any) -> list[Change]:
        found = [change for one in objects_of(payload) for change in _changes(_unwrapped(one))]
        if len(found) > MOST_CHANGES:
            raise Unreadable(_("At most %s are taken of one webhook.") % MOST_CHANGES)
        return found

    def row(self, kind: str, fields: Mapping[str, Any], stage: str) -> dict[str, Any] | None:
        return _lead(fields, stage) if kind == "leads" else _deal(fields)


def _unwrapped(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the event itself, out of what the bus puts around it."""
    for wrapping in WRAPPINGS:
        inner = told.get(wrapping)
        if HEADER not in told and isinstance(inner, Mapping):
            told = inner
    if not isinstance(told.get(HEADER), Mapping):
        raise Unreadable(_("A change event with its ChangeEventHeader is needed."))
    return told


def _changes(event: Mapping[str, Any]) -> Iterator[Change]:
    header = event[HEADER]
    kind = KINDS.get(str(header.get("entityName")))
    if kind is None or header.get("changeType") not in SAY_SOMETHING:
        return
    at = instant(header.get("commitTimestamp"), "commitTimestamp")
    ids = header.get("recordIds")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise Unreadable(_("recordIds: a list of ids is needed."))
    said = _said(event, at)
    for external_id in ids:
        if said:
            yield Change(kind, external_id, at, said)
        if kind == "leads" and isinstance(became := event.get("ConvertedOpportunityId"), str) and became:
            yield Change("deals", became, at, {LEAD: external_id})


def _said(event: Mapping[str, Any], at: dt.datetime) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in event.items():
        if name in PARTS and isinstance(value, Mapping):
            flat |= value
        elif isinstance(value, str | int | float):
            flat[name] = value
    said = said_only(flat)
    if "Status" in said:
        said[_since(said["Status"])] = at.isoformat()
    return said


def _since(status: str) -> str:
    """Return the field that has the instant at which a lead came into a status."""
    return f"Status {status}"


def _lead(fields: Mapping[str, Any], stage: str) -> dict[str, Any] | None:
    qualified_at = fields.get(_since(stage))
    if qualified_at is None:
        return None
    name = " ".join(str(fields[one]) for one in ("FirstName", "LastName") if one in fields)
    row = {ours: fields.get(theirs) for ours, theirs in OF_A_LEAD.items()}
    row["phone"] = fields.get("Phone") or fields.get("MobilePhone")
    return said_only({"qualified_at": qualified_at, "name": name, **row})


def _deal(fields: Mapping[str, Any]) -> dict[str, Any]:
    stage = str(fields.get("StageName", ""))
    is_closed = bool(fields.get("IsClosed", stage.startswith("Closed")))
    is_won = bool(fields.get("IsWon", stage == "Closed Won"))
    row = {
        "lead_external_id": fields.get(LEAD),
        "amount": fields.get("Amount"),
        "currency": fields.get("CurrencyIsoCode"),
    }
    closed_at = fields.get("CloseDate", "") if is_closed else ""
    return {**said_only(row), "won": is_closed and is_won, "closed_at": closed_at}


ADAPTER = Salesforce()
