"""The bench of the refresh ends with figures that counting everything anew gives; `make proof` prints the times."""

import contextlib
import os

import pytest

from reports import rollups
from reports.models import PeriodFigure
from slaproject.bench import company, history, refresh
from slaproject.bench.refresh import run
from slaproject.bench.rows import Disagreement

PROOF_LEADS = int(os.environ.get("PROOF_LEADS", "1000000"))


@pytest.fixture
def quick(monkeypatch, db):
    """Few rows in the database of the tests, which has a transaction open."""
    monkeypatch.setattr(company, "REPS", 5)
    monkeypatch.setattr(refresh, "RUNS", 2)
    monkeypatch.setattr(history, "TIDY", "ANALYZE")
    monkeypatch.setattr(refresh, "own_database", contextlib.nullcontext)
    monkeypatch.setattr(refresh, "SMALLER", None)


def test_facts_and_figures_are_set_beside_counting_every_day_anew(quick):
    rows = run(leads=400)
    assert [row["leads"] for row in rows] == [400] * 3
    assert all(row["product"] > 0 for row in rows)


def test_figures_that_were_left_behind_are_no_result(quick, monkeypatch):
    def leave_behind(**_given):
        PeriodFigure.objects.filter(grain="month", dimension="").update(attempts=0)

    monkeypatch.setattr(rollups, "refresh", leave_behind)
    with pytest.raises(Disagreement, match="figures are not"):
        run(leads=400)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_refresh_at_a_million_leads():
    rows = run(leads=PROOF_LEADS)
    print("\n" + "\n".join(f"{row['name']}: {row['ratio']:,.3g} of {row['goal']:,.3g}" for row in rows))
    assert {row["leads"] for row in rows} == {PROOF_LEADS}
