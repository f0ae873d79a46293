"""A webhook comes in: who signed it is found out, and it is stored once; what it says is read later, by a worker."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from agreements.api.refusals import Refused
from leads.intake.runs import ask_the_worker
from slaproject.webhooks import signing
from slaproject.webhooks.models import Incoming, Inlet

LONGEST_ID = 200
SECONDS = re.compile(r"\d{1,11}", re.ASCII)
TASK = "slaproject.webhooks.tasks.take_incoming"


def inlet_of(key: str, headers: Mapping[str, str], body: bytes, *, now: dt.datetime) -> Inlet | None:
    """Return the inlet whose secret signed this; None for whatever is not signed, or not now."""
    message_id, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not is_id(message_id) or not SECONDS.fullmatch(at):
        return None
    if abs(now.timestamp() - int(at)) > signing.TOLERANCE_SECONDS:
        return None
    inlet = Inlet.objects.select_related("integration").filter(key=key, closed_at=None).first()
    if inlet is None or not inlet.integration.is_active or inlet.integration.role != "integration":
        return None
    by = signing.secrets_of([inlet.salt, inlet.older_salt])
    is_right = signing.is_signed(headers.get("webhook-signature", ""), by, message_id, int(at), body)
    return inlet if is_right else None


def is_id(text: str) -> bool:
    """Whether a text can be the id of a webhook; a full stop would let parts of what is signed change places."""
    return 0 < len(text) <= LONGEST_ID and text.isascii() and text.isprintable() and "." not in text


def keep(*, inlet: Inlet, message_id: str, body: bytes, now: dt.datetime) -> bool:
    """Store a webhook for the worker; False when it is here already, Refused when its id was another's."""
    digest = hashlib.sha256(body).hexdigest()
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
