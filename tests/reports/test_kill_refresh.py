"""A refresh killed at any moment has not happened: the next one gives what counting everything anew gives."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from random import Random
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from leads.models import FollowUpAttempt, HandOff
from leads.services.attempts import void_attempt
from leads.services.facts import refresh_facts
from reports import rollups
from slaproject.embedded.places import BASE
from tests.worlds.generator import make_world
from tests.worlds.loader import Loader
from tests.worlds.stored import rebuilt_rows, row_differences, stored_rows

ROUNDS = 5
PROOF_ROUNDS = int(os.environ.get("PROOF_ROUNDS", "50"))
PROOF_SEED = int(os.environ.get("PROOF_SEED", "1"))
SEED = 77

# Counts every day anew, again and again, so that a kill at a random moment falls into a refresh.
WORKER = """
import datetime
import django
django.setup()
from django.db import connection
from reports import rollups
with connection.cursor() as cursor:
    cursor.execute("SELECT pg_backend_pid()")
    print(cursor.fetchone()[0], flush=True)
    while True:
        cursor.execute("INSERT INTO leads_changedday (day_on, changed_at) "
            "SELECT DISTINCT handed_off_on, clock_timestamp() FROM leads_handoff")
        rollups.refresh(now=datetime.datetime.now(datetime.UTC), wait=True)
"""


def database_of_the_test() -> str:
    address = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(address._replace(path="/" + str(connection.settings_dict["NAME"])))


def is_in_a_refresh(backend: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = %s AND pid = %s",
            [rollups.REFRESH_LOCK, backend],
        )
        return bool(cursor.fetchone()[0])


def wait_until_gone(backend: int) -> None:
    """A server's process notices that its client died when it next speaks to it."""
    give_up_at = time.monotonic() + 60
    while time.monotonic() < give_up_at:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [backend])
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("the server still works for the killed process")


def change_something(random: Random, now: dt.datetime) -> None:
    """Void an attempt, log a late one, close a hand-off: each notes its day."""
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


def kill_and_compare(rounds: int, seed: int) -> tuple[int, int]:
    """Return how often all was right after the kill, and how often it fell into a refresh for sure."""
    random = Random(f"kill {seed}")
    world = make_world(seed, leads=80)
    Loader(world).load_at_once()
    right = in_a_refresh = 0
    environment = {
        **os.environ,
        "DATABASE_URL": database_of_the_test(),
        "DJANGO_SETTINGS_MODULE": "slaproject.settings",
    }
    for _ in range(rounds):
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER], cwd=BASE, env=environment, stdout=subprocess.PIPE, text=True
        )
        try:
            assert worker.stdout is not None
            backend = int(worker.stdout.readline())
            end = time.monotonic() + random.uniform(0.0, 0.6)
            while time.monotonic() < end:
                change_something(random, world.now)
                time.sleep(random.uniform(0, 0.02))
            assert worker.poll() is None, "the refresh failed by itself"
            in_a_refresh += is_in_a_refresh(backend)
            os.kill(worker.pid, signal.SIGKILL)
        finally:
            worker.kill()
            worker.communicate()
        wait_until_gone(backend)
        change_something(random, world.now)
        assert rollups.refresh(now=world.now) is not None, "nobody holds the lock any more"
        right += not row_differences(stored_rows(), rebuilt_rows())
    return right, in_a_refresh


@pytest.mark.django_db(transaction=True)
def test_after_a_killed_refresh_the_next_gives_what_a_rebuild_gives():
    right, _ = kill_and_compare(ROUNDS, SEED)
    assert right == ROUNDS


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_after_many_killed_refreshes_the_next_gives_what_a_rebuild_gives():
    right, in_a_refresh = kill_and_compare(PROOF_ROUNDS, PROOF_SEED)
    print(
        f"\nkill -9 in a refresh: {right}/{PROOF_ROUNDS} equal a rebuild, seed {PROOF_SEED}; "
        f"at least {in_a_refresh} killed with the refresh at work"
    )
    assert right == PROOF_ROUNDS
