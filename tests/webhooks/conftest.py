"""It is noon; no broker is asked."""

import pytest
import time_machine

from slaproject.webhooks import receiving
from tests import factories
from tests.api.conftest import no_pace  # noqa: F401
from tests.webhooks import sender


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(factories.NOON, tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    """The tasks that a worker was asked for."""
    tasks: list[str] = []
    monkeypatch.setattr(receiving, "ask_the_worker", tasks.append)
    return tasks


@pytest.fixture
def inlet(db):
    made = factories.agreement()
    factories.signed(made)
    factories.user("rep", email="rep@example.com")
    return sender.inlet()
