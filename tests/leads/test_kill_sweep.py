"""A sweeper killed in the middle, beside another one: states equal a recomputation, each event is there once."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from random import Random
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from leads.models import HandOff, HandOffEvent
from leads.services.facts import state_now
from leads.services.sweep import sweep_clocks
from slaproject.bench import sweep as bench
from slaproject.embedded.places import BASE

ROUNDS, LEADS = 3, 600
PROOF_ROUNDS = int(os.environ.get("PROOF_ROUNDS", "100"))
PROOF_SEED = int(os.environ.get("PROOF_SEED", "1"))
MINUTE = dt.timedelta(minutes=1)

# Small batches, so that there are many moments between two.
SWEEPER = """
import datetime as dt, sys, django
django.setup()
from leads.services import sweep
sweep.BATCH = 10
now = dt.datetime.fromisoformat(sys.argv[1])
print("begun", flush=True)
sweep.sweep_clocks(now=now)
print("ended", flush=True)
"""
# A hand-off due in each minute; every third one paused until a minute before, every second one touched again then.
PAUSED = """
UPDATE leads_handoff SET state = 'paused', paused_at = handed_off_at, paused_until = due_at - interval '1 minute'
WHERE id % 3 = 0
"""
TOUCHED = "UPDATE leads_handoff SET next_touch_at = due_at WHERE id % 2 = 0"


def fill(leads: int) -> None:
    bench.fill(leads, apart=MINUTE, warned=20 * MINUTE)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE leads_handoff SET at_risk_at = greatest(at_risk_at, handed_off_at)")
        cursor.execute(PAUSED)
        cursor.execute(TOUCHED)


def sweeper(now: dt.datetime) -> subprocess.Popen[str]:
    """A process that sweeps on the database of the test; it has begun."""
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    started = subprocess.Popen(
        [sys.executable, "-c", SWEEPER, now.isoformat()],
        cwd=BASE,
        env={
            **os.environ,
            "DATABASE_URL": urlunsplit(address),
            "DJANGO_SETTINGS_MODULE": "slaproject.settings",
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None and started.stdout.readline() == "begun\n"
    return started


def finish(process: subprocess.Popen[str]) -> bool:
    """Wait for its end; return whether it was killed before it was through."""
    out, _err = process.communicate(timeout=120)  # what was read with the first line does not come again
    return process.returncode != 0 and "ended" not in out


def differences(now: dt.datetime) -> list[str]:
    """What is not as it would be worked out from the stored instants, or not told exactly once."""
    found = []
    told = Counter(HandOffEvent.objects.values_list("hand_off", "kind"))
    for one in HandOff.objects.order_by("pk"):
        assert one.due_at is not None
        expected = {
            "overdue": one.due_at < now,
            "pause_ended": one.paused_until is not None and one.paused_until <= now,
            "next_touch_due": one.next_touch_at is not None and one.next_touch_at <= now,
        }
        if one.state != state_now(one, now=now):
            found.append(f"{one.pk} is {one.state}, not {state_now(one, now=now)}")
        found += [
            f"{one.pk} {kind} told {told[one.pk, kind]} times"
            for kind, is_so in expected.items()
            if told[one.pk, kind] != is_so
        ]
        if told[one.pk, "at_risk"] > 1:
            found.append(f"{one.pk} at_risk told {told[one.pk, 'at_risk']} times")
    return found


def kill_and_compare(rounds: int, seed: int, leads: int) -> tuple[int, int]:
    """Kill sweepers at random moments beside another one; return how many were cut off, and the rounds."""
    random = Random(f"kill {seed}")
    fill(leads)
    step = MINUTE * (leads // (rounds + 1))
    now, length, cut_off = bench.START, 0.2, 0
    for _ in range(rounds):
        now += step
        killed = sweeper(now)
        began = time.monotonic()
        time.sleep(random.uniform(0, length))
        killed.send_signal(signal.SIGKILL)
        other = sweeper(now)
        was_cut = finish(killed)
        cut_off += was_cut
        # What a kill cut off leaves more to do: the other one's time says how long a sweep takes.
        length = max(0.02, min(2.0, time.monotonic() - began if not was_cut else length))
        sweep_clocks(now=now)
        assert not finish(other)
        assert not differences(now)
    return cut_off, rounds


@pytest.mark.django_db(transaction=True)
def test_after_a_killed_sweep_states_equal_a_recomputation_and_events_are_told_once():
    kill_and_compare(ROUNDS, 1, LEADS)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_after_many_killed_sweeps_states_equal_a_recomputation():
    cut_off, rounds = kill_and_compare(PROOF_ROUNDS, PROOF_SEED, 100 * PROOF_ROUNDS)
    print(
        f"\nkill -9 of a sweeper beside another one: {rounds}/{rounds} rounds equal a recomputation, no event lost or "
        f"doubled, {100 * PROOF_ROUNDS} hand-offs, {cut_off} kills cut a sweep off, seed {PROOF_SEED}"
    )
