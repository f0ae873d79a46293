"""The link in a mail that ends such mails: signed, it says by itself for whom and what, and opens nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from django.core import signing
from django.db import transaction

from slaproject.outbox.hearing import Rhythm
from slaproject.outbox.kinds import Channel, Subject
from slaproject.outbox.models import Preference

SALT = "slaproject.outbox.unsubscribe"


def token_for(person_id: int, subjects: Iterable[str]) -> str:
    """Return what the link holds."""
    return signing.dumps([person_id, ",".join(subjects)], salt=SALT)


def read_token(token: str) -> tuple[int, list[Subject]] | None:
    """Return for whom a link is, and about what; None when it is none of ours."""
    try:
        person_id, subjects = signing.loads(token, salt=SALT)
        return int(person_id), [Subject(one) for one in subjects.split(",")]
    except (signing.BadSignature, ValueError, TypeError):
        return None


@transaction.atomic
def end_mails(*, person_id: int, subjects: Iterable[Subject]) -> None:
    """Send this person no more mails about these; mails about signing always come."""
    for subject in subjects:
        if subject is not Subject.SIGNING:
            Preference.objects.update_or_create(
                person_id=person_id,
                subject=subject.value,
                channel=Channel.MAIL.value,
                defaults={"rhythm": Rhythm.NEVER.value},
            )
