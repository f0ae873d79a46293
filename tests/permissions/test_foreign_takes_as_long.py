"""A foreign object cannot be told from an absent one by how long the answer takes.

In the suite by what takes the time: as many queries for one as for the other. In the proof by the clock: of each
address PROOF_N pairs of requests, one foreign and one absent in turns, and the Mann-Whitney test on the two.
"""

from __future__ import annotations

import logging
import os
import time
from itertools import chain
from statistics import NormalDist, median
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.permissions.matrix import MATRIX
from tests.permissions.rows import Row
from tests.permissions.scene import Scene
from tests.permissions.test_matrix import address_of, answer

pytestmark = pytest.mark.django_db
SURE = 0.01
"""How seldom all addresses together would seem to differ by chance."""


def foreign_cells() -> list[tuple[Row, str, str]]:
    """Each address and method with one who may not see the object there, though the address is open to them."""
    cells = []
    for row in MATRIX:
        for method in row.methods if row.filled else ():
            blind = [name for name, status in row.methods[method].items() if status == 404]
            if blind:
                cells.append((row, method, blind[0]))
    return cells


CELLS = foreign_cells()


@pytest.mark.parametrize(
    ("row", "method", "identity"), CELLS, ids=lambda value: getattr(value, "url_name", value)
)
def test_as_many_queries_are_asked_for_what_is_foreign_as_for_what_is_absent(
    row: Row,
    method: str,
    identity: str,
    scene: Scene,
    clients: dict[str, Client],
):
    asked = []
    for absent in (False, True):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            said = answer(clients[identity], method, address_of(row, scene, absent=absent))
        assert said.status_code == 404
        asked.append([query["sql"].split()[0] for query in queries])
    assert asked[0] == asked[1]


@pytest.mark.proof
def test_foreign_and_absent_take_equally_long(
    scene: Scene, clients: dict[str, Client], caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.ERROR, "django.request")  # thousands of pages are not found
    pairs = int(os.environ.get("PROOF_N", "200"))
    unlike = []
    for row, method, identity in CELLS:
        foreign, absent = timed(
            clients[identity], method, address_of(row, scene), address_of(row, scene, absent=True), pairs
        )
        chance = mann_whitney(foreign, absent)
        times = f"foreign {median(foreign) * 1000:6.2f} ms, absent {median(absent) * 1000:6.2f} ms"
        print(f"{method:5} {row.url_name:32} {times}, p = {chance:.3f}", flush=True)
        if chance < SURE / len(CELLS):
            unlike.append(f"{method} {row.url_name}")
    print(f"{len(CELLS)} addresses and methods, {pairs} pairs each: {len(unlike)} differ {unlike}")
    assert not unlike


def timed(
    client: Client, method: str, foreign: str, absent: str, pairs: int
) -> tuple[list[float], list[float]]:
    """Return the seconds of each, asked in turns so that what slows the machine slows both."""
    seconds: dict[str, list[float]] = {foreign: [], absent: []}
    for turn in range(pairs + 5):
        for address in (foreign, absent) if turn % 2 else (absent, foreign):
            start = time.perf_counter()
            answer(client, method, address)
            if turn >= 5:  # the first ones warm up
                seconds[address].append(time.perf_counter() - start)
    return seconds[foreign], seconds[absent]


def mann_whitney(left: list[float], right: list[float]) -> float:
    """Return the two-sided p of the Mann-Whitney U test by its normal approximation (n above 20; ties do not occur)."""
    ranked = sorted(chain(((one, True) for one in left), ((one, False) for one in right)))
    rank_sum = sum(rank for rank, (_, is_left) in enumerate(ranked, 1) if is_left)
    n, m = len(left), len(right)
    u = rank_sum - n * (n + 1) / 2
    deviation: Any = (n * m * (n + m + 1) / 12) ** 0.5
    return 2 * (1 - NormalDist().cdf(abs(u - n * m / 2) / deviation))


def test_mann_whitney_tells_a_shift_and_nothing_else():
    even, odd = [float(n) for n in range(0, 100, 2)], [float(n) for n in range(1, 101, 2)]
    assert mann_whitney(even, odd) > 0.5
    assert mann_whitney(even, [one + 40 for one in odd]) < 1e-4
    # SciPy 1.17.1: mannwhitneyu(x, y, method="asymptotic", use_continuity=False)
    shifted = mann_whitney([float(n) for n in range(1, 31)], [n + 5.5 for n in range(1, 31)])
    assert shifted == pytest.approx(0.02657776, rel=1e-6)
