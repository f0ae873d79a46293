"""What became of each promise of a month that is over, counted from the hand-offs themselves.

The same figures as the report pages', but never the stored ones: what is written down of a month must not depend on
when these were last refreshed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from agreements.models import (
    Agreement,
    Campaign,
    CampaignGoal,
    Commitment,
    Evaluation,
    Excuse,
    Version,
)
from agreements.services.results import Finding
from reports.keeping import Judgement, Outcome, excused, goal_of_days, judge, judge_goal
from reports.periods import month_of
from reports.readings.deadlines import deadline_of
from reports.readings.depth import depth_bucket
from reports.readings.figures import Moment, Row, figures_by, no_figures
from reports.readings.goals import (
    DayGoal,
    campaign_goals_by_day,
    campaign_goals_of,
    goals_by_day,
    segment_goals_by_day,
    tolerance_of,
    version_seen,
)
from reports.readings.kept_measures import all_excused_days, measure_findings
from reports.readings.kept_obligations import obligation_findings
from reports.readings.overriding import overriding_of
from reports.readings.plans import month_goal
from reports.readings.scope import Scope
from reports.readings.selection import Overriding, Selection
from reports.readings.speed import speed_bucket
from reports.readings.waterfall import daily_actuals
from reports.shares import Share, share

Part = tuple[str, str]
"""A dimension, and the key of what is meant of it: ("segment", "3"), ("source", "Fair")."""
Kind, Promise, Measure = Commitment.Kind, Evaluation.Promise, Commitment.Measure
DEADLINES = {Kind.ACCEPTANCE: Promise.ACCEPTANCE, Kind.OUTCOME: Promise.OUTCOME}


@dataclass(frozen=True, slots=True)
class MonthFound:
    """What was found of a month: nothing where no version governed it. `waiting`: promises still on the way."""

    version: Version | None
    findings: tuple[Finding, ...] = ()
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What accepted excuses of a party take out of a month."""

    days: tuple[dt.date, ...] = ()
    hand_offs: tuple[int, ...] = ()

    @classmethod
    def of(cls, excuses: Iterable[Excuse]) -> LeftOut:
        found = list(excuses)
        return cls(
            tuple(sorted({day for one in found for day in one.days})),
            tuple(sorted({pk for one in found for pk in one.hand_offs})),
        )


@dataclass(frozen=True, slots=True)
class _Measured:
    """The figure of one promise, as judged."""

    measured: Share
    threshold: Fraction
    judgement: Judgement


@dataclass(slots=True)
class _Month:
    """The month's hand-offs, all or but those left out, read once."""

    scope: Scope
    version: Version
    left_out: LeftOut = field(default_factory=LeftOut)
    rows: dict[tuple[str, tuple[Overriding, ...]], Mapping[str, Row]] = field(default_factory=dict)
    read: dict[str, Any] = field(default_factory=dict)

    @property
    def selection(self) -> Selection:
        return replace(
            self.scope.selection,
            without_days=self.left_out.days,
            without_hand_offs=self.left_out.hand_offs,
        )

    def counted(self, kind: str) -> Scope:
        """The scope of what a promise of this kind is judged by; what is read for it is kept with the month."""
        overriding = overriding_of(self.scope, kind)
        selection = replace(self.selection, overriding=overriding)
        return replace(self.scope, selection=selection, read=self.read)

    def row(self, kind: str, segment_id: int | None) -> Row:
        """Return the figures of one segment's hand-offs, or of all, that fall under a promise of this kind."""
        return self._row(kind, None if segment_id is None else ("segment", str(segment_id)))

    def _row(self, kind: str, part: Part | None) -> Row:
        overriding = overriding_of(self.scope, kind)
        dimension, key = part or ("segment", "")
        if (dimension, overriding) not in self.rows:
            selection = replace(self.selection, overriding=overriding)
            found = figures_by(dimension, self.scope.period, selection, self.scope.moment)
            self.rows[dimension, overriding] = found
        rows = self.rows[dimension, overriding]
        return _sum(rows.values()) if part is None else rows.get(key, no_figures())

    def goal(self) -> Commitment | None:
        """Return the goal for all leads, by which every part of it is counted."""
        return next(
            (one for one in self.version.commitments.all() if _is_goal(one) and not one.segment_id), None
        )

    def actual(self, part: Part | None) -> Fraction:
        """Return what counts towards a goal, by the measure agreed for all leads; of a campaign or source in leads."""
        goal = self.goal()
        measure = goal.measure if goal is not None else Measure.HANDED_OFF
        if part is not None and part[0] in Campaign.Of.values and measure == Measure.VALUE:
            measure = Measure.HANDED_OFF
        if measure == Measure.QUALIFIED:
            selection = self.selection if part is None else self.selection.narrowed(*part)
            counted = daily_actuals(replace(self.scope, selection=selection), measure)
            return Fraction(sum(counted, Decimal(0)))
        row = self._row(Kind.MQL_GOAL, part)
        match measure:
            case Measure.ACCEPTED:
                return Fraction(row["counted_accepted"])
            case Measure.NET:
                return Fraction(row["counted"] - row["counted_rejected"])
            case Measure.VALUE:
                return Fraction(row["counted_value"])
        return Fraction(row["counted"])


