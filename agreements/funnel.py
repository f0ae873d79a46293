"""From a sales quota to the leads that marketing promises, and back.

    marketing revenue goal  R = Q × p        Q quota (money of one period), p marketing's share of it in (0,
    1] customers needed        N = R ÷ d        d average deal (money per customer), above 0
    leads needed            L = N ÷ c        c close rate, customers per lead, in (0, 1]

All numbers are exact fractions from input to the end; leads are rounded up once, at the end: ceil(L), never
ceil(ceil(N) ÷ c). A quota of 0 is allowed and needs 0 leads; a negative one is refused. Inputs are read by
`agreements.exact.exact`: floats raise `TypeError`, everything unusable raises `FunnelError` naming the field.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, prod
from typing import NamedTuple

from agreements.exact import Exact, FunnelError, exact, largest_remainder, round_parts

__all__ = [
    "Effect",
    "FunnelError",
    "PlanResult",
    "SegmentGoal",
    "SegmentInput",
    "SegmentPlan",
    "goal_value",
    "largest_remainder",
    "lead_value",
    "leads_from_value",
    "plan",
    "plan_by_segment",
    "sensitivity",
    "stages",
]

ASSUMED_VARIATION = Fraction(1, 10)
"""How far an input is varied, either way, where nothing was measured: ±10 %."""


@dataclass(frozen=True, slots=True)
class PlanResult:
    """The derivation of a goal: inputs as used, exact intermediate values, whole numbers rounded up for
    display.
    """

    quota: Fraction
    marketing_share: Fraction
    average_deal: Fraction
    close_rate: Fraction
    revenue_goal: Fraction
    customers_exact: Fraction
    customers: int
    leads_exact: Fraction
    leads: int


class SegmentInput(NamedTuple):
    """What a plan per segment needs to know of one segment; `share` is its part of the revenue goal R."""

    key: str
    share: Exact
    average_deal: Exact
    close_rate: Exact


@dataclass(frozen=True, slots=True)
class SegmentGoal:
    """One segment's part of the goal; `leads` is `leads_exact` rounded down or up so that all sum to the
    total.
    """

    key: str
    revenue_goal: Fraction
    customers_exact: Fraction
    leads_exact: Fraction
    leads: int


@dataclass(frozen=True, slots=True)
class SegmentPlan:
    """A plan over segments; `leads` is the ceiling of the exact sum, and what the segments' goals sum to."""

    revenue_goal: Fraction
    customers_exact: Fraction
    customers: int
    leads_exact: Fraction
    leads: int
    segments: tuple[SegmentGoal, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What the leads needed become when one input moves to an end of its interval and the others stay.

    `leads_at_low`, `leads_at_high` are exact (L, not its ceiling); None means no number of leads would do (a
    deal or rate of 0). `swing` is the distance between the two, None when that is unbounded. `is_measured` is
    False where ±10 % was assumed.
    """

    field: str
    value: Fraction
    low: Fraction
    high: Fraction
    is_measured: bool
    leads_at_low: Fraction | None
    leads_at_high: Fraction | None
    swing: Fraction | None


def plan(
    *,
    quota: Exact,
    marketing_share: Exact = 1,
    average_deal: Exact,
    close_rate: Exact | None = None,
    rates: Iterable[Exact] | None = None,
) -> PlanResult:
    """The leads needed for a quota: L = Q × p ÷ d ÷ c.

    Give either `close_rate` or `rates`, the conversion rates of the successive stages, whose product is the
    close rate (no stage: every lead is a customer). Raises `FunnelError` for a quota below 0, a deal of 0 or
    less, a share or rate outside (0, 1].
    """
    q = _quota(quota)
    share = _fraction_of_one(marketing_share, "marketing_share")
    deal = _deal(average_deal, "average_deal")
    rate = _close_rate(close_rate, rates)
    revenue_goal = q * share
    customers = revenue_goal / deal
    leads = customers / rate
    return PlanResult(
        quota=q,
        marketing_share=share,
        average_deal=deal,
        close_rate=rate,
        revenue_goal=revenue_goal,
        customers_exact=customers,
        customers=ceil(customers),
        leads_exact=leads,
        leads=ceil(leads),
    )


def plan_by_segment(
    *,
    quota: Exact,
    marketing_share: Exact = 1,
    segments: Sequence[SegmentInput | tuple[str, Exact, Exact, Exact]],
) -> SegmentPlan:
    """The leads needed per segment, each with its share of R, its own average deal and close rate.

    The total is the ceiling of the sum of the exact needs. Each segment's whole goal is its exact need
    rounded down or up by largest remainder (equal remainders in the order given), so the goals sum to the
    total and none is off by a whole lead. Raises `FunnelError` with field `segments` if there is none or two
    have one key, `segments.share` if the shares do not sum to exactly 1, and e.g.
    `segments.close_rate[executive]` for one segment's input.
    """
    revenue_goal = _quota(quota) * _fraction_of_one(marketing_share, "marketing_share")
    inputs = [SegmentInput(*segment) for segment in segments]
    if not inputs:
        raise FunnelError("segments", "at least one is needed")
    if len({segment.key for segment in inputs}) < len(inputs):
        raise FunnelError("segments", "each may appear only once")
    revenues: list[Fraction] = []
    customers: list[Fraction] = []
    leads: list[Fraction] = []
    for key, share, deal, rate in inputs:
        part = exact(share, f"segments.share[{key}]")
        if not 0 <= part <= 1:
            raise FunnelError(f"segments.share[{key}]", "must lie between 0 and 1")
        revenues.append(revenue_goal * part)
        customers.append(revenues[-1] / _deal(deal, f"segments.average_deal[{key}]"))
        leads.append(customers[-1] / _fraction_of_one(rate, f"segments.close_rate[{key}]"))
    if sum(exact(segment.share, "segments.share") for segment in inputs) != 1:
        raise FunnelError("segments.share", "the shares must sum to exactly 1")
    total = sum(leads, Fraction(0))
    all_customers = sum(customers, Fraction(0))
    return SegmentPlan(
        revenue_goal=revenue_goal,
        customers_exact=all_customers,
        customers=ceil(all_customers),
        leads_exact=total,
        leads=ceil(total),
        segments=tuple(
            SegmentGoal(segment.key, revenue, buyers, need, goal)
            for segment, revenue, buyers, need, goal in zip(
                inputs, revenues, customers, leads, round_parts(ceil(total), leads), strict=True
            )
        ),
    )


def stages(top: Exact, rates: Iterable[Exact]) -> list[Fraction]:
    """Forward through the funnel: how many are left after each stage, from `top` at its mouth.

    Rates are step conversions in [0, 1]; the counts are exact and may be fractional.
    """
    count = exact(top, "top")
    if count < 0:
        raise FunnelError("top", "must not be negative")
    counts = []
    for rate in rates:
        step = exact(rate, "rates")
        if not 0 <= step <= 1:
            raise FunnelError("rates", "must lie between 0 and 1")
        count *= step
        counts.append(count)
    return counts


def lead_value(average_deal: Exact, close_rate: Exact) -> Fraction:
    """Expected revenue of one lead, d × c, in the money of the deal."""
    return _deal(average_deal, "average_deal") * _fraction_of_one(close_rate, "close_rate")


def leads_from_value(target_revenue: Exact, value: Exact) -> int:
    """Whole leads worth `value` each that reach `target_revenue`: the quotient rounded up."""
    target = exact(target_revenue, "target_revenue")
    if target < 0:
        raise FunnelError("target_revenue", "must not be negative")
    each = exact(value, "lead_value")
    if each <= 0:
        raise FunnelError("lead_value", "must be above 0")
    return ceil(target / each)


def goal_value(leads_by_segment: Mapping[str, Exact], values: Mapping[str, Exact]) -> Fraction:
    """A goal in value: Σ leads × value of a lead. A segment without a value is refused."""
    total = Fraction(0)
    for key, leads in leads_by_segment.items():
        if key not in values:
            raise FunnelError(f"values[{key}]", "is missing")
        count, value = exact(leads, f"leads[{key}]"), exact(values[key], f"values[{key}]")
        if count < 0:
            raise FunnelError(f"leads[{key}]", "must not be negative")
        if value < 0:
            raise FunnelError(f"values[{key}]", "must not be negative")
        total += count * value
    return total


def sensitivity(
    *,
    quota: Exact,
    marketing_share: Exact = 1,
    average_deal: Exact,
    close_rate: Exact,
    intervals: Mapping[str, tuple[Exact, Exact]] | None = None,
) -> tuple[Effect, ...]:
    """The effect of each input on the leads needed, largest swing first (equal ones in the order of the
    formula).

    `intervals` maps an input's name to its measured (low, high); an input without one is varied by ±10 %.
    Both ends are clipped to what the input may be: quota and deal at 0, share and rate to [0, 1]. An unknown
    name or a low end above the high one raises `FunnelError`.
    """
    base = plan(
        quota=quota, marketing_share=marketing_share, average_deal=average_deal, close_rate=close_rate
    )
    inputs = {
        "quota": base.quota,
        "marketing_share": base.marketing_share,
        "average_deal": base.average_deal,
        "close_rate": base.close_rate,
    }
    measured = dict(intervals or {})
    for field in measured:
        if field not in inputs:
            raise FunnelError(f"intervals[{field}]", "is no input of the plan")
    effects = []
    for field, value in inputs.items():
        ceiling = Fraction(1) if field in {"marketing_share", "close_rate"} else None
        if field in measured:
            low, high = (exact(end, f"intervals[{field}]") for end in measured[field])
            if low > high:
                raise FunnelError(f"intervals[{field}]", "the low end lies above the high end")
        else:
            low, high = value * (1 - ASSUMED_VARIATION), value * (1 + ASSUMED_VARIATION)
        low, high = _clip(low, ceiling), _clip(high, ceiling)
        at_low = _leads({**inputs, field: low})
        at_high = _leads({**inputs, field: high})
        swing = None if at_low is None or at_high is None else abs(at_high - at_low)
        effects.append(Effect(field, value, low, high, field in measured, at_low, at_high, swing))
    return tuple(sorted(effects, key=lambda effect: (effect.swing is not None, -(effect.swing or 0))))


def _leads(inputs: Mapping[str, Fraction]) -> Fraction | None:
    per_lead = inputs["average_deal"] * inputs["close_rate"]
    return inputs["quota"] * inputs["marketing_share"] / per_lead if per_lead else None


def _clip(value: Fraction, ceiling: Fraction | None) -> Fraction:
    floored = max(value, Fraction(0))
    return floored if ceiling is None else min(floored, ceiling)


def _quota(value: Exact) -> Fraction:
    quota = exact(value, "quota")
    if quota < 0:
        raise FunnelError("quota", "must not be negative")
    return quota


def _deal(value: Exact, field: str) -> Fraction:
    deal = exact(value, field)
    if deal <= 0:
        raise FunnelError(field, "must be above 0")
    return deal


def _fraction_of_one(value: Exact, field: str) -> Fraction:
    part = exact(value, field)
    if not 0 < part <= 1:
        raise FunnelError(field, "must be above 0 and at most 1")
    return part


def _close_rate(close_rate: Exact | None, rates: Iterable[Exact] | None) -> Fraction:
    if (close_rate is None) == (rates is None):
        raise FunnelError("close_rate", "give either a close rate or the rates of the stages")
    if rates is None:
        assert close_rate is not None
        return _fraction_of_one(close_rate, "close_rate")
    return prod((_fraction_of_one(rate, "rates") for rate in rates), start=Fraction(1))
