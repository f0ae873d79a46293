"""A program, the agreement that it asks about, and leave to ask fast."""

import datetime as dt

import pytest

from tests import factories
from tests.api import programs


@pytest.fixture
def no_pace(monkeypatch):
    """Let a test ask faster than a program may."""
    monkeypatch.setattr("slaproject.integrations.pace.WINDOW", dt.timedelta(days=1))


@pytest.fixture
def program():
    return programs.program()


@pytest.fixture
def agreement():
    made = factories.agreement()
    factories.signed(made)
    return made
