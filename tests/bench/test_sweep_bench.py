"""The bench of the sweep counts what it changed; `make proof` prints its rate at a million open hand-offs."""

import contextlib
import os

import pytest

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


def test_the_sweep_is_set_beside_plain_sql_a_view_its_goal_and_half_a_minute(quick):
    rows = run(leads=60)
    assert [row["leads"] for row in rows] == [60] * 4
    assert [row["unit"] for row in rows] == ["hand-offs/s", "operations/s", "hand-offs/s", "found/h"]
    assert rows[3]["yardstick"] == 120


def test_plain_sql_changes_what_the_sweep_would(quick, monkeypatch):
    turns = []
    sides = {"sweep": sweep.sweep_clocks, "plain": sweep._plain_sql}

    def noted(side, now):
        found = sides[side](now=now)
        turns.append((side, found["overdue"], found["at_risk"]))
        return found

    monkeypatch.setattr(sweep, "sweep_clocks", lambda now: noted("sweep", now))
    monkeypatch.setattr(sweep, "_plain_sql", lambda now: noted("plain", now))
    run(leads=80)
    chunk = 80 // (2 * sweep.RUNS + 4)
    assert turns[: 2 * sweep.RUNS + 2] == [("sweep", chunk, chunk), ("plain", chunk, chunk)] * (
        sweep.RUNS + 1
    )


def test_a_sweep_that_leaves_hand_offs_out_is_no_sweep(quick, monkeypatch):
    monkeypatch.setattr(sweep, "sweep_clocks", lambda now: {"at_risk": 0, "overdue": 1})
    with pytest.raises(Disagreement):
        run(leads=60)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_what_is_overdue_is_found_within_half_a_minute():
    rows = run(leads=PROOF_LEADS)
    print("\n" + "\n".join(f"{row['name']}: {row['product']:,.0f} {row['unit']}" for row in rows))
    assert rows[3]["met"]
