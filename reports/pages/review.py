"""The monthly review: what both sides had promised, what came of it, and what follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from agreements.measured_periods import period_of
from agreements.models import CampaignGoal, Clause, Commitment, CustomMeasure, Team, Version
from agreements.models.keeping import campaign_goal_title
from reports.charts import depth as depth_charts
from reports.charts import promises as said
from reports.charts import speed as speed_charts
from reports.charts.description import Chart, Table
from reports.charts.promises import Kept, Side, promise_title
from reports.charts.recalibration import rates_table, recalibration_verdict
from reports.charts.returned import returned_finding, returned_table
from reports.keeping import Outcome, judge, judge_goal
from reports.pages.contents import MonthSeen, see_month
from reports.pages.frame import ReportPage, party_name
from reports.pages.promise_order import place_of_team
from reports.periods import Grain, buckets
from reports.readings.breakdown import gap_by_segment
from reports.readings.deadlines import deadline_of
from reports.readings.depth import DepthBucket, DepthReport, depth_bucket, depth_report
from reports.readings.figures import figures, figures_by, no_figures
from reports.readings.goals import (
    goal_promise,
    promises_measures,
    segment_goals_by_day,
    tolerance_of,
    version_seen,
)
from reports.readings.kept_measures import judge_measure, measures_judged, values_at
from reports.readings.overriding import overriding_of
from reports.readings.plans import month_goal
from reports.readings.promise_months import anchor, anchor_of_promise
from reports.readings.recalibration import recalibration_report
from reports.readings.returned import rejection_reasons
from reports.readings.scope import read_figures
from reports.readings.signed_goals import signed_goals
from reports.readings.speed import SpeedBucket, SpeedReport, speed_bucket, speed_report
from reports.shares import share

Kind = Commitment.Kind
MOST_REASONS = 20
KINDS: list[str] = [Kind.MQL_GOAL, Kind.ACCEPTANCE, Kind.SPEED, Kind.DEPTH, Kind.SHARE_WORKED, Kind.OUTCOME]


@dataclass(frozen=True, slots=True)
class Review:
    """One month of one agreement on one page: promises, charts, rates, and why leads came back."""

    finding: str
    sides: tuple[Side, ...]
    charts: tuple[Chart, ...]
    rates: Table
    rates_finding: str
    returned: Table
    returned_finding: str
    further: tuple[str, ...] = ()
    is_over: bool = False
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was read of the month, for judging its promises."""

    page: ReportPage
    month: MonthSeen
    speed: SpeedReport
    depth: DepthReport
    of_segment: Callable[[int], tuple[SpeedBucket, DepthBucket]]
    actual_of_segment: dict[str, Fraction]

    @property
    def is_over(self) -> bool:
        """Whether the reader's day lies behind the month."""
        return self.page.scope.as_of_day >= self.page.scope.period.end

    def totals(self, promise: Commitment) -> tuple[SpeedBucket, DepthBucket]:
        """Return the figures that a promise is judged by: of its segment's, or of all hand-offs that fall under it."""
        scope, overriding = self.page.scope, overriding_of(self.page.scope, promise.kind)
        if overriding:
            segment = None if promise.segment_id is None else str(promise.segment_id)
            selection = replace(scope.selection, overriding=overriding, segment=segment)
            row = figures([scope.period], selection, scope.moment)[0]
            return speed_bucket(scope.period, row), depth_bucket(scope.period, row)
        if promise.segment_id is None:
            return self.speed.total, self.depth.total
        return self.of_segment(promise.segment_id)

    def address(self, name: str, promise: Commitment) -> str:
        """Return the report page that shows the same hand-offs."""
        parts = {"month": self.page.month_value}
        if self.page.agreement:
            parts["agreement"] = self.page.agreement.slug
        if promise.segment:
            parts["segment"] = promise.segment.slug
        return f"{reverse(f'reports:{name}')}?{urlencode(parts)}"


