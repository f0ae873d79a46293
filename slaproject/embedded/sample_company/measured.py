"""What sales promises beside the leads: how content new customers are, by a survey entered each month."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

from agreements.measured_periods import period_end
from agreements.models import Agreement, CustomMeasure, MeasureValue, Party, Version
from agreements.services.measure_values import enter_value, measure_of
from slaproject.embedded.sample_company.people import NAMED, Staff
from slaproject.embedded.sample_company.timeline import SEED, month_after

NAME = "How content new customers are"
ENTERED_ON = 5
# Above the target for the most part, and below it now and then.
RESULTS = ("4.4", "4.5", "4.3", "4.6", "4.2", "4.4", "4.5", "4.3")


def promise_content_customers(version: Version, party: Party) -> None:
    """Write into a draft what the survey of new customers is to come to."""
    CustomMeasure.objects.create(
        version=version,
        party=party,
        name=NAME,
        unit="of 5",
        direction=CustomMeasure.Direction.AT_LEAST,
        target=Decimal("4.3"),
    )


def enter_results(agreement: Agreement, staff: Staff, now: dt.datetime) -> int:
    """Enter the results of the months for which it is promised, each on its day; return how many are new."""
    first = CustomMeasure.objects.filter(version__agreement=agreement, name=NAME).earliest(
        "version__starts_on"
    )
    known = set(
        MeasureValue.objects.filter(agreement=agreement, name=NAME).values_list("period_on", flat=True)
    )
    drawn = random.Random(f"{SEED} measure").sample(RESULTS, len(RESULTS))
    month, new = first.version.starts_on.replace(day=1), 0
    while (at := _entered_at(agreement, month)) <= now:
        if month not in known and measure_of(agreement, NAME, month) is not None:
            value = Decimal(drawn[(month.year * 12 + month.month) % len(drawn)])
            by = staff.users[NAMED[1].email]
            enter_value(agreement=agreement, name=NAME, period_on=month, value=value, now=at, by=by)
            new += 1
        month = month_after(month, 1)
    return new


def _entered_at(agreement: Agreement, month: dt.date) -> dt.datetime:
    on = period_end(month, "month").replace(day=ENTERED_ON)
    return dt.datetime.combine(on, dt.time(10), agreement.zone).astimezone(dt.UTC)
