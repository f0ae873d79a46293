"""The bench of the reports comes to the same figures by four ways; `make proof` prints the times at a million leads."""

import contextlib
import os

import pytest

from slaproject.bench import company, history, report_yardsticks, reports
from slaproject.bench.reports import run
from slaproject.bench.rows import Disagreement

PROOF_LEADS = int(os.environ.get("PROOF_LEADS", "1000000"))


@pytest.fixture
def quick(monkeypatch, db):
    """Few rows in the database of the tests, which has a transaction open."""
    monkeypatch.setattr(company, "REPS", 5)
    monkeypatch.setattr(reports, "RUNS", 1)
    monkeypatch.setattr(reports, "PAGES", 2)
    monkeypatch.setattr(reports, "LENGTH", 0.0)
    monkeypatch.setattr(history, "TIDY", "ANALYZE")
    monkeypatch.setattr(reports, "own_database", contextlib.nullcontext)
    monkeypatch.setattr(reports, "SMALLER", None)


def test_readings_and_pages_are_set_beside_other_ways(quick):
    rows = run(leads=400)
    assert len({row["name"] for row in rows}) == len(rows) == 12
    assert {row["leads"] for row in rows} == {400}


def test_ways_that_differ_are_not_compared(quick, monkeypatch):
    monkeypatch.setattr(
        report_yardsticks, "BASE", report_yardsticks.BASE.replace("a.voided_at IS NULL", "false")
    )
    with pytest.raises(Disagreement, match="SQL"):
        run(leads=400)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_reports_at_a_million_leads():
    rows = run(leads=PROOF_LEADS)
    print("\n" + "\n".join(f"{row['name']}: {row['ratio']:,.3g} of {row['goal']:,.3g}" for row in rows))
    assert {row["leads"] for row in rows} == {PROOF_LEADS}
