"""One what-if calculation: inputs in, everything that follows from them out. Knows no Django.

All arithmetic is that of `agreements.funnel`, `agreements.quota_months` and `agreements.capacity`; here it is only
put together. Leads are rounded up once, for the whole period, and split by largest remainder ever after: over the
segments, the sources and the months. With a sales cycle leads are needed in earlier months than the quota's; at the
edges these hold only a part of a month's leads. So work and leads a business day are those of the quota's own months,
each with its own leads: what a month is like once every month has such a quota.

*Break-even*: leads needed are in proportion to the quota and to marketing's share, and in inverse proportion to
the average deal and the close rate. So a target of T leads where L are needed is met exactly at T/L times the quota,
or at L/T times the deal or the rate.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from agreements.capacity import CapacityResult, capacity
from agreements.exact import FunnelError, largest_remainder
from agreements.funnel import (
    ASSUMED_VARIATION,
    Effect,
    PlanResult,
    SegmentInput,
    SegmentPlan,
    goal_value,
    lead_value,
    plan,
    plan_by_segment,
    sensitivity,
)
from agreements.quota_months import (
    LaggedLeads,
    Split,
    leads_behind_quotas,
    shift_by_cycle,
    split_over_months,
)

Interval = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class SegmentAsked:
    """A segment's part of the revenue goal, with its own deal and rate. `value` of a lead by hand, None: d × c."""

    key: str
    share: Decimal
    average_deal: Decimal
    close_rate: Decimal
    value: Decimal | None = None

    @property
    def as_input(self) -> SegmentInput:
        return SegmentInput(self.key, self.share, self.average_deal, self.close_rate)


@dataclass(frozen=True, slots=True)
class Team:
    """The time that sales has: attempts and minutes for a lead, people and hours; `own_minutes` a month on leads
    that sales found itself.
    """

    attempts: Decimal
    minutes: Decimal
    reps: Decimal
    hours: Decimal
    time_share: Decimal
    own_minutes: Decimal


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a calculation starts from. Without segments the overall deal and rate decide."""

    quota: Decimal
    marketing_share: Decimal
    average_deal: Decimal
    close_rate: Decimal
    months: tuple[date, ...]
    split: Split
    weights: tuple[Decimal, ...]
    cycle_days: int
    team: Team
    segments: tuple[SegmentAsked, ...] = ()
    mix: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class QuotaMonth:
    month: date
    quota: Decimal
    leads_exact: Fraction


@dataclass(frozen=True, slots=True)
class LeadMonth:
    """The leads needed in one month. Without a business day nobody can follow them up: no `work`."""

    month: date
    leads_exact: Fraction
    leads: int
    business_days: int
    work: CapacityResult | None

    @property
    def per_business_day(self) -> Fraction | None:
        return Fraction(self.leads, self.business_days) if self.business_days else None

    @property
    def unworked(self) -> int:
        """Leads that would go beyond what was agreed."""
        return self.work.leads_unworked if self.work else self.leads


@dataclass(frozen=True, slots=True)
class SegmentResult:
    key: str
    revenue_goal: Fraction
    customers_exact: Fraction
    leads_exact: Fraction
    leads: int
    lead_value: Fraction
    value: Fraction


@dataclass(frozen=True, slots=True)
class SegmentEffect:
    """An effect with the segment it belongs to; "" for what all have in common."""

    segment: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class BreakEven:
    """At which value each input alone would need just so many leads; None: no possible value does."""

    leads: int
    quota: Fraction
    average_deal: Fraction | None
    close_rate: Fraction | None
    marketing_share: Fraction | None


@dataclass(frozen=True, slots=True)
class Calculation:
    """What follows. `months` are those in which leads are needed, `load` the quota's own with their own leads.

    `value` is the goal in money: Σ leads × value of a lead.
    """

    inputs: Inputs
    plan: PlanResult | SegmentPlan
    quota_months: tuple[QuotaMonth, ...]
    months: tuple[LeadMonth, ...]
    load: tuple[LeadMonth, ...]
    segments: tuple[SegmentResult, ...]
    mix: tuple[tuple[str, int], ...]
    lead_value: Fraction
    value: Fraction

    @property
    def leads(self) -> int:
        return self.plan.leads

    @property
    def average_deal(self) -> Fraction:
        """The average over all segments, R ÷ N."""
        return self.plan.revenue_goal / self.plan.customers_exact

    @property
    def close_rate(self) -> Fraction:
        """The rate over all segments, N ÷ L."""
        return self.plan.customers_exact / self.plan.leads_exact

    @property
    def per_business_day(self) -> Fraction | None:
        days = sum(month.business_days for month in self.load)
        return Fraction(self.leads, days) if days else None

    @property
    def a_month(self) -> Fraction:
        """Leads a month of the quota's period."""
        return Fraction(self.leads, len(self.quota_months))

    @property
    def busiest(self) -> LeadMonth:
        """The month in which the work fits worst."""
        return max(
            self.load,
            key=lambda one: (one.unworked, one.work.reps_needed_exact if one.work else Fraction(0)),
        )


