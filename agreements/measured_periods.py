"""Which months a custom measure's periods are: a month, or a calendar quarter. No database, no clock.

A period is named by its first day. It ends with a month, and is judged when that month is. Its value is *due* within
the month after it.
"""

from __future__ import annotations

import datetime as dt

MONTHS = {"month": 1, "quarter": 3}
CORRECTED_FOR = 13
"""For so many months after it a month that is over is looked at again, and its values are taken."""


def period_of(month_on: dt.date, length: str) -> dt.date:
    """Return the first day of the period that the month lies in."""
    months = MONTHS[length]
    return month_on.replace(month=month_on.month - (month_on.month - 1) % months, day=1)


def period_end(period_on: dt.date, length: str) -> dt.date:
    """Return the first day after a period."""
    return later(period_on, MONTHS[length])


def value_due(period_on: dt.date, length: str) -> dt.date:
    """Return the first day on which a value of the period comes too late."""
    return later(period_end(period_on, length), 1)


def is_last_month(month_on: dt.date, length: str) -> bool:
    """Whether a period ends with this month."""
    return later(month_on, 1) == period_end(period_of(month_on, length), length)


def later(month_on: dt.date, count: int) -> dt.date:
    """Return the first day of the month so many months later, or earlier."""
    index = month_on.year * 12 + month_on.month - 1 + count
    return dt.date(index // 12, index % 12 + 1, 1)


def days_of(period_on: dt.date, length: str) -> list[dt.date]:
    """Return each day of a period."""
    n = (period_end(period_on, length) - period_on).days
    return [period_on + dt.timedelta(days=day) for day in range(n)]
