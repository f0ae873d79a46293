"""A worker killed in the middle of a refresh: its next refresh gives what counting everything anew gives."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from threading import Event
from urllib.parse import urlsplit, urlunsplit

import psutil
import pytest
from django.db import connection

from leads.models import FollowUpAttempt, HandOff
from leads.services.attempts import void_attempt
from leads.services.facts import refresh_facts
from reports import rollups
from reports.tasks import refresh_figures
from slaproject.embedded.places import BASE
from tests.oracles.report_world import World
from tests.races import race
from tests.worlds.generator import make_world
from tests.worlds.loader import Loader
from tests.worlds.stored import rebuilt_rows, row_differences, stored_rows

ROUNDS = 4
PROOF_ROUNDS = int(os.environ.get("PROOF_ROUNDS", "50"))
PROOF_SEED = int(os.environ.get("PROOF_SEED", "1"))
SEED = 77
LEADS = 200
LONG_AGO = dt.datetime(1971, 1, 1, tzinfo=dt.UTC)


class Worker:
    """A `celery worker` with one child, on the test's database and a queue of its own."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.queue = f"killed-{uuid.uuid4()}"
        self.start()

    def start(self) -> None:
        address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        options = ["--concurrency=1", f"--queues={self.queue}", "--without-mingle", "--without-gossip"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "slaproject", "worker", *options],
                cwd=BASE,
                env={**os.environ, "DATABASE_URL": urlunsplit(address)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, *, whole: bool = True) -> None:
        """Kill parent and child, or the child alone: then the parent starts another."""
        if whole:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        else:
            (child,) = psutil.Process(self.process.pid).children()
            child.kill()

    def ask(self) -> None:
        """Ask for a refresh of all days."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO leads_changedday (day_on, changed_at) "
                "SELECT DISTINCT handed_off_on, clock_timestamp() FROM leads_handoff"
            )
        refresh_figures.apply_async(queue=self.queue)

    def refresh(self) -> None:
        """Have it execute a refresh."""
        asked_at = dt.datetime.now(dt.UTC)
        self.ask()
        wait_until(lambda: (rollups.figures_as_of() or LONG_AGO) > asked_at)


@pytest.fixture
def worker(transactional_db, tmp_path) -> Iterator[Worker]:
    worker = Worker(tmp_path / "worker.log")
    yield worker
    worker.kill()


def wait_until(condition: Callable[[], bool]) -> float:
    """Return after how many seconds the condition held."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < 60, "not within a minute"
        time.sleep(0.005)
    return time.monotonic() - started


def is_at_work() -> bool:
    """Whether a refresh is in progress."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = %s
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))""",
            [rollups.REFRESH_LOCK],
        )
        return bool(cursor.fetchone()[0])


def change_something(random: Random, now: dt.datetime) -> None:
    """Void an attempt and log a late one: each notes its day."""
    standing = list(FollowUpAttempt.objects.standing()[:200])
    if standing:
        void_attempt(attempt=random.choice(standing), now=now)
    hand_off = random.choice(list(HandOff.objects.all()))
    at = hand_off.handed_off_at + dt.timedelta(seconds=random.randint(0, 400_000))
    FollowUpAttempt.objects.create(
        hand_off=hand_off,
        system="late",
        external_id=f"{random.random()}",
        attempted_at=at,
        attempted_on=at.date(),
        channel="call",
        outcome="no_answer",
        logged_at=now,
    )
    refresh_facts([hand_off.pk], now=now)


def begin_refresh(worker: Worker) -> dt.datetime | None:
    """Return when one has begun; the figures' age before."""
    complete_before = rollups.figures_as_of()
    worker.ask()
    wait_until(lambda: is_at_work() or rollups.figures_as_of() != complete_before)
    return complete_before


def seconds_of_a_refresh(worker: Worker) -> float:
    begin_refresh(worker)
    return wait_until(lambda: not is_at_work())


def kill_in_a_refresh(worker: Worker, *, after: float, whole: bool) -> bool:
    """Kill some time after a refresh began; return whether it was cut off."""
    complete_before = begin_refresh(worker)
    time.sleep(after)
    worker.kill(whole=whole)
    wait_until(lambda: not is_at_work())
    return rollups.figures_as_of() == complete_before


def kill_while_things_change(
    worker: Worker, world: World, random: Random, *, after: float, whole: bool
) -> bool:
    killed = Event()

    def kill() -> bool:
        try:
            return kill_in_a_refresh(worker, after=after, whole=whole)
        finally:
            killed.set()

    def change() -> None:
        while not killed.is_set():
            change_something(random, world.now)

    cut_off, problem = race(kill, change)
    assert problem is None
    return bool(cut_off)


def kill_and_compare(worker: Worker, rounds: int, seed: int) -> tuple[int, int]:
    """Kill until so many refreshes were cut off; return how many kills that took, and after how many all was right."""
    random = Random(f"kill {seed}")
    world = make_world(seed, leads=LEADS)
    Loader(world).load_at_once()
    length = min(seconds_of_a_refresh(worker) for _ in range(4))
    kills = cut_off = right = 0
    while cut_off < rounds:
        whole = cut_off % 2 == 0
        after = random.uniform(0, length)
        cut_off += kill_while_things_change(worker, world, random, after=after, whole=whole)
        kills += 1
        if whole:
            worker.start()
        change_something(random, world.now)
        worker.refresh()
        right += not row_differences(stored_rows(), rebuilt_rows())
    return kills, right


def test_after_a_killed_refresh_the_next_gives_what_a_rebuild_gives(worker):
    kills, right = kill_and_compare(worker, ROUNDS, SEED)
    assert right == kills


@pytest.mark.proof
def test_after_many_killed_refreshes_the_next_gives_what_a_rebuild_gives(worker):
    kills, right = kill_and_compare(worker, PROOF_ROUNDS, PROOF_SEED)
    print(
        f"\nkill -9 of a worker, or of its child alone: {right}/{kills} equal a rebuild after the next refresh, "
        f"seed {PROOF_SEED}; {PROOF_ROUNDS} kills, half of each kind, cut a refresh off"
    )
    assert right == kills
