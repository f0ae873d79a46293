"""A funnel's months counted from its two files as they are: leads with a day, deals with a wall time.

Plain csv and exact fractions, nothing of the product. Every lead is marketing's, and was handed off on its own day;
every deal was won.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracles.landing import DAY, Ends, Landings, month_days

QUANTILE = Decimal("1.959963984540054")
"""Of the normal distribution at 97.5 %."""
LOOKED_BACK = timedelta(days=560)


@dataclass(frozen=True)
class Agreed:
    """What is promised from a day on: each month's goal, over all days alike or over the business days alone."""

    starts_on: date
    goals: dict[date, int]
    by_business_days: bool = False


@dataclass
class Funnel:
    """The rows of both files; `won` has each deal's lead with the wall time it was won at."""

    leads: dict[str, date]
    won: list[tuple[str, datetime]]
    zone: ZoneInfo
    days_off: Collection[date]
    agreed: list[Agreed]
    _landings: dict[date, Landings] = field(default_factory=dict)

    @classmethod
    def read(
        cls, leads: Path, deals: Path, *, zone: str, days_off: Collection[date], agreed: list[Agreed]
    ) -> Funnel:
        with leads.open(encoding="utf-8", newline="") as file:
            first = {
                row["mql_id"]: date.fromisoformat(row["first_contact_date"]) for row in csv.DictReader(file)
            }
        with deals.open(encoding="utf-8", newline="") as file:
            won = [(row["mql_id"], datetime.fromisoformat(row["won_date"])) for row in csv.DictReader(file)]
        return cls(first, won, ZoneInfo(zone), days_off, agreed)

    @cached_property
    def by_day(self) -> Counter[date]:
        return Counter(self.leads.values())

    def is_business_day(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.days_off

    # -- waterfall

    def goal_of(self, day: date) -> Fraction:
        """The part of its month's goal that the day carries, as agreed on it."""
        terms = [one for one in self.agreed if one.starts_on <= day][-1]
        month = month_days(day)
        carrying = [one for one in month if not terms.by_business_days or self.is_business_day(one)]
        return Fraction(terms.goals[month[0]] * (day in carrying), len(carrying))

    def waterfall(self, month: date, today: date) -> list[dict[str, Any]]:
        """Each day's cumulative goal and actual; what came is unknown after today."""
        rows = []
        days = month_days(month)
        for k in range(1, len(days) + 1):
            goal = sum((self.goal_of(day) for day in days[:k]), Fraction(0))
            actual = sum(self.by_day[day] for day in days[:k])
            known = days[k - 1] <= today
            rows.append(
                {
                    "on": days[k - 1],
                    "goal_cumulative": goal,
                    "actual_cumulative": actual if known else None,
                    "gap": actual - goal if known else None,
                }
            )
        return rows

    # -- rates

    def rates(self, month: date, as_of: datetime) -> dict[str, Any]:
        """Close rates two ways, and the cycle of leads first won in the month, of the deals won up to `as_of`."""
        days = month_days(month)
        end = days[-1] + DAY
        first_won: dict[str, date] = {}
        same_month = set()
        for lead, at in self.won:
            on = at.date()
            if at.replace(tzinfo=self.zone) > as_of:
                continue
            first_won[lead] = min(on, first_won.get(lead, on))
            if on in days:
                same_month.add(lead)
        leads = [lead for lead, on in self.leads.items() if on in days]
        n, won = len(leads), sum(lead in first_won for lead in leads)
        cycle_of = {lead: (on - self.leads[lead]).days for lead, on in first_won.items()}
        cycles = [cycle_of[lead] for lead, on in first_won.items() if on in days]
        usual = percentile(list(cycle_of.values()), Fraction(9, 10))
        today = as_of.astimezone(self.zone).date()
        return {
            "same_month": {
                "marketing_leads": n,
                "customers": len(same_month),
                "close_rate": {"numerator": len(same_month), "denominator": n},
            },
            "cohort": {
                "marketing_leads": n,
                "customers": won,
                "close_rate": {"numerator": won, "denominator": n},
                "close_rate_interval": wilson(won, n),
                "is_immature": usual is None or today < end + ceil(usual) * DAY,
            },
            "cycle_days": {
                "n": len(cycles),
                "average": Fraction(sum(cycles), len(cycles)) if cycles else None,
                "median": percentile(cycles, Fraction(1, 2)),
                "p90": percentile(cycles, Fraction(9, 10)),
                "won_before_qualified": sum(cycle < 0 for cycle in cycles),
            },
        }

    # -- landing

    def landing(self, day: date) -> Ends | None:
        """The landing of the day's month, of the days before it alone."""
        month = day.replace(day=1)
        first = min([on for on in self.by_day if month - LOOKED_BACK <= on <= month] + [month])
        if first not in self._landings:
            length = (max(self.by_day) - first).days + 1
            counts = [self.by_day[first + n * DAY] for n in range(length)]
            self._landings[first] = Landings(first, counts, self.is_business_day)
        return self._landings[first].landing(day)


def percentile(values: list[int], p: Fraction) -> Fraction | None:
    """Linear interpolation between the two nearest ranks."""
    if not values:
        return None
    ordered = sorted(values)
    place = p * (len(ordered) - 1)
    rank = int(place)
    return ordered[rank] + (place - rank) * (ordered[min(rank + 1, len(ordered) - 1)] - ordered[rank])


def wilson(won: int, n: int) -> dict[str, Any] | None:
    """The two rates from which `won` of n lies just 1.96 standard errors away: the roots of the quadratic equation."""
    if not n:
        return None
    with localcontext() as context:
        context.prec = 40
        z = QUANTILE
        root = z * (z * z + 4 * won * (1 - Decimal(won) / n)).sqrt()
        low, high = ((2 * won + z * z + side) / (2 * (n + z * z)) for side in (-root, root))
    return {"low": low if won else Decimal(0), "high": high if won < n else Decimal(1), "n": n}
