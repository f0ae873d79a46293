"""A plan with its rates replaced by measured ones; what cannot be a plan's input is refused, with its reason.

The quota, its months and how it is spread over them stay, and so does each segment's share of the revenue goal: these
are decisions, not measurements. Replaced are marketing's share, average deal and close rate, of a plan by segment each
segment's own, and the sales cycle where the plan shifts by one. A segment of which nothing was won keeps what the plan
says of it. Rates are rounded as a plan stores them, halves up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor

from agreements.quota_months import MAX_CYCLE_DAYS
from reports.calculation import Inputs, SegmentAsked

HALF = Fraction(1, 2)
RATE_PLACES, DEAL_PLACES, SHARE_PLACES = 6, 2, 4


class Way(StrEnum):
    """How rates were measured: by the events of a time, or by what became of its leads."""

    SAME_MONTH = "same_month"
    COHORT = "cohort"


class Fault(StrEnum):
    """Why measured rates are no plan's input."""

    NO_LEADS = "no_leads"
    NO_CUSTOMERS = "no_customers"
    ABOVE_ONE = "above_one"
    NO_AMOUNTS = "no_amounts"
    NO_SHARE = "no_share"


class UnusableRates(ValueError):
    """These rates cannot be a plan's; `segment` is the one whose rate it is, "" for that of all."""

    def __init__(self, fault: Fault, segment: str = "") -> None:
        super().__init__(f"{fault}{f' of {segment}' if segment else ''}")
        self.fault, self.segment = fault, segment


@dataclass(frozen=True, slots=True)
class Rates:
    """Customers of so many leads, and their average deal; None where no amount is known."""

    leads: int
    customers: int
    average_deal: Fraction | None

    @property
    def close_rate(self) -> Fraction | None:
        return Fraction(self.customers, self.leads) if self.leads else None


@dataclass(frozen=True, slots=True)
class MeasuredRates:
    """What was measured one way; `segments` by key, those without a lead left out."""

    overall: Rates
    marketing_share: Fraction | None
    cycle_days: Fraction | None
    segments: Mapping[str, Rates]


def with_measured(inputs: Inputs, measured: MeasuredRates) -> Inputs:
    """Return the inputs with the measured rates in place of the plan's; `UnusableRates` where one cannot be."""
    rate = _close_rate(measured.overall)
    deal = _average_deal(measured.overall)
    share = measured.marketing_share
    if share is None or not 0 < (stored := _rounded(share, SHARE_PLACES)) <= 1:
        raise UnusableRates(Fault.NO_SHARE)
    cycle = inputs.cycle_days
    if cycle and measured.cycle_days is not None:
        cycle = min(max(0, floor(measured.cycle_days + HALF)), MAX_CYCLE_DAYS)
    return replace(
        inputs,
        marketing_share=stored,
        average_deal=deal,
        close_rate=rate,
        cycle_days=cycle,
        segments=tuple(_segment(one, measured.segments.get(one.key)) for one in inputs.segments),
    )


def kept_segments(inputs: Inputs, measured: MeasuredRates) -> tuple[str, ...]:
    """Return the segments of which nothing was won, which keep the plan's numbers."""
    return tuple(one.key for one in inputs.segments if not _is_measured(measured.segments.get(one.key)))


def _segment(planned: SegmentAsked, measured: Rates | None) -> SegmentAsked:
    if measured is None or not _is_measured(measured):
        return planned
    return replace(
        planned,
        average_deal=_average_deal(measured, planned.key),
        close_rate=_close_rate(measured, planned.key),
    )


def _is_measured(rates: Rates | None) -> bool:
    return rates is not None and rates.customers > 0 and rates.average_deal is not None


def _close_rate(rates: Rates, segment: str = "") -> Decimal:
    rate = rates.close_rate
    if rate is None:
        raise UnusableRates(Fault.NO_LEADS if not rates.customers else Fault.ABOVE_ONE, segment)
    if not rate:
        raise UnusableRates(Fault.NO_CUSTOMERS, segment)
    if rate > 1:
        raise UnusableRates(Fault.ABOVE_ONE, segment)
    return max(_rounded(rate, RATE_PLACES), Decimal(1).scaleb(-RATE_PLACES))


def _average_deal(rates: Rates, segment: str = "") -> Decimal:
    deal = rates.average_deal
    if deal is None or deal <= 0:
        raise UnusableRates(Fault.NO_AMOUNTS, segment)
    return max(_rounded(deal, DEAL_PLACES), Decimal(1).scaleb(-DEAL_PLACES))


def _rounded(value: Fraction, places: int) -> Decimal:
    return Decimal(floor(value * 10**places + HALF)).scaleb(-places)
