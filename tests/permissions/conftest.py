"""The company of the permission tests, and a browser of each of its people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.permissions.scene import IDENTITIES, Scene, make_scene


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_scene()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def clients(scene: Scene) -> dict[str, Client]:
    made = {}
    for name in IDENTITIES:
        made[name] = Client(raise_request_exception=False)
        if name in scene.people:
            made[name].force_login(scene.people[name])
    made["token"] = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {scene.secret}"})
    return made
