"""A message as a mail: plain and HTML, with a link that ends such mails in one click."""

from __future__ import annotations

from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from slaproject.outbox.messages import Words


def send(person: Any, words: Words) -> None:
    """Send one person one mail; OSError (SMTPException is one) when the server did not take it."""
    context = {"person": person, "words": words}
    mail = EmailMultiAlternatives(
        subject=words.subject,
        body=render_to_string("outbox/mail/alerts.txt", context),
        to=[person.email],
        headers=_unsubscribing(words.unsubscribe_url) | {"Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(render_to_string("outbox/mail/alerts.html", context), "text/html")
    mail.send()


def _unsubscribing(url: str) -> dict[str, str]:
    """Return the headers by which a mail program ends such mails in one click (RFC 8058)."""
    if not url:
        return {}
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
