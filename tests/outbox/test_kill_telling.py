"""A worker killed at any moment of telling and delivering: nothing is lost; twice comes only what was on its way."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from random import Random
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from agreements.models import Membership, Team
from leads.services.hand_offs import hand_over
from leads.services.sweep import sweep_clocks
from slaproject.embedded.places import BASE
from slaproject.outbox.models import Alert, Arrival, Errand, Message
from tests import factories
from tests.outbox.office import HOUR, MINUTE, NINE, office

KILLS = 3
PROOF_ROUNDS = int(os.environ.get("PROOF_ROUNDS", "100"))
PROOF_SEED = int(os.environ.get("PROOF_SEED", "1"))
REPS, LEADS = 12, 3
BETWEEN = b"\n" + b"-" * 79 + b"\n"  # two mails of one second can stand in one file


class Children:
    """The process whose children tell and deliver on the test's database, into a folder of mails."""

    def __init__(self, folder: Path) -> None:
        address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.outbox.telling_children"],
            cwd=BASE,
            env={
                **os.environ,
                "DATABASE_URL": urlunsplit(address),
                "DJANGO_SETTINGS_MODULE": "slaproject.settings",
                "EMAIL_URL": f"filemail:///{folder}",
                "SITE_URL": "https://sla.example.com",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.folder = folder

    def tell(self, now: dt.datetime, *, kill_after: float | None = None) -> tuple[bool, float]:
        """Have a child do it; return whether it was killed, and how long it took."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{now.isoformat()}\n")
        self.process.stdin.flush()
        child = int(self.process.stdout.readline())
        started = time.monotonic()
        if kill_after is not None:
            time.sleep(kill_after)
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        status = int(self.process.stdout.readline())
        return os.WIFSIGNALED(status), time.monotonic() - started

    def mails(self) -> Counter[str]:
        """How many whole mails each address got."""
        found: Counter[str] = Counter()
        for path in self.folder.glob("*.log"):
            for mail in path.read_bytes().split(BETWEEN):
                if (to := message_from_bytes(mail)["To"]) is not None:
                    found[str(to)] += 1
        return found


@pytest.fixture
def children(transactional_db, tmp_path) -> Iterator[Children]:
    started = Children(tmp_path)
    yield started
    started.process.communicate(timeout=60)


def breach(at: dt.datetime, here, reps) -> None:
    """Leads of every rep become overdue at this instant."""
    for rep in reps:
        for _n in range(LEADS):
            hand_over(
                lead=factories.lead(at - 4 * HOUR),
                at=at - 4 * HOUR - MINUTE,
                now=at - 4 * HOUR - MINUTE,
                team=here.sales,
                owner=rep,
                by=here.marketer,
            )
    sweep_clocks(now=at)


def kill_and_count(children: Children, rounds: int, seed: int) -> dict[str, int]:
    random = Random(f"kill telling {seed}")
    here = office()
    always = factories.calendar("Always", weekly={day: [["00:00", "24:00"]] for day in DAYS})
    Team.objects.update(calendar=always)
    reps = [factories.user(f"Rep {n}") for n in range(REPS)]
    for rep in reps:
        Membership.objects.create(user=rep, team=here.sales, role=Membership.Role.MEMBER)
    at = NINE + 4 * HOUR + 1 * MINUTE
    breach(at, here, reps)
    _killed, length = children.tell(at)
    kills = in_flight = lost = n = 0
    while kills < rounds:
        n += 1
        at = NINE + 24 * n * HOUR + 5 * HOUR
        breach(at, here, reps)
        before, told_before = children.mails(), Alert.objects.count()
        was_killed, took = children.tell(at, kill_after=random.uniform(0, length))
        kills += was_killed
        if not was_killed:
            length = min(length, took)
        children.tell(at + 10 * MINUTE)
        new = children.mails() - before
        lost += sum(new[rep.email] < 1 for rep in reps)
        doubled = sum(new[rep.email] - 1 for rep in reps)
        assert doubled <= was_killed, "more than the one that was on its way came twice"
        in_flight += doubled
        # Of each lead hears the rep that it is given, and overdue, and the manager; of the last round's the director.
        assert Alert.objects.count() - told_before == REPS * LEADS * 4
        assert not Arrival.objects.exists()
        assert not Errand.objects.filter(message=None, channel="mail", person__in=reps).exists()
        assert set(Message.objects.filter(person__in=reps).values_list("state", flat=True)) == {"sent"}
    return {"kills": kills, "lost": lost, "twice, on their way": in_flight, "rounds": n}


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def test_a_worker_killed_while_it_tells_loses_nothing(children):
    assert kill_and_count(children, KILLS, 5)["lost"] == 0


@pytest.mark.proof
def test_a_worker_killed_many_times_while_it_tells_loses_nothing(children):
    done = kill_and_count(children, PROOF_ROUNDS, PROOF_SEED)
    print(f"\nkill -9 at a random moment of telling and delivering, seed {PROOF_SEED}: {done}")
    assert done["lost"] == 0