def review_contents(page: ReportPage) -> Review:
    """Read one month: the promises of both sides judged, three charts, and the rates as measured."""
    scope = page.scope
    days, weeks = (buckets(scope.period.start, scope.period.end, grain) for grain in (Grain.DAY, Grain.WEEK))
    read_figures(scope, [*weeks, scope.period], steady=days)
    month = see_month(page)
    speed = speed_report(scope, Grain.WEEK, with_survival=False)
    depth = depth_report(scope, Grain.WEEK, with_spacing=False)
    seen = _Seen(page, month, speed, depth, _segment_figures(page), _segment_actuals(page, month))
    sides = _sides(seen)
    is_over = scope.as_of_day >= scope.period.end
    report = recalibration_report(scope)
    goal = month_goal(scope, month.goal)
    plan = goal.plan if goal else None
    returned = rejection_reasons(scope, most=MOST_REASONS) if is_over else ([], 0)
    return Review(
        finding=said.month_verdict(
            sides, month=page.month, is_over=is_over, has_begun=scope.as_of_day >= scope.period.start
        ),
        sides=sides,
        charts=(month.chart, _speed_chart(page, speed), _depth_chart(page, depth)),
        rates=rates_table(report, plan),
        rates_finding=recalibration_verdict(report, plan),
        returned=returned_table(*returned),
        returned_finding=returned_finding(*returned),
        further=month.beside.sentences,
        is_over=is_over,
        is_empty=month.chart.is_empty and not speed.total.handed_off,
    )


def _speed_chart(page: ReportPage, report: SpeedReport) -> Chart:
    party = party_name(report.promise, _("Sales"))
    subtitle = f"{page.month_name} · {page.selected}"
    chart = speed_charts.average_chart(report, party=party, subtitle=subtitle, as_of=page.as_of)
    return replace(chart, summary="")


def _depth_chart(page: ReportPage, report: DepthReport) -> Chart:
    party = party_name(report.promise, _("Sales"))
    subtitle = f"{page.month_name} · {page.selected}"
    chart = depth_charts.average_chart(report, party=party, subtitle=subtitle, worked=None, as_of=page.as_of)
    return replace(chart, summary="")


def _segment_figures(page: ReportPage) -> Callable[[int], tuple[SpeedBucket, DepthBucket]]:
    """Return how to look a segment's figures up; they are read at the first promise that a segment has."""

    def look_up(segment_id: int) -> tuple[SpeedBucket, DepthBucket]:
        scope = page.scope
        if "by_segment" not in scope.read:
            scope.read["by_segment"] = figures_by("segment", scope.period, scope.selection, scope.moment)
        row = scope.read["by_segment"].get(str(segment_id)) or no_figures()
        return speed_bucket(scope.period, row), depth_bucket(scope.period, row)

    return look_up


def _segment_actuals(page: ReportPage, month: MonthSeen) -> dict[str, Fraction]:
    version = version_seen(page.scope)
    promises = version.commitments.all() if version else ()
    if not any(one.kind == Kind.MQL_GOAL and one.segment_id for one in promises):
        return {}
    return {group.key: group.actual for group in gap_by_segment(page.scope, month.report.measure)}


def _sides(seen: _Seen) -> tuple[Side, ...]:
    version = version_seen(seen.page.scope)
    if version is None:
        return ()
    consequences: dict[int | None, str] = dict(
        Clause.objects.filter(version=version, topic=Clause.Topic.CONSEQUENCE).values_list("party_id", "text")
    )
    by_party: dict[int, tuple[Team, list[Kept]]] = {}
    judged = [one for one in version.commitments.all() if one.kind in KINDS]
    for promise in sorted(judged, key=lambda one: (KINDS.index(one.kind), one.segment_id or 0)):
        _team, kept = by_party.setdefault(promise.party_id, (promise.party.team, []))
        kept.extend(_without_overridden(one, promise, seen) for one in _judged(promise, seen))
    for goal, kept_goal in _campaign_goals(seen):
        _team, kept = by_party.setdefault(goal.party_id, (goal.party.team, []))
        kept.append(kept_goal)
    for measure, kept_measure in _measures(version, seen):
        _team, kept = by_party.setdefault(measure.party_id, (measure.party.team, []))
        kept.append(kept_measure)
    return tuple(
        Side(team.name, team.function, tuple(kept), consequences.get(party, "") or consequences.get(None, ""))
        for party, (team, kept) in sorted(by_party.items(), key=lambda item: place_of_team(item[1][0]))
    )


