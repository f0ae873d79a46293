"""The bench of the sweep counts what it changed; `make proof` prints its rate at a million open hand-offs."""

import contextlib
import os

import pytest

from leads.services.sweep import sweep_clocks
from slaproject.bench import company, sweep
from slaproject.bench.rows import Disagreement
from slaproject.bench.sweep import run

PROOF_LEADS = int(os.environ.get("PROOF_LEADS", "1000000"))


@pytest.fixture
def quick(monkeypatch, db):
    """Few rows in the database of the tests, which has a transaction open."""
    monkeypatch.setattr(sweep, "RUNS", 2)
    monkeypatch.setattr(company, "TIDY", "ANALYZE")
    monkeypatch.setattr(sweep, "own_database", contextlib.nullcontext)


def test_the_sweep_is_set_beside_its_goal_plain_sql_a_view_and_half_a_minute(quick):
    rows = run(leads=100)
    assert [row["leads"] for row in rows] == [100] * 7
    assert [row["unit"] for row in rows] == ["hand-offs/s"] * 4 + ["operations/s", "hand-offs/s", "found/h"]
    assert [row["yardstick"] for row in rows[:3]] == [50_000] * 3 and rows[6]["yardstick"] == 120


def test_plain_sql_changes_what_the_sweep_would(quick, monkeypatch):
    turns = []
    sides = {"sweep": sweep.sweep_clocks, "plain": sweep._plain_sql}

    def noted(side, now):
        found = sides[side](now=now)
        turns.append((side, found["overdue"], found["at_risk"]))
        return found

    monkeypatch.setattr(sweep, "sweep_clocks", lambda now: noted("sweep", now))
    monkeypatch.setattr(sweep, "_plain_sql", lambda now: noted("plain", now))
    run(leads=100)
    chunk, ticks = 100 // (4 * sweep.RUNS), 1 + len(sweep.DUE) * sweep.RUNS
    bulk = turns[ticks : ticks + 2 * sweep.RUNS + 2]
    assert bulk == [("sweep", chunk, chunk), ("plain", chunk, chunk)] * (sweep.RUNS + 1)


def test_a_tick_handles_all_that_waits_and_changes_what_has_come(quick, monkeypatch):
    swept = []

    def noted(now):
        swept.append(sweep_clocks(now=now))
        return swept[-1]

    monkeypatch.setattr(sweep, "perf_counter", iter(range(10_000)).__next__)
    monkeypatch.setattr(sweep, "sweep_clocks", noted)
    rows = run(leads=1_000)
    ticks = [found["overdue"] for found in swept[1:7]]
    assert ticks == [1, 1, 5, 5, 50, 50] and [found["at_risk"] for found in swept[1:7]] == ticks
    assert [rate for row in rows[:3] for rate in row["runs"]["product"]] == [1000, 999, 998, 993, 988, 938]


def test_a_sweep_that_leaves_hand_offs_out_is_no_sweep(quick, monkeypatch):
    monkeypatch.setattr(sweep, "sweep_clocks", lambda now: {"at_risk": 0, "overdue": 9})
    with pytest.raises(Disagreement):
        run(leads=100)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_what_is_overdue_is_found_within_half_a_minute():
    rows = run(leads=PROOF_LEADS)
    print("\n" + "\n".join(f"{row['name']}: {row['product']:,.0f} {row['unit']}" for row in rows))
    assert rows[6]["met"]
