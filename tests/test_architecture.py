"""The rules of the layout that a tool can check, and that a reviewer would forget to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

BASE = Path(__file__).resolve().parent.parent


def test_modules_import_only_what_they_may():
    code = "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=BASE,
        env={**os.environ, "PYTHONPATH": str(BASE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_lock_file_names_where_packages_came_from():
    lock = (BASE / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    requirements = (BASE / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in requirements
