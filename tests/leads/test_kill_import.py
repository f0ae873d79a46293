"""An import killed at a random moment, and run again: what is then stored is what one clean run stores, row by row.

`make proof` kills PROOF_ROUNDS imports of PROOF_ROWS rows, and says how much memory the largest process took.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from django.db import connection

from agreements.models import Segment
from leads.models import Lead
from slaproject.embedded.places import BASE
from tests import factories

ROWS, ROUNDS = 900, 1
PROOF_ROWS = int(os.environ.get("PROOF_ROWS", "1000000"))
PROOF_ROUNDS = int(os.environ.get("PROOF_ROUNDS", "20"))
PROOF_SEED = int(os.environ.get("PROOF_SEED", "1"))
MOST_MEGABYTES = 300
BATCHES = 12
COLUMNS = (
    *("external_id", "qualified_at", "handed_off_at", "origin", "source", "campaign", "segment", "owner"),
    *("name", "company", "email", "country"),
)
FIRST = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)

# As `manage.py import`, in batches of which the file has several.
CHILD = """
import sys, django
django.setup()
from django.core.management import call_command
from leads.intake import runs
runs.BATCH = int(sys.argv[2])
print("begun", flush=True)
call_command("import", "leads", sys.argv[1], source="crm", time_zone="Europe/Warsaw")
from tests.leads.memory import most_megabytes
print(most_megabytes())
"""
# Numbers of rows, when they were written and by which run are each run's own; whatever else is stored is compared.
LEADS = """
SELECT count(*), sum(hashtextextended((to_jsonb(l) - ARRAY['id', 'created_at'])::text, 0)::numeric) FROM leads_lead l
"""
HAND_OFFS = """
SELECT count(*), sum(hashtextextended(
    l.external_id || (to_jsonb(h) - ARRAY['id', 'lead_id', 'recorded_by_id'])::text, 0)::numeric)
FROM leads_handoff h JOIN leads_lead l ON l.id = h.lead_id
"""
EVENTS = """
SELECT count(*), sum(hashtextextended(
    l.external_id || (to_jsonb(e) - ARRAY['id', 'hand_off_id', 'recorded_at', 'created_at'])::text, 0)::numeric)
FROM leads_handoffevent e JOIN leads_handoff h ON h.id = e.hand_off_id JOIN leads_lead l ON l.id = h.lead_id
"""
WRITTEN = ("leads_handoffevent", "leads_handoff", "leads_lead", "leads_import")


@dataclass(frozen=True)
class Ended:
    """What an import that was not killed counted, how long it took, and how much memory at most."""

    counts: dict[str, int]
    seconds: float
    megabytes: int


def write_file(path: Path, rows: int, seed: int) -> None:
    """A file of leads in every state of order: some rows twice, some that are rejected."""
    random = Random(seed)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(rows):
            at = FIRST + dt.timedelta(seconds=random.randrange(600 * 86_400))
            known = number if random.random() > 0.02 else random.randrange(number + 1)
            writer.writerow(
                [
                    f"lead-{known}",
                    at.isoformat(),
                    (at + dt.timedelta(minutes=random.randrange(600))).isoformat(),
                    random.choice(("marketing", "sales", "")),
                    random.choice(("web", "fair", "Łódź", "")),
                    random.choice(("spring", "")),
                    random.choice(("enterprise", "small", "", "small", "nowhere")[: 4 + (number % 50 == 0)]),
                    random.choice(("kim@example.com", "Rob Outside", "")),
                    f"Name {number}",
                    f"Company {number % 997}",
                    f"lead{known}@example.com",
                    random.choice(("PL", "KR", "")),
                ]
            )


def start(path: Path, rows: int) -> subprocess.Popen[str]:
    """An import that has begun."""
    settings = connection.settings_dict
    address = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**settings)
    begun = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), str(max(rows // BATCHES, 5) if rows < 100_000 else 5_000)],
        cwd=BASE,
        env=os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "slaproject.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert begun.stdout is not None and begun.stdout.readline() == "begun\n"
    return begun


def run(path: Path, rows: int) -> Ended:
    """Import to the end."""
    began = time.monotonic()
    said, _nothing = start(path, rows).communicate()
    counts, megabytes = said.splitlines()[-2:]
    return Ended(json.loads(counts), time.monotonic() - began, int(megabytes))


def stored() -> Iterator[tuple[int, object]]:
    with connection.cursor() as cursor:
        for query in (LEADS, HAND_OFFS, EVENTS):
            cursor.execute(query)
            yield cursor.fetchone()


def forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(WRITTEN)} CASCADE")


def kill_and_compare(path: Path, rows: int, rounds: int, seed: int) -> tuple[int, int]:
    """Return in how many rounds a kill cut the import off, and the most megabytes that a process took."""
    Segment.objects.create(name="Enterprise", slug="enterprise")
    Segment.objects.create(name="Small", slug="small")
    factories.user("Kim", email="kim@example.com")
    write_file(path, rows, seed)
    clean = run(path, rows)
    assert clean.counts["rows"] == rows and clean.counts["rejected"] > 0 < clean.counts["unchanged"]
    expected, lead_count = list(stored()), Lead.objects.count()
    again = run(path, rows)
    assert again.counts["created"] == again.counts["updated"] == 0 and list(stored()) == expected
    random, cut_off, largest = Random(seed), 0, max(clean.megabytes, again.megabytes)
    for number in range(rounds):
        forget()
        began = time.monotonic()
        killed = start(path, rows)
        time.sleep(random.uniform(0, max(clean.seconds - (time.monotonic() - began), 0.05)))
        killed.kill()
        killed.communicate()
        cut_off += 0 < Lead.objects.count() < lead_count
        last = run(path, rows)
        assert last.counts["rows"] == rows
        largest = max(largest, last.megabytes)
        found = list(stored())
        assert found == expected, f"round {number}: {found} for {expected}"
    return cut_off, largest


@pytest.mark.django_db(transaction=True)
def test_an_import_that_was_killed_and_run_again_is_one_clean_run(tmp_path):
    kill_and_compare(tmp_path / "leads.csv", ROWS, ROUNDS, 7)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_imports_killed_at_random_moments_are_one_clean_run(tmp_path):
    cut_off, largest = kill_and_compare(tmp_path / "leads.csv", PROOF_ROWS, PROOF_ROUNDS, PROOF_SEED)
    print(
        f"{PROOF_ROUNDS} imports of {PROOF_ROWS} rows x {len(COLUMNS)} columns killed with -9 and run again: all equal"
        f" one clean run, seed {PROOF_SEED}; {cut_off} were cut off between their first and last batch; the same file"
        f" again wrote nothing; the largest process took {largest} MB"
    )
    assert largest < MOST_MEGABYTES
