"""Writing down that somebody is told of something: once, with the ways by which it goes out and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from slaproject.outbox.hearing import Rhythm, is_late
from slaproject.outbox.kinds import DIGESTS, Channel, Subject
from slaproject.outbox.models import Errand, Message
from slaproject.outbox.people import reach_of

# The unique key is the claim: who tells second, after a recalculation too, writes nothing.
WRITE = """
INSERT INTO outbox_alert (person_id, kind, about, subject, place, hand_off_id, agreement_id, happened_at, made_at,
    is_late, is_shown)
SELECT person_id, kind, about, subject, place, hand_off_id, agreement_id, happened_at, %(now)s, is_late, is_shown
FROM unnest(%(people)s::bigint[], %(kinds)s::text[], %(abouts)s::bigint[], %(subjects)s::text[], %(places)s::text[],
    %(hand_offs)s::bigint[], %(agreements)s::bigint[], %(happened)s::timestamptz[], %(late)s::boolean[],
    %(shown)s::boolean[])
    AS n(person_id, kind, about, subject, place, hand_off_id, agreement_id, happened_at, is_late, is_shown)
ORDER BY person_id, kind, about
ON CONFLICT (person_id, kind, about) DO NOTHING
RETURNING id, person_id, subject
"""
OUTSIDE = (Channel.MAIL, Channel.CHAT, Channel.WEBHOOK)


@dataclass(frozen=True, slots=True)
class Telling:
    """Somebody is to be told of something."""

    person_id: int
    kind: str
    about: int
    subject: Subject
    place: str
    happened_at: dt.datetime
    hand_off_id: int | None = None
    agreement_id: int | None = None


@transaction.atomic
def tell(tellings: Iterable[Telling], *, now: dt.datetime) -> int:
    """Write down what is told and was not yet; return how many. Call it where the tellings were claimed."""
    wanted = list({(one.person_id, one.kind, one.about): one for one in reversed(list(tellings))}.values())
    if not wanted:
        return 0
    reach = reach_of({one.person_id for one in wanted}, now)
    columns: dict[str, Any] = {
        "now": now,
        "people": [one.person_id for one in wanted],
        "kinds": [one.kind for one in wanted],
        "abouts": [one.about for one in wanted],
        "subjects": [one.subject.value for one in wanted],
        "places": [one.place for one in wanted],
        "hand_offs": [one.hand_off_id for one in wanted],
        "agreements": [one.agreement_id for one in wanted],
        "happened": [one.happened_at for one in wanted],
        "late": [is_late(one.happened_at, now) for one in wanted],
        "shown": [
            reach[one.person_id].rhythm(one.subject, Channel.APP) is not Rhythm.NEVER for one in wanted
        ],
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, columns)
        written = cursor.fetchall()
    errands, digests = [], []
    for alert_id, person_id, subject in written:
        for channel in OUTSIDE:
            at = reach[person_id].send_at(Subject(subject), channel, now)
            if at is not None:
                errand = Errand(
                    alert_id=alert_id,
                    person_id=person_id,
                    channel=channel.value,
                    is_at_once=reach[person_id].rhythm(Subject(subject), channel) is Rhythm.NOW,
                    send_at=at,
                )
                errands.append(errand)
                if subject in DIGESTS:
                    digests.append(errand)
    _wrap(digests, now)
    Errand.objects.bulk_create(errands, batch_size=5_000)
    return len(written)


def _wrap(digests: list[Errand], now: dt.datetime) -> None:
    """Put each digest into a message of its own, at once: it is bundled with nothing."""
    messages = Message.objects.bulk_create(
        Message(person_id=one.person_id, channel=one.channel, is_digest=True, made_at=now, try_at=one.send_at)
        for one in digests
    )
    for errand, message in zip(digests, messages, strict=True):
        errand.message = message
