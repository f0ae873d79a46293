"""Asking a worker for a task never holds up who asks, whatever the broker does or does not."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from celery import current_app
from django.urls import reverse
from redis.exceptions import TimeoutError as TookTooLong

from leads import asking
from slaproject.accounts.models import User, WantedLink

TASK = "reports.tasks.refresh_figures"


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a broker that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(50)
        yield listening.getsockname()[1]


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_never_answers_is_waited_for_less_than_five_seconds(silent, scheme, settings):
    settings.CELERY_BROKER_URL = f"{scheme}://127.0.0.1:{silent}/0"
    start = time.monotonic()
    assert not asking.ask_the_worker(TASK)
    assert time.monotonic() - start < 5


def test_a_broker_that_is_not_there_is_not_waited_for(settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:9/0"
    start = time.monotonic()
    assert not asking.ask_the_worker(TASK)
    assert time.monotonic() - start < 2


def test_a_broker_that_falls_silent_later_is_no_error_either(monkeypatch):
    def fall_silent(*_given, **_more):
        raise TookTooLong

    monkeypatch.setattr(current_app._get_current_object(), "send_task", fall_silent)
    assert not asking.ask_the_worker(TASK)


def test_the_workers_own_connections_wait_as_long_as_they_like(settings):
    with current_app.connection_for_read() as own:
        assert own.transport_options == settings.CELERY_BROKER_TRANSPORT_OPTIONS
        assert not set(asking.PATIENCE) & set(own.transport_options)


@pytest.mark.django_db
def test_who_asks_for_a_new_password_meanwhile_is_answered_and_nothing_is_lost(silent, settings, client):
    ada = User.objects.create_user("ada@example.com", "a long enough one", name="Ada")
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{silent}/0"
    client.get(reverse("reset-password"))  # the first request of a process reads the whole site in
    start = time.monotonic()
    asked = client.post(reverse("reset-password"), {"email": "ada@example.com"})
    assert time.monotonic() - start < 8, "the broker's five seconds, and the page's own on a busy machine"
    assert asked.url == reverse("reset-password-sent")
    assert WantedLink.objects.get().person == ada
