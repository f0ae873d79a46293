"""The bench of the API compares sides that say and write the same; `make proof` prints how they stand."""

import contextlib
import os

import pytest

from slaproject.bench import api, company
from slaproject.bench.api import run
from slaproject.bench.rows import Disagreement

PROOF_LEADS = int(os.environ.get("PROOF_LEADS", "100000"))


@pytest.fixture
def quick(monkeypatch, db):
    """Few rows in the database of the tests, which has a transaction open."""
    monkeypatch.setattr(company, "REPS", 3)
    monkeypatch.setattr(company, "TIDY", "ANALYZE")
    for name, value in {"RUNS": 1, "TIMES_SENT": 1, "SENT": 20, "BURST": 2}.items():
        monkeypatch.setattr(api, name, value)
    monkeypatch.setattr(api, "own_database", contextlib.nullcontext)


def test_lists_stand_beside_a_serializer_and_what_is_sent_beside_copy(quick):
    rows = run(leads=1)
    assert [row["goal"] for row in rows] == [3, 0.3, 0.3]
    assert {row["leads"] for row in rows} == {201} and {row["unit"] for row in rows} == {"leads/s"}


def test_a_list_that_says_something_else_is_not_compared(quick, monkeypatch):
    monkeypatch.setattr(api.PlainRow.Meta, "fields", ["segment"])
    with pytest.raises(Disagreement, match="lists differ"):
        run(leads=1)


def test_rows_that_were_not_taken_are_not_compared(quick, monkeypatch):
    monkeypatch.setattr(api._Bench, "_sent", lambda self, n: {"external_id": "", "qualified_at": "never"})
    with pytest.raises(Disagreement):
        run(leads=1)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_how_fast_leads_are_listed_and_sent():
    rows = run(leads=PROOF_LEADS)
    print(
        "\n"
        + "\n".join(f"{row['name']}: {row['product']:,.0f} leads/s, × {row['ratio']:.2f}" for row in rows)
    )
    assert rows[0]["met"]
