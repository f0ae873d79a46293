"""Whose signature a draft waits for: what somebody is told before anything else on their first page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from agreements.models import AgreementEvent, Commitment, Party, Signature, Version
from agreements.readings.standing import name_list
from agreements.rights import rights_of
from agreements.words import whole_day

MOST_TOLD = 5
WRITING = (AgreementEvent.Kind.DRAFTED, AgreementEvent.Kind.EDITED)


@dataclass(frozen=True, slots=True)
class AwaitedSignature:
    """A draft that one person has still to sign, and how far the others are with it."""

    version: Version
    signed_by: tuple[str, ...]
    last_writing: AgreementEvent | None

    @property
    def sentence(self) -> str:
        """Say that it waits."""
        said = {"number": self.version.number, "agreement": self.version.agreement.name}
        return _("Version %(number)s of %(agreement)s waits for your signature") % said

    @property
    def others(self) -> str:
        """Say who signed it already, or else who wrote in it last: until somebody signs, it can still be changed."""
        if self.signed_by:
            return _("%(teams)s signed it.") % {"teams": name_list(list(self.signed_by))}
        writing = self.last_writing
        if writing is None or writing.actor is None:
            return _("It can still be changed: nobody has signed it yet.")
        day = whole_day(writing.happened_at.astimezone(self.version.agreement.zone).date())
        said = {"name": writing.actor, "day": day}
        return _("It is still being written: %(name)s changed it last, on %(day)s.") % said


def awaited_signatures(user: Any) -> list[AwaitedSignature]:
    """Return the drafts that promise something and that this person is to sign, the oldest first."""
    rights = rights_of(user)
    if not rights.teams:
        return []
    mine = Party.objects.filter(
        agreement=OuterRef("agreement"), team__in=rights.teams, signatory=rights.user_id
    )
    is_given = Signature.objects.filter(version=OuterRef(OuterRef("pk")), party=OuterRef("pk"))
    promises = Commitment.objects.filter(version=OuterRef("pk"))
    found = (
        Version.objects.open()
        .filter(Exists(mine.filter(~Exists(is_given))), Exists(promises))
        .select_related("agreement")
        .prefetch_related("signatures__party__team")
        .order_by("created_at", "pk")
    )
    versions = list(found[:MOST_TOLD])
    if not versions:
        return []
    writings = AgreementEvent.objects.filter(version__in=versions, kind__in=WRITING)
    last = {
        event.version_id: event
        for event in writings.order_by("version_id", "-pk").distinct("version_id").select_related("actor")
    }
    return [
        AwaitedSignature(
            version,
            tuple(signature.party.team.name for signature in version.signatures.all()),
            last.get(version.pk),
        )
        for version in versions
    ]
