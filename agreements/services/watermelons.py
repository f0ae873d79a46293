"""Writing down that a month is green outside alone: every promise kept, and yet."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from django.db import transaction

from agreements.models import Agreement, AgreementEvent, MonthResult, Version


@transaction.atomic
def flag_month(
    *,
    version: Version,
    month_on: dt.date,
    revenue: Fraction | None,
    revenue_goal: Fraction | None,
    watermelon: str,
    now: dt.datetime,
) -> None:
    """Write what a decided month brought in, and whether it is a watermelon; an event says from what to what.

    Writing the same again changes nothing.
    """
    Agreement.objects.select_for_update(no_key=True).get(pk=version.agreement_id)
    month = MonthResult.objects.get(agreement=version.agreement_id, month_on=month_on)
    before = month.watermelon
    if (month.revenue, month.revenue_goal, before) == (revenue, revenue_goal, watermelon):
        return
    month.revenue, month.revenue_goal, month.watermelon = revenue, revenue_goal, watermelon
    month.save(update_fields=["revenue", "revenue_goal", "watermelon"])
    if before != watermelon:
        AgreementEvent.objects.create(
            agreement_id=version.agreement_id,
            version=version,
            kind=AgreementEvent.Kind.WATERMELON,
            happened_at=now,
            actor=None,
            data={"month": f"{month_on:%Y-%m}", "from": str(before), "to": str(watermelon)},
        )
