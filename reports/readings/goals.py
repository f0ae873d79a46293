"""The goal as agreed on each day, and the promise a chart is drawn against."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Prefetch, Q, prefetch_related_objects
from django.db.models.functions import JSONObject

from agreements.models import (
    Agreement,
    CalendarRevision,
    Campaign,
    CampaignGoal,
    Commitment,
    CustomMeasure,
    MonthGoal,
    Version,
)
from agreements.services.calendars import company_calendar, company_hours, is_stand_in
from agreements.weekday_weights import weights_of
from reports.opening import opens_on
from reports.periods import Period, month_of
from reports.readings.scope import Scope
from reports.waterfall import DEFAULT_TOLERANCE, ClosedMonth, Profile, day_weights

GOAL_AS_JSON = JSONObject(
    **{name: name for name in ("id", "party_id", "of", "name", "goal", "first_on", "last_on")}
)
COMPANY_HOURS = "company_hours"
"""Where a scope keeps the revision of the company's calendar, if it was read already."""


@dataclass(frozen=True, slots=True)
class DayGoal:
    """The month's goal in force on a day (None: nothing agreed) and the day's weight in its month.

    `is_value`: it was agreed in expected revenue, not in leads.
    """

    goal: Decimal | Fraction | None
    weight: Fraction
    is_value: bool = False


def agreement_of(scope: Scope) -> Agreement | None:
    """Return the agreement whose goals are drawn: the one selected, or the only one in force in the period."""
    if "agreement" not in scope.read:
        scope.read["agreement"] = scope.selection.agreement or _only_agreement(scope)
    agreement: Agreement | None = scope.read["agreement"]
    return agreement


def _only_agreement(scope: Scope) -> Agreement | None:
    """Return the only one in force in the period, or the one that all others in force stand below."""
    span = (scope.period.start, scope.period.end)
    in_force = Agreement.objects.filter(
        versions__state=Version.State.SIGNED, versions__in_force__overlap=span
    ).select_related("parent")
    found = {one.pk: one for one in in_force.distinct()}
    tops = [one for one in found.values() if not (set(_above(one)) & found.keys())]
    return tops[0] if len(tops) == 1 else None


def _above(agreement: Agreement) -> list[int]:
    """Return the ids of the agreement's parent and of the one above that, if there are."""
    parent = agreement.parent
    return [] if parent is None else [pk for pk in (parent.pk, parent.parent_id) if pk is not None]


def versions_in(scope: Scope) -> list[Version]:
    """Return the agreement's signed versions that govern some day of the period, in order, with what they promise."""
    agreement = agreement_of(scope)
    if agreement is None:
        return []
    if "versions" not in scope.read:
        promises = Commitment.objects.select_related("party__team", "segment")
        below = Agreement.objects.filter(
            Q(parent=OuterRef("agreement")) | Q(parent__parent=OuterRef("agreement"))
        )
        found = (
            agreement.versions.signed()
            .filter(in_force__overlap=(scope.period.start, scope.period.end))
            .order_by("starts_on")
            .defer("signed_text", "signed_rows")
            .prefetch_related(Prefetch("commitments", promises))
            .annotate(
                measures_custom=Exists(CustomMeasure.objects.filter(version=OuterRef("pk"))),
                of_campaigns=ArraySubquery(
                    CampaignGoal.objects.filter(version=OuterRef("pk"))
                    .order_by("pk")
                    .values(said=GOAL_AS_JSON)
                ),
                below=ArraySubquery(below.values(with_parent=JSONObject(pk="pk", parent="parent_id"))),
            )
        )
        scope.read["measuring"] = {one.pk for one in found if getattr(one, "measures_custom")}  # noqa: B009
        scope.read["of_campaigns"] = {
            one.pk: [_campaign_goal(one, said) for said in getattr(one, "of_campaigns")]  # noqa: B009
            for one in found
        }
        scope.read["below"] = {each["pk"]: each["parent"] for one in found for each in getattr(one, "below")}  # noqa: B009
        scope.read["versions"] = list(found)
    versions: list[Version] = scope.read["versions"]
    return versions


def promises_measures(scope: Scope, version: Version) -> bool:
    """Whether one of the versions of the period promises custom measures; asked without a query of its own."""
    return version in versions_in(scope) and version.pk in scope.read["measuring"]


def agreements_below(scope: Scope) -> dict[int, int]:
    """Return the parent of each agreement below the scope's, by id; none where that is not in force in the period."""
    below: dict[int, int] = scope.read["below"] if versions_in(scope) else {}
    return below


def _read_month_goals(scope: Scope) -> None:
    """Read the goals of each month, and their plans, along with the promises: once, when somebody asks for a goal."""
    if "month_goals" not in scope.read:
        goals = MonthGoal.objects.select_related("plan")
        prefetch_related_objects(versions_in(scope), Prefetch("commitments__month_goals", goals))
        scope.read["month_goals"] = True


