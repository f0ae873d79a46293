"""Signatures of webhooks as HubSpot makes them, version 3, and by what a webhook of HubSpot's is known.

Signed is the method, the address that HubSpot was told, the body and the instant in milliseconds, by the client secret
of the app that sends; base64 of the HMAC-SHA-256. Several signs of the address are signed as themselves, however they
are sent.

HubSpot gives a webhook no id: it is known by the events in it. Sent again it differs in how often it was tried alone.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from slaproject.webhooks.signing import TOLERANCE_SECONDS

SIGNATURE, SENT_AT = "x-hubspot-signature-v3", "x-hubspot-request-timestamp"
MILLISECONDS = re.compile(r"\d{1,14}", re.ASCII)
SIGNED_AS_THEMSELVES = re.compile("%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)
TRIES = "attemptNumber"


def is_of_now(headers: Mapping[str, str], now: dt.datetime) -> bool:
    """Whether it says that it was sent five minutes from now at most."""
    at = headers.get(SENT_AT, "")
    return bool(MILLISECONDS.fullmatch(at)) and abs(now.timestamp() - int(at) / 1000) <= TOLERANCE_SECONDS


def signature(secret: bytes, method: str, address: str, body: bytes, at: str) -> str:
    """Return what HubSpot's header says of this request."""
    uri = SIGNED_AS_THEMSELVES.sub(lambda found: chr(int(found[1], 16)), address)
    signed = f"{method}{uri}".encode() + body + at.encode()
    return base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()


def is_signed(
    headers: Mapping[str, str], by: Iterable[bytes], method: str, address: str, body: bytes
) -> bool:
    """Whether the request is signed by one of these secrets."""
    shown, at = headers.get(SIGNATURE, "").encode(), headers.get(SENT_AT, "")
    right = [signature(secret, method, address, body, at).encode() for secret in by]
    return any(hmac.compare_digest(shown, one) for one in right)


def known_by(said: Any) -> str:
    """Return by what these events are known, however often they were tried."""
    events = [
        {name: value for name, value in one.items() if name != TRIES} if isinstance(one, Mapping) else one
        for one in (said if isinstance(said, list) else [said])
    ]
    text = json.dumps(events, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