def _without_overridden(kept: Kept, promise: Commitment, seen: _Seen) -> Kept:
    """Say it where hand-offs of agreements below are judged there, by a promise of their own."""
    if not overriding_of(seen.page.scope, promise.kind):
        return kept
    left_out = _("Hand-offs for which an agreement below promises this itself are judged there.")
    return replace(kept, sentence=f"{kept.sentence} {left_out}")


def _campaign_goals(seen: _Seen) -> Iterable[tuple[CampaignGoal, Kept]]:
    """Yield the goals of campaigns and sources, each judged by its own leads."""
    scope = seen.page.scope
    tolerance = tolerance_of(goal_promise(scope))
    is_muted = seen.month.report.months[-1].waterfall.summary.is_muted
    for one in signed_goals(scope):
        judgement = judge_goal(
            goal=one.goal,
            to_date=one.to_date,
            actual=one.actual,
            tolerance=tolerance,
            is_over=seen.is_over,
            is_muted=is_muted,
        )
        sentence = said.goal_sentence(
            goal=one.goal,
            to_date=one.to_date,
            actual=one.actual,
            tolerance=tolerance,
            currency="",
            is_over=seen.is_over,
            until=min(scope.as_of_day, scope.period.end - dt.timedelta(days=1)),
            is_flood=judgement.is_flood,
        )
        parts = {"month": seen.page.month_value, str(one.promise.of): one.promise.name}
        if seen.page.agreement:
            parts["agreement"] = seen.page.agreement.slug
        address = f"{reverse('reports:waterfall')}?{urlencode(parts)}"
        title = campaign_goal_title(one.promise.of, one.promise.name)
        yield one.promise, Kept(title, sentence, judgement, address)


def _measures(version: Version, seen: _Seen) -> Iterable[tuple[CustomMeasure, Kept]]:
    """Yield the custom measures whose period ends with the month, judged by the value that was entered."""
    scope = seen.page.scope
    if not promises_measures(scope, version):
        return
    due = measures_judged(version, seen.page.month)
    values = values_at(version.agreement, scope.moment.at) if due else None
    for measure in due:
        assert values is not None
        period_on = period_of(seen.page.month, measure.period)
        measured, judgement = judge_measure(measure, period_on, values)
        sentence = said.measure_sentence(
            measure,
            period_on,
            measured.value,
            is_over=seen.is_over,
            is_missed=judgement.outcome is Outcome.MISSED,
        )
        address = f"{reverse('reports:measures', args=[version.agreement.slug])}#{anchor(measure.name)}"
        yield measure, Kept(measure.name, sentence, judgement, address)


def _judged(promise: Commitment, seen: _Seen) -> Iterable[Kept]:
    match promise.kind:
        case Kind.MQL_GOAL:
            yield _goal(promise, seen)
        case Kind.SPEED:
            yield from _speed(promise, seen)
        case Kind.DEPTH if promise.attempts is not None:
            yield _depth(promise, seen, promise.attempts)
        case Kind.SHARE_WORKED if promise.share is not None:
            yield _worked(promise, seen, Fraction(promise.share))
        case Kind.ACCEPTANCE | Kind.OUTCOME if promise.in_time_share is not None:
            yield _deadline(promise, seen, promise.in_time_share)


