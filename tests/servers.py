"""Pytest plugin: brings up the embedded servers before the settings are read; loaded by `-p tests.servers`.

With DATABASE_URL set it does nothing. Otherwise the servers of the tests live in SLA_VAR, or in `var/test`, apart
from the demo's. Workers of pytest-xdist get the addresses with the environment of the process that started them.
"""

from __future__ import annotations

import os

import pytest

from slaproject.embedded.places import BASE, CannotStart
from slaproject.embedded.servers import provide


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    os.environ.setdefault("SECRET_KEY", "only-for-tests")
    os.environ.setdefault("SLA_VAR", str(BASE / "var" / "test"))
    try:
        provide(durable=False)
    except CannotStart as problem:
        pytest.exit(str(problem), returncode=2)
