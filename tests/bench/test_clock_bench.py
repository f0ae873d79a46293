"""The bench of the clock compares equal answers and reports what it measured."""

import json

import pytest

from slaproject.bench import clock
from slaproject.bench.management.commands.bench import table
from slaproject.bench.rows import Disagreement


@pytest.fixture()
def quick(monkeypatch):
    pytest.importorskip("businesstimedelta")
    monkeypatch.setattr(clock, "RUNS", 1)
    monkeypatch.setattr(clock, "AT_LEAST", 0.0)
    monkeypatch.setattr(clock, "SPANS", [(name, span, used, 3) for name, span, used, _ in clock.SPANS])


def test_every_row_has_both_sides_and_a_goal(quick):
    rows = clock.run()
    assert len(rows) == 12
    assert len({row["name"] for row in rows}) == 12
    for row in rows:
        assert row["ratio"] == pytest.approx(row["product"] / row["yardstick"])
        assert row["met"] == (row["ratio"] >= row["goal"])
    json.dumps(rows)
    assert len(table(rows)) == 13


def test_different_answers_are_not_compared(quick, monkeypatch):
    monkeypatch.setattr(clock.Calendar, "elapsed_seconds", lambda self, start, end: 1)
    with pytest.raises(Disagreement):
        clock.run()
