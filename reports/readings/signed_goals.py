"""What a month's version promises of campaigns and sources, beside what came of each."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from agreements.models import Campaign, CampaignGoal
from reports.models import PeriodFigure
from reports.readings.breakdown import actuals_by
from reports.readings.campaigns import leads_measure
from reports.readings.goals import campaign_goals_by_day, campaign_goals_of, version_seen, versions_in
from reports.readings.scope import Scope

Dimension = PeriodFigure.Dimension


@dataclass(frozen=True, slots=True)
class SignedGoal:
    """One promise of leads: the month's, the part of it until today, and what came until today."""

    promise: CampaignGoal
    goal: Fraction
    to_date: Fraction
    actual: Fraction

    @property
    def gap(self) -> Fraction:
        return self.actual - self.to_date


def signed_goals(scope: Scope) -> list[SignedGoal]:
    """Return the goals of campaigns and sources that the version in force promises of the scope's whole month."""
    version = version_seen(scope)
    promised = [] if version is None else campaign_goals_of(scope, version)
    promised = [one for one in promised if one.covers(scope.period.start)]
    measure = leads_measure(scope) if promised else ""
    came = {
        of: actuals_by(scope, Dimension.CAMPAIGN if of == Campaign.Of.CAMPAIGN else Dimension.SOURCE, measure)
        for of in {one.of for one in promised}
    }
    found = []
    for one in promised:
        parts = [
            (on, Fraction(day.goal) * day.weight)
            for on, day in zip(scope.period, campaign_goals_by_day(scope, one.of, one.name), strict=True)
            if day.goal is not None
        ]
        found.append(
            SignedGoal(
                promise=one,
                goal=sum((part for _on, part in parts), Fraction(0)),
                to_date=sum((part for on, part in parts if on <= scope.as_of_day), Fraction(0)),
                actual=Fraction(came[one.of].get(one.name, 0)),
            )
        )
    return found


def goal_asked_for(scope: Scope) -> CampaignGoal | None:
    """Return the promise that the goal line of the scope's month is, where it is that of one campaign or source.

    As last agreed for the month, so also one that an amendment took out again within it.
    """
    filters = scope.selection.filters()
    if len(filters) != 1:
        return None
    ((of, name),) = filters.items()
    goals = (one for version in reversed(versions_in(scope)) for one in campaign_goals_of(scope, version))
    return next(
        (one for one in goals if (one.of, one.name) == (of, name) and one.covers(scope.period.start)), None
    )
