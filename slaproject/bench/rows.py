"""What a bench measures and how: the product and a yardstick side by side, compared by a ratio.

Times on shared machines move by a third and more, so a single time says little. Both sides do the same work in
turn, in one process, several times; a row holds the medians of those runs, the runs themselves, and the ratio of
the medians against its goal.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import TypedDict


class Disagreement(Exception):
    """The product and a yardstick gave different answers: their speeds must not be compared."""


class Row(TypedDict):
    """One comparison. ``product`` and ``yardstick`` are medians in ``unit``; more is better.

    ``leads`` is the size of the data, None where there is none. ``runs`` holds the figures of each run.
    """

    name: str
    leads: int | None
    product: float
    yardstick: float
    unit: str
    ratio: float
    goal: float
    met: bool
    runs: dict[str, list[float]]


def rate(
    work: Callable[[], object],
    operations: int,
    at_least: float = 0.0,
    clock: Callable[[], float] = perf_counter,
) -> float:
    """Operations per second of ``work``, which does that many; it is repeated for ``at_least`` seconds."""
    done, start = 0, clock()
    while True:
        work()
        done += operations
        spent = clock() - start
        if spent >= at_least and spent > 0:
            return done / spent


def seconds(work: Callable[[], object]) -> float:
    """How long ``work`` takes once."""
    began = perf_counter()
    work()
    return perf_counter() - began


def interleaved(sides: dict[str, Callable[[], float]], runs: int) -> dict[str, list[float]]:
    """The figures of each side, taken in turn ``runs`` times, after one turn that is thrown away."""
    figures: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(runs + 1):
        for name, measure in sides.items():
            figure = measure()
            if turn:
                figures[name].append(figure)
    return figures


def compared(
    name: str,
    *,
    product: list[float],
    yardstick: list[float],
    goal: float,
    unit: str = "operations/s",
    leads: int | None = None,
) -> Row:
    """The row of two sides' figures, of which more is better."""
    ours, theirs = median(product), median(yardstick)
    ratio = ours / theirs
    return Row(
        name=name,
        leads=leads,
        product=ours,
        yardstick=theirs,
        unit=unit,
        ratio=ratio,
        goal=goal,
        met=ratio >= goal,
        runs={"product": product, "yardstick": yardstick},
    )
