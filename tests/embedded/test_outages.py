"""PostgreSQL killed, Valkey killed and flushed, again and again under load: nothing that was acknowledged is lost,
nothing is there twice, states are as worked out, and the worker hears again by itself.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import redis

from slaproject.embedded.places import BASE
from tests.embedded.conftest import clean_environment, processes_of, wait_until
from tests.embedded.test_demo import Demo

ROUNDS = int(os.environ.get("PROOF_ROUNDS", "20"))
SEED = int(os.environ.get("PROOF_SEED", "1"))
SOON = 180
"""Within so many seconds a worker consumes again."""


def is_first_of_its_name(process: psutil.Process, name: str) -> bool:
    """Whether a process is called so and its parent is not; False for one that ended."""
    try:
        parent = process.parent()
        return name in process.name() and parent is not None and name not in parent.name()
    except psutil.NoSuchProcess:
        return False


class Outages:
    """A demo, its servers, and work that goes on whatever dies."""

    def __init__(self, var: Path, acknowledged: Path) -> None:
        self.var, self.acknowledged = var, acknowledged
        self.demo = Demo(var, sys.executable, str(BASE / "manage.py"), "demo", "--empty")
        self.demo.address()
        found = json.loads((var / "servers.json").read_text())
        self.broker_url = found["broker_url"]
        self.environment = clean_environment(var) | {
            "DATABASE_URL": found["database_url"],
            "CELERY_BROKER_URL": found["broker_url"],
            "SECRET_KEY": found["secret_key"],
            "DJANGO_SETTINGS_MODULE": "slaproject.settings",
        }
        told = self.part("begin")
        self.work = subprocess.Popen(
            [*self.command("load"), told, str(acknowledged)],
            cwd=BASE,
            env=self.environment,
            stdin=subprocess.PIPE,
            text=True,
        )

    def command(self, part: str) -> list[str]:
        return [sys.executable, "-m", "tests.embedded.outage_parts", part]

    def part(self, *words: str) -> str:
        done = subprocess.run(
            [*self.command(words[0]), *words[1:]],
            cwd=BASE, env=self.environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.strip()

    def server(self, name: str) -> psutil.Process:
        """The process of a server: PostgreSQL's first one, not its children, which come and go meanwhile."""
        (found,) = [one for one in processes_of(self.var) if is_first_of_its_name(one, name)]
        return found

    def heard_at(self) -> float:
        """When the worker last left a sign of life; 0 while the database does not answer."""
        try:
            with self.demo.database() as connection:
                query = "SELECT extract(epoch FROM seen_at) FROM heartbeat_heartbeat WHERE name = 'worker'"
                row = connection.execute(query).fetchone()
        except psycopg.OperationalError:
            return 0
        return float(row[0]) if row else 0

    def kill_postgres(self) -> None:
        self.server("postgres").kill()

    def kill_valkey(self) -> None:
        self.server("valkey").kill()

    def flush_valkey(self) -> None:
        redis.from_url(self.broker_url).flushall()

    def settle(self) -> dict[str, Any]:
        """End the work; return the differences that are left once nothing moves any more."""
        assert self.work.stdin is not None
        self.work.stdin.close()
        self.work.wait(60)
        give_up_at = time.monotonic() + SOON
        while True:
            found: dict[str, Any] = json.loads(self.part("differences", str(self.acknowledged)))
            if not found["wrong"] or time.monotonic() > give_up_at:
                return found
            time.sleep(2)

    def end(self) -> None:
        self.work.kill()
        self.work.communicate()
        self.demo.process.terminate()
        self.demo.process.communicate()
        wait_until(lambda: not processes_of(self.var), seconds=30)


@pytest.mark.proof
@pytest.mark.xdist_group("servers")
def test_nothing_acknowledged_is_lost_or_doubled_however_often_a_server_dies(var, tmp_path):
    chance = random.Random(f"outages {SEED}")
    outages = Outages(var, tmp_path / "acknowledged")
    slowest = 0.0
    try:
        deeds = [outages.kill_postgres, outages.kill_valkey, outages.flush_valkey] * ROUNDS
        chance.shuffle(deeds)
        for deed in deeds:
            time.sleep(chance.uniform(0, 6))
            assert outages.work.poll() is None, "the work ended"
            deed()
            done_at = time.time()
            slowest = max(slowest, wait_until(lambda at=done_at: outages.heard_at() > at, seconds=SOON))
        found = outages.settle()
    finally:
        outages.end()
    print(
        f"\n{ROUNDS} times each PostgreSQL killed, Valkey killed, Valkey flushed, seed {SEED}: {found}; a worker "
        f"heard again within {slowest:.0f} s"
    )
    assert found["leads"] and found["overdue"] > found["tried_before_a_sweep"] and not found["wrong"]
