"""The agreement whose pages are looked at, and its two directors: Ann of marketing, Bo of sales."""

import pytest
from django.utils import timezone

from agreements.models import Team
from tests import factories


@pytest.fixture(autouse=True)
def _wednesday_noon(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: factories.NOON)


@pytest.fixture
def agreement():
    factories.calendar("Office", is_default=True)
    return factories.agreement(time_zone="UTC")


@pytest.fixture
def ann(agreement):
    return factories.party(agreement, Team.Function.MARKETING).signatory


@pytest.fixture
def bo(agreement):
    return factories.party(agreement, Team.Function.SALES).signatory


@pytest.fixture
def as_ann(client, ann):
    client.force_login(ann)
    return client
