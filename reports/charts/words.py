"""Numbers, lengths and days as the reader's language writes them, and round numbers for the axes of charts."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from math import ceil, floor

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from agreements import words
from agreements.words import (
    HOUR,
    MINUTE,
    NONE,
    Amount,
    amount,
    clock_time,
    day,
    days,
    duration,
    leads,
    money,
    month,
    rounded,
    signed,
    to_minute,
    weekday_and_day,
    whole,
    whole_day,
    whole_days,
    zone_name,
)
from reports.charts.description import Tick
from reports.periods import MONTHS_IN, Period, Span, span_of
from reports.readings.numbers import Number, number
from reports.shares import Share

__all__ = [
    "HOUR",
    "MINUTE",
    "NONE",
    "Amount",
    "amount",
    "clock_time",
    "count_ticks",
    "day",
    "days",
    "duration",
    "duration_ticks",
    "leads",
    "money",
    "month",
    "percent",
    "rate_ticks",
    "rounded",
    "share_ticks",
    "short_month",
    "signed",
    "span_name",
    "to_minute",
    "weekday_and_day",
    "whole",
    "whole_day",
    "whole_days",
    "zone_name",
]

SECONDS_STEPS = tuple(
    minutes * MINUTE
    for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 480, 720, 1440, 2880, 4800, 9600, 24000, 60000)
)


def percent(part: Share | Fraction | Number | None, places: int = 0) -> str:
    """Write a share as per cent."""
    return words.percent(part.value if isinstance(part, Share) else part, places)


def short_month(on: dt.date) -> str:
    """Write a month where room is scarce: Nov 26."""
    return date_format(on, pgettext("format of a short month and year", "M y"))


def span_name(period: Period) -> str:
    """Write a whole month, quarter or year: November 2026, quarter 4 of 2026, 2026."""
    if period == span_of(period.start, Span.YEAR):
        return date_format(period.start, pgettext("format of a year", "Y"))
    if period == span_of(period.start, Span.QUARTER):
        number_of = (period.start.month - 1) // MONTHS_IN[Span.QUARTER] + 1
        return _("quarter %(n)s of %(year)s") % {"n": number_of, "year": period.start.year}
    return month(period.start)


def count_ticks(top: Amount, bottom: Amount = 0) -> tuple[Tick, ...]:
    """Return about five round numbers from `bottom` (0, or below it) to at least `top`."""
    high, low = max(Fraction(top), Fraction(0)), min(Fraction(bottom), Fraction(0))
    span = high - low
    step = Fraction(1)
    factors = (2, Fraction(5, 2), 2)
    turn = 0
    while span / step > 5:
        step *= factors[turn % 3]
        turn += 1
    first, last = floor(low / step), max(ceil(high / step), 1)
    return tuple(Tick(_n(i * step), amount(i * step)) for i in range(first, last + 1))


def rate_ticks(top: Amount) -> tuple[Tick, ...]:
    """Return about five round shares from 0 to at least `top`, for rates of a few per cent."""
    hundredth = Fraction(1, 100)
    return tuple(
        Tick(_n(Fraction(tick.value) * hundredth), percent(Fraction(tick.value) * hundredth))
        for tick in count_ticks(Fraction(top) * 100)
    )


def share_ticks() -> tuple[Tick, ...]:
    """Return the scale from 0 to 100 %."""
    return tuple(Tick(_n(Fraction(i, 4)), percent(Fraction(i, 4))) for i in range(5))


def duration_ticks(top: Amount) -> tuple[Tick, ...]:
    """Return about five round lengths from 0 to at least `top` seconds."""
    step = next((step for step in SECONDS_STEPS if top <= 5 * step), ceil(Fraction(top) / 5 / HOUR) * HOUR)
    last = max(ceil(Fraction(top) / step), 1)
    return tuple(Tick(i * step, duration(i * step) if i else amount(0)) for i in range(last + 1))


def _n(value: Fraction) -> Number:
    found = number(value)
    assert found is not None
    return found
