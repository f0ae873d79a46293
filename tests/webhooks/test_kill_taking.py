"""A worker killed at any moment while it takes webhooks: nothing is lost, nothing doubled, and all are taken after."""

from __future__ import annotations

import contextlib
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

from leads.models import HandOff, Lead
from slaproject.embedded.places import BASE
from slaproject.webhooks.models import Incoming
from slaproject.webhooks.taking import LEASE
from tests import factories
from tests.api.test_once import sessions, wait_for_none_but
from tests.webhooks.sender import ANA, said, send

KILLS = 3
PROOF_ROUNDS = int(os.environ.get("PROOF_ROUNDS", "100"))
PROOF_SEED = int(os.environ.get("PROOF_SEED", "1"))
EVENTS, OBJECTS = 40, 25
pytestmark = pytest.mark.django_db(transaction=True)


def take(process, at: dt.datetime, kill_after: float | None = None) -> tuple[bool, float]:
    """Have a child take what waits; return whether it was killed, and how long it took."""
    print(at.isoformat(), file=process.stdin, flush=True)
    child, started = int(process.stdout.readline()), time.monotonic()
    if kill_after is not None:
        time.sleep(kill_after)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(int(process.stdout.readline())), time.monotonic() - started


def killed_while_taking(inlet, kills: int, seed: int) -> dict[str, int]:
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = os.environ | {
        "DATABASE_URL": urlunsplit(address),
        "DJANGO_SETTINGS_MODULE": "slaproject.settings",
    }
    random, known, killed, n, unfinished = Random(f"kill taking {seed}"), sessions(), 0, 0, 0
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.webhooks.taking_children"],
        cwd=BASE,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:  # whatever happens, its stdin is closed then, and it ends
        length = 0.0
        while killed < kills:
            for k in range(EVENTS):
                body = said(
                    {**ANA, "external_id": f"L-{n}-{k % OBJECTS}", "phone": str(k)},
                    f"2026-03-04T09:{k:02}:00Z",
                )
                send(inlet, body, f"evt_{n}_{k}")
            # The first round is timed, and not killed.
            was_killed, took = take(process, factories.NOON, random.uniform(0, length) if n else None)
            length = took if not length or not was_killed else length
            killed += was_killed
            wait_for_none_but(known)
            waiting = Incoming.objects.filter(state="waiting").count()
            unfinished += bool(waiting)
            take(process, factories.NOON + LEASE + dt.timedelta(seconds=1))
            assert set(Incoming.objects.values_list("state", flat=True)) == {"done"}, (
                f"round {n}, seed {seed}"
            )
            phones = dict(
                Lead.objects.filter(external_id__startswith=f"L-{n}-").values_list("external_id", "phone")
            )
            latest = {f"L-{n}-{k % OBJECTS}": str(k) for k in range(EVENTS)}
            assert phones == latest, f"round {n}, seed {seed}"
            n += 1
            assert HandOff.objects.count() == Lead.objects.count() == n * OBJECTS
    return {"kills": killed, "before all was taken": unfinished, "rounds": n, "webhooks": n * EVENTS}


def test_a_worker_killed_while_it_takes_loses_and_doubles_nothing(inlet, no_pace):
    killed_while_taking(inlet, KILLS, 5)


@pytest.mark.proof
def test_a_worker_killed_many_times_while_it_takes_loses_and_doubles_nothing(inlet, no_pace):
    done = killed_while_taking(inlet, PROOF_ROUNDS, PROOF_SEED)
    print(
        f"\nkill -9 at a random moment of taking webhooks, seed {PROOF_SEED}: {done}; none lost, none doubled"
    )
