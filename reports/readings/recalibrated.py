"""What a plan would be with measured rates: the plan in force, and the same with the rates of each way, worked out.

The quota, its months and their parts are the plan's. A plan whose months are over by the first day of the next version
is continued by a month's average part of its quota, which is then each month's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from agreements.exact import FunnelError
from agreements.models import Plan, Segment
from agreements.quota_months import Split
from reports.calculation import Calculation, Inputs, LeadMonth, SegmentAsked, Team, calculate
from reports.measured_plan import (
    Fault,
    MeasuredRates,
    Rates,
    UnusableRates,
    Way,
    kept_segments,
    with_measured,
)
from reports.periods import month_of
from reports.readings.goals import commitment_on
from reports.readings.plan_setting import PlanSetting
from reports.readings.plans import month_goal
from reports.readings.recalibration import RecalibrationReport
from reports.readings.segment_rates import Measurements

MINUTES_AN_ATTEMPT, HOURS_A_DAY, TIME_SHARE = Decimal(10), Decimal(8), Decimal("0.5")
USUAL_ATTEMPTS = 6


@dataclass(frozen=True, slots=True)
class Recalibrated:
    """The plan with the rates of one way: worked out, or why it cannot be. `kept` are segments as planned."""

    way: Way
    calculation: Calculation | None
    fault: UnusableRates | None
    is_immature: bool = False
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recalibration:
    """A plan as it is and as it would be. `first_month` is that of the next version.

    `is_repeated`: the quota is one month's, and its leads are the goal of each month of the version.
    """

    plan: Plan
    first_month: dt.date
    is_repeated: bool
    now: Calculation
    ways: Mapping[Way, Recalibrated]
    agreed: Decimal | None

    def goal(self, of: Calculation) -> int | None:
        """Return the leads that a calculation has for the first month of the next version."""
        if self.is_repeated:
            return of.leads
        return next((one.leads for one in of.months if one.month == self.first_month), None)

    def busiest(self, of: Calculation) -> LeadMonth:
        """Return the month of the next version in which the work fits worst."""
        ahead = [one for one in of.load if one.month >= self.first_month] or list(of.load)
        return max(
            ahead, key=lambda one: (one.unworked, one.work.reps_needed_exact if one.work else Fraction(0))
        )


def plan_in_force(setting: PlanSetting) -> Plan | None:
    """Return the plan behind next month's goal, or where none is in force by then, that behind this month's."""
    if setting.plan is not None:
        return setting.plan
    goal = month_goal(setting.scope, commitment_on(setting.scope, "mql_goal"))
    return goal.plan if goal else None


def recalibrate(
    setting: PlanSetting, report: RecalibrationReport, measured: Measurements, *, first_month: dt.date
) -> Recalibration | None:
    """Work out the plan in force with the measured rates; None where there is none, or nothing can be worked out."""
    plan = plan_in_force(setting)
    if plan is None:
        return None
    inputs = _inputs(plan, setting, _team(setting, report, measured))
    is_repeated = _last_month(inputs, setting) < first_month
    if is_repeated:
        part = (Decimal(plan.quota) / max(1, len(inputs.months))).quantize(Decimal("0.01"))
        inputs = replace(inputs, quota=part, months=(first_month,), weights=(part,))
    if not inputs.quota:
        return None
    goal = setting.goal_of(first_month)
    return Recalibration(
        plan=plan,
        first_month=first_month,
        is_repeated=is_repeated,
        now=calculate(inputs, business_days=setting.business_days),
        ways={way: _by_way(way, inputs, setting, report, measured) for way in Way},
        agreed=goal.goal if goal else None,
    )


def _by_way(
    way: Way, inputs: Inputs, setting: PlanSetting, report: RecalibrationReport, measured: Measurements
) -> Recalibrated:
    is_immature = way is Way.COHORT and report.cohort.is_immature
    rates = _measured_rates(way, report, measured, setting.segments)
    try:
        if report.currency and setting.currency != report.currency:
            raise UnusableRates(Fault.NO_AMOUNTS)
        found = calculate(with_measured(inputs, rates), business_days=setting.business_days)
    except UnusableRates as fault:
        return Recalibrated(way, None, fault, is_immature)
    except FunnelError:  # too small a rate for so large a quota
        return Recalibrated(way, None, UnusableRates(Fault.NO_CUSTOMERS), is_immature)
    return Recalibrated(way, found, None, is_immature, kept_segments(inputs, rates))


def _measured_rates(
    way: Way, report: RecalibrationReport, measured: Measurements, segments: tuple[Segment, ...]
) -> MeasuredRates:
    same, cohort = report.same_month, report.cohort
    slugs = {segment.pk: segment.slug for segment in segments}
    found = same if way is Way.SAME_MONTH else cohort
    return MeasuredRates(
        overall=Rates(found.marketing_leads, found.customers, found.average_deal.value),
        marketing_share=found.marketing_share.value,
        cycle_days=report.cycle_days.average,
        segments={slugs[pk]: rates for pk, rates in measured.segments[way].items() if pk in slugs},
    )


def _inputs(plan: Plan, setting: PlanSetting, team: Team) -> Inputs:
    quotas = {
        dt.date.fromisoformat(month): Decimal(part)
        for month, part in sorted(plan.derivation.get("quotas", {}).items())
    }
    values = {segment.slug: segment.lead_value for segment in setting.segments}
    return Inputs(
        quota=Decimal(plan.quota),
        marketing_share=Decimal(plan.marketing_share),
        average_deal=Decimal(plan.average_deal),
        close_rate=Decimal(plan.close_rate),
        months=tuple(quotas) or (plan.starts_on,),
        split=Split.WEIGHTS,
        weights=tuple(quotas.values()) or (Decimal(plan.quota),),
        cycle_days=plan.cycle_days,
        team=team,
        segments=tuple(
            SegmentAsked(
                row["segment"],
                Decimal(row["share"]),
                Decimal(row["average_deal"]),
                Decimal(row["close_rate"]),
                values.get(row["segment"]),
            )
            for row in plan.segments
        ),
    )


def _last_month(inputs: Inputs, setting: PlanSetting) -> dt.date:
    """Return the last month in which the plan needs leads."""
    if not inputs.quota:
        return inputs.months[-1]
    return calculate(inputs, business_days=setting.business_days).months[-1].month


def _team(setting: PlanSetting, report: RecalibrationReport, measured: Measurements) -> Team:
    """Return the people and their time as the calculator starts with them; leads that sales found as measured."""
    attempts = Decimal(setting.attempts or USUAL_ATTEMPTS)
    months = max(1, round(len(report.period) / len(month_of(report.period.start))))
    own = attempts * MINUTES_AN_ATTEMPT * measured.sales_leads / months
    return Team(
        attempts=attempts,
        minutes=MINUTES_AN_ATTEMPT,
        reps=Decimal(setting.reps),
        hours=HOURS_A_DAY,
        time_share=TIME_SHARE,
        own_minutes=own.quantize(Decimal(1)),
    )
