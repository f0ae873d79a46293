"""Looking a name up takes no longer than it may, neither where a form is saved nor where a message is sent."""

from __future__ import annotations

import time
from threading import Event

import pytest
from django.test import Client

from slaproject.outbox.channels import posting
from slaproject.outbox.channels.posting import Refused, post_json, resolve
from slaproject.outbox.models import Address
from tests.outbox.office import office
from tests.outbox.test_outbox_pages import form_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def silent(monkeypatch):
    """A name server that does not answer until the test is over."""
    over = Event()

    def wait(*_arguments, **_more):
        over.wait(20)
        return [(2, 1, 6, "", ("93.184.216.34", 443))]

    monkeypatch.setattr(posting.socket, "getaddrinfo", wait)
    monkeypatch.setattr(posting, "LOOK_UP_SECONDS", 0.2, raising=False)
    yield over
    over.set()


def test_a_form_waits_for_no_name_server(silent):
    here = office()
    client = Client()
    client.force_login(here.rep)
    sent = form_of(client) | {"webhook": "https://slow.example.com/hook"}
    started = time.monotonic()
    answer = client.post("/notices/preferences/", sent)
    assert time.monotonic() - started < 5
    assert answer.status_code == 200 and "was not found in time" in answer.text
    assert not Address.objects.exists()


def test_sending_waits_for_no_name_server_either_and_tries_again_later(silent):
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        post_json("https://slow.example.com/", {})
    assert time.monotonic() - started < 5


def test_many_at_once_ask_in_few_threads_and_all_get_their_answer(silent):
    for _n in range(posting.MOST_LOOK_UPS + 3):
        with pytest.raises(TimeoutError):
            resolve("slow.example.com", 443)
    assert posting.LOOK_UPS._value == 0
    silent.set()
    deadline = time.monotonic() + 5
    while posting.LOOK_UPS._value < posting.MOST_LOOK_UPS and time.monotonic() < deadline:
        time.sleep(0.01)
    assert resolve("slow.example.com", 443) == "93.184.216.34"


def test_a_private_address_is_refused_in_the_form_as_where_it_is_sent(monkeypatch):
    here = office()
    client = Client()
    client.force_login(here.rep)
    sent = form_of(client)
    monkeypatch.setattr(posting.socket, "getaddrinfo", lambda *_a, **_k: [(2, 1, 6, "", ("10.0.0.1", 443))])
    answer = client.post("/notices/preferences/", sent | {"webhook": "https://inside.example.com/"})
    assert "private network" in answer.text and not Address.objects.exists()
    with pytest.raises(Refused):
        post_json("https://inside.example.com/", {})
