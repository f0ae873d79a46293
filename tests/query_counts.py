"""The promise of every list and chart: as many queries with many rows as with few."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext

MOST_QUERIES = 25


def assert_same_queries(
    use: Callable[[], object],
    *,
    add_rows: Callable[[], object],
    at_most: int = MOST_QUERIES,
    warm_up: bool = True,
) -> int:
    """Call `use`, call `add_rows`, call `use` again; the two uses make equally many queries. Return how many.

    `use` is called once before, for what only the first call of a process asks (content types and the like).
    """
    if warm_up:
        use()
    with CaptureQueriesContext(
        connection,
    ) as few:
        use()
    add_rows()
    with CaptureQueriesContext(connection) as many:
        use()
    statements = "\n".join(query["sql"] for query in many.captured_queries)
    assert len(few) == len(many), (
        f"{len(few)} queries before more rows came, {len(many)} after:\n{statements}"
    )
    assert len(many) <= at_most, f"{len(many)} queries, {at_most} are allowed:\n{statements}"
    return len(many)
