"""How each month's goal stands, looked at once a day: told when it changed, not every day that it lasts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction

from django.db import transaction

from agreements.models import Agreement, Commitment, Team, Version
from reports.periods import month_of
from reports.readings.goals import business_days, goal_promise
from reports.readings.landing import month_landing
from reports.readings.scope import Scope, build_scope
from reports.readings.waterfall import waterfall_report
from reports.waterfall import Verdict
from slaproject.outbox.kinds import Subject
from slaproject.outbox.models import Alert, GoalLook, SetAside
from slaproject.outbox.people import Company
from slaproject.outbox.setting_aside import do_each, left_alone
from slaproject.outbox.telling import Telling, tell

Standing, Source = GoalLook.Standing, SetAside.Source
FROM_HOUR = 7  # of the agreement's zone: the night's figures are there, nobody has looked yet
STANDINGS = {
    Verdict.BEHIND: Standing.BEHIND,
    Verdict.ON_PACE: Standing.ON_PACE,
    Verdict.AHEAD: Standing.AHEAD,
}
KINDS = {Standing.BEHIND: "goal_behind", Standing.AHEAD: "goal_ahead", Standing.ON_PACE: "goal_on_pace"}


def look_at_goals(*, now: dt.datetime) -> int:
    """Look at the month of every agreement whose day has begun and that was not looked at today; return how many.

    One that cannot be looked at is set aside, and the others are looked at all the same.
    """
    signed = Agreement.objects.filter(versions__state=Version.State.SIGNED).distinct().order_by("pk")
    looked: list[int] = []
    for agreement in signed.exclude(pk__in=left_alone(Source.GOAL, now)):

        def look(ids: Sequence[int], agreement: Agreement = agreement) -> None:
            looked.extend(ids if _look_today(agreement, now) else ())

        do_each(Source.GOAL, [agreement.pk], look, now=now)
    return len(looked)


def _look_today(agreement: Agreement, now: dt.datetime) -> bool:
    local = now.astimezone(agreement.zone)
    today = local.date()
    if local.hour < FROM_HOUR or not agreement.versions.in_force_on(today).exists():
        return False
    if GoalLook.objects.filter(agreement=agreement, looked_on=today).exists():
        return False
    return _look(agreement, today, now)


@transaction.atomic
def _look(agreement: Agreement, today: dt.date, now: dt.datetime) -> bool:
    standing, is_at_risk = _standing(agreement, today, now)
    look, is_first = GoalLook.objects.get_or_create(
        agreement=agreement, looked_on=today, defaults={"standing": standing, "is_at_risk": is_at_risk}
    )
    if not is_first:
        return False
    month = month_of(today)
    before = (
        GoalLook.objects.filter(agreement=agreement, looked_on__gte=month.start, looked_on__lt=today)
        .order_by("-looked_on")
        .first()
    )
    kinds = []
    was = before.standing if before else Standing.NONE
    if standing != was and standing != Standing.NONE and (was or standing != Standing.ON_PACE):
        kinds.append(KINDS[standing])
    if is_at_risk and not (before and before.is_at_risk):
        kinds.append("month_at_risk")
    teams = agreement.parties.filter(team__function=Team.Function.MARKETING).values_list("team_id", flat=True)
    people = Company.read().leaders(teams) if kinds else set()
    tell(
        [
            Telling(
                person_id=person,
                kind=kind,
                about=look.pk,
                subject=Subject.PACE,
                place=Alert.Place.MARKETING.value,
                happened_at=now,
                agreement_id=agreement.pk,
            )
            for kind in kinds
            for person in sorted(people)
        ],
        now=now,
    )
    return True


def _standing(agreement: Agreement, today: dt.date, now: dt.datetime) -> tuple[GoalLook.Standing, bool]:
    """Return how the goal stands by its agreed tolerance, and whether the projected landing misses it by more."""
    scope = build_scope(period=month_of(today), now=now, agreement=agreement)
    promise = goal_promise(scope)
    if promise is None:
        return Standing.NONE, False
    report = waterfall_report(scope)
    summary = report.months[-1].waterfall.summary
    verdict = None if summary.is_muted else summary.verdict
    standing = STANDINGS[verdict] if verdict is not None else Standing.NONE
    return standing, _misses(scope, report.measure, summary.goal, promise)


def _misses(scope: Scope, measure: str, goal: Fraction | None, promise: Commitment) -> bool:
    landing = month_landing(scope, measure, business_days(scope)) if goal else None
    return (
        landing is not None
        and goal is not None
        and landing.projected < goal * (1 - Fraction(promise.tolerance))
    )
