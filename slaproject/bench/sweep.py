"""The speed of the sweep beside a view with one indexed query, and whether what is overdue is found in time.

The data is made in a database of its own, which is dropped afterwards: open hand-offs, a hundred of them due in each
second. The bulk is swept as after an outage: with each call as many become at risk as become overdue. The yardstick is
the same machine in the same run: requests that a view answers which reads one of these hand-offs by its key. How soon
an overdue hand-off is found is the pause between two sweeps and the time that a sweep takes which finds the hand-offs
of that pause among all.
"""

from __future__ import annotations

import datetime as dt
from random import Random
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from agreements.services.calendars import company_calendar
from leads.models import HandOff
from leads.services.sweep import sweep_clocks
from slaproject.bench.databases import own_database
from slaproject.bench.rows import Disagreement, Row, compared, interleaved, rate

LEADS, RUNS, SEED = 1_000_000, 5, 1
START = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
APART = dt.timedelta(milliseconds=10)
PAUSE = dt.timedelta(seconds=settings.BEAT_SECONDS)
TIDY = "VACUUM ANALYZE"
# 50,000 hand-offs a second, and 2,446 requests a second of the view where that was set.
GOAL, A_SECOND, FOUND_WITHIN = 20, 50_000.0, 30.0

LEAD_ROWS = """
INSERT INTO leads_lead (system, external_id, origin, source, campaign, qualified_at, qualified_on,
    is_qualified_date_only, created_at, name, company, job_title, email, phone, country)
SELECT 'bench', n::text, 'marketing', 'web', '', %(start)s, %(start)s, false, %(start)s, '', '', '', '', '', ''
FROM generate_series(1, %(leads)s) n
"""
HAND_OFF_ROWS = """
INSERT INTO leads_handoff (lead_id, number, handed_off_at, handed_off_on, is_date_only, calendar_revision_id,
    owner_name, counts_automated, allowance, at_risk_at, due_at, state, closed_as, rejection_reason, attempts,
    early_attempts)
SELECT id, 1, %(start)s, %(start)s, false, %(revision)s, '', false, interval '4 hours', due_at - %(warned)s, due_at,
    'running', '', '', 0, 0
FROM (
    SELECT id, %(start)s + external_id::bigint * %(apart)s::interval AS due_at FROM leads_lead WHERE system = 'bench'
) l
"""


def run(leads: int | None = None) -> list[Row]:
    """Rows of the sweep's rate, and of how soon it finds what is overdue; Disagreement when it finds too few."""
    size = leads or LEADS
    with own_database():
        chunk = max(size // (RUNS + 3), 1)
        first, last = _fill(size, chunk)
        bulk = _Bulk(chunk)
        figures = interleaved({"sweep": bulk.sweep, "view": lambda: _requests(first, last)}, RUNS)
        _tidy()
        found = [_found_after(bulk.now + n * PAUSE) for n in range(1, RUNS + 1)]
    return [
        compared(
            "hand-offs swept, beside a view with one query",
            product=figures["sweep"],
            yardstick=figures["view"],
            goal=GOAL,
            leads=size,
        ),
        compared(
            "hand-offs swept, of 50,000 a second",
            product=figures["sweep"],
            yardstick=[A_SECOND] * RUNS,
            goal=1,
            leads=size,
            unit="hand-offs/s",
        ),
        compared(
            "overdue found, at most 30 s after due",
            product=[3600 / seconds for seconds in found],
            yardstick=[3600 / FOUND_WITHIN] * RUNS,
            goal=1,
            leads=size,
            unit="found/h",
        ),
    ]


class _Bulk:
    """Sweeps of a chunk each, one after the other."""

    def __init__(self, chunk: int) -> None:
        self.chunk, self.now = chunk, START + APART / 2

    def sweep(self) -> float:
        """Hand-offs changed a second: the next chunk overdue, and the one after it at risk."""
        self.now += self.chunk * APART
        began = perf_counter()
        found = sweep_clocks(now=self.now)
        spent = perf_counter() - began
        if found["overdue"] != self.chunk:
            raise Disagreement(f"of {self.chunk} hand-offs the sweep found {found}")
        return (found["overdue"] + found["at_risk"]) / spent


def _found_after(now: dt.datetime) -> float:
    """In how many seconds a hand-off is found at worst: it was due just after the sweep before."""
    began = perf_counter()
    sweep_clocks(now=now)
    return PAUSE.total_seconds() + perf_counter() - began


def _requests(first: int, last: int) -> float:
    """Requests a second of the view with one query."""
    random, ask = Random(SEED), RequestFactory()
    return rate(lambda: _view(ask.get("/"), random.randint(first, last)), 1, at_least=0.3)


def _view(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(str(HandOff.objects.only("state").get(pk=pk).state))


def _fill(leads: int, chunk: int) -> tuple[int, int]:
    given: dict[str, Any] = {
        "leads": leads,
        "start": START,
        "apart": APART,
        "warned": chunk * APART,
        "revision": company_calendar().latest_revision().pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(LEAD_ROWS, given)
        cursor.execute(HAND_OFF_ROWS, given)
    _tidy()
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id), max(id) FROM leads_handoff")
        row = cursor.fetchone()
    return row or (0, 0)


def _tidy() -> None:
    with connection.cursor() as cursor:
        for table in ("leads_lead", "leads_handoff"):
            cursor.execute(f"{TIDY} {table}")
