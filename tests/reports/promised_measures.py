"""Versions that promise custom measures, and their values."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from agreements.models import Version
from reports.closing import enter_and_close
from tests import factories

NOW = dt.datetime(2026, 4, 20, 12, tzinfo=dt.UTC)
MARCH, FEBRUARY = dt.date(2026, 3, 1), dt.date(2026, 2, 1)
NAME = "Satisfaction of customers"


def one_measure() -> Version:
    """A version with a goal and one measure."""
    draft = factories.draft(factories.agreement(), goals={MARCH: 10})
    factories.measure(draft)
    return factories.sign(draft)


def two_measures() -> Version:
    """Two measures and no goal: a month stays open until both have a value."""
    draft = factories.draft(factories.agreement())
    draft.commitments.filter(kind="mql_goal").delete()
    factories.measure(draft)
    factories.measure(draft, "Churn", direction="at_most", target=5)
    return factories.sign(draft)


def director(version: Version, function: str = "sales") -> Any:
    return factories.party(version.agreement, function).signatory


def entered(
    version: Version, value: str = "4.6", month: dt.date = MARCH, now: dt.datetime = NOW, name: str = NAME
) -> Any:
    return enter_and_close(
        agreement=version.agreement,
        name=name,
        period_on=month,
        value=Decimal(value),
        now=now,
        by=director(version),
    )
