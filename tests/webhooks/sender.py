"""A program that sends webhooks to an inlet: signs them as Standard Webhooks says."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from slaproject.webhooks import signing
from slaproject.webhooks.inlets import make_inlet
from slaproject.webhooks.models import Incoming, Inlet
from slaproject.webhooks.taking import take_next
from tests import factories

EARLIER = "2026-03-04T09:00:00Z"
ANA = {
    "external_id": "L-1",
    "qualified_at": EARLIER,
    "name": "Ana Sample",
    "company": "Sample Bakery",
    "owner": "rep@example.com",
}


def inlet(form: str = "standard", **given: Any) -> Inlet:
    """An inlet of a CRM."""
    by = given.pop("by", None) or factories.user("Administrator", is_superuser=True, is_staff=True)
    return make_inlet(name="CRM", system="crm", form=form, now=factories.NOON, by=by, **given)[0]


def said(data: Any, at: str = EARLIER, kind: str = "lead.changed") -> bytes:
    """The body that tells of a row, or several."""
    return json.dumps({"type": kind, "timestamp": at, "data": data}).encode()


def headers(to: Inlet, body: bytes, message_id: str = "evt_1", **given: Any) -> dict[str, str]:
    """The headers of a webhook; `at`, `salt` and `signed` stand for what is forged."""
    at = given.get("at", int(factories.NOON.timestamp()))
    secret = signing.secret_of(given.get("salt", to.salt))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": given.get(
            "signed", signing.signature(secret, given.get("signed_id", message_id), at, body)
        ),
    }


def post(to: Inlet, body: bytes, headers: dict[str, str]) -> Any:
    """Send these bytes with these headers."""
    client = Client(raise_request_exception=False)
    return client.post(f"/api/v1/webhooks/{to.key}/", body, content_type="application/json", headers=headers)


def send(to: Inlet, body: bytes, message_id: str = "evt_1", status: int = 202, **given: Any) -> Any:
    """Send a webhook, and see how it was answered."""
    answer = post(to, body, headers(to, body, message_id, **given))
    assert answer.status_code == status, answer.text
    return answer


def take_all() -> None:
    """Have a worker take all that waits."""
    while take_next(now=factories.NOON):
        pass


def failures() -> dict[str, list[str]]:
    """Why webhooks failed, by id."""
    failed = Incoming.objects.filter(state="failed").prefetch_related("refused")
    return {one.message_id: [row.reason for row in one.refused.all()] for one in failed}
