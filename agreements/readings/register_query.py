"""Which agreements the register is asked for: by words, state, team, and whether something waits for who asks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import DateField, DateTimeField, Exists, F, Func, OuterRef, Q, TextChoices, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy

from agreements.models import Agreement, Party, Version
from agreements.models.agreements import AgreementQuerySet
from agreements.readings.acts import waits_for


class State(TextChoices):
    """Where an agreement stands, as the register is asked for it; one can stand in two: in force, with a draft."""

    IN_FORCE = "in_force", gettext_lazy("in force")
    COMING = "coming", gettext_lazy("signed, not begun")
    DRAFT = "draft", gettext_lazy("draft")
    IN_REVIEW = "in_review", gettext_lazy("in review")
    CHANGES_ASKED = "changes_asked", gettext_lazy("changes asked")
    ENDED = "ended", gettext_lazy("ended")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the register is asked for."""

    text: str = ""
    state: str = ""
    team_id: int | None = None
    is_mine: bool = False

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.state or self.team_id or self.is_mine)


def registered(user: Any, asked: Asked, *, now: dt.datetime) -> AgreementQuerySet:
    """Return the agreements that this person may read and that are asked for, each with its local `today`."""
    local = Func(
        F("time_zone"), Value(now, DateTimeField()), function="timezone", output_field=DateTimeField()
    )
    found = Agreement.objects.visible_to(user).annotate(today=Cast(local, DateField()))
    if asked.text:
        named = Party.objects.filter(agreement=OuterRef("pk"), team__name__icontains=asked.text)
        found = found.filter(Q(name__icontains=asked.text) | Q(Exists(named)))
    if asked.team_id is not None:
        found = found.filter(Exists(Party.objects.filter(agreement=OuterRef("pk"), team=asked.team_id)))
    if asked.state:
        found = found.filter(_in_state(asked.state, user))
    if asked.is_mine:
        found = found.filter(waits_for(user, now=now))
    return found


def _in_state(state: str, user: Any) -> Q:
    versions = Version.objects.visible_to(user).filter(agreement=OuterRef("pk"))
    signed = versions.signed().exclude(in_force__isempty=True)
    governs = Q(Exists(signed.filter(in_force__contains=OuterRef("today"))))
    coming = Q(Exists(signed.filter(starts_on__gt=OuterRef("today"))))
    match state:
        case State.IN_FORCE:
            return governs
        case State.COMING:
            return coming
        case State.ENDED:
            return Q(Exists(versions.signed())) & ~governs & ~coming
    return Q(Exists(versions.open().filter(state=state)))