def month_found(
    *, agreement: Agreement, month_on: dt.date, at: dt.datetime, is_past: bool = False
) -> MonthFound:
    """Judge each promise of a month that is over, by the version in force at its end; excuses are left out.

    `at`: the instant of which it speaks; `is_past` leaves later events away.
    """
    period = month_of(month_on)
    scope = Scope(period, Selection(agreement=agreement), Moment(at, is_past=is_past), agreement.zone)
    if scope.as_of_day < period.end:
        raise ValueError(f"the month of {month_on} is not over at {at}")
    version = version_seen(scope)
    if version is None:
        return MonthFound(None)
    plain = _Month(scope, version)
    accepted = list(Excuse.objects.accepted().filter(agreement=agreement, month_on=month_on))
    parties = {one.party_id for one in accepted}
    without = {
        party: _Month(scope, version, LeftOut.of(one for one in accepted if one.party_id == party))
        for party in parties
    }
    findings: list[Finding] = []
    waiting = 0
    for commitment in version.commitments.all():
        excusing = without.get(commitment.party_id)
        less = dict(_measure(commitment, excusing)) if excusing else {}
        for promise, measured in _measure(commitment, plain):
            finding = _finding(commitment, promise, measured, less.get(promise), scope)
            if finding is None:
                waiting += 1
            else:
                findings.append(finding)
    findings += _of_campaigns(plain, without)
    findings += obligation_findings(
        agreement=agreement,
        month_on=month_on,
        at=at,
        excused_days={party: month.left_out.days for party, month in without.items()},
    )
    measures, open_measures = measure_findings(
        version=version, month_on=month_on, at=at, excused_days=all_excused_days(agreement)
    )
    findings += measures
    waiting += open_measures
    order = {promise: place for place, promise in enumerate(Promise.values)}
    findings.sort(key=lambda one: (order[one.promise], one.segment.pk if one.segment else 0))
    return MonthFound(version, tuple(findings), waiting)


def _of_campaigns(plain: _Month, without: Mapping[int, _Month]) -> Iterator[Finding]:
    """Yield what became of the goals of campaigns and sources: each is over with its month."""
    scope, all_leads = plain.scope, plain.goal()
    tolerance = tolerance_of(all_leads)
    for goal in campaign_goals_of(scope, plain.version):
        if not goal.covers(scope.period.start):
            continue
        judged = _campaign_judged(goal, plain, tolerance)
        if judged is None:
            continue
        outcome, excusing = judged.judgement.outcome, without.get(goal.party_id)
        less = _campaign_judged(goal, excusing, tolerance) if excusing is not None else None
        if less is not None:
            outcome = excused(outcome, less.judgement.outcome)
            judged = judged if outcome is Outcome.MET else less
        at_risk = None
        if outcome is Outcome.MISSED and all_leads is not None and all_leads.measure != Measure.VALUE:
            at_risk = _revenue_at_risk(all_leads, judged.measured, scope)
        yield Finding(
            promise=Promise.CAMPAIGN_GOAL,
            party=goal.party,
            outcome=Evaluation.Outcome(outcome.value).value,
            numerator=judged.measured.numerator,
            denominator=judged.measured.denominator,
            threshold=judged.threshold,
            subject=goal.subject,
            revenue_at_risk=at_risk,
        )


def _campaign_judged(goal: CampaignGoal, month: _Month, tolerance: Fraction) -> _Measured | None:
    days = zip(month.scope.period, campaign_goals_by_day(month.scope, goal.of, goal.name), strict=True)
    agreed = goal_of_days(_parts(days), month.left_out.days)
    if agreed is None:
        return None
    actual = month.actual((goal.of, goal.name))
    judgement = judge_goal(goal=agreed, to_date=None, actual=actual, tolerance=tolerance, is_over=True)
    return _Measured(share(actual, agreed), 1 - tolerance, judgement)


def _finding(
    commitment: Commitment, promise: str, plain: _Measured, less: _Measured | None, scope: Scope
) -> Finding | None:
    """Return what became of a promise; None while it is on the way."""
    outcome, judged = plain.judgement.outcome, plain
    if less is not None:
        outcome = excused(outcome, less.judgement.outcome)
        judged = plain if outcome is Outcome.MET else less
    if outcome is Outcome.ON_THE_WAY:
        return None
    at_risk = None
    if outcome is Outcome.MISSED and promise == Promise.MQL_GOAL:
        at_risk = _revenue_at_risk(commitment, judged.measured, scope)
    return Finding(
        promise=promise,
        party=commitment.party,
        outcome=Evaluation.Outcome(outcome.value).value,
        numerator=judged.measured.numerator,
        denominator=judged.measured.denominator,
        threshold=judged.threshold,
        commitment=commitment,
        segment=commitment.segment,
        subject=str(commitment.segment_id or ""),
        revenue_at_risk=at_risk,
    )


