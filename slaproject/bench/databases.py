"""A database of its own for a bench that makes data: it is dropped afterwards, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def own_database() -> Iterator[None]:
    """Let everything inside happen in an empty database with all tables."""
    creation, name = connection.creation, connection.settings_dict["NAME"]
    test = connection.settings_dict["TEST"]
    before, test["NAME"] = test.get("NAME"), f"bench_{name}"
    creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        creation.destroy_test_db(name, verbosity=0)
        test["NAME"] = before
