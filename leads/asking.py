"""Asking the workers for a task now that beat asks for anyway: nobody waits long for it, and nothing hangs on it."""

from __future__ import annotations

from celery import current_app
from django.conf import settings
from kombu.exceptions import KombuError

# Of the connection that asks alone: a worker's own waits for its tasks as long as it likes. The first two are those of
# Redis and Valkey, whose transport does not know `connect_timeout`, the next two those of RabbitMQ.
PATIENCE = {
    "socket_connect_timeout": 2,
    "socket_timeout": 3,
    "read_timeout": 3,
    "write_timeout": 3,
    "max_retries": 0,
}


def ask_the_worker(task: str) -> bool:
    """Ask for a task now that beat asks for anyway; False when the broker cannot be reached, or does not answer."""
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, **PATIENCE}
    broker = current_app.connection(settings.CELERY_BROKER_URL, connect_timeout=2, transport_options=options)
    try:
        with broker:
            current_app.send_task(task, connection=broker, retry=False, ignore_result=True)
    except (KombuError, OSError, *broker.connection_errors, *broker.channel_errors):
        return False
    return True
