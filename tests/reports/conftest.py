"""The sample month, made once for the tests of a module that ask for it."""

from __future__ import annotations

import copy

import pytest
from django.db import transaction

from tests.reports.sample_month import make_month


@pytest.fixture(scope="module")
def _sample_month(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_month()
        transaction.set_rollback(True)


@pytest.fixture
def company(_sample_month, db):
    """The company with its month; what a test changes is taken back. It stands beside what else its module makes."""
    return copy.deepcopy(_sample_month)
