"""Closing the months: what became of each promise is written down once it can be judged, and corrected later.

One transaction for each agreement and month, under the lock of the agreement's row: killed anywhere a month is
written or it is not, and whoever runs at the same time waits and then finds it written. A promise still on the way
keeps only its own line open. A closed month is looked at again for CORRECTED_FOR months, so that what was logged late,
or excused, is seen; a month with an open line always.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from agreements.measured_periods import CORRECTED_FOR, later, period_end
from agreements.models import Agreement, Evaluation, Excuse, MeasureValue, MonthResult, Version
from agreements.readings.pulse import party_pulses
from agreements.services.keeping import answer_excuse
from agreements.services.measure_values import enter_value, measure_of, void_value
from agreements.services.results import Written, write_results
from agreements.services.watermelons import flag_month
from reports.keeping import Outcome
from reports.periods import month_of, months_between
from reports.readings.kept import month_found
from reports.readings.revenue import month_revenue
from reports.watermelon import watermelon

if TYPE_CHECKING:
    from slaproject.accounts.models import User

LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class Closed:
    """What a run did: months looked at, evaluations new and corrected, months that could not be read."""

    months: int = 0
    new: int = 0
    corrected: int = 0
    failed: int = 0


def close_months(*, now: dt.datetime, is_past: bool = False, agreement: Agreement | None = None) -> Closed:
    """Write down every month that is over, the earliest first, of one agreement or of all; safe to run again.

    `is_past`: `now` is an instant gone by, and what happened after it is left away. A month that cannot be read does
    not keep the others open: it is logged and left to the next run.
    """
    closed = Closed()
    signed = Agreement.objects.filter(versions__state=Version.State.SIGNED).distinct().order_by("pk")
    for one in signed.filter(pk=agreement.pk) if agreement else signed:
        for month in months_to_close(one, now):
            try:
                written = close_month(agreement=one, month_on=month, now=now, is_past=is_past)
            except Exception:
                LOG.exception("The month %s of agreement %s cannot be closed.", month, one.slug)
                closed.failed += 1
                continue
            closed.months += 1
            closed.new += written.new
            closed.corrected += written.corrected
    return closed


@transaction.atomic
def close_month(
    *, agreement: Agreement, month_on: dt.date, now: dt.datetime, is_past: bool = False
) -> Written:
    """Judge the promises of one month that is over, and write down what is new in it."""
    Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
    found = month_found(agreement=agreement, month_on=month_on, at=now, is_past=is_past)
    if found.version is None:
        return Written()
    written = write_results(
        version=found.version,
        month_on=month_on,
        findings=found.findings,
        is_decided=not found.waiting,
        now=now,
    )
    if not found.waiting:
        _flag(found.version, month_on, now=now)
    return written


def _flag(version: Version, month_on: dt.date, *, now: dt.datetime) -> None:
    """Say of a decided month whether it is green outside alone: by all its evaluations, the revenue, the pulse."""
    agreement = version.agreement
    outcomes = Evaluation.objects.filter(month__agreement=agreement, month__month_on=month_on)
    money = month_revenue(version, month_on, at=now)
    pulses = party_pulses(agreement, [month_on])
    reason = watermelon(
        [Outcome(one) for one in outcomes.values_list("outcome", flat=True)],
        revenue=money.actual,
        revenue_goal=money.goal,
        has_low_pulse=any(one.is_low for one in pulses.values()),
    )
    flag_month(
        version=version,
        month_on=month_on,
        revenue=money.actual,
        revenue_goal=money.goal,
        watermelon=reason.value,
        now=now,
    )


@transaction.atomic
def answer_and_close(
    *, excuse: Excuse, is_accepted: bool, answer: str = "", now: dt.datetime, by: User
) -> Excuse:
    """Answer an excuse; once accepted, a month that is over is judged by it in the same transaction."""
    answered = answer_excuse(excuse=excuse, is_accepted=is_accepted, answer=answer, now=now, by=by)
    agreement, month_on = answered.agreement, answered.month_on
    is_over = now.astimezone(agreement.zone).date() >= month_of(month_on).end
    if is_accepted and is_over:
        close_month(agreement=agreement, month_on=month_on, now=now)
    return answered


@transaction.atomic
def enter_and_close(
    *,
    agreement: Agreement,
    name: str,
    period_on: dt.date,
    value: Decimal,
    now: dt.datetime,
    by: User | None = None,
) -> MeasureValue:
    """Enter what a custom measure came to; the month that its period ends with is judged in the same transaction."""
    entered = enter_value(agreement=agreement, name=name, period_on=period_on, value=value, now=now, by=by)
    _close_period(entered, now)
    return entered


@transaction.atomic
def void_and_close(
    *, value: MeasureValue, reason: str, now: dt.datetime, by: User | None = None
) -> MeasureValue:
    """Void a value; the month that its period ends with is judged without it in the same transaction."""
    voided = void_value(value=value, reason=reason, now=now, by=by)
    _close_period(voided, now)
    return voided


def _close_period(value: MeasureValue, now: dt.datetime) -> None:
    measure = measure_of(value.agreement, value.name, value.period_on)
    if measure is not None:
        month_on = later(period_end(value.period_on, measure.period), -1)
        close_month(agreement=value.agreement, month_on=month_on, now=now)


def months_to_close(agreement: Agreement, now: dt.datetime) -> list[dt.date]:
    """Return the months that are over and some day of which a signed version governed, but those closed long ago."""
    this_month = now.astimezone(agreement.zone).date().replace(day=1)
    governed: set[dt.date] = set()
    for version in Version.objects.signed().filter(agreement=agreement).exclude(in_force__isempty=True):
        end = min(version.governs_until or this_month, this_month)
        if version.starts_on < end:
            governed |= {month.start for month in months_between(version.starts_on, end)}
    for_good = months_before(this_month, CORRECTED_FOR)
    closed = MonthResult.objects.filter(agreement=agreement, closed_at__isnull=False, month_on__lt=for_good)
    done = set(closed.values_list("month_on", flat=True))
    return sorted(month for month in governed - done if month_of(month).end <= this_month)


def months_before(month: dt.date, count: int) -> dt.date:
    return later(month, -count)
