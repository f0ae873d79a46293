"""Whoever takes away one `visible_to` is told by a test: tried on each call of the product.

The tests run in one process; each runs again without the calls that it came by, until some test has failed for want of
each: see guard_removal. With PROOF_GUARDS=FILE the findings stay there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agreements.models.versions import VersionQuerySet
from agreements.readings.register import register_lines
from tests import factories
from tests.permissions.guard_removal import Watch, guards

ENOUGH = 0.95
SERVERS = ("DATABASE_URL", "CELERY_BROKER_URL")
FOLDERS = ("permissions", "leads", "agreements", "accounts", "api", "reports", "setting_up", "outbox")
"""Where tests that know who may see what stand, the nearest first."""
BASE = Path(__file__).resolve().parents[2]


@pytest.mark.django_db
def test_a_guard_is_told_by_where_it_stands_and_answers_all_once_it_is_taken_away(monkeypatch):
    reader = factories.user("Reader")
    draft = factories.draft(factories.agreement())
    [here] = [name for name in guards() if name.startswith("agreements/readings/register.py:")]
    monkeypatch.setattr(VersionQuerySet, "visible_to", VersionQuerySet.visible_to)
    watch = Watch()
    watch.put_before(VersionQuerySet)

    def drafts_listed() -> int:
        lines = register_lines([draft.agreement], user=reader, now=factories.NOON)
        return sum(line.draft is not None for line in lines)

    assert drafts_listed() == 0
    assert here in watch.passed
    watch.removed = frozenset([here])
    assert drafts_listed() == 1


@pytest.mark.proof
def test_removing_any_guard_is_noticed(tmp_path):
    found = Path(os.environ.get("PROOF_GUARDS") or tmp_path / "guards.json")
    kept = {name: value for name, value in os.environ.items() if name not in SERVERS}
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "tests.permissions.guard_removal"),
            *("-p", "no:randomly", "-m", "not proof and not browser"),
            *(f"tests/{folder}" for folder in FOLDERS),
        ],
        cwd=BASE,
        env=kept | {"SLA_VAR": str(tmp_path / "var"), "GUARDS_NOTED": str(found)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 2), done.stdout[-4000:]  # 2: stopped, as each was noticed
    noticed_by, tried = (json.loads(found.read_text())[name] for name in ("noticed_by", "tried"))
    places = list(guards())
    unnoticed = [guard for guard in places if guard not in noticed_by]
    for guard in unnoticed:
        print(f"not noticed: {guard}, tried with {tried.get(guard, 0)} tests")
    print(f"\nvisible_to removed at {len(places)} places: noticed at {len(places) - len(unnoticed)}")
    assert len(unnoticed) <= (1 - ENOUGH) * len(places)