def version_on(versions: list[Version], day: dt.date) -> Version | None:
    """Return the one of these versions that governs the day."""
    return next((version for version in versions if version.governs(day)), None)


def version_seen(scope: Scope) -> Version | None:
    """Return the version in force at the end of what the report has seen of its period, or the last before that."""
    return version_judging(versions_in(scope), last_seen(scope))


def version_judging(versions: list[Version], day: dt.date) -> Version | None:
    """Return the one of a period's versions, in order, that it is judged by: in force on this day, or the last."""
    return version_on(versions, day) or (versions[-1] if versions else None)


def last_seen(scope: Scope) -> dt.date:
    """Return the last day of the period that the report has seen anything of."""
    return max(scope.period.start, min(scope.as_of_day, scope.period.end - dt.timedelta(days=1)))


def commitment_on(scope: Scope, kind: str) -> Commitment | None:
    """Return the promise in force at the end of what the report has seen of its period; the segment's own first.

    One that the agreement does not make itself is inherited; a goal is not: it is a number for all that are below it.
    """
    version, agreement = version_seen(scope), agreement_of(scope)
    if version is None or agreement is None:
        return None
    if kind == Commitment.Kind.MQL_GOAL:
        _read_month_goals(scope)
    segment = int(scope.selection.segment) if scope.selection.segment else agreement.segment_id
    own = _promise_of(version, kind, segment)
    if own is not None or kind == Commitment.Kind.MQL_GOAL or agreement.parent_id is None:
        return own
    if "above" not in scope.read:
        scope.read["above"] = _versions_above(agreement, last_seen(scope))
    above: list[Version] = scope.read["above"]
    return next((found for one in above if (found := _promise_of(one, kind, segment))), None)


def _promise_of(version: Version, kind: str, segment_id: int | None) -> Commitment | None:
    promises = {c.segment_id: c for c in version.commitments.all() if c.kind == kind}
    return promises.get(segment_id) or promises.get(None)


def _versions_above(agreement: Agreement, day: dt.date) -> list[Version]:
    """Return the versions in force that day of the agreements that this one inherits from, the nearest first."""
    promises = Commitment.objects.select_related("party__team", "segment")
    above = Agreement.objects.above(agreement)
    found = Version.objects.in_force_on(day).filter(agreement__in=above)
    found = found.select_related("agreement").prefetch_related(Prefetch("commitments", promises))
    return sorted(found, key=lambda one: -one.agreement.level)


def business_days(scope: Scope) -> Callable[[dt.date], bool]:
    """Return the test whether a local day has any opening time, by the agreement's calendar or the company's."""
    if "business_days" not in scope.read:
        agreement = agreement_of(scope)
        own = agreement.calendar if agreement else None
        revision = own.revisions.order_by("-number").first() if own else None
        revision = revision or scope.read.get(COMPANY_HOURS) or company_hours()
        scope.read["business_days"] = opens_on(revision)
    opens: Callable[[dt.date], bool] = scope.read["business_days"]
    return opens


def hours_on(scope: Scope) -> Callable[[dt.date], CalendarRevision]:
    """Return which business hours were the newest on a day: new ones change no goal line of the days before them.

    Days before the first hours that somebody entered have these, as they stood at the end of that first day.
    """
    if "hours" not in scope.read:
        agreement = agreement_of(scope)
        own = (
            list(agreement.calendar.revisions.order_by("number")) if agreement and agreement.calendar else []
        )
        revisions = own or list(company_calendar().revisions.order_by("number"))
        entered = [one for one in revisions if not is_stand_in(one)] or revisions
        scope.read["hours"] = {one.created_at.astimezone(scope.zone).date(): one for one in entered}
    hours: dict[dt.date, CalendarRevision] = scope.read["hours"]
    days = list(hours)

    def on(day: dt.date) -> CalendarRevision:
        return hours[days[max(bisect_right(days, day) - 1, 0)]]

    return on


def goals_by_day(scope: Scope, *, constant: Decimal | None = None) -> list[DayGoal]:
    """Return the goal of each day of the period.

    `constant` is a goal given by hand for every month, spread evenly. A filter by segment, by campaign or by source
    has the goal that is agreed of that; other filters, and several at once, have none.
    """
    even = [Fraction(1, len(month_of(day))) for day in scope.period]
    if constant is not None:
        return [DayGoal(constant, weight) for weight in even]
    filters = scope.selection.filters()
    if agreement_of(scope) is None or len(filters) > 1 or "" in filters.values():
        return [DayGoal(None, weight) for weight in even]
    of, name = next(iter(filters.items()), ("", ""))
    if of in Campaign.Of.values:
        return campaign_goals_by_day(scope, of, name)
    if of not in ("", "segment"):
        return [DayGoal(None, weight) for weight in even]
    return _goals_of(scope, int(name) if of else None)


