"""What every test has: a quick hasher of passwords, and a broker that no test reaches by accident."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="session")
def _quick_passwords():
    from django.test import override_settings

    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield
