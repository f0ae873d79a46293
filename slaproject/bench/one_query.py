"""The yardstick of the web: a view with one query, on hand-offs that are there in the same run."""

from __future__ import annotations

from random import Random
from time import perf_counter

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from leads.models import HandOff

# Of a second of this view where the goals were set; a goal in time divided by its time is a goal beside it.
REQUESTS_A_SECOND = 2_446


def requests_a_second(at_least: float = 0.3) -> float:
    """How many requests of the view are answered in a second, each for another hand-off."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id), max(id) FROM leads_handoff")
        first, last = cursor.fetchone() or (0, 0)
    random, ask = Random(1), RequestFactory()
    done, start = 0, perf_counter()
    while True:
        _view(ask.get("/"), random.randint(first, last))
        done += 1
        spent = perf_counter() - start
        if spent >= at_least:
            return done / spent


def _view(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(str(HandOff.objects.only("state").get(pk=pk).state))
