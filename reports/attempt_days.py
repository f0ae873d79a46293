"""On which business day after the hand-off each attempt came: the rows of depth's heat table.

Day 0 is the local day of the hand-off, day n the n-th day after it on which its business hours open at all; an attempt
on a day off belongs to the business day before. The last column holds what came on day `LATEST` or later, the last row
the attempts from number `LAST` on.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

LATEST, LAST = 10, 10
FARTHEST = 400
"""So many days ahead opening days are looked for: hours that open less often have none of the further ones."""


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
    """Return the first `LATEST` days after `on` that open, fewer where there are no more.

    An attempt came on business day n where n of them are not after it; a day before the hand-off, in another zone, is
    day 0.
    """
    found: list[date] = []
    for ahead in range(1, FARTHEST + 1):
        day = on + timedelta(days=ahead)
        if opens(day):
            found.append(day)
            if len(found) == LATEST:
                break
    return found


def added_up(tables: Iterable[Sequence[Sequence[int]]]) -> list[AttemptDays]:
    """Return the sum of tables that each have a row for every number of attempt up to the last that was made."""
    total: list[list[int]] = []
    for table in tables:
        while len(total) < len(table):
            total.append([0] * (LATEST + 1))
        for sums, days in zip(total, table, strict=False):
            for day, n in enumerate(days):
                sums[day] += n
    return [AttemptDays(k, tuple(days)) for k, days in enumerate(total, start=1)]
