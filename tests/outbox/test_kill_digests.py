"""A worker killed at any moment of telling and sending digests: all get theirs; twice comes only one on its way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from random import Random

import pytest

from agreements.models import Membership
from reports import rollups
from slaproject.outbox.models import Alert, Message
from tests import factories
from tests.outbox.office import HOUR, MINUTE, office
from tests.outbox.test_kill_telling import PROOF_ROUNDS, PROOF_SEED, Children
from tests.reports.sample_month import MARCH

KILLS, MANAGERS = 2, 6
EVENING = dt.datetime(2026, 3, 17, 18, tzinfo=dt.UTC)


@pytest.fixture
def workers(transactional_db, tmp_path) -> Iterator[Children]:
    started = Children(tmp_path)
    yield started
    started.process.communicate(timeout=60)


def kill_and_count(workers: Children, kills_wanted: int, seed: int) -> dict[str, int]:
    random = Random(f"kill digests {seed}")
    here = office(goals={MARCH: 31})
    here.given(EVENING - 3 * HOUR)
    rollups.refresh(now=EVENING, wait=True)
    people = [factories.user(f"Manager {n}") for n in range(MANAGERS)]
    for person in people:
        Membership.objects.create(user=person, team=here.sales, role=Membership.Role.MANAGER)
    _killed, length = workers.tell(EVENING)
    kills = in_flight = lost = n = 0
    while kills < kills_wanted:
        n += 1
        Alert.objects.all().delete()  # the same evening, once more
        Message.objects.all().delete()
        before = workers.mails()
        was_killed, took = workers.tell(EVENING, kill_after=random.uniform(0, length))
        kills += was_killed
        if not was_killed:
            length = min(length, took)
        workers.tell(EVENING + 10 * MINUTE)
        new = workers.mails() - before
        lost += sum(new[one.email] < 1 for one in people)
        doubled = sum(new[one.email] - 1 for one in people if new[one.email])
        assert doubled <= was_killed, "more than the one that was on its way came twice"
        in_flight += doubled
        assert Alert.objects.filter(kind="nightly_progress", person__in=people).count() == MANAGERS
        sent = Message.objects.filter(is_digest=True, person__in=people)
        assert list(sent.values_list("state", flat=True)) == ["sent"] * MANAGERS
    return {"kills": kills, "lost": lost, "twice, on their way": in_flight, "rounds": n}


def test_a_worker_killed_while_it_sends_digests_loses_none(workers):
    assert kill_and_count(workers, KILLS, 5)["lost"] == 0


@pytest.mark.proof
def test_a_worker_killed_many_times_while_it_sends_digests_loses_none(workers):
    done = kill_and_count(workers, PROOF_ROUNDS, PROOF_SEED)
    print(f"\nkill -9 at a random moment of telling and sending digests, seed {PROOF_SEED}: {done}")
    assert done["lost"] == 0
