"""Values of custom measures: entered for a period that is over, voided with a reason, never changed.

Whoever writes one, by hand or by a program, comes through here.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.measured_periods import period_end, period_of
from agreements.models import Agreement, AgreementEvent, CustomMeasure, MeasureValue, Version

if TYPE_CHECKING:
    from slaproject.accounts.models import User


def measure_of(agreement: Agreement, name: str, period_on: dt.date) -> CustomMeasure | None:
    """Return the measure of that name in the version that governs the end of the period; None: nothing is promised.

    `period_on` is the first day of a month or, of a measure by quarters, of a quarter.
    """
    named = CustomMeasure.objects.filter(version__agreement=agreement, name=name)
    for measure in named.select_related("version", "party__team").filter(version__state=Version.State.SIGNED):
        last_day = period_end(period_on, measure.period) - dt.timedelta(days=1)
        until = measure.version.governs_until
        if measure.version.starts_on <= last_day and (until is None or last_day < until):
            return measure if period_of(period_on, measure.period) == period_on else None
    return None


@transaction.atomic
def enter_value(
    *,
    agreement: Agreement,
    name: str,
    period_on: dt.date,
    value: Decimal,
    now: dt.datetime,
    by: User | None = None,
) -> MeasureValue:
    """Write down what a measure came to in a period.

    Raises ValidationError when nothing of that name is promised for the period, when it is not over, or when it has a
    value already: that one has to be voided first.
    """
    Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
    measure = measure_of(agreement, name, period_on)
    if measure is None:
        raise ValidationError(_("No version that governs this period promises this measure."))
    if now.astimezone(agreement.zone).date() < period_end(period_on, measure.period):
        raise ValidationError(_("The period is not over yet: a value speaks of the whole of it."))
    values = MeasureValue.objects.filter(agreement=agreement, name=name, period_on=period_on)
    if values.standing().exists():
        raise ValidationError(_("This period has a value already. Void it first, saying why it is wrong."))
    entered = MeasureValue.objects.create(
        agreement=agreement,
        party=measure.party,
        name=name,
        period_on=period_on,
        value=value,
        entered_at=now,
        entered_by=by,
    )
    _note(entered, AgreementEvent.Kind.VALUE_ENTERED, now, by)
    return entered


@transaction.atomic
def void_value(*, value: MeasureValue, reason: str, now: dt.datetime, by: User | None = None) -> MeasureValue:
    """Void a value that is wrong, saying why; ValidationError when somebody did so already."""
    Agreement.objects.select_for_update(no_key=True).get(pk=value.agreement_id)
    if not reason.strip():
        raise ValidationError(_("Say why it is wrong."))
    standing = MeasureValue.objects.standing().filter(pk=value.pk)
    if not standing.update(voided_at=now, voided_by=by, void_reason=reason.strip()):
        raise ValidationError(_("This value was voided already."))
    value.refresh_from_db()
    _note(value, AgreementEvent.Kind.VALUE_VOIDED, now, by)
    return value


def _note(value: MeasureValue, kind: AgreementEvent.Kind, now: dt.datetime, by: User | None) -> None:
    """Note it with its number: the name of a measure is free text, and stands with the value."""
    AgreementEvent.objects.create(
        agreement_id=value.agreement_id,
        kind=kind,
        happened_at=now,
        actor=by,
        data={"value": value.pk, "month": f"{value.period_on:%Y-%m}", "number": f"{value.value:.4f}"},
    )
