"""A request that is sent twice with the same key is done once, whatever happens in between."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import subprocess
import sys
import textwrap
import time
from random import Random

import pytest
import time_machine
from django.db import connection

from leads.models import FollowUpAttempt, HandOffEvent
from leads.services.hand_offs import hand_over
from slaproject.embedded.places import BASE
from slaproject.integrations.models import KeptAnswer
from slaproject.integrations.once import forget_answers
from tests import factories
from tests.api import programs
from tests.api.test_door import is_problem
from tests.races import race, rounds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_pace")]
CALL = {"channel": "call", "outcome": "no_answer"}
KILLS = int(os.environ.get("PROOF_ROUNDS", "100"))
SEED = int(os.environ.get("PROOF_SEED", "1"))


@pytest.fixture
def hand_off():
    agreement = factories.agreement()
    factories.signed(agreement)
    sales = factories.party(agreement, "sales")
    return hand_over(
        lead=factories.lead(), now=factories.NOON, team=sales.team, owner=sales.signatory, at=factories.NOON
    )


def log(program, hand_off, key, body=None):
    return program.post(
        f"/api/v1/hand-offs/{hand_off.pk}/log-attempt/",
        CALL if body is None else body,
        content_type="application/json",
        headers={"Idempotency-Key": key},
    )


def test_the_same_request_again_is_answered_alike_and_done_once(hand_off):
    program = programs.program()
    first, again = log(program, hand_off, "k-1"), log(program, hand_off, "k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content and first["Location"] == again["Location"]
    assert "Idempotency-Replayed" not in first and again["Idempotency-Replayed"] == "true"
    assert FollowUpAttempt.objects.count() == 1
    # What is sent may be written otherwise, as long as it says the same.
    assert log(program, hand_off, "k-1", dict(reversed(CALL.items()))).content == first.content
    assert log(program, hand_off, "k-2").status_code == 201
    assert FollowUpAttempt.objects.count() == 2


def test_another_request_with_the_same_key_is_refused_and_keys_are_each_tokens_own(hand_off):
    program = programs.program()
    log(program, hand_off, "k")
    said = is_problem(
        log(program, hand_off, "k", CALL | {"outcome": "voicemail"}), 422, "Unprocessable Entity"
    )
    assert "new key" in said["detail"]
    other = program.post(
        f"/api/v1/hand-offs/{hand_off.pk}/close/",
        {"closed_as": "lost"},
        content_type="application/json",
        headers={"Idempotency-Key": "k"},
    )
    assert other.status_code == 422
    assert FollowUpAttempt.objects.count() == 1
    assert log(programs.program(), hand_off, "k").status_code == 201
    assert FollowUpAttempt.objects.count() == 2


def test_what_was_refused_did_nothing_and_is_asked_anew(hand_off):
    program = programs.program()
    for _n in range(2):
        answer = log(program, hand_off, "k", CALL | {"attempted_at": "2026-03-04T11:00:00Z"})
        assert "before the hand-off" in is_problem(answer, 409, "Conflict")["detail"]
    assert not KeptAnswer.objects.exists()
    assert log(program, hand_off, "k").status_code == 201


def test_a_key_serves_for_a_day(hand_off):
    program = programs.program()
    with time_machine.travel(factories.NOON, tick=False) as clock:
        log(program, hand_off, "k")
        clock.shift(dt.timedelta(hours=23, minutes=59))
        assert log(program, hand_off, "k")["Idempotency-Replayed"] == "true"
        assert forget_answers(now=factories.NOON + dt.timedelta(hours=23)) == 0
        clock.shift(dt.timedelta(minutes=1))
        assert "Idempotency-Replayed" not in log(program, hand_off, "k")
    assert FollowUpAttempt.objects.count() == 2
    assert forget_answers(now=factories.NOON + dt.timedelta(hours=48)) == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "k\u00e9", "a\tb"])
def test_what_is_no_key_is_refused(hand_off, key):
    said = is_problem(log(programs.program(), hand_off, key), 400, "Bad Request")
    assert said["errors"][0]["at"] == "Idempotency-Key"
    assert not FollowUpAttempt.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_done_and_the_others_are_told_the_same_or_to_come_again(hand_off):
    secret = programs.token()[1]
    for n in range(rounds(3)):
        found = race(*[lambda n=n: log(programs.client(secret), hand_off, f"k-{n}")] * 8)
        statuses = {answer.status_code for answer in found}
        assert 201 in statuses and statuses <= {201, 409}
        assert len({answer.content for answer in found if answer.status_code == 201}) == 1
        assert sum(a.status_code == 201 and "Idempotency-Replayed" not in a for a in found) == 1
        assert FollowUpAttempt.objects.count() == n + 1
    assert HandOffEvent.objects.filter(kind=HandOffEvent.Kind.ATTEMPTED).count() == n + 1


# Forks for each key that it reads: a process of its own asks, which can be killed without starting Python each time.
ASK = """
    import os
    import sys
    import time
    import django
    django.setup()
    from django.db import connections
    from django.test import Client
    address, secret = sys.argv[1:]

    def ask(key):
        program = Client(
            SERVER_NAME="127.0.0.1", headers={"Authorization": "Bearer " + secret, "Idempotency-Key": key})
        body = {"channel": "call", "outcome": "no_answer"}
        return program.post(address, body, content_type="application/json").status_code

    print(ask("unharmed"), flush=True)
    connections.close_all()
    started = time.monotonic()
    ask("timed")
    print(time.monotonic() - started, flush=True)
    connections.close_all()
    while key := sys.stdin.readline().strip():
        child = os.fork()
        if child == 0:
            print(os.getpid(), flush=True)
            ask(key)
            os._exit(0)
        os.waitpid(child, 0)
        print("over", flush=True)