def _goal(promise: Commitment, seen: _Seen) -> Kept:
    summary, scope = seen.month.report.months[-1].waterfall.summary, seen.page.scope
    goal, to_date, actual = summary.goal, summary.goal_to_date, summary.actual
    if promise.segment_id is not None:
        key = str(promise.segment_id)
        days = [
            (on, Fraction(day.goal) * day.weight)
            for on, day in segment_goals_by_day(scope).get(key, ())
            if day.goal is not None
        ]
        goal = sum((part for _on, part in days), Fraction(0)) if days else None
        to_date = sum((part for on, part in days if on <= scope.as_of_day), Fraction(0)) if days else None
        actual = seen.actual_of_segment.get(key, Fraction(0))
    judgement = judge_goal(
        goal=goal,
        to_date=to_date,
        actual=actual,
        tolerance=promise.tolerance,
        is_over=seen.is_over,
        is_muted=summary.is_muted,
    )
    sentence = said.goal_sentence(
        goal=goal,
        to_date=to_date,
        actual=actual,
        tolerance=Fraction(promise.tolerance),
        currency=seen.month.standing.currency,
        is_over=seen.is_over,
        until=min(scope.as_of_day, scope.period.end - dt.timedelta(days=1)),
        is_flood=judgement.is_flood,
    )
    return Kept(promise_title(promise), sentence, judgement, seen.address("waterfall", promise))


def _speed(promise: Commitment, seen: _Seen) -> Iterable[Kept]:
    total, _of_depth = seen.totals(promise)
    address = seen.address("speed", promise)
    if promise.average_goal is not None:
        seconds = 0 if total.average is None else total.average * total.attempted
        judgement = judge(
            measured=share(seconds, total.attempted),
            agreed=int(promise.average_goal.total_seconds()),
            at_most=True,
            is_over=seen.is_over,
            waiting=total.not_yet_due_open,
        )
        sentence = said.average_sentence(total, promise.average_goal, judgement)
        yield Kept(promise_title(promise, _("Speed on average")), sentence, judgement, address)
    if promise.in_time_share is not None:
        judgement = judge(
            measured=total.in_time,
            agreed=promise.in_time_share,
            is_over=seen.is_over,
            waiting=total.not_yet_due_open + total.not_yet_due_answered,
        )
        sentence = said.in_time_sentence(total, Fraction(promise.in_time_share))
        yield Kept(promise_title(promise, _("Share tried in time")), sentence, judgement, address)


def _depth(promise: Commitment, seen: _Seen, agreed: int) -> Kept:
    _of_speed, total = seen.totals(promise)
    judgement = judge(
        measured=share(total.judged.attempts, total.judged.not_connected),
        agreed=agreed,
        is_over=seen.is_over,
        waiting=total.young,
    )
    sentence = said.depth_sentence(total, agreed)
    return Kept(promise_title(promise), sentence, judgement, seen.address("depth", promise))


def _deadline(promise: Commitment, seen: _Seen, agreed: Decimal) -> Kept:
    scope = seen.page.scope
    overriding = overriding_of(scope, promise.kind)
    if overriding:
        scope = replace(scope, selection=replace(scope.selection, overriding=overriding), read={})
    found = deadline_of(scope, promise)
    judgement = judge(measured=found.share, agreed=agreed, is_over=seen.is_over, waiting=found.not_yet_due)
    sentence = said.deadline_sentence(promise.kind, found, Fraction(agreed))
    page_of_months = reverse("reports:measures", args=[promise.version.agreement.slug])
    address = f"{page_of_months}#{anchor_of_promise(promise)}"
    return Kept(promise_title(promise), sentence, judgement, address)


def _worked(promise: Commitment, seen: _Seen, agreed: Fraction) -> Kept:
    _of_speed, total = seen.totals(promise)
    judgement = judge(measured=total.judged.worked, agreed=agreed, is_over=seen.is_over, waiting=total.young)
    sentence = said.worked_sentence(total, agreed)
    return Kept(promise_title(promise), sentence, judgement, seen.address("depth", promise))
