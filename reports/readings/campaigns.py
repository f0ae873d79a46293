"""What campaigns and sources bring, against what marketing planned of them: in a month, and on a campaign's own days.

A campaign's goal is spread over its days, each alike, so that a month has as much of it as it has of its days. A lead
counts for the campaign that it names itself, on the campaign's days; what comes of it on other days, and what nobody
planned, is unplanned. So the rows of a month add up to what the month's waterfall counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from agreements.models import Campaign, Commitment
from reports.models import PeriodFigure
from reports.periods import ONE_DAY, Grain, Period, months_between
from reports.readings.breakdown import actuals_by_day
from reports.readings.goals import business_days, goal_promise, tolerance_of
from reports.readings.scope import Scope
from reports.readings.waterfall import daily_actuals
from reports.waterfall import Waterfall, build_waterfall

Measure = Commitment.Measure
Dimension = PeriodFigure.Dimension
MOST_NAMES = 100


@dataclass(frozen=True, slots=True)
class CampaignMonth:
    """One row of a month: a campaign's part of it, or what came unplanned by the name `key`; `worth` is its value."""

    key: str
    campaign: Campaign | None
    goal: Fraction | None
    to_date: Fraction | None
    actual: Fraction
    worth: Fraction

    @property
    def gap(self) -> Fraction | None:
        return None if self.to_date is None else self.actual - self.to_date


def days_of(campaign: Campaign) -> Period:
    """Return the days that a campaign has."""
    return Period(campaign.starts_on, campaign.last_on + ONE_DAY)


def leads_measure(scope: Scope) -> str:
    """Return by which measure leads are counted: the goal’s, or as handed off where that is agreed in revenue."""
    promise = goal_promise(scope)
    return str(promise.measure) if promise and promise.measure != Measure.VALUE else Measure.HANDED_OFF


def campaigns_in(scope: Scope) -> list[Campaign]:
    """Return what is planned under the scope's agreement for days of its period."""
    agreement = scope.selection.agreement
    if agreement is None:
        return []
    return list(agreement.campaigns.running_in(scope.period.start, scope.period.end))


def month_by(scope: Scope, of: str, campaigns: Iterable[Campaign], measure: str) -> list[CampaignMonth]:
    """Return the month by campaign or by source: the planned ones furthest behind first, then what is unplanned."""
    dimension = Dimension.CAMPAIGN if of == Campaign.Of.CAMPAIGN else Dimension.SOURCE
    came = _until_today(actuals_by_day(scope, dimension, measure), scope)
    worth = _until_today(actuals_by_day(scope, dimension, Measure.VALUE), scope)
    planned, covered = [], dict[str, set[dt.date]]()
    for campaign in campaigns:
        days = days_of(campaign) & scope.period
        if campaign.of != of or days is None:
            continue
        own = set(days)
        covered.setdefault(campaign.name, set()).update(own)
        seen = sum(on <= scope.as_of_day for on in days)
        planned.append(
            CampaignMonth(
                key=campaign.name,
                campaign=campaign,
                goal=Fraction(campaign.goal * len(days), campaign.days),
                to_date=Fraction(campaign.goal * seen, campaign.days),
                actual=_sum(came.get(campaign.name, {}), own),
                worth=_sum(worth.get(campaign.name, {}), own),
            )
        )
    rest = []
    for key in came.keys() | worth.keys():
        days_left = set(scope.period) - covered.get(key, set())
        actual, value = _sum(came.get(key, {}), days_left), _sum(worth.get(key, {}), days_left)
        if actual or value:
            rest.append(CampaignMonth(key, None, None, None, actual, value))
    planned.sort(key=lambda row: (row.gap or Fraction(0), row.key))
    rest.sort(key=lambda row: (not row.key, -row.actual, row.key))
    return planned + rest


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """A campaign on its own days, in leads by a measure and in what they are worth; `tolerance` is the goal's."""

    scope: Scope
    waterfall: Waterfall
    measure: str
    tolerance: Fraction
    worth: Fraction


def campaign_report(scope: Scope, campaign: Campaign) -> CampaignReport:
    """Read a campaign's waterfall on its own days; `scope` is any of its agreement, as of now."""
    days = days_of(campaign)
    whole = replace(scope, period=days, read={})
    measure, promise = leads_measure(whole), goal_promise(whole)
    tolerance = tolerance_of(promise)
    if campaign.of == Campaign.Of.CAMPAIGN:
        own = replace(whole, selection=replace(whole.selection, campaign=campaign.name))
    else:
        own = replace(whole, selection=replace(whole.selection, source=campaign.name))
    waterfall = build_waterfall(
        days=days,
        goal_by_day=[campaign.goal] * len(days),
        weight_by_day=[Fraction(1, len(days))] * len(days),
        actual_by_day=daily_actuals(own, measure),
        as_of_day=own.as_of_day,
        is_business_day=business_days(own),
        tolerance=tolerance,
    )
    values = zip(days, daily_actuals(own, Measure.VALUE), strict=True)
    worth = sum((Fraction(value) for on, value in values if on <= own.as_of_day), Fraction(0))
    return CampaignReport(own, waterfall, measure, tolerance, worth)


def names_known(scope: Scope, months: int = 6) -> list[str]:
    """Return the campaigns and sources that leads of the last months name, to choose from when one is planned."""
    start = scope.period.start - dt.timedelta(days=31 * months)
    firsts = [month.start for month in months_between(start, scope.period.end)]
    rows = PeriodFigure.objects.filter(
        agreement=scope.selection.agreement,
        dimension__in=(Dimension.CAMPAIGN, Dimension.SOURCE),
        grain=Grain.MONTH.value,
        starts_on__in=firsts,
    ).exclude(key="")
    return sorted(rows.values_list("key", flat=True).distinct()[:MOST_NAMES])


def _until_today(
    by_day: dict[str, dict[dt.date, Decimal]], scope: Scope
) -> dict[str, dict[dt.date, Decimal]]:
    return {key: {on: n for on, n in days.items() if on <= scope.as_of_day} for key, days in by_day.items()}


def _sum(came: dict[dt.date, Decimal], days: set[dt.date]) -> Fraction:
    return sum((Fraction(n) for on, n in came.items() if on in days), Fraction(0))


def planned_goal(rows: Sequence[CampaignMonth]) -> Fraction:
    """Return the leads planned of all rows together."""
    return sum((row.goal for row in rows if row.goal is not None), Fraction(0))
