"""Reps at once on the same lead as they are in production: through gunicorn, from browsers of their own."""

from __future__ import annotations

import contextlib
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from http.cookies import SimpleCookie
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse

from agreements.models import Membership
from slaproject.embedded.places import BASE
from slaproject.embedded.postgres import free_port
from slaproject.embedded.signs_of_life import answers
from tests import factories
from tests.leads.people import browser, make_office
from tests.races import race, rounds

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE, SECONDS_TO_START = 50, 60
CSRF = "c" * 32


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a gunicorn that serves the database of the test to fifty at once."""
    found = free_port()
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    serving = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "slaproject.wsgi", "--bind", f"127.0.0.1:{found}"),
            *("--worker-class", "gthread", "--workers", "2", "--threads", str(PEOPLE // 2)),
            *("--no-control-socket", "--log-level", "warning"),
        ],
        cwd=BASE,
        # By DEMO cookies go without https.
        env={**os.environ, "DATABASE_URL": urlunsplit(address), "DEMO": "1"},
    )
    try:
        give_up_at = time.monotonic() + SECONDS_TO_START
        while not answers(f"http://127.0.0.1:{found}/livez"):
            assert serving.poll() is None and time.monotonic() < give_up_at, "gunicorn does not answer"
            time.sleep(0.2)
        yield found
    finally:
        serving.terminate()
        serving.wait(20)


def post(line: http.client.HTTPConnection, address: str, session: str) -> tuple[int, str]:
    """Press a button as a browser with this session does; return the status and what it was told."""
    cookies = f"sessionid={session}; csrftoken={CSRF}"
    with contextlib.closing(line):
        line.request("POST", address, headers={"Cookie": cookies, "X-CSRFToken": CSRF})
        answer = line.getresponse()
        answer.read()
    given = SimpleCookie()
    for cookie in answer.headers.get_all("Set-Cookie", []):
        given.load(cookie)
    if "messages" not in given:
        return answer.status, ""
    ask = RequestFactory().get("/")
    ask.COOKIES["messages"] = given["messages"].value
    return answer.status, " ".join(str(said) for said in CookieStorage(ask))


def check_accepts(port: int, turns: int) -> None:
    """In each turn fifty reps accept one lead at the same instant."""
    office = make_office()
    people = [factories.user(f"Rep {n:02}") for n in range(PEOPLE)]
    Membership.objects.bulk_create(Membership(user=one, team=office.team) for one in people)
    sessions = [browser(one).cookies[settings.SESSION_COOKIE_NAME].value for one in people]
    for turn in range(turns):
        hand_off = office.hand_off(f"Lead {turn}")
        due_at, address = hand_off.due_at, reverse("leads:accept", kwargs={"pk": hand_off.pk})
        lines = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for _ in people]
        for line in lines:
            line.connect()
        results = race(
            *[partial(post, line, address, session) for line, session in zip(lines, sessions, strict=True)]
        )
        said = [told for _status, told in results]
        assert [status for status, _told in results] == [302] * PEOPLE, results
        assert said.count(f"Lead {turn} is yours.") == 1, said
        winner = people[said.index(f"Lead {turn} is yours.")]
        assert sum(told.startswith(f"Taken by {winner} ") for told in said) == PEOPLE - 1, said
        hand_off.refresh_from_db()
        assert hand_off.owner == winner and hand_off.due_at == due_at
        assert hand_off.lead.hand_offs.count() == 1
        assert hand_off.events.filter(kind="accepted").count() == 1
    print(
        f"{turns} rounds of {PEOPLE} who accept over gunicorn: each time 1 won, {PEOPLE - 1} were told who, "
        "1 event, 1 clock"
    )


def test_of_fifty_who_accept_over_gunicorn_one_wins_and_49_are_told_who(port):
    check_accepts(port, 1)


@pytest.mark.proof
def test_two_hundred_times_fifty_accept_over_gunicorn(port):
    check_accepts(port, rounds(200))
