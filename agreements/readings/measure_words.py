"""A custom measure in words: what, at least or at most how much, how often."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from agreements import words
from agreements.models import CustomMeasure, Version
from agreements.services.measure_terms import read_measures

Direction, Period = CustomMeasure.Direction, CustomMeasure.Period


def quantity(value: Decimal | Fraction | int, unit: str) -> str:
    """Write a value with its unit: 4.5 points."""
    places = next(n for n in range(5) if n == 4 or Fraction(value) * 10**n % 1 == 0)
    written = words.amount(value, places)
    return f"{written}\N{NO-BREAK SPACE}{unit}" if unit else written


def threshold_text(direction: str, target: Decimal | Fraction, unit: str) -> str:
    """Write what is agreed: at least 4.5 points."""
    said = {"target": quantity(target, unit)}
    if direction == Direction.AT_MOST:
        return _("at most %(target)s") % said
    return _("at least %(target)s") % said


def measure_sentence(measure: CustomMeasure) -> str:
    """Say what is promised: “Customer satisfaction”: at least 4.5 points, every month."""
    said = {
        "name": measure.name,
        "agreed": threshold_text(measure.direction, measure.target, measure.unit),
        "period": measure.get_period_display(),
    }
    return _("“%(name)s”: %(agreed)s, %(period)s.") % said


def meaning(direction: str, target: Decimal, unit: str) -> str:
    """Say which value keeps a measure and which misses it, by the smallest step that can be entered."""
    step = Decimal("0.0001") if target % Decimal("0.01") else Decimal("0.01")
    beyond = target + step if direction == Direction.AT_MOST else target - step
    said = {"target": quantity(target, unit), "beyond": quantity(beyond, unit)}
    return _("%(target)s keeps it, %(beyond)s misses it, and so does no value within the month after.") % said


def measure_values_said(version: Version) -> dict[str, str]:
    """Return each measure of a version in words by a key that is the same in its next version."""
    read_measures(version)
    return {f"measure-{one.party_id}-{one.name}": measure_sentence(one) for one in version.measures.all()}


def period_name(period_on: dt.date, length: str) -> str:
    """Name a period: March 2026, or quarter 1 of 2026."""
    if length == Period.QUARTER:
        said = {"quarter": (period_on.month + 2) // 3, "year": period_on.year}
        return _("quarter %(quarter)s of %(year)s") % said
    return words.month(period_on)


def entered_on(at: dt.datetime) -> str:
    """Write the day on which a value was entered."""
    return words.whole_day(at)
