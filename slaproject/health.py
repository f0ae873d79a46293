"""What a load balancer asks: does this process live, and may it be given visitors."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """Answer without asking anyone else: a database that is away is no reason to restart this process."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers and has every migration, else 503 with what is missing."""
    found = {"database": "ok", "migrations": "ok"}
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        found = {"database": "does not answer", "migrations": "unknown"}
    else:
        if missing:
            found["migrations"] = f"{len(missing)} not applied"
    ready = set(found.values()) == {"ok"}
    return JsonResponse(found, status=200 if ready else 503)
