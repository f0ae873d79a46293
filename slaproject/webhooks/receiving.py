"""A webhook comes in: who signed it is found out, and it is stored once; what it says is read later, by a worker."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from agreements.api.refusals import Refused
from leads.asking import ask_the_worker
from slaproject.webhooks import hubspot_signing, signing
from slaproject.webhooks.models import Incoming, Inlet

Signature = Inlet.Signature
LONGEST_ID = 200
SECONDS = re.compile(r"\d{1,11}", re.ASCII)
TASK = "slaproject.webhooks.tasks.take_incoming"


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that came in; `address` is the one by which it was sent, as programs know it."""

    method: str
    address: str
    headers: Mapping[str, str]
    body: bytes


def public_address(request: HttpRequest, path: str) -> str:
    """Return the address of a path as programs know it: behind a proxy what was asked for here says something else."""
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)


def inlet_of(key: str, sent: Sent, *, now: dt.datetime) -> Inlet | None:
    """Return the inlet whose secret signed this, as it wants it signed; None for whatever is not signed, or not now."""
    ways = [way for way, is_of_now in _OF_NOW.items() if is_of_now(sent.headers, now)]
    if not ways:
        return None
    inlet = Inlet.objects.select_related("integration").filter(key=key, closed_at=None).first()
    if inlet is None or not inlet.integration.is_active or inlet.integration.role != "integration":
        return None
    return inlet if inlet.signature in ways and _IS_SIGNED[inlet.signature](inlet, sent) else None


def _is_of_now(headers: Mapping[str, str], now: dt.datetime) -> bool:
    at = headers.get("webhook-timestamp", "")
    if not is_id(headers.get("webhook-id", "")) or not SECONDS.fullmatch(at):
        return False
    return abs(now.timestamp() - int(at)) <= signing.TOLERANCE_SECONDS


def _is_signed(inlet: Inlet, sent: Sent) -> bool:
    by = signing.secrets_of([inlet.salt, inlet.older_salt])
    get = sent.headers.get
    at = int(get("webhook-timestamp", ""))
    return signing.is_signed(get("webhook-signature", ""), by, get("webhook-id", ""), at, sent.body)


def _is_signed_by_hubspot(inlet: Inlet, sent: Sent) -> bool:
    by = signing.unsealed([inlet.sealed, inlet.older_sealed if inlet.older_salt else ""])
    return hubspot_signing.is_signed(sent.headers, by, sent.method, sent.address, sent.body)


_OF_NOW = {Signature.STANDARD: _is_of_now, Signature.HUBSPOT: hubspot_signing.is_of_now}
_IS_SIGNED = {Signature.STANDARD: _is_signed, Signature.HUBSPOT: _is_signed_by_hubspot}


def known_by(inlet: Inlet, headers: Mapping[str, str], body: bytes, said: Any) -> tuple[str, str]:
    """Return the id of a webhook, and what tells whether the same id comes with something else."""
    if inlet.signature == Signature.HUBSPOT:
        digest = hubspot_signing.known_by(said)
        return f"hubspot-{digest}", digest
    return headers["webhook-id"], hashlib.sha256(body).hexdigest()


def is_id(text: str) -> bool:
    """Whether a text can be the id of a webhook; a full stop would let parts of what is signed change places."""
    return 0 < len(text) <= LONGEST_ID and text.isascii() and text.isprintable() and "." not in text


def keep(*, inlet: Inlet, message_id: str, digest: str, body: bytes, now: dt.datetime) -> bool:
    """Store a webhook for the worker; False when it is here already, Refused when its id was another's."""
    others_wait = Incoming.objects.filter(state=Incoming.State.WAITING).exists()
    kept, is_new = Incoming.objects.get_or_create(
        inlet=inlet,
        message_id=message_id,
        defaults={"digest": digest, "body": body.decode(), "received_at": now, "try_at": now},
    )
    if not is_new and kept.digest != digest:
        raise Refused(_("This id came with another body before. Each event has an id of its own."))
    if is_new and not others_wait:
        # The first of those that wait asks for the worker; beat does anyway, where that is lost.
        ask_the_worker(TASK)
    return is_new
