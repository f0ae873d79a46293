"""The bench of the simulator asks about every hand-off that it made; `make proof` answers in a second at a million."""

import contextlib
import os

import pytest

from slaproject.bench import simulator
from slaproject.bench.rows import Disagreement
from slaproject.bench.simulator import run

PROOF_LEADS = int(os.environ.get("PROOF_LEADS", "1000000"))


@pytest.fixture
def quick(monkeypatch, db):
    """Few rows in the database of the tests, which has a transaction open."""
    monkeypatch.setattr(simulator, "RUNS", 1)
    monkeypatch.setattr(simulator, "TIDY", "ANALYZE")
    monkeypatch.setattr(simulator, "own_database", contextlib.nullcontext)


def test_every_question_is_set_beside_a_count_and_a_second(quick):
    rows = run(leads=400)
    assert len({row["name"] for row in rows}) == len(rows) == 9
    assert {row["leads"] for row in rows} == {400}
    assert sum(row["yardstick"] == 1 for row in rows) == 3


def test_an_answer_that_leaves_hand_offs_out_is_no_answer(quick, monkeypatch):
    monkeypatch.setattr(simulator, "_count", lambda asked: -1)
    with pytest.raises(Disagreement):
        run(leads=50)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_a_draft_is_answered_within_a_second():
    rows = run(leads=PROOF_LEADS)
    slow = [row for row in rows if row["goal"] == 1 and not row["met"]]
    print("\n" + "\n".join(f"{row['name']}: {1000 / row['product']:,.0f} ms" for row in rows))
    assert not slow
