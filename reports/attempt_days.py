"""On which business day after the hand-off each attempt came: the rows of depth's heat table.

Day 0 is the local day of the hand-off, day n the n-th day after it on which its business hours open at all; an attempt
on a day off belongs to the business day before. The last column holds what came on day `LATEST` or later, the last row
the attempts from number `LAST` on.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

LATEST, LAST = 10, 10
FARTHEST = 400
"""So many days ahead opening days are looked for: hours that open less often have none of the further ones."""

Made = tuple[int, date, int, date, int]
"""Whose business hours, the day of the hand-off, which attempt it was, on which day, and how many such there are."""


@dataclass(frozen=True, slots=True)
class AttemptDays:
    """How many k-th attempts came on business day 0, 1, … and, at the end, on day `LATEST` or later."""

    k: int
    days: tuple[int, ...]

    @property
    def n(self) -> int:
        return sum(self.days)

    @property
    def median(self) -> int:
        """The first day by which half of them had come; `LATEST` says that day or a later one."""
        come = 0
        for day, n in enumerate(self.days):
            come += n
            if 2 * come >= self.n:
                return day
        raise ValueError("no attempt was made")

    def as_json(self) -> dict[str, Any]:
        """Return the row as the `report` command prints it."""
        return {"k": self.k, "n": self.n, "days": list(self.days), "median": self.median}


def opening_days_after(on: date, opens: Callable[[date], bool]) -> list[date]:
    """Return the first `LATEST` days after `on` that open, fewer where there are no more."""
    found: list[date] = []
    for ahead in range(1, FARTHEST + 1):
        day = on + timedelta(days=ahead)
        if opens(day):
            found.append(day)
            if len(found) == LATEST:
                break
    return found


def attempt_days(made: Iterable[Made], opens: Callable[[int], Callable[[date], bool]]) -> list[AttemptDays]:
    """Return a row for each number of attempt up to the last that was made; `opens` gives the test of business hours.

    An attempt that is dated a day before the hand-off, in another zone, came on day 0.
    """
    ahead: dict[tuple[int, date], list[date]] = {}
    rows: list[list[int]] = []
    for hours, handed_off_on, k, attempted_on, n in made:
        key = (hours, handed_off_on)
        if key not in ahead:
            ahead[key] = opening_days_after(handed_off_on, opens(hours))
        row = min(k, LAST)
        while len(rows) < row:
            rows.append([0] * (LATEST + 1))
        rows[row - 1][bisect_right(ahead[key], attempted_on)] += n
    return [AttemptDays(k, tuple(days)) for k, days in enumerate(rows, start=1)]
