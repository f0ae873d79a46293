"""A message as JSON for a program, signed: who has the secret knows that it comes from here, and is not an old one."""

from __future__ import annotations

import hashlib
import hmac
import json

from slaproject.outbox.channels.posting import post
from slaproject.outbox.messages import Words

HEADER = "Promises-Signature"


def send(url: str, secret: str, words: Words) -> None:
    """Post one message; see posting.post_json for what it raises."""
    content = {
        "message": words.message_id,
        "sent_at": words.sent_at.isoformat(),
        "text": words.subject,
        "alerts": [
            {"id": one.id, "kind": one.kind, "text": one.text, "why": one.why, "url": one.url}
            for one in words.lines
        ],
        "more": words.n_more,
    }
    body = json.dumps(content, ensure_ascii=True).encode()
    post(url, body, {HEADER: signature(secret, int(words.sent_at.timestamp()), body)})


def signature(secret: str, at: int, body: bytes) -> str:
    """Return `t=SECONDS,v1=HEX`: HMAC-SHA-256, by the secret, of the seconds, a full stop and the bytes sent."""
    made = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={made}"
