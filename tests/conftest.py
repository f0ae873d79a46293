"""What every test has: a quick hasher of passwords, a migrated database, tables that can be emptied between tests.

How long an example of hypothesis takes says something of the machine alone, so none has a deadline.
"""

from __future__ import annotations

import pytest
from django.utils import translation
from hypothesis import settings

from tests.template_database import template_database

settings.register_profile("without deadlines", deadline=None)
settings.load_profile("without deadlines")


@pytest.fixture(autouse=True, scope="session")
def _quick_passwords():
    from django.test import override_settings

    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def _no_language_is_left_behind():
    """A request leaves the language of whoever it was for in its thread: the next test would be answered in it."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Copy the test's database from one that is migrated already; pytest-django then finds nothing left to migrate."""
    from django.conf import settings

    settings.DATABASES["default"].setdefault("TEST", {})["TEMPLATE"] = template_database()


@pytest.fixture(autouse=True, scope="session")
def _tables_can_be_emptied():
    """Let the flush after a test of whole transactions truncate append-only tables, which no connection may else.

    Only the flush's own transaction does without triggers, as the superuser that the tests' server has; what the test
    itself does meets them all.
    """
    from django.db.backends.postgresql.operations import DatabaseOperations

    flush = DatabaseOperations.execute_sql_flush

    def without_triggers(self, sql_list):
        flush(self, ["SET LOCAL session_replication_role = replica", *sql_list])

    DatabaseOperations.execute_sql_flush = without_triggers
    yield
    DatabaseOperations.execute_sql_flush = flush
