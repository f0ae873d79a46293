"""What happens when at the sample company: the good months and the bad ones, each for a reason that a chart shows.

Months are counted from the first one of the history, which is number 0; the month of the first loading is number 13.
The events keep out of December and January, which have a reason of their own. Pure: no database, no clock.
"""

from __future__ import annotations

import datetime as dt
import random
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from agreements.exact import largest_remainder

HISTORY_MONTHS = 14
DECEMBER = 12
HOLIDAY_MONTHS = (12, 1)
SEED = "acme"

# Share of the month's goal that marketing reaches where nothing special happens, by number of the month.
LEVELS = (1.03, 1.01, 1.04, 1.02, 1.06, 1.01, 0.97, 1.03, 1.02, 1.05, 1.01, 1.04, 1.03, 0.94)
WEEKDAYS = (1.05, 1.15, 1.15, 1.1, 0.95, 0.22, 0.2)  # Monday first
ON_HOLIDAYS = 0.25
OVER_CHRISTMAS = 0.4
SOURCES = {"Paid search": 0.3, "Organic search": 0.27, "Webinar": 0.2, "Trade fair": 0.08, "Referral": 0.15}
SALES_SOURCE = "Outbound"
WEBSITE_SOURCES = ("Paid search", "Organic search", "Webinar")


def month_after(month: dt.date, n: int) -> dt.date:
    """Return the first day of the month `n` months after this one."""
    index = month.year * 12 + month.month - 1 + n
    return dt.date(index // 12, index % 12 + 1, 1)


def days_of(month: dt.date) -> list[dt.date]:
    """Return the days of the month that starts on `month`."""
    return [month.replace(day=n) for n in range(1, monthrange(month.year, month.month)[1] + 1)]


@dataclass(frozen=True)
class Timeline:
    """The story of the company whose history starts on the first day of `first_month`."""

    first_month: dt.date

    @classmethod
    def up_to(cls, today: dt.date) -> Timeline:
        """The history that ends with the month of `today`."""
        return cls(month_after(today.replace(day=1), 1 - HISTORY_MONTHS))

    def offset_of(self, day: dt.date) -> int:
        """Return the number of the month that the day lies in."""
        return (day.year - self.first_month.year) * 12 + day.month - self.first_month.month

    @cached_property
    def events(self) -> dict[str, dt.date]:
        """The month of each event: a trade fair brings too many leads, the website fails for ten days, the goal is
        raised half-way, New York is short of people, the budget for paid search runs out.
        """
        found: dict[str, dt.date] = {}
        for name, earliest in (("fair", 1), ("outage", 3), ("amendment", 6), ("short", 8), ("budget", 9)):
            months = (month_after(self.first_month, n) for n in range(earliest, HISTORY_MONTHS))
            found[name] = next(m for m in months if m.month not in HOLIDAY_MONTHS and m not in found.values())
        return found

    @property
    def amended_on(self) -> dt.date:
        return self.events["amendment"].replace(day=15)

    @property
    def renewed_on(self) -> dt.date:
        return month_after(self.first_month, 12)

    def leads_by_day(
        self, month: dt.date, *, goal: float, is_holiday: Callable[[dt.date], bool]
    ) -> dict[dt.date, int]:
        """Return how many marketing leads are handed over on each day of the month: whole, and on the level's sum."""
        rng = random.Random(f"{SEED} {month}")
        offset = self.offset_of(month)
        level = LEVELS[offset] if offset < len(LEVELS) else rng.uniform(0.9, 1.08)
        level = {"fair": 1.2, "outage": 0.76, "amendment": 0.96, "budget": 0.86}.get(
            self._event_of(month), level
        )
        usual, lulled, weights = 0.0, 0.0, []
        for day in days_of(month):
            weight = WEEKDAYS[day.weekday()] * (ON_HOLIDAYS if is_holiday(day) and day.weekday() < 5 else 1)
            lull = OVER_CHRISTMAS if (day.month, day.day) >= (12, 18) or (day.month, day.day) <= (1, 3) else 1
            usual, lulled = usual + weight, lulled + weight * lull
            weights.append(weight * lull * self._marketing(day) * rng.uniform(0.8, 1.2))
        whole = round(goal * level * lulled / usual)
        exact = [round(weight * 1_000_000) for weight in weights]
        return dict(zip(days_of(month), largest_remainder(whole, exact), strict=True))

    def _event_of(self, day: dt.date) -> str:
        return self._event_by_month.get((day.year, day.month), "")

    @cached_property
    def _event_by_month(self) -> dict[tuple[int, int], str]:
        return {(month.year, month.month): name for name, month in self.events.items()}

    def is_outage(self, day: dt.date) -> bool:
        """Whether the website was down: a flat stretch in the waterfall."""
        return self._event_of(day) == "outage" and 9 <= day.day <= 18

    def _marketing(self, day: dt.date) -> float:
        if self.is_outage(day):
            return 0.06
        if self._event_of(day) == "budget" and day.day > 12:
            return 0.75
        if self._event_of(day) == "fair" and 17 <= day.day <= 20:
            return 2.2
        return 1.0

    def sources(self, day: dt.date) -> dict[str, float]:
        """Return the weight of each marketing source on that day."""
        weights = dict(SOURCES)
        if self.is_outage(day):
            weights |= dict.fromkeys(WEBSITE_SOURCES, 0.0)
        elif self._event_of(day) == "budget" and day.day > 12:
            weights["Paid search"] = 0.03
        elif self._event_of(day) == "fair" and 17 <= day.day <= 25:
            weights["Trade fair"] = 0.9
        return weights

    def is_short_of_people(self, day: dt.date) -> bool:
        """Whether half of the New York reps are away."""
        return self._event_of(day) == "short"

    def slowness(self, day: dt.date, *, is_new_york: bool) -> float:
        """Return how much longer than usual the first attempt takes."""
        if is_new_york and self.is_short_of_people(day):
            return 3.2
        offset = self.offset_of(day)
        learning = max(0.0, 0.35 - 0.12 * offset)  # the first months under an agreement
        holidays = 0.25 if day.month == DECEMBER else 0.0
        return 1.0 + learning + holidays - 0.006 * min(offset, 13)

    def stamina(self, day: dt.date, *, is_new_york: bool) -> float:
        """Return how many attempts more than agreed a rep makes on average before giving up."""
        if is_new_york and self.is_short_of_people(day):
            return -2.0
        if day >= self.renewed_on and self.offset_of(day) == 12:
            return -0.1  # a sixth attempt was agreed, and takes some getting used to
        offset = self.offset_of(day)
        return -0.5 if offset == 0 else 0.0 if offset < 3 else 0.7
