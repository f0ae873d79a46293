"""The weights of a week: how much of a month's goal each weekday is to bring beside the others.

A day of weight 2 is expected to bring twice what a day of weight 1 is. A promise keeps them by weekday, mon to sun, as
JSON numbers or, which is exact, as decimal text; a weekday that is left out weighs nothing.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from agreements.opening_hours import WEEKDAYS


def weights_of(kept: Mapping[str, Any]) -> dict[str, Decimal]:
    """Return the weight of each weekday, Monday first; empty where none is kept."""
    return {day: Decimal(str(kept.get(day, 0))) for day in WEEKDAYS} if kept else {}


def with_weights(kept: Mapping[str, Any], said: Mapping[str, Decimal | None]) -> dict[str, Any]:
    """Return what is kept once these weekdays weigh that much; None takes one out, others stay.

    A weight that does not change stays as it is written: so does the text that is signed.
    """
    now, after = weights_of(kept), dict(kept)
    for day, weight in said.items():
        if weight is None:
            after.pop(day, None)
        elif now.get(day) != weight:
            after[day] = f"{weight.normalize():f}"
    return after