def calculate(inputs: Inputs, *, business_days: Callable[[date], int]) -> Calculation:
    """Work out a calculation; `business_days` counts those of the month that starts on a day.

    Raises `FunnelError` naming the input that cannot be used.
    """
    whole = _plan(inputs)
    weights: Sequence[Decimal] | None = None
    if inputs.split is Split.BUSINESS_DAYS:
        weights = [Decimal(business_days(month)) for month in inputs.months]
    elif inputs.split is Split.WEIGHTS:
        weights = inputs.weights
    quotas = split_over_months(inputs.quota, inputs.months, inputs.split, weights=weights)
    needs = leads_behind_quotas(whole.leads_exact, quotas)
    by_month = list(zip(inputs.months, needs, strict=True))
    segments = _segment_results(inputs, whole)
    each = lead_value(inputs.average_deal, inputs.close_rate) if not segments else Fraction(0)
    value = (
        goal_value({one.key: one.leads for one in segments}, {one.key: one.lead_value for one in segments})
        if segments
        else goal_value({"": whole.leads}, {"": each})
    )
    return Calculation(
        inputs=inputs,
        plan=whole,
        quota_months=tuple(
            QuotaMonth(month, quota, need)
            for month, quota, need in zip(inputs.months, quotas, needs, strict=True)
        ),
        months=_lead_months(inputs.team, shift_by_cycle(by_month, inputs.cycle_days), business_days),
        load=_lead_months(inputs.team, shift_by_cycle(by_month, 0), business_days),
        segments=segments,
        mix=_mixed(inputs.mix, whole.leads),
        lead_value=each if not segments else value / whole.leads,
        value=value,
    )


def effects(inputs: Inputs, intervals: Mapping[tuple[str, str], Interval]) -> list[SegmentEffect]:
    """Return what each input does over its measured interval (±10 % without one), the largest swing first.

    `intervals` are by segment ("" for all) and input. With segments each has its own deal and rate.
    """
    if not inputs.segments:
        found = sensitivity(
            quota=inputs.quota,
            marketing_share=inputs.marketing_share,
            average_deal=inputs.average_deal,
            close_rate=inputs.close_rate,
            intervals={field: ends for (segment, field), ends in intervals.items() if not segment},
        )
        return [SegmentEffect("", effect) for effect in found]
    varied = [
        SegmentEffect(segment, _effect(inputs, segment, field, value, intervals.get((segment, field))))
        for segment, field, value in _varied(inputs)
    ]
    return sorted(varied, key=lambda one: (one.effect.swing is not None, -(one.effect.swing or 0)))


def break_even(calculation: Calculation, *, leads: int, needed: Fraction) -> BreakEven | None:
    """Return what each input alone would have to be, for `leads` to be just enough where `needed` are now.

    None where there is nothing to compare. With segments the deal and the rate are those over all of them.
    """
    if leads <= 0 or needed <= 0:
        return None
    more = needed / leads
    rate = calculation.close_rate * more
    share = Fraction(calculation.inputs.marketing_share) / more
    return BreakEven(
        leads=leads,
        quota=Fraction(calculation.inputs.quota) / more,
        average_deal=calculation.average_deal * more,
        close_rate=rate if rate <= 1 else None,
        marketing_share=share if share <= 1 else None,
    )


