"""Whoever takes away one `visible_to` is told by a test: tried on each call of the product, one at a time.

The product is copied, one call is replaced by `all()`, and the permission tests run on the copy; what they do not
notice the other page tests may. With PROOF_GUARDS=N only every N-th call is tried.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parents[2]
APPS = ("agreements", "leads", "reports", "slaproject")
ENOUGH = 0.95
FIRST = ("tests/permissions/test_visible_rows.py", "tests/permissions/test_matrix.py")
THEN = (
    "tests/leads/test_pages.py",
    "tests/leads/test_actions.py",
    "tests/agreements/test_agreement_pages.py",
    "tests/accounts/test_administration.py",
    "tests/reports/test_homes.py",
    "tests/reports/test_scenarios.py",
    "tests/reports/test_calculator.py",
    "tests/reports/test_views.py",
)


@dataclass(frozen=True)
class Guard:
    """One call of `visible_to` in the source; `start` and `end` are offsets in bytes of its `.visible_to(…)`."""

    file: Path
    line: int
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.file.relative_to(BASE)}:{self.line}"

    def removed(self) -> bytes:
        source = self.file.read_bytes()
        return source[: self.start] + b".all()" + source[self.end :]


def guards() -> Iterator[Guard]:
    for app in APPS:
        for file in sorted((BASE / app).rglob("*.py")):
            source = file.read_bytes()
            starts = [0]
            for line in source.splitlines(keepends=True):
                starts.append(starts[-1] + len(line))
            for node in ast.walk(ast.parse(source)):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr == "visible_to"
                ):
                    before = node.func.value
                    assert (
                        before.end_lineno
                        and before.end_col_offset
                        and node.end_lineno
                        and node.end_col_offset
                    )
                    yield Guard(
                        file,
                        node.lineno,
                        starts[before.end_lineno - 1] + before.end_col_offset,
                        starts[node.end_lineno - 1] + node.end_col_offset,
                    )


def test_removal_leaves_python_that_runs():
    found = list(guards())
    assert found
    for guard in found:
        ast.parse(guard.removed())


@pytest.mark.proof
def test_removing_any_guard_is_noticed(tmp_path):
    copy = tmp_path / "copy"
    ignored = shutil.ignore_patterns(".*", "node_modules", "var", "__pycache__")
    shutil.copytree(BASE, copy, ignore=ignored)
    (copy / "node_modules").symlink_to(BASE / "node_modules")
    tried = list(guards())[:: int(os.environ.get("PROOF_GUARDS", "1"))]
    assert is_green(copy, FIRST), "the copy fails by itself"
    unnoticed = []
    for guard in tried:
        target = copy / guard.file.relative_to(BASE)
        target.write_bytes(guard.removed())
        if is_green(copy, FIRST) and is_green(copy, THEN):
            unnoticed.append(str(guard))
            print(f"not noticed: {guard}", flush=True)
        target.write_bytes(guard.file.read_bytes())
    print(
        f"\nvisible_to removed at {len(tried)} places: noticed at {len(tried) - len(unnoticed)}, not at {unnoticed}"
    )
    assert len(unnoticed) <= (1 - ENOUGH) * len(tried)


def is_green(copy: Path, tests: tuple[str, ...]) -> bool:
    """Run these tests on the copy, stopping at the first that fails."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CELERY_BROKER_URL")
    }
    environment |= {"SLA_VAR": str(copy / "var"), "PYTHONPATH": str(copy)}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:randomly",
            "--reuse-db",
            "-m",
            "not proof and not browser",
            *tests,
        ],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout[-2000:] + done.stderr[-2000:]
    return done.returncode == 0
