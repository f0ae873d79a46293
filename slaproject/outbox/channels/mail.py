"""A message as a mail: plain and HTML, with a link that ends such mails in one click.

Pictures of a digest travel in the mail, so that nothing is fetched when it is opened, and nobody learns that it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.mime.image import MIMEImage
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from reports.png_figures import WIDTH, png
from slaproject.outbox.messages import Part, Words

MOST_BYTES_OF_PICTURES = 50_000
"""Written for a mail they grow by a third; with the words that stays below the 100 kB from which on mails are cut."""
FINE, PLAIN = 1.5, 1.0


@dataclass(frozen=True, slots=True)
class Picture:
    """The chart of one part of a digest; its words are those of the chart, also where no picture is shown."""

    part: Part
    cid: str = ""
    content: bytes = b""

    @property
    def alt(self) -> str:
        return self.part.chart.summary or self.part.chart.title


class MailWithPictures(EmailMultiAlternatives):
    """A mail whose attachments belong to its words."""

    mixed_subtype = "related"


def send(person: Any, words: Words) -> None:
    """Send one person one mail; OSError (SMTPException is one) when the server did not take it."""
    pictures = _pictures(words)
    context = {"person": person, "words": words, "pictures": pictures, "width": WIDTH}
    template = "digest" if words.parts else "alerts"
    mail = MailWithPictures(
        subject=words.subject,
        body=render_to_string(f"outbox/mail/{template}.txt", context),
        to=[person.email],
        headers=_unsubscribing(words.unsubscribe_url) | {"Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(render_to_string(f"outbox/mail/{template}.html", context), "text/html")
    for one in pictures:
        if one.content:
            mail.attach(_inline(one))
    mail.send()


def _pictures(words: Words) -> list[Picture]:
    """Return the charts of a digest, the first ones with their pictures, as far as the mail's size allows."""
    room, pictures = MOST_BYTES_OF_PICTURES, list[Picture]()
    fineness = FINE if len(words.parts) == 1 else PLAIN
    for number, part in enumerate(words.parts, start=1):
        content = png(part.chart, fineness=fineness) if room else b""
        if len(content) > room:
            room, content = 0, b""
        room -= len(content)
        pictures.append(Picture(part, f"chart-{number}.{words.message_id}@promises", content))
    return pictures


def _inline(picture: Picture) -> MIMEImage:
    image = MIMEImage(picture.content, "png")
    image["Content-ID"] = f"<{picture.cid}>"
    image["Content-Disposition"] = 'inline; filename="chart.png"'
    return image


def _unsubscribing(url: str) -> dict[str, str]:
    """Return the headers by which a mail program ends such mails in one click (RFC 8058)."""
    if not url:
        return {}
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
