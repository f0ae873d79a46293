"""Custom measures of a draft: written, changed, taken out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements.models import CustomMeasure, Party, Version
from agreements.services.draft_parts import note_terms, open_locked
from agreements.services.measure_terms import TERMS, measure_terms, signed_with_other_period

if TYPE_CHECKING:
    from slaproject.accounts.models import User

MOST_MEASURES = 30


class MeasureChanged(ValidationError):
    """Somebody else changed the measure after the one who now saves had read it."""


@transaction.atomic
def write_measure(
    *,
    version: Version,
    measure: CustomMeasure | None,
    edits: int,
    terms: Mapping[str, Any],
    party: Party,
    now: dt.datetime,
    by: User,
) -> CustomMeasure:
    """Add a measure to a draft (None), or change one of it.

    `edits` is the number of edits of the measure that its writer had seen. Raises MeasureChanged when it has more by
    now, and ValidationError when the draft is open no more, holds one of this name already, or is full, and when a
    signed version measures the same by another kind of period.
    """
    version = open_locked(version)
    before: dict[str, Any] = {}
    if measure is None:
        if version.measures.count() >= MOST_MEASURES:
            raise ValidationError(_("A version holds %(n)s measures at most."), params={"n": MOST_MEASURES})
        measure = CustomMeasure(version=version)
    else:
        measure = _found(version, measure)
        if measure.edits != edits:
            raise MeasureChanged(
                _("Somebody else changed this measure meanwhile. Nothing of yours was saved yet.")
            )
        before = measure_terms(measure)
        measure.edits += 1
    for name in TERMS:
        setattr(measure, name, terms[name])
    measure.party = party
    _refuse_other_period(version, terms)
    try:
        with transaction.atomic():
            measure.save()
    except IntegrityError as error:
        if "custom_measure_name_once_per_version" not in str(error):
            raise
        raise ValidationError(
            {"name": _("Something of this name is measured already. Give it another name.")}
        ) from error
    _note(version, measure.pk, before, measure_terms(measure), now, by)
    return measure


@transaction.atomic
def remove_measure(*, version: Version, measure: CustomMeasure, now: dt.datetime, by: User) -> None:
    """Take a measure out of a draft; nothing happens when somebody else was quicker."""
    version = open_locked(version)
    found = version.measures.select_related("party__team").filter(pk=measure.pk).first()
    if found is not None:
        before, was = measure_terms(found), found.pk
        found.delete()
        _note(version, was, before, {}, now, by)


def _refuse_other_period(version: Version, terms: Mapping[str, Any]) -> None:
    """Values are known by the measure's name and period: one name is measured by one kind of period."""
    other = signed_with_other_period(version.agreement_id, name=terms["name"], period=terms["period"])
    if other is not None:
        raise ValidationError(
            {
                "period": _(
                    "Version %(number)s measures this %(period)s, and values of both would be taken for each other. "
                    "Keep that, or give the measure another name."
                )
                % {"number": other.version.number, "period": other.get_period_display()}
            }
        )


def _found(version: Version, measure: CustomMeasure) -> CustomMeasure:
    found = version.measures.select_related("party__team").filter(pk=measure.pk).first()
    if found is None:
        raise MeasureChanged(_("Somebody else took this measure out of the draft meanwhile."))
    return found


def _note(
    version: Version, pk: int, before: Mapping[str, Any], after: Mapping[str, Any], now: dt.datetime, by: User
) -> None:
    note_terms(
        version, part={"measure": pk}, before=before, after=after, texts=("name", "unit"), now=now, by=by
    )
