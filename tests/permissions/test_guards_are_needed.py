"""Whoever takes away one `visible_to` is told by a test: tried on each call of the product, one at a time.

A first run notes which tests come by which call; then each call is taken away and these tests alone run, until one
fails. With PROOF_GUARDS=N only every N-th call is tried.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

from agreements.models.versions import VersionQuerySet
from agreements.readings.register import register_lines
from tests import factories
from tests.permissions.guard_removal import Watch, guards

ENOUGH = 0.95
SERVERS = ("DATABASE_URL", "CELERY_BROKER_URL")
FOLDERS = ("permissions", "leads", "agreements", "accounts", "api", "reports", "setting_up")
AT_ONCE = 60
"""Tests of one call that are tried in one run; those of this folder first."""


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
    assert here in watch.tests_by_guard
    watch.removed = here
    assert drafts_listed() == 1


@pytest.mark.proof
def test_removing_any_guard_is_noticed(tmp_path):
    notes = tmp_path / "notes"
    notes.mkdir()
    everything = [f"tests/{folder}" for folder in FOLDERS]
    alone = Alone(tmp_path / "var")
    first = alone.run(["-n", "2", "--dist=loadgroup", *everything], GUARDS_NOTED=str(notes))
    assert first.returncode == 0, first.stdout[-4000:]
    tests_by_guard = defaultdict(set)
    for note in notes.iterdir():
        for guard, tests in json.loads(note.read_text()).items():
            tests_by_guard[guard].update(tests)
    tried = list(guards())[:: int(os.environ.get("PROOF_GUARDS", "1"))]
    unnoticed = []
    for guard in tried:
        if not is_noticed(alone, guard, sorted(tests_by_guard[guard], key=nearest_first)):
            unnoticed.append(guard)
            print(f"not noticed: {guard}, which {len(tests_by_guard[guard])} tests come by", flush=True)
    print(
        f"\nvisible_to removed at {len(tried)} places: noticed at {len(tried) - len(unnoticed)}, not at {unnoticed}"
    )
    assert len(unnoticed) <= (1 - ENOUGH) * len(tried)


def nearest_first(test: str) -> tuple[bool, str]:
    return not test.startswith("tests/permissions/"), test


def is_noticed(alone: Alone, guard: str, tests: list[str]) -> bool:
    return any(
        not alone.is_green(["-x", "-p", "no:randomly", *tests[at : at + AT_ONCE]], GUARD_REMOVED=guard)
        for at in range(0, len(tests), AT_ONCE)
    )


@dataclass(frozen=True)
class Alone:
    """Runs of tests in processes and on servers of their own."""

    var: Path

    def is_green(self, arguments: list[str], **settings: str) -> bool:
        return self.run(arguments, **settings).returncode == 0

    def run(self, arguments: list[str], **settings: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if name not in SERVERS}
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-p", "tests.permissions.guard_removal"),
                *("--reuse-db", "-m", "not proof and not browser", *arguments),
            ],
            cwd=Path(__file__).resolve().parents[2],
            env=kept | {"SLA_VAR": str(self.var)} | settings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 1), done.stdout[-2000:] + done.stderr[-2000:]
        return done
