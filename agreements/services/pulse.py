"""Answering the monthly pulse: one answer a person, agreement and month, until the month is closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Agreement, MonthResult, Party, PulseAnswer
from agreements.pulse_months import month_asked
from agreements.rights import rights_of

if TYPE_CHECKING:
    from slaproject.accounts.models import User


@transaction.atomic
def answer_pulse(
    *, agreement: Agreement, month_on: dt.date, answers: Mapping[str, int], now: dt.datetime, by: User
) -> PulseAnswer:
    """Write down what somebody of a party says of a month, or change it.

    Raises ValidationError for a month that is not asked about now, or closed, and for who is in no party's team. The
    lock of the agreement is the one under which its months are closed.
    """
    agreement = Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
    party = asking_party(agreement, by)
    if party is None:
        raise ValidationError(_("The teams of this agreement answer: you belong to none of them."))
    if month_on != month_asked(now.astimezone(agreement.zone).date()):
        raise ValidationError(_("This month is not asked about any more. Open the page again."))
    if MonthResult.objects.filter(agreement=agreement, month_on=month_on, closed_at__isnull=False).exists():
        raise ValidationError(_("This month is closed: what was answered stays."))
    said = {question: answers[question] for question in PulseAnswer.QUESTIONS}
    answer, _is_new = PulseAnswer.objects.update_or_create(
        agreement=agreement,
        month_on=month_on,
        person=by,
        defaults={"party": party, "answered_at": now, **said},
    )
    return answer


def asking_party(agreement: Agreement, user: User) -> Party | None:
    """Return the party for which this person answers: the first of whose team they are."""
    return agreement.parties.filter(team__in=rights_of(user).teams).order_by("pk").first()