def _measure(commitment: Commitment, month: _Month) -> Iterator[tuple[str, _Measured]]:
    """Yield the figure of each number that a commitment promises."""
    segment_id, scope = commitment.segment_id, month.scope
    if _is_goal(commitment):
        goal = goal_of_days(_goal_parts(scope, segment_id), month.left_out.days)
        if goal is not None:
            part = None if segment_id is None else ("segment", str(segment_id))
            actual, tolerance = month.actual(part), Fraction(commitment.tolerance)
            judgement = judge_goal(goal=goal, to_date=None, actual=actual, tolerance=tolerance, is_over=True)
            yield Promise.MQL_GOAL, _Measured(share(actual, goal), 1 - tolerance, judgement)
        return
    if commitment.kind in DEADLINES:
        if commitment.in_time_share is not None:
            in_time = deadline_of(month.counted(commitment.kind), commitment)
            yield (
                DEADLINES[Kind(commitment.kind)],
                _judged(in_time.share, commitment.in_time_share, waiting=in_time.not_yet_due),
            )
        return
    row = month.row(commitment.kind, segment_id)
    speed, depth = speed_bucket(scope.period, row), depth_bucket(scope.period, row)
    if commitment.kind == Kind.SPEED:
        if commitment.average_goal is not None:
            seconds = 0 if speed.average is None else speed.average * speed.attempted
            yield (
                Promise.AVERAGE_SPEED,
                _judged(
                    share(seconds, speed.attempted),
                    int(commitment.average_goal.total_seconds()),
                    waiting=speed.not_yet_due_open,
                    at_most=True,
                ),
            )
        if commitment.in_time_share is not None:
            waiting = speed.not_yet_due_open + speed.not_yet_due_answered
            yield Promise.SHARE_IN_TIME, _judged(speed.in_time, commitment.in_time_share, waiting=waiting)
    elif commitment.kind == Kind.DEPTH and commitment.attempts is not None:
        measured = share(depth.judged.attempts, depth.judged.not_connected)
        yield Promise.DEPTH, _judged(measured, commitment.attempts, waiting=depth.young)
    elif commitment.kind == Kind.SHARE_WORKED and commitment.share is not None:
        yield Promise.SHARE_WORKED, _judged(depth.judged.worked, commitment.share, waiting=depth.young)


def _judged(measured: Share, agreed: int | Decimal, *, waiting: int, at_most: bool = False) -> _Measured:
    judgement = judge(measured=measured, agreed=agreed, at_most=at_most, is_over=True, waiting=waiting)
    return _Measured(measured, Fraction(agreed), judgement)


def _goal_parts(scope: Scope, segment_id: int | None) -> list[tuple[dt.date, Fraction | None]]:
    """Return each day's share of the goal, as agreed on that day."""
    days: Iterable[tuple[dt.date, DayGoal]]
    if segment_id is None:
        days = zip(scope.period, goals_by_day(scope), strict=True)
    else:
        days = segment_goals_by_day(scope).get(str(segment_id), ())
    return _parts(days)


def _parts(days: Iterable[tuple[dt.date, DayGoal]]) -> list[tuple[dt.date, Fraction | None]]:
    return [(on, None if one.goal is None else Fraction(one.goal) * one.weight) for on, one in days]


def _revenue_at_risk(commitment: Commitment, measured: Share, scope: Scope) -> Fraction | None:
    """Return the missing leads times the value of a lead by the plan; None where no plan says what one is worth."""
    missing = measured.denominator - measured.numerator
    if commitment.measure == Measure.VALUE:
        return missing
    goal = month_goal(scope, commitment)
    value = None
    if goal is not None and goal.plan is not None:
        plan, segment = goal.plan, commitment.segment
        if segment is None:
            leads = Fraction(plan.derivation["leads_exact"])
            value = Fraction(plan.derivation["revenue_goal"]) / leads if leads else None
        else:
            named = next((one for one in plan.segments if one["segment"] == segment.slug), None)
            value = Fraction(named["average_deal"]) * Fraction(named["close_rate"]) if named else None
    if value is None and commitment.segment is not None and commitment.segment.lead_value is not None:
        value = Fraction(commitment.segment.lead_value)
    return None if value is None else missing * value


def _is_goal(commitment: Commitment) -> bool:
    return commitment.kind == Kind.MQL_GOAL


def _sum(rows: Iterable[Row]) -> Row:
    """Return the figures of several sets of hand-offs together; medians and distributions do not add up."""
    total = no_figures()
    for row in rows:
        for name, value in total.items():
            if isinstance(value, (int, Decimal)):
                total[name] = value + row[name]
    return total
