"""The bench of the import writes what it says, beside COPY and a library; `make proof` prints it at a million leads."""

import contextlib
import os

import pytest

from leads.models import HandOff, Lead
from slaproject.bench import company, importing
from slaproject.bench.rows import Disagreement

PROOF_LEADS = int(os.environ.get("PROOF_LEADS", "1000000"))


@pytest.fixture
def quick(monkeypatch, db):
    """Few rows in the database of the tests, which has a transaction open."""
    monkeypatch.setattr(importing, "RUNS", 1)
    monkeypatch.setattr(importing, "BATCH", 20)
    monkeypatch.setattr(company, "TIDY", "ANALYZE")
    monkeypatch.setattr(importing, "own_database", contextlib.nullcontext)


def test_all_sides_write_the_rows_that_they_are_given(quick):
    rows = importing.run(leads=50)
    assert [(row["leads"], row["unit"], row["goal"]) for row in rows] == [
        (50, "rows/s", 0.7),
        (50, "rows/s", 8.0),
    ]
    turns = importing.RUNS + 1  # one is thrown away
    systems = {"bench": 50, "bench-import": 20 * (turns + 1), "bench-copy": 20 * turns}
    systems["bench-import-library"] = 20 // importing.LIBRARY_PART * turns
    assert {name: Lead.objects.filter(system=name).count() for name in systems} == systems
    assert HandOff.objects.count() == systems["bench-import"]
    copied, read = (
        Lead.objects.filter(system=system, segment__isnull=False).exclude(email="").earliest("pk")
        for system in ("bench-copy", "bench-import-library")
    )
    assert copied.source.startswith("Source ") and read.qualified_on == read.qualified_at.date()


def test_a_second_import_that_writes_is_noticed(quick, monkeypatch):
    real = importing._imported
    results = iter(range(100))

    def forgetful(file, now):
        if next(results) >= 3:  # after the two turns and the first of the same file
            Lead.objects.filter(system="bench-import").update(campaign="Somebody else's")
        return real(file, now)

    monkeypatch.setattr(importing, "_imported", forgetful)
    with pytest.raises(Disagreement, match="0 of them new"):
        importing.run(leads=50)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_the_import_beside_its_yardsticks_at_a_million_leads():
    for row in importing.run(leads=PROOF_LEADS):
        print(f"{row['name']}: {row['ratio']:.2f} x, goal {row['goal']:g}, at {row['leads']:,} leads")
