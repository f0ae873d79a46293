"""Measured rates made the draft of the next version: one plan, one draft, however often the button is pressed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Agreement, Commitment, MonthGoal, Plan, Version
from agreements.quota_months import Split
from agreements.services.drafting import begin_amendment, lock_agreement, use_plan
from reports.calculation import Calculation
from reports.measured_plan import Way
from reports.pages.calculator import store_calculation, stored_rates
from reports.readings.recalibrated import Recalibration
from reports.readings.recalibration import RecalibrationReport

if TYPE_CHECKING:
    from slaproject.accounts.models import User


@dataclass(frozen=True, slots=True)
class Drafted:
    """The draft that has the rates; `is_there_already` where it had them before."""

    version: Version
    is_there_already: bool


@transaction.atomic
def draft_with_rates(
    *,
    agreement: Agreement,
    found: Recalibration,
    report: RecalibrationReport,
    way: Way,
    seen: int | None,
    now: dt.datetime,
    by: User,
) -> Drafted:
    """Begin the next version with the measured rates as its plan, or put them into the open draft that was `seen`.

    Who presses twice gets the same draft. Raises ValidationError where another draft is open than was seen, or the
    draft cannot take the goals.
    """
    calculation = found.ways[way].calculation
    assert calculation is not None
    lock_agreement(agreement.pk)
    draft = agreement.versions.open().order_by("number").last()
    if draft is not None and _has(draft, found, way, calculation):
        return Drafted(draft, is_there_already=True)
    if draft is not None and draft.number != seen:
        raise ValidationError(
            _(
                "Version %(number)s is a draft meanwhile: look at it, and press again to put these rates into it."
            ),
            params={"number": draft.number},
        )
    if draft is None:
        draft = begin_amendment(agreement=agreement, starts_on=found.first_month, now=now, by=by)
    split = Split(found.plan.split)
    plan = store_calculation(
        calculation,
        agreement=agreement,
        split=split,
        weights=_weights(split, calculation),
        measured=_how_measured(report, way),
        now=now,
        by=by,
    )
    use_plan(version=draft, plan=plan, each_month=found.is_repeated, now=now, by=by)
    return Drafted(draft, is_there_already=False)


def _weights(split: Split, calculation: Calculation) -> list[Decimal] | None:
    """Return what spreads the quota as the plan in force spreads it."""
    if split in (Split.EQUAL, Split.CALENDAR_DAYS):
        return None
    return [month.quota for month in calculation.quota_months]


def _has(draft: Version, found: Recalibration, way: Way, calculation: Calculation) -> bool:
    """Whether the draft's goal follows from these very rates, measured this way."""
    goals = MonthGoal.objects.filter(
        commitment__version=draft,
        commitment__kind=Commitment.Kind.MQL_GOAL,
        commitment__segment=None,
        month_on=found.first_month,
        plan__isnull=False,
    )
    goal = goals.select_related("plan").first()
    plan: Plan | None = goal.plan if goal else None
    if plan is None or plan.derivation.get("measured", {}).get("way") != way.value:
        return False
    segments = [
        (row["segment"], Decimal(row["share"]), Decimal(row["average_deal"]), Decimal(row["close_rate"]))
        for row in plan.segments
    ]
    return stored_rates(calculation) == {
        name: getattr(plan, name) for name in stored_rates(calculation)
    } and segments == [
        (one.key, one.share, one.average_deal, one.close_rate) for one in calculation.inputs.segments
    ]


def _how_measured(report: RecalibrationReport, way: Way) -> dict[str, Any]:
    """Return where the rates come from, as the plan keeps it."""
    found = report.same_month if way is Way.SAME_MONTH else report.cohort
    return {
        "way": way.value,
        "from": report.period.start.isoformat(),
        "to": report.period.end.isoformat(),
        "as_of": report.as_of.isoformat(),
        "marketing_leads": found.marketing_leads,
        "customers": found.customers,
        "is_immature": way is Way.COHORT and report.cohort.is_immature,
    }
