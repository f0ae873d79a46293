"""Months in a row: how often a promise was missed, or kept, one month after the other.

Definitions. A promise has at most one outcome a month. A *run* of an outcome is a row of months that all have it.
A month that was excused, or in which nothing was measured, is passed over: it neither counts nor ends a run. A month
without any outcome (nothing was promised then, or it is not decided yet) ends it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

PASSED_OVER = frozenset({"excused", "nothing"})


def runs_of(outcome: str, history: Mapping[dt.date, str]) -> list[tuple[dt.date, ...]]:
    """Return the runs of the outcome, in order; `history` has the outcome of each month by its first day."""
    runs: list[list[dt.date]] = []
    before: dt.date | None = None
    for month in sorted(history):
        if before is None or month != next_month(before) or history[before] not in {outcome, *PASSED_OVER}:
            runs.append([])
        if history[month] == outcome:
            runs[-1].append(month)
        elif history[month] not in PASSED_OVER:
            runs.append([])
        before = month
    return [tuple(run) for run in runs if run]


def current_run(outcome: str, history: Mapping[dt.date, str]) -> int:
    """Return how many months in a row had the outcome up to the last month there is; 0 where that one had another."""
    last = max((month for month in history if history[month] not in PASSED_OVER), default=None)
    found = runs_of(outcome, history)
    return len(found[-1]) if found and found[-1][-1] == last else 0


def next_month(month: dt.date) -> dt.date:
    """Return the first day of the month after this one, which is given by its first day."""
    return dt.date(month.year + month.month // 12, month.month % 12 + 1, 1)


def reached(run: Iterable[tuple[dt.date, int | None]]) -> tuple[dt.date, int] | None:
    """Return the month in which a run got as long as agreed, and how long that is; None where it never did.

    `run` has for each of its months the number that the version which applied then names, None for none.
    """
    for length, (month, agreed) in enumerate(run, start=1):
        if agreed is not None and length >= agreed:
            return month, length
    return None
