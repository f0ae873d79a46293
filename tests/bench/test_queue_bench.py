"""The bench of the queue asks for pages that show leads; `make proof` prints their time at a million hand-offs."""

import contextlib
import os

import pytest

from slaproject.bench import company, queue
from slaproject.bench.queue import run
from slaproject.bench.rows import Disagreement

PROOF_LEADS = int(os.environ.get("PROOF_LEADS", "1000000"))


@pytest.fixture
def quick(monkeypatch, db):
    """Few rows in the database of the tests, which has a transaction open."""
    for module in (company, queue):
        monkeypatch.setattr(module, "REPS", 21)
    for name, value in {"RUNS": 1, "PAGES": 2, "OPEN": 3, "OPEN_OF_ONE": 6, "FREE": 2}.items():
        monkeypatch.setattr(queue, name, value)
    monkeypatch.setattr(company, "TIDY", "ANALYZE")
    monkeypatch.setattr(queue, "own_database", contextlib.nullcontext)


def test_the_queue_is_set_beside_a_view_and_fifty_milliseconds(quick):
    rows = run(leads=100)
    assert len({row["name"] for row in rows}) == len(rows) == 4
    assert {row["leads"] for row in rows} == {100}
    assert [row["yardstick"] == 20 for row in rows] == [False, True] * 2


def test_a_page_that_shows_no_lead_is_no_queue(quick, monkeypatch):
    monkeypatch.setattr(queue, "reverse", lambda name: "/queue/?page=9")
    with pytest.raises(Disagreement):
        run(leads=100)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_a_queue_is_answered_within_fifty_milliseconds():
    rows = run(leads=PROOF_LEADS)
    print("\n" + "\n".join(f"{row['name']}: {1000 / row['product']:,.1f} ms" for row in rows[1::2]))
    assert all(row["met"] for row in rows[1::2])
