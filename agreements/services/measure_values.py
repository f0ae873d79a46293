"""Values of custom measures: entered for a period that is over, voided with a reason, never changed.

Whoever writes one, by hand or by a program, comes through here. A value is corrected by the side that promises only
while it is still due and its month is open; afterwards a director of the other side voids it, which is its agreement.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.measured_periods import CORRECTED_FOR, later, period_end, period_of, value_due
from agreements.models import (
    Agreement,
    AgreementEvent,
    CustomMeasure,
    MeasureValue,
    MonthResult,
    Party,
    Version,
)
from agreements.rights import rights_of

if TYPE_CHECKING:
    from slaproject.accounts.models import User

_LONG_OVER = gettext_lazy("The period was over more than %(n)s months ago: it is not judged any more.")


def measure_of(agreement: Agreement, name: str, period_on: dt.date) -> CustomMeasure | None:
    """Return the measure of that name in the version that governs the end of the period; None: nothing is promised.

    `period_on` is the first day of a month or, of a measure by quarters, of a quarter.
    """
    return _governing(_signed_measures(agreement).filter(name=name), period_on)


def _signed_measures(agreement: Agreement) -> QuerySet[CustomMeasure]:
    signed = CustomMeasure.objects.filter(version__agreement=agreement, version__state=Version.State.SIGNED)
    return signed.select_related("version__agreement", "party__team")


def _governing(measures: Iterable[CustomMeasure], period_on: dt.date) -> CustomMeasure | None:
    for measure in measures:
        last_day = period_end(period_on, measure.period) - dt.timedelta(days=1)
        if measure.version.governs(last_day):
            return measure if period_of(period_on, measure.period) == period_on else None
    return None


def due_of(measure: CustomMeasure, period_on: dt.date) -> dt.date | None:
    """Return the first day on which a value comes too late; None where that day came before all had signed.

    What fell due before is not owed, and counts whenever it is entered.
    """
    due_on, signed_at = value_due(period_on, measure.period), measure.version.signed_at
    if signed_at is None:
        return None
    return due_on if signed_at.astimezone(measure.version.agreement.zone).date() < due_on else None


def is_late(
    measure: CustomMeasure, period_on: dt.date, entered_on: dt.date, others: Iterable[MeasureValue]
) -> bool:
    """Whether a value entered on a day comes too late; `others` are the period's other values, those voided too.

    One that replaces a value which came in time, and was voided when only the other side could do so, does not.
    """
    due_on, zone = due_of(measure, period_on), measure.version.agreement.zone
    if due_on is None or entered_on < due_on:
        return False
    return not any(
        one.entered_at.astimezone(zone).date() < due_on <= one.voided_at.astimezone(zone).date()
        for one in others
        if one.voided_at is not None
    )


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

    Raises ValidationError when nothing of that name is promised for the period, when it is not over or was over more
    than CORRECTED_FOR months ago, or when it has a value already: that one has to be voided first.
    """
    Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
    measure = measure_of(agreement, name, period_on)
    if measure is None:
        raise ValidationError(_("No version that governs this period promises this measure."))
    today, ends_on = now.astimezone(agreement.zone).date(), period_end(period_on, measure.period)
    if today < ends_on:
        raise ValidationError(_("The period is not over yet: a value speaks of the whole of it."))
    if is_long_over(ends_on, today):
        raise ValidationError(_LONG_OVER, params={"n": CORRECTED_FOR})
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
    """Void a value that is wrong, saying why.

    Once its month is closed or the value is due no more only a director of another party may: that is how the other
    side agrees. Raises ValidationError for anybody else then, and when somebody voided it already.
    """
    Agreement.objects.select_for_update(no_key=True).get(pk=value.agreement_id)
    if not reason.strip():
        raise ValidationError(_("Say why it is wrong."))
    standing = MeasureValue.objects.standing().filter(pk=value.pk)
    if standing.exists() and (refusal := refusal_of_voiding(value, by, now=now)):
        raise ValidationError(refusal)
    if not standing.update(voided_at=now, voided_by=by, void_reason=reason.strip()):
        raise ValidationError(_("This value was voided already."))
    value.refresh_from_db()
    _note(value, AgreementEvent.Kind.VALUE_VOIDED, now, by)
    return value


def is_long_over(ends_on: dt.date, today: dt.date) -> bool:
    """Whether a period that ended before this day is not judged any more."""
    return later(ends_on, CORRECTED_FOR) <= today.replace(day=1)


class VoidedBy(Enum):
    """Who may void a value: who promises, or only a director of another party; nobody once it is judged no more."""

    OWN_SIDE = "own side"
    OTHER_SIDE = "other side"
    NOBODY = "nobody"


def voided_by(
    agreement: Agreement, values: Sequence[MeasureValue], *, now: dt.datetime
) -> dict[int, VoidedBy]:
    """Return by whom each of an agreement's values may be voided."""
    if not values:
        return {}
    today = now.astimezone(agreement.zone).date()
    closed = MonthResult.objects.filter(agreement=agreement, closed_at__isnull=False)
    closed_months = set(closed.values_list("month_on", flat=True))
    measures: dict[str, list[CustomMeasure]] = defaultdict(list)
    for measure in _signed_measures(agreement).filter(name__in={one.name for one in values}):
        measures[measure.name].append(measure)
    found = {}
    for value in values:
        governing = _governing(measures[value.name], value.period_on)
        found[value.pk] = VoidedBy.OWN_SIDE
        if governing is None:
            continue
        ends_on, due_on = period_end(value.period_on, governing.period), due_of(governing, value.period_on)
        if is_long_over(ends_on, today):
            found[value.pk] = VoidedBy.NOBODY
        elif later(ends_on, -1) in closed_months or (due_on is not None and due_on <= today):
            found[value.pk] = VoidedBy.OTHER_SIDE
    return found


def refusal_of_voiding(value: MeasureValue, by: User | None, *, now: dt.datetime) -> str:
    """Say why this person may not void a value, and what to do instead; empty where it may be voided."""
    match voided_by(value.agreement, [value], now=now)[value.pk]:
        case VoidedBy.NOBODY:
            return _LONG_OVER % {"n": CORRECTED_FOR}
        case VoidedBy.OTHER_SIDE if by is None or not is_other_side(value, by):
            others = Party.objects.filter(agreement=value.agreement_id).exclude(pk=value.party_id)
            teams = ", ".join(others.order_by("pk").values_list("team__name", flat=True))
            return _(
                "The time to correct this value alone is over. If it is wrong, ask a director of the other side "
                "(%(teams)s) to void it, and enter the right one then."
            ) % {"teams": teams}
    return ""


def is_other_side(value: MeasureValue, user: Any) -> bool:
    """Whether this person answers for a party other than the one that promises; never who entered the value."""
    rights = rights_of(user)
    others = Party.objects.filter(agreement=value.agreement_id, team__in=rights.directed)
    return value.entered_by_id != rights.user_id and others.exclude(pk=value.party_id).exists()


def _note(value: MeasureValue, kind: AgreementEvent.Kind, now: dt.datetime, by: User | None) -> None:
    """Note it with its number: the name of a measure is free text, and stands with the value."""
    AgreementEvent.objects.create(
        agreement_id=value.agreement_id,
        kind=kind,
        happened_at=now,
        actor=by,
        data={"value": value.pk, "month": f"{value.period_on:%Y-%m}", "number": f"{value.value:.4f}"},
    )
