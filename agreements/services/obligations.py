"""Obligations of a draft: written, changed, taken out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements.models import Duty, Obligation, Party, Version
from agreements.services.draft_parts import note_terms, open_locked
from agreements.services.obligation_terms import TERMS, obligation_terms

if TYPE_CHECKING:
    from slaproject.accounts.models import User

USED: dict[str, tuple[str, ...]] = {
    Obligation.Cadence.WEEKLY: ("weekday",),
    Obligation.Cadence.TIMES_A_MONTH: ("weekday", "times"),
    Obligation.Cadence.MONTHLY: ("day_of_month",),
    Obligation.Cadence.QUARTERLY: ("day_of_month", "month_of_quarter"),
}
MOST_OBLIGATIONS = 30


class ObligationChanged(ValidationError):
    """Somebody else changed the obligation after the one who now saves had read it."""


@transaction.atomic
def write_obligation(
    *,
    version: Version,
    obligation: Obligation | None,
    edits: int,
    terms: Mapping[str, Any],
    from_party: Party,
    to_party: Party,
    person: Any,
    remind_before: dt.timedelta,
    now: dt.datetime,
    by: User,
) -> Obligation:
    """Add an obligation to a draft (None), or change one of it.

    `edits` is the number of edits of the obligation that its writer had seen. Raises ObligationChanged when it has more
    by now, and ValidationError when the draft is open no more, holds one of this name already, or is full.
    """
    version = open_locked(version)
    if obligation is None:
        if version.obligations.count() >= MOST_OBLIGATIONS:
            raise ValidationError(
                _("A version holds %(n)s obligations at most."), params={"n": MOST_OBLIGATIONS}
            )
        before: dict[str, Any] = {}
        obligation = Obligation(version=version)
    else:
        obligation = _found(version, obligation)
        if obligation.edits != edits:
            raise ObligationChanged(
                _("Somebody else changed this obligation meanwhile. Nothing of yours was saved yet.")
            )
        before = obligation_terms(obligation)
        obligation.edits += 1
    used = USED[terms["cadence"]]
    for name in TERMS:
        is_used = name in used or not any(name in others for others in USED.values())
        setattr(obligation, name, terms.get(name) if is_used else None)
    obligation.from_party, obligation.to_party = from_party, to_party
    try:
        with transaction.atomic():
            obligation.save()
    except IntegrityError as error:
        if "obligation_name_once_per_version" not in str(error):
            raise
        raise ValidationError(
            {"name": _("Something of this name is owed already. Give it another name.")}
        ) from error
    Duty.objects.update_or_create(
        obligation=obligation, defaults={"person": person, "remind_before": remind_before}
    )
    _note(version, obligation.pk, before, obligation_terms(obligation), now, by)
    return obligation


@transaction.atomic
def remove_obligation(*, version: Version, obligation: Obligation, now: dt.datetime, by: User) -> None:
    """Take an obligation out of a draft; nothing happens when somebody else was quicker."""
    version = open_locked(version)
    found = version.obligations.filter(pk=obligation.pk).first()
    if found is not None:
        before, was = obligation_terms(found), found.pk
        found.delete()
        _note(version, was, before, {}, now, by)


def _found(version: Version, obligation: Obligation) -> Obligation:
    found = version.obligations.filter(pk=obligation.pk).first()
    if found is None:
        raise ObligationChanged(_("Somebody else took this obligation out of the draft meanwhile."))
    return found


def _note(
    version: Version, pk: int, before: Mapping[str, Any], after: Mapping[str, Any], now: dt.datetime, by: User
) -> None:
    note_terms(version, part={"obligation": pk}, before=before, after=after, texts=("name",), now=now, by=by)
