"""The time of a rep's queue on the server, p95, beside a view with one query and against 50 ms.

The data is made in a database of its own, which is dropped afterwards: hand-offs of two hundred reps over the two years
before now. The last of each rep are open: overdue, at risk, on track, in follow-up and waiting for a next touch;
twenty more are free to take. All the others are closed.

The page is asked for as a browser does, of another rep each time, from the cookie through all of the middleware to the
last byte of the answer; only the network and the web server are left out. It is measured for reps with a hundred open
hand-offs, and for one who was left with ten times as many.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from statistics import quantiles
from time import perf_counter
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leads.models import HandOff
from leads.readings.queue import PAGE
from slaproject.bench.company import REPS, Company, make_company, tidy
from slaproject.bench.databases import own_database
from slaproject.bench.one_query import REQUESTS_A_SECOND, requests_a_second
from slaproject.bench.rows import Disagreement, Row, compared, interleaved

LEADS, RUNS, PAGES = 1_000_000, 5, 60
OPEN, OPEN_OF_ONE, FREE = 100, 1_000, 20
WITHIN = dt.timedelta(milliseconds=50)

# The newest hand-offs are open, n = 0 the newest; the first rep has more of them than the others.
HAND_OFF_ROWS = """
INSERT INTO leads_handoff (lead_id, number, handed_off_at, handed_off_on, is_date_only, agreement_id, version_id,
    team_id, segment_id, calendar_revision_id, handed_off_by_id, owner_id, assigned_at, accepted_at, owner_name,
    counts_automated, allowance, at_risk_at, due_at, agreed_attempts, state, closed_as, closed_at, rejection_reason,
    first_attempt_at, first_attempt_business_seconds, last_attempt_at, next_touch_at, attempts, early_attempts)
SELECT id, 1, at, at::date, false, %(agreement)s, %(version)s, %(team)s, segment_id, %(revision)s, %(marketer)s,
    owner, at, CASE WHEN is_open THEN NULL ELSE at + interval '5 minutes' END, '', false, interval '4 hours',
    due_at - interval '1 hour', due_at, 6,
    CASE WHEN is_tried THEN 'met' WHEN due_at < %(now)s THEN 'overdue'
        WHEN due_at - interval '1 hour' <= %(now)s THEN 'at_risk' ELSE 'running' END,
    CASE WHEN is_open THEN '' ELSE 'lost' END, CASE WHEN NOT is_open THEN least(at + interval '5 days', %(now)s) END,
    '', CASE WHEN is_tried THEN at + interval '10 minutes' END, CASE WHEN is_tried THEN 600 END,
    CASE WHEN is_tried THEN at + interval '10 minutes' END,
    CASE WHEN is_open AND is_tried AND n %% 3 = 0 THEN %(now)s + interval '1 day' END, is_tried::int, 0
FROM (
    SELECT *, NOT is_open OR owner IS NOT NULL AND n %% 2 = 0 AS is_tried,
        CASE WHEN is_open THEN %(now)s + ((n * 37) %% 600 - 120) * interval '1 minute' ELSE at + interval '4 hours' END
            AS due_at
    FROM (
        SELECT id, segment_id, %(leads)s - external_id::bigint AS n,
            %(leads)s - external_id::bigint < %(free)s + %(open)s AS is_open,
            %(now)s - interval '10 hours'
                - (%(leads)s - external_id::bigint)::float8 / %(leads)s * interval '730 days' AS at,
            CASE WHEN %(leads)s - external_id::bigint < %(free)s THEN NULL
                WHEN %(leads)s - external_id::bigint < %(free)s + %(of_one)s THEN (%(reps)s::bigint[])[1]
                ELSE (%(reps)s::bigint[])[external_id::bigint %% (array_length(%(reps)s, 1) - 1) + 2] END AS owner
        FROM leads_lead WHERE system = 'bench'
    ) l
) l
ORDER BY n DESC
"""


def run(leads: int | None = None) -> list[Row]:
    """Two rows for the usual rep and for the one with much to do; Disagreement when a page does not show its leads.

    There are at least as many hand-offs as are open.
    """
    size = max(leads or LEADS, FREE + OPEN_OF_ONE + (REPS - 1) * OPEN)
    with own_database():
        company = _fill(size, timezone.now())
        usual, loaded = _browsers(company.reps[1:21]), _browsers(company.reps[:1])
        figures = interleaved(
            {
                f"queue of a rep with {OPEN} open": lambda: _pages_a_second(usual, OPEN),
                f"queue of a rep with {OPEN_OF_ONE:,} open": lambda: _pages_a_second(loaded, OPEN_OF_ONE),
                "view": requests_a_second,
            },
            RUNS,
        )
    view = figures.pop("view")
    in_time = 1 / WITHIN.total_seconds()
    rows = []
    for name, pages in figures.items():
        both: dict[str, Any] = {"product": pages, "leads": size, "unit": "pages/s at p95"}
        rows.append(
            compared(
                f"{name}, beside a view with one query",
                yardstick=view,
                goal=round(in_time / REQUESTS_A_SECOND, 4),
                **both,
            )
        )
        rows.append(compared(f"{name}, p95 in 50 ms", yardstick=[in_time] * RUNS, goal=1, **both))
    return rows


def _pages_a_second(browsers: Sequence[Client], waiting: int) -> float:
    """How many pages a second there would be if each took as long as the slowest of twenty."""
    address, lengths = reverse("leads:queue"), []
    for n in range(PAGES):
        began = perf_counter()
        answer = browsers[n % len(browsers)].get(address, secure=True)
        page = answer.content
        lengths.append(perf_counter() - began)
        shown = page.count(b'data-row="')
        if answer.status_code != 200 or shown < min(waiting, PAGE):
            raise Disagreement(f"{answer.status_code}: {shown} leads in a queue of {waiting}")
    return 1 / quantiles(lengths, n=20)[-1]


def _browsers(people: Sequence[int]) -> list[Client]:
    """A browser in which each of them is signed in."""
    found = []
    for person in get_user_model().objects.filter(pk__in=people):
        client = Client(SERVER_NAME="localhost")
        client.force_login(person)
        found.append(client)
    return found


def _fill(leads: int, now: dt.datetime) -> Company:
    company = make_company(leads=leads, at=now - dt.timedelta(days=731))
    given = {
        **company.given,
        "leads": leads,
        "now": now,
        "free": FREE,
        "open": OPEN_OF_ONE + (REPS - 1) * OPEN,
        "of_one": OPEN_OF_ONE,
    }
    with connection.cursor() as cursor:
        cursor.execute(HAND_OFF_ROWS, given)
    tidy()
    for rep, n in ((company.reps[0], OPEN_OF_ONE), (company.reps[1], OPEN)):
        found = HandOff.objects.filter(owner=rep, closed_at=None).count()
        if found != n:
            raise Disagreement(f"a rep has {found} open hand-offs instead of {n}")
    return company