"""


def killed_mid_request(kills, hand_off):
    """Ask in a process that is killed at a random moment, and ask again; return how often it was killed before done."""
    token, secret = programs.token()
    given = connection.settings_dict
    place = f"{given['HOST']}:{given['PORT']}/{given['NAME']}"
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://{given['USER']}:{given['PASSWORD']}@{place}",
        "DJANGO_SETTINGS_MODULE": "slaproject.settings",
    }
    environment.pop("DATABASE_POOL", None)
    random, neither, known = Random(SEED), 0, sessions()
    asking = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(ASK), f"/api/v1/hand-offs/{hand_off.pk}/log-attempt/", secret],
        cwd=BASE,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with asking:  # whatever happens, its stdin is closed then, and it ends
        assert asking.stdout.readline() == "201\n"  # otherwise the kills below would say nothing
        as_long_as_it_takes = float(asking.stdout.readline())
        for n in range(kills):
            before = FollowUpAttempt.objects.count()
            print(f"killed-{n}", file=asking.stdin, flush=True)
            pid = int(asking.stdout.readline())
            time.sleep(random.uniform(0, 2 * as_long_as_it_takes))
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            assert asking.stdout.readline() == "over\n"
            wait_for_none_but(known)
            done = FollowUpAttempt.objects.count() - before
            kept = KeptAnswer.objects.filter(token=token, key=f"killed-{n}").count()
            assert done == kept, f"round {n}, seed {SEED}: {done} attempts, {kept} answers"
            neither += not done
            answer = log(programs.client(secret), hand_off, f"killed-{n}")
            assert answer.status_code == 201
            assert ("Idempotency-Replayed" in answer) == bool(done)
            assert FollowUpAttempt.objects.count() == before + 1
    return neither


def sessions():
    """The database's other sessions: threads of a test before this one may have left some that are idle."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        return {pid for (pid,) in cursor.fetchall()}


def wait_for_none_but(known):
    """The database notices a killed client when it next reads from it; on a busy machine that takes its time."""
    deadline = time.monotonic() + 60
    while sessions() - known:
        assert time.monotonic() < deadline, "a session of the killed process is still there"
        time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_there_is_neither_the_attempt_nor_its_answer_or_both(hand_off):
    killed_mid_request(3, hand_off)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_however_often(hand_off):
    neither = killed_mid_request(KILLS, hand_off)
    print(
        f"\n{KILLS} requests killed, seed {SEED}: {neither} before they were done, {KILLS - neither} after; "
        "one attempt each"
    )
