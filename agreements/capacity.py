"""Whether the sales team has the hours for the leads a plan asks for.

    minutes per lead   = attempts per lead × minutes per attempt
    minutes needed     = leads × minutes per lead + minutes on sales-generated leads
    minutes of a rep   = business days × hours per day × 60 × share of time spent on following up

All of one month, exact. The time for sales-generated leads is taken first: marketing's leads get what is
left.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from agreements.exact import Exact, FunnelError, exact


@dataclass(frozen=True, slots=True)
class CapacityResult:
    """`share_of_capacity` is minutes needed ÷ minutes available, above 1 when overloaded, None without any
    rep.
    """

    minutes_needed: Fraction
    minutes_per_rep: Fraction
    minutes_available: Fraction
    reps_needed_exact: Fraction
    reps_needed: Decimal
    """Rounded up to one decimal, for display: 3.01 reps do not fit into 3.0."""
    share_of_capacity: Fraction | None
    leads_unworked: int
    """Whole leads that would not get all their attempts."""


def capacity(
    *,
    leads: int,
    attempts_per_lead: Exact,
    minutes_per_attempt: Exact,
    sales_generated_minutes: Exact = 0,
    business_days: Exact,
    hours_per_day: Exact,
    share_of_time: Exact = 1,
    reps: Exact,
) -> CapacityResult:
    """Compare the work of a month's leads with the reps' time.

    `reps` may be fractional (part-time) and 0. Raises `FunnelError` for negative amounts, attempts or minutes
    of 0, hours per day outside (0, 24], a share of time outside (0, 1], and a month without a business day.
    """
    if isinstance(leads, bool) or not isinstance(leads, int):
        raise TypeError("leads: a whole number is needed")
    count = _at_least_zero(leads, "leads")
    per_lead = _above_zero(attempts_per_lead, "attempts_per_lead") * _above_zero(
        minutes_per_attempt, "minutes_per_attempt"
    )
    own = _at_least_zero(sales_generated_minutes, "sales_generated_minutes")
    hours = _above_zero(hours_per_day, "hours_per_day")
    if hours > 24:
        raise FunnelError("hours_per_day", "must be at most 24")
    share = _above_zero(share_of_time, "share_of_time")
    if share > 1:
        raise FunnelError("share_of_time", "must be at most 1")
    minutes_per_rep = _above_zero(business_days, "business_days") * hours * 60 * share
    needed = count * per_lead + own
    available = minutes_per_rep * _at_least_zero(reps, "reps")
    fitting = max(0, floor((available - own) / per_lead))
    reps_needed = needed / minutes_per_rep
    return CapacityResult(
        minutes_needed=needed,
        minutes_per_rep=minutes_per_rep,
        minutes_available=available,
        reps_needed_exact=reps_needed,
        reps_needed=Decimal(ceil(reps_needed * 10)).scaleb(-1),
        share_of_capacity=needed / available if available else None,
        leads_unworked=max(0, leads - fitting),
    )


def _at_least_zero(value: Exact, field: str) -> Fraction:
    number = exact(value, field)
    if number < 0:
        raise FunnelError(field, "must not be negative")
    return number


def _above_zero(value: Exact, field: str) -> Fraction:
    number = exact(value, field)
    if number <= 0:
        raise FunnelError(field, "must be above 0")
    return number
