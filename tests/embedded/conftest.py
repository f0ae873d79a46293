"""Servers of a test's own, and processes that use them, each known by its pid."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from slaproject.embedded.places import BASE, folder_outside
from slaproject.embedded.servers import keeper_is_there

USER = """
import os, sys, time
from slaproject.embedded.servers import ensure_servers
from pathlib import Path
found = ensure_servers(Path(os.environ["SLA_VAR"]))
print(found.database_url, found.broker_url, found.keeper, flush=True)
time.sleep(600)
"""


class User:
    """A process that uses the servers of `var` until it is ended."""

    def __init__(self, var: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER],
            cwd=BASE,
            env=clean_environment(var),
            stdout=subprocess.PIPE,
            text=True,
        )

    def addresses(self) -> tuple[str, str, int]:
        """Return database URL, broker URL and the keeper's pid, once the servers answer."""
        assert self.process.stdout is not None
        database_url, broker_url, keeper = self.process.stdout.readline().split()
        return database_url, broker_url, int(keeper)

    def end(self, signal_number: signal.Signals = signal.SIGKILL) -> None:
        self.process.send_signal(signal_number)
        self.process.communicate()


def clean_environment(var: Path) -> dict[str, str]:
    """Return an environment without the servers of the test run itself."""
    dropped = {"DATABASE_URL", "CELERY_BROKER_URL", "SECRET_KEY", "DEMO", "STATEMENT_TIMEOUT_MS"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "SLA_VAR": str(var), "PYTHONPATH": str(BASE), "PYTHONUNBUFFERED": "1"}


def processes_of(var: Path) -> list[psutil.Process]:
    """Return the living processes that have `var` in their arguments, as their folder, or as their SLA_VAR."""
    folders = (str(var), str(folder_outside(var)))
    found = []
    for process in psutil.process_iter():
        try:
            words = " ".join(process.cmdline())
            environment = process.environ().get("SLA_VAR", "")
            if process.status() != psutil.STATUS_ZOMBIE and (
                folders[0] in words or process.cwd().startswith(folders) or environment == folders[0]
            ):
                found.append(process)
        except psutil.Error:
            continue
    return found


def wait_until(condition: Callable[[], object], seconds: float = 5.0) -> float:
    """Return after how many seconds the condition held; fail when it does not in time."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, f"not within {seconds} s"
        time.sleep(0.02)
    return time.monotonic() - started


@pytest.fixture
def var(tmp_path: Path):
    """A folder for servers of this test's own; what they leave is removed."""
    folder = tmp_path / "var"
    yield folder
    deadline = time.monotonic() + 10
    while keeper_is_there(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    shutil.rmtree(folder_outside(folder), ignore_errors=True)


@pytest.fixture
def start_user(var: Path):
    """Start users of `var`; those that still live at the test's end are ended."""
    users: list[User] = []

    def start() -> User:
        users.append(User(var))
        return users[-1]

    yield start
    for user in users:
        if user.process.poll() is None:
            user.end()