def campaign_goals_of(scope: Scope, version: Version) -> list[CampaignGoal]:
    """Return what one of the period's versions promises of campaigns and sources; without a query of its own."""
    goals: list[CampaignGoal] = scope.read["of_campaigns"].get(version.pk, []) if versions_in(scope) else []
    return goals


def _campaign_goal(version: Version, said: dict[str, Any]) -> CampaignGoal:
    """Return a goal that was read along with its version; of a party that promises more the team is known."""
    parties = {one.party_id: one.party for one in version.commitments.all()}
    known = {"party": parties[said["party_id"]]} if said["party_id"] in parties else {}
    months = {
        name: dt.date.fromisoformat(said[name]) if said[name] else None for name in ("first_on", "last_on")
    }
    return CampaignGoal(version=version, **(said | months), **known)


def campaign_goals_by_day(scope: Scope, of: str, name: str) -> list[DayGoal]:
    """Return the goal of a campaign or source on each day: in leads, spread as the month's goal is."""
    promises = {version.pk: _goal_promise(version, None) for version in versions_in(scope)}

    def agreed(version: Version, month_on: dt.date) -> Decimal | None:
        goals = (one for one in campaign_goals_of(scope, version) if (one.of, one.name) == (of, name))
        return next((Decimal(one.goal) for one in goals if one.covers(month_on)), None)

    return [replace(day, is_value=False) for day in _spread(scope, promises, agreed)]


def segment_goals_by_day(scope: Scope) -> dict[str, list[tuple[dt.date, DayGoal]]]:
    """Return the goals of each segment that has its own in some day of the period, by the segment's key."""
    segments = {
        commitment.segment_id
        for version in versions_in(scope)
        for commitment in version.commitments.all()
        if commitment.kind == Commitment.Kind.MQL_GOAL and commitment.segment_id is not None
    }
    return {
        str(segment): list(zip(scope.period, _goals_of(scope, segment), strict=True))
        for segment in sorted(segments)
    }


def _goals_of(scope: Scope, segment_id: int | None) -> list[DayGoal]:
    _read_month_goals(scope)
    promises = {version.pk: _goal_promise(version, segment_id) for version in versions_in(scope)}

    def agreed(version: Version, month_on: dt.date) -> Decimal | None:
        promise = promises[version.pk]
        goals = promise.month_goals.all() if promise is not None else ()
        return next((one.goal for one in goals if one.month_on == month_on), None)

    return _spread(scope, promises, agreed)


def _spread(
    scope: Scope,
    promises: Mapping[int, Commitment | None],
    agreed: Callable[[Version, dt.date], Decimal | None],
) -> list[DayGoal]:
    """Return each day's goal and weight: what its version agrees for the month, spread as that version's promise says.

    A version without such a promise spreads evenly.
    """
    versions = versions_in(scope)
    hours = hours_on(scope) if any(_asks_for_hours(promise) for promise in promises.values()) else None
    weights: dict[tuple[int, Period, int | None], list[Fraction]] = {}
    goals: list[DayGoal] = []
    for day in scope.period:
        version, month = version_on(versions, day), month_of(day)
        promise = promises[version.pk] if version else None
        goal = agreed(version, month.start) if version else None
        if version is None or promise is None:
            goals.append(DayGoal(goal, Fraction(1, len(month))))
            continue
        revision = hours(day) if hours is not None and _asks_for_hours(promise) else None
        key = (version.pk, month, revision.pk if revision is not None else None)
        if key not in weights:
            weights[key] = _weights(promise, month, opens_on(revision) if revision is not None else _always)
        is_value = promise.measure == Commitment.Measure.VALUE
        goals.append(DayGoal(goal, weights[key][(day - month.start).days], is_value))
    return goals


def _asks_for_hours(promise: Commitment | None) -> bool:
    return promise is not None and promise.profile == Profile.BUSINESS_DAYS


def _always(_day: dt.date) -> bool:
    return True


def goal_promise(scope: Scope) -> Commitment | None:
    """Return the MQL goal in force at the end of what was seen: its measure, profile and tolerance."""
    return commitment_on(scope, Commitment.Kind.MQL_GOAL)


def tolerance_of(promise: Commitment | None) -> Fraction:
    """Return the share of a goal to date that counts as on pace; the usual one where no goal is agreed."""
    return Fraction(promise.tolerance) if promise is not None else DEFAULT_TOLERANCE


def _goal_promise(version: Version, segment_id: int | None) -> Commitment | None:
    return next(
        (
            c
            for c in version.commitments.all()
            if c.kind == Commitment.Kind.MQL_GOAL and c.segment_id == segment_id
        ),
        None,
    )


def _weights(promise: Commitment, month: Period, opens: Callable[[dt.date], bool]) -> list[Fraction]:
    try:
        return day_weights(
            month,
            Profile(promise.profile),
            is_business_day=opens,
            weights=dict(enumerate(weights_of(promise.weekday_weights).values())),
        )
    except ClosedMonth:  # the goal is promised all the same: each day alike
        return [Fraction(1, len(month))] * len(month)
