"""A request whose web worker is killed in the middle of it is sent again with its key, and done once."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from random import Random
from typing import Any

import psutil
import pytest
from django.db import connection

from leads.models import FollowUpAttempt
from slaproject.embedded.places import BASE
from slaproject.integrations.models import KeptAnswer
from tests.api import programs
from tests.api.test_once import CALL, SEED, hand_off, sessions, wait_for_none_but

__all__ = ["hand_off"]
pytestmark = pytest.mark.django_db(transaction=True)
KILLS = int(os.environ.get("PROOF_ROUNDS", "20"))


class Served:
    """The product behind gunicorn, on the database of the test, with one worker that can be killed."""

    def __init__(self, secret: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        given = connection.settings_dict
        place = f"{given['HOST']}:{given['PORT']}/{given['NAME']}"
        environment = os.environ | {
            "DATABASE_URL": f"postgresql://{given['USER']}:{given['PASSWORD']}@{place}"
        }
        environment.pop("DATABASE_POOL", None)
        how = [
            "--bind",
            f"127.0.0.1:{self.port}",
            "--workers",
            "1",
            "--worker-class",
            "gthread",
            "--threads",
            "2",
        ]
        self.master = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "slaproject.wsgi", *how, "--no-control-socket"],
            cwd=BASE,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_error: object) -> None:
        self.master.terminate()
        self.master.wait(30)

    def ask(self, address: str, key: str) -> tuple[int, dict[str, str], bytes]:
        """Send the request; OSError or HTTPException when whoever answers is gone."""
        sent = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(sent):
            sent.request("POST", address, json.dumps(CALL), self.headers | {"Idempotency-Key": key})
            answer = sent.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()

    def ask_until_done(self, address: str, key: str) -> tuple[dict[str, str], bytes]:
        """Send it again as a program does, until it is answered by what was made."""
        deadline = time.monotonic() + 60
        while True:
            assert time.monotonic() < deadline, "no answer for a minute"
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, headers, body = self.ask(address, key)
                if status == 201:
                    return headers, body
                assert status in (409, 429), body
            time.sleep(0.05)

    def kill_the_worker(self) -> None:
        for worker in psutil.Process(self.master.pid).children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGKILL)


def killed_while_served(kills: int, about: Any) -> int:
    """Kill the worker at a random moment of a request, and send it again; return how often nothing was done by then."""
    token, secret = programs.token()
    address, random, neither = f"/api/v1/hand-offs/{about.pk}/log-attempt/", Random(SEED), 0
    known = sessions()
    with Served(secret) as served:
        served.ask_until_done(address, "first")
        began = time.monotonic()
        served.ask_until_done(address, "timed")
        as_long_as_it_takes = time.monotonic() - began
        for n in range(kills):
            before, key = FollowUpAttempt.objects.count(), f"killed-{n}"

            def ask(key: str = key) -> None:
                with contextlib.suppress(OSError, http.client.HTTPException):
                    served.ask(address, key)

            asking = threading.Thread(target=ask)
            asking.start()
            time.sleep(random.uniform(0, 1.5 * as_long_as_it_takes))
            served.kill_the_worker()
            asking.join()
            wait_for_none_but(known)
            done = FollowUpAttempt.objects.count() - before
            kept = KeptAnswer.objects.filter(token=token, key=key).count()
            assert done == kept <= 1, f"round {n}, seed {SEED}: {done} attempts, {kept} answers"
            neither += not done
            headers, body = served.ask_until_done(address, key)
            assert ("Idempotency-Replayed" in headers) == bool(done)
            assert json.loads(body)["hand_off"] == about.pk
            assert FollowUpAttempt.objects.count() == before + 1, f"round {n}, seed {SEED}"
    return neither


def test_a_worker_killed_in_the_middle_of_a_request_leaves_one_attempt_once_it_is_sent_again(hand_off):
    killed_while_served(1, hand_off)


@pytest.mark.proof
def test_a_worker_killed_however_often(hand_off):
    neither = killed_while_served(KILLS, hand_off)
    print(
        f"\n{KILLS} workers killed, seed {SEED}: {neither} before the request was done, {KILLS - neither} after; "
        "one attempt each"
    )
