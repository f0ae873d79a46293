"""A quota or a number of leads spread over months, and moved ahead by the sales cycle.

A month is named by its first day. Parts are whole units (cents, leads) and sum exactly to the whole: largest
remainder, equal remainders to the earlier month. How many business days a month has is told by the caller.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from math import ceil

from agreements.exact import Exact, FunnelError, exact, largest_remainder, round_parts

CENT = Decimal("0.01")
COINS = frozenset(Fraction(1, 10**places) for places in range(5))
"""The smallest coins that currencies have (ISO 4217: none to four decimals)."""
MAX_CYCLE_DAYS = 3_653


class Split(StrEnum):
    """How a period's quota is spread over its months."""

    EQUAL = "equal"
    CALENDAR_DAYS = "calendar_days"
    BUSINESS_DAYS = "business_days"
    WEIGHTS = "weights"


@dataclass(frozen=True, slots=True)
class MonthLeads:
    """The leads needed in the month that starts on `month`."""

    month: date
    leads_exact: Fraction
    leads: int


@dataclass(frozen=True, slots=True)
class LaggedLeads:
    """Leads by the month they are needed in; `is_shifted` and `cycle_days` say whether and how far they were
    moved.
    """

    months: tuple[MonthLeads, ...]
    leads_exact: Fraction
    leads: int
    cycle_days: int
    is_shifted: bool


def split_over_months(
    total: Exact,
    months: Sequence[date],
    how: Split | str = Split.EQUAL,
    *,
    weights: Sequence[Exact] | None = None,
    unit: Decimal = CENT,
) -> list[Decimal]:
    """A sum of money per month, exact to the `unit` (the currency's smallest coin; 0.01 unless told).

    `weights` holds one number per month: the business days for "business_days", the seasonality for
    "weights"; the other two ways take none. Raises `FunnelError` for a negative total or one that is no whole
    number of units, for months that are not distinct first days in order, and for weights missing, unasked
    for, negative or all zero.
    """
    coin = exact(unit, "unit")
    if coin not in COINS:
        raise FunnelError("unit", "must be 1, 0.1, 0.01, 0.001 or 0.0001")
    units = exact(total, "total") / coin
    if units.denominator != 1:
        raise FunnelError("total", f"must be a whole number of {unit}")
    return [part * unit for part in split_leads_over_months(units.numerator, months, how, weights=weights)]


def split_leads_over_months(
    total: int,
    months: Sequence[date],
    how: Split | str = Split.EQUAL,
    *,
    weights: Sequence[Exact] | None = None,
) -> list[int]:
    """Whole leads per month; the rules of `split_over_months`."""
    return largest_remainder(total, _month_weights(months, how, weights))


def leads_behind_quotas(leads_exact: Fraction, quotas: Sequence[Exact]) -> list[Fraction]:
    """The exact leads behind each month's part of a quota: `leads_exact`, shared out as the quota was."""
    parts = [exact(part, "quotas") for part in quotas]
    whole = sum(parts, Fraction(0))
    return [leads_exact * part / whole if whole else Fraction(0) for part in parts]


def lead_day(close_day: date, cycle_days: int) -> date:
    """The day on which a deal that closes on `close_day` must have become a lead: `cycle_days` earlier."""
    if isinstance(cycle_days, bool) or not isinstance(cycle_days, int):
        raise TypeError("cycle_days: a whole number of days is needed")
    if cycle_days < 0:
        raise FunnelError("cycle_days", "must not be negative")
    if cycle_days > MAX_CYCLE_DAYS:
        raise FunnelError("cycle_days", "must be at most ten years")
    return close_day - timedelta(days=cycle_days)


def shift_by_cycle(leads_by_month: Sequence[tuple[date, Exact]], cycle_days: int) -> LaggedLeads:
    """Move the leads behind each month's revenue ahead by the sales cycle, in whole days.

    Each day of a month of n days carries 1/n of its leads. The days are shifted first and then allotted to
    the months they fall into, so a cycle of 45 days splits a month over two or three others. The total is the
    ceiling of the exact sum; whole leads per month by largest remainder.
    """
    months = [month for month, _ in leads_by_month]
    _check_months(months)
    needed: dict[date, Fraction] = {}
    for month, amount in leads_by_month:
        leads = exact(amount, "leads")
        if leads < 0:
            raise FunnelError("leads", "must not be negative")
        length = _days_in(month)
        for offset in range(length):
            moved = lead_day(month + timedelta(days=offset), cycle_days).replace(day=1)
            needed[moved] = needed.get(moved, Fraction(0)) + leads / length
    parts = sorted(needed.items())
    total = sum((part for _, part in parts), Fraction(0))
    whole = round_parts(ceil(total), [part for _, part in parts])
    return LaggedLeads(
        months=tuple(
            MonthLeads(month, part, leads) for (month, part), leads in zip(parts, whole, strict=True)
        ),
        leads_exact=total,
        leads=ceil(total),
        cycle_days=cycle_days,
        is_shifted=cycle_days > 0,
    )


def _month_weights(
    months: Sequence[date], how: Split | str, weights: Sequence[Exact] | None
) -> Sequence[Exact]:
    _check_months(months)
    try:
        split = Split(how)
    except ValueError:
        raise FunnelError("how", f"must be one of {', '.join(Split)}") from None
    if split in {Split.EQUAL, Split.CALENDAR_DAYS}:
        if weights is not None:
            raise FunnelError("weights", f"are not used by {split}")
        return [1] * len(months) if split is Split.EQUAL else [_days_in(month) for month in months]
    if weights is None or len(weights) != len(months):
        raise FunnelError("weights", "one per month is needed")
    return weights


def _check_months(months: Sequence[date]) -> None:
    if not months:
        raise FunnelError("months", "at least one is needed")
    if any(isinstance(month, datetime) or month.day != 1 for month in months):
        raise FunnelError("months", "must be the first days of months")
    if any(later <= earlier for earlier, later in pairwise(months)):
        raise FunnelError("months", "must be in order and different")


def _days_in(month: date) -> int:
    return monthrange(month.year, month.month)[1]
