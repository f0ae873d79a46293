"""The newest come first without a look at all the others: what can be asked for by time is read from an index."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "index"),
    [
        ("/api/v1/attempts/?ordering=-attempted_at", "attempt_by_time"),
        ("/api/v1/leads/?ordering=-qualified_at", "lead_by_qualified_time"),
    ],
)
def test_an_order_by_time_is_an_index(client, path, index):
    client.force_login(factories.user("Ada", is_superuser=True))
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    (statement,) = (one["sql"] for one in asked if "ORDER BY" in one["sql"] and "LIMIT" in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")  # as where there are very many
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert f"Backward using {index}" in plan
