"""Values of custom measures that are waited for: of periods that are over, whose value can still come in time.

A period ends with a month, and its value is due within the month after: so what is waited for is always a value of the
period that ended with last month.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet

from agreements.measured_periods import is_last_month, later, period_of
from agreements.models import CustomMeasure, MeasureValue, Version

LATELY = dt.timedelta(days=35)
LONGEST = dt.timedelta(days=200)


@dataclass(frozen=True, slots=True)
class AwaitedValue:
    """A signed measure, read with its version, agreement and party's team, and the period without a value."""

    measure: CustomMeasure
    period_on: dt.date


def awaited_values(measures: QuerySet[CustomMeasure], *, now: dt.datetime) -> list[AwaitedValue]:
    """Return which of these measures wait for a value, in one query."""
    around = ((now - LATELY).date(), (now + dt.timedelta(days=2)).date())
    entered = MeasureValue.objects.standing().filter(
        agreement=OuterRef("version__agreement"),
        name=OuterRef("name"),
        period_on__gte=(now - LONGEST).date(),
    )
    signed = measures.filter(version__state=Version.State.SIGNED, version__in_force__overlap=around)
    read = signed.select_related("version__agreement", "party__team").order_by("version__agreement", "pk")
    found = []
    for measure in read.annotate(entered=ArraySubquery(entered.values("period_on"))):
        this_month = now.astimezone(measure.version.agreement.zone).date().replace(day=1)
        last_month, last_day = later(this_month, -1), this_month - dt.timedelta(days=1)
        period_on = period_of(last_month, measure.period)
        is_over = is_last_month(last_month, measure.period) and measure.version.governs(last_day)
        if is_over and period_on not in getattr(measure, "entered"):  # noqa: B009
            found.append(AwaitedValue(measure, period_on))
    return found
