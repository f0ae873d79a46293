"""An administrator who is signed in, at a company that has nothing yet."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import factories


@pytest.fixture
def ada(db):
    return factories.user("Ada Nowak", is_staff=True, is_superuser=True)


@pytest.fixture
def site(ada) -> Client:
    client = Client()
    client.force_login(ada)
    return client