def _plan(inputs: Inputs) -> PlanResult | SegmentPlan:
    if inputs.segments:
        return plan_by_segment(
            quota=inputs.quota,
            marketing_share=inputs.marketing_share,
            segments=[segment.as_input for segment in inputs.segments],
        )
    return plan(
        quota=inputs.quota,
        marketing_share=inputs.marketing_share,
        average_deal=inputs.average_deal,
        close_rate=inputs.close_rate,
    )


def _segment_results(inputs: Inputs, whole: PlanResult | SegmentPlan) -> tuple[SegmentResult, ...]:
    if not isinstance(whole, SegmentPlan):
        return ()
    results = []
    for asked, goal in zip(inputs.segments, whole.segments, strict=True):
        value = (
            Fraction(asked.value)
            if asked.value is not None
            else lead_value(asked.average_deal, asked.close_rate)
        )
        results.append(
            SegmentResult(
                goal.key,
                goal.revenue_goal,
                goal.customers_exact,
                goal.leads_exact,
                goal.leads,
                value,
                goal.leads * value,
            )
        )
    return tuple(results)


def _mixed(mix: Sequence[tuple[str, Decimal]], leads: int) -> tuple[tuple[str, int], ...]:
    if not mix:
        return ()
    if sum(share for _name, share in mix) != 1:
        raise FunnelError("mix", "the shares must sum to exactly 1")
    parts = largest_remainder(leads, [share for _name, share in mix])
    return tuple((name, part) for (name, _share), part in zip(mix, parts, strict=True))


def _lead_months(
    team: Team, needed: LaggedLeads, business_days: Callable[[date], int]
) -> tuple[LeadMonth, ...]:
    months = []
    for one in needed.months:
        days, work = business_days(one.month), None
        if days:
            work = capacity(
                leads=one.leads,
                attempts_per_lead=team.attempts,
                minutes_per_attempt=team.minutes,
                sales_generated_minutes=team.own_minutes,
                business_days=days,
                hours_per_day=team.hours,
                share_of_time=team.time_share,
                reps=team.reps,
            )
        months.append(LeadMonth(one.month, one.leads_exact, one.leads, days, work))
    return tuple(months)


def _varied(inputs: Inputs) -> list[tuple[str, str, Fraction]]:
    """Return every input of a plan by segment: whose, which, and its value."""
    return [
        ("", "quota", Fraction(inputs.quota)),
        ("", "marketing_share", Fraction(inputs.marketing_share)),
        *((one.key, "average_deal", Fraction(one.average_deal)) for one in inputs.segments),
        *((one.key, "close_rate", Fraction(one.close_rate)) for one in inputs.segments),
    ]


def _effect(inputs: Inputs, segment: str, field: str, value: Fraction, measured: Interval | None) -> Effect:
    low, high = measured or (value * (1 - ASSUMED_VARIATION), value * (1 + ASSUMED_VARIATION))
    low = max(low, Fraction(0))
    if field in ("marketing_share", "close_rate"):
        low, high = min(low, Fraction(1)), min(high, Fraction(1))
    at_low, at_high = (_leads_with(inputs, segment, field, end) for end in (low, high))
    swing = None if at_low is None or at_high is None else abs(at_high - at_low)
    return Effect(field, value, low, high, measured is not None, at_low, at_high, swing)


def _leads_with(inputs: Inputs, segment: str, field: str, value: Fraction) -> Fraction | None:
    """Return the exact leads with one input changed; None where no number of leads would do."""
    if not value:
        return Fraction(0) if field in ("quota", "marketing_share") else None
    quota, share = Fraction(inputs.quota), Fraction(inputs.marketing_share)
    if field == "quota":
        quota = value
    elif field == "marketing_share":
        share = value
    changed = [
        _with(one.as_input, field, value) if one.key == segment else one.as_input for one in inputs.segments
    ]
    return plan_by_segment(quota=quota, marketing_share=share, segments=changed).leads_exact


def _with(segment: SegmentInput, field: str, value: Fraction) -> SegmentInput:
    if field == "average_deal":
        return segment._replace(average_deal=value)
    return segment._replace(close_rate=value)
