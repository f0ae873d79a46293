"""The demo leaves nothing behind, however it ends, and finds its data again."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import psycopg
import pytest

from slaproject.embedded.places import BASE

from .conftest import clean_environment, processes_of, wait_until

pytestmark = pytest.mark.xdist_group("servers")  # they say how soon what was killed is gone
TRIALS = [pytest.param(1, id="small"), pytest.param(10, id="large", marks=pytest.mark.proof)]
# The sample company has tests of its own.
DEMO = [sys.executable, str(BASE / "manage.py"), "demo", "--empty"]
LAUNCHER = [sys.executable, "-c", "import subprocess, sys; subprocess.run(sys.argv[1:])"]


class Demo:
    """A running demo with its data in `var`."""

    def __init__(self, var: Path, *command: str) -> None:
        self.var = var
        self.process = subprocess.Popen(
            command or DEMO,
            cwd=BASE,
            env={**clean_environment(var), "BEAT_SECONDS": "2"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""

    def address(self) -> str:
        """Return its address, once it has told it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if found := re.search(r"^  (http://127\.0\.0\.1:\d+/)$", line):
                return found[1]
        raise AssertionError(f"It ended without an address:\n{self.said}")

    def database(self) -> psycopg.Connection:
        url = json.loads((self.var / "servers.json").read_text())["database_url"]
        return psycopg.connect(url, autocommit=True)


@pytest.fixture
def start_demo(var):
    demos: list[Demo] = []

    def start(*command: str) -> Demo:
        demos.append(Demo(var, *command))
        return demos[-1]

    yield start
    for demo in demos:
        demo.process.kill()
        if demo.process.stdout and not demo.process.stdout.closed:
            demo.process.communicate()
    wait_until(lambda: not processes_of(var), seconds=15)


def test_check_ends_well_once_every_part_has_worked(start_demo, var):
    demo = start_demo(*DEMO, "--check")
    said, _ = demo.process.communicate(timeout=200)
    assert demo.process.returncode == 0, said
    assert "Web, worker and beat work." in said
    wait_until(lambda: not processes_of(var), seconds=5)


@pytest.mark.parametrize("trials", TRIALS)
def test_killed_demo_leaves_no_process_and_the_next_finds_its_data(start_demo, var, trials):
    slowest = 0.0
    for trial in range(trials):
        demo = start_demo()
        demo.address()
        assert (
            len(processes_of(var)) > 8
        )  # demo, warden, web, worker, beat, keeper, PostgreSQL, Valkey and their children
        with demo.database() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (trial int)")
            connection.execute("INSERT INTO kept VALUES (%s)", [trial])
            rows = connection.execute("SELECT count(*) FROM kept").fetchone()
        assert rows == (trial + 1,)
        demo.process.kill()
        demo.process.communicate()
        slowest = max(slowest, wait_until(lambda: not processes_of(var), seconds=5))
    print(f"{trials} killed demos, 0 left processes; the slowest end took {slowest:.2f} s")


def test_demo_keeps_its_parts_up_alone_and_until_ctrl_c(start_demo, var):
    demo = start_demo()
    address = demo.address()
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{address}sign-in/") as response:
        assert response.status == 200

    second = start_demo()
    said, _ = second.process.communicate(timeout=90)
    assert second.process.returncode == 1
    assert f"A demo runs here already, at {address}" in said

    started = psutil.Process(demo.process.pid).children()
    warden = next(child for child in started if "slaproject.embedded.warden" in child.cmdline())
    worker = next(child for child in warden.children() if "worker" in child.cmdline())
    worker.kill()
    wait_until(
        lambda: any("worker" in c.cmdline() for c in warden.children() if c.pid != worker.pid), seconds=10
    )

    demo.process.send_signal(signal.SIGINT)
    said, _ = demo.process.communicate(timeout=60)
    assert demo.process.returncode == 0, said
    assert "worker ended (signal SIGKILL)" in said
    assert said.endswith("Stopped.\n")
    wait_until(lambda: not processes_of(var), seconds=5)


def test_demo_stops_when_the_process_that_started_it_is_killed(start_demo, var):
    make = start_demo(*LAUNCHER, *DEMO, "--stop-with-parent")
    make.address()
    make.process.kill()
    wait_until(lambda: not processes_of(var), seconds=10)  # the demo has to notice first
