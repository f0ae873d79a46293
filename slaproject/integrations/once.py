"""A request that is sent twice with the same `Idempotency-Key` is done once, and answered twice alike.

The answer is kept in the transaction of what the request did: killed in between, there is neither, and the request can
be sent again. A lock that goes with the transaction lets one of the same key in at a time; the others are told to come
again. A refusal did nothing and is not kept: sent again, it is asked anew.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agreements.api.refusals import NotTaken, Refused
from agreements.api.rendering import Renderer
from slaproject.integrations.models import KeptAnswer, Token

KEPT_FOR = dt.timedelta(hours=24)
LONGEST_KEY = 200
REPLAYED = "Idempotency-Replayed"
HEADERS = ("Location",)


@transaction.atomic
def once(request: Request, act: Callable[[], Response]) -> HttpResponse:
    """Act and keep the answer under the request's key, or answer as it was answered before.

    The answer is written out here: where that fails, nothing was done.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return _answer(*_written(act()))
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise ValidationError(
            {"Idempotency-Key": _("From 1 to %s printable ASCII characters.") % LONGEST_KEY}
        )
    now, token, fingerprint = timezone.now(), request.auth, _fingerprint(request)
    if not _is_alone(token, key):
        raise Refused(_("The request of this key is being worked on. Send it again in a moment."))
    kept = KeptAnswer.objects.filter(token=token, key=key).first()
    if kept is not None and kept.made_at > now - KEPT_FOR:
        if kept.fingerprint != fingerprint:
            raise NotTaken(_("This key came with another request before. Take a new key for each request."))
        return _answer(kept.body, kept.status, {**kept.headers, REPLAYED: "true"})
    if kept is not None:
        kept.delete()
    body, status, headers = _written(act())
    KeptAnswer.objects.create(
        token=token,
        key=key,
        fingerprint=fingerprint,
        status=status,
        headers=headers,
        body=body,
        made_at=now,
    )
    return _answer(body, status, headers)


def forget_answers(*, now: dt.datetime) -> int:
    """Delete the answers whose keys serve no more; return how many."""
    return KeptAnswer.objects.filter(made_at__lte=now - KEPT_FOR).delete()[0]


def _fingerprint(request: Request) -> str:
    """Tell requests apart by what they ask and what they send, not by how it is written."""
    asked = [request.method, request.get_full_path(), request.data]
    try:
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    except RecursionError as error:
        raise ParseError(_("This is nested too deeply.")) from error


def _is_alone(token: Token, key: str) -> bool:
    """Take the key until the transaction ends; False while another request has it."""
    digest = hashlib.sha256(f"{token.pk} {key}".encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], "big", signed=True)]
        )
        (is_taken,) = cursor.fetchone() or (False,)
    return bool(is_taken)


def _written(made: Response) -> tuple[str, int, dict[str, str]]:
    headers = {name: made.headers[name] for name in HEADERS if name in made.headers}
    return Renderer().render(made.data).decode(), made.status_code, headers


def _answer(body: str, status: int, headers: dict[str, Any]) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json", headers=headers)
