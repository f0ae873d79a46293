"""The speed of the sweep beside plain SQL and a view with one query, and whether what is overdue is found in time.

The data is made in a database of its own, which is dropped afterwards: open hand-offs of two hundred reps, a hundred of
them due in each second. With each sweep as many become at risk as become overdue.

What a sweep *handles* are the hand-offs whose clocks it answers for: all that still wait. Of these it changes those
whose instant has come, which are few at each tick; how fast it handles is measured with 0.1, 1 and 10 % of them due,
against 50,000 a second. How fast it *changes* is measured apart, in bulk as after an outage, beside two yardsticks of
the same run. Plain SQL changes the next rows just as many: one UPDATE for each of the two changes with the INSERT of
its events, which claims nothing, holds nothing back and knows of no batches; so it is what the database needs at
least for these rows with their indexes, their keys and their triggers. The view answers requests by reading one
hand-off by its key. How soon an overdue hand-off is found is the pause between two sweeps and the time that a
sweep takes which finds the hand-offs of that pause among all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from leads.services.sweep import sweep_clocks
from slaproject.bench.company import make_company, tidy
from slaproject.bench.databases import own_database
from slaproject.bench.one_query import REQUESTS_A_SECOND, requests_a_second
from slaproject.bench.rows import Disagreement, Row, compared, interleaved

LEADS, RUNS = 1_000_000, 5
FEWEST = 50  # for each run: fewer cannot be divided into the shares below
START = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
APART = dt.timedelta(milliseconds=10)
PAUSE = dt.timedelta(seconds=settings.BEAT_SECONDS)
A_SECOND, FOUND_WITHIN = 50_000.0, 30.0
BESIDE_PLAIN_SQL = 0.7
# Of all hand-offs what has come at a tick, in per cent: half of it becomes at risk, half overdue.
DUE = (0.1, 1.0, 10.0)

HAND_OFF_ROWS = """
INSERT INTO leads_handoff (lead_id, number, handed_off_at, handed_off_on, is_date_only, agreement_id, version_id,
    team_id, segment_id, calendar_revision_id, handed_off_by_id, owner_id, assigned_at, owner_name, counts_automated,
    allowance, at_risk_at, due_at, state, closed_as, rejection_reason, attempts, early_attempts)
SELECT id, 1, %(start)s, %(start)s, false, %(agreement)s, %(version)s, %(team)s, segment_id, %(revision)s, %(marketer)s,
    (%(reps)s::bigint[])[n %% array_length(%(reps)s, 1) + 1], %(start)s, '', false,
    interval '4 hours', due_at - %(warned)s, due_at, 'running', '', '', 0, 0
FROM (
    SELECT id, segment_id, external_id::bigint AS n, %(start)s + external_id::bigint * %(apart)s::interval AS due_at
    FROM leads_lead WHERE system = 'bench'
) l
ORDER BY n
"""
PLAIN_SQL = """
WITH moved AS (
    UPDATE leads_handoff SET state = %(kind)s WHERE state = %(state)s AND {at} <= %(now)s RETURNING id, {at} AS at
), noted AS (
    INSERT INTO leads_handoffevent (hand_off_id, kind, happened_at, recorded_at, data)
    SELECT id, %(kind)s, at, %(now)s, '{{}}' FROM moved
)
SELECT count(*) FROM moved
"""
# In the order of the sweep: what is at risk becomes overdue, and what runs becomes at risk.
PLAIN_CHANGES = (("at_risk", "overdue", "due_at"), ("running", "at_risk", "at_risk_at"))


def run(leads: int | None = None) -> list[Row]:
    """Rows of the sweep's rates, and of how soon it finds what is overdue; Disagreement when it finds too few."""
    size = max(leads or LEADS, FEWEST * RUNS)
    chunk, ticks = max(size // (4 * RUNS), 1), {share: max(round(size * share / 200), 1) for share in DUE}
    with own_database():
        # The ticks take a quarter and a little of it, the bulk three fifths with the turn that is thrown away, and
        # what is warned of ahead is left.
        fill(size, apart=APART, warned=chunk * APART)
        time = _Time(size)
        time.sweep(0)
        handled = {share: [time.handled(due) for _ in range(RUNS)] for share, due in ticks.items()}
        figures = interleaved(
            {
                "sweep": lambda: time.changed(chunk, sweep_clocks),
                "plain": lambda: time.changed(chunk, _plain_sql),
                "view": requests_a_second,
            },
            RUNS,
        )
        tidy()
        found = [_found_after(time.now + n * PAUSE) for n in range(1, RUNS + 1)]
    goal: dict[str, Any] = {"yardstick": [A_SECOND] * RUNS, "goal": 1, "leads": size, "unit": "hand-offs/s"}
    swept: dict[str, Any] = {"product": figures["sweep"], "leads": size}
    return [
        *(
            compared(f"hand-offs handled with {share:g} % due, of 50,000 a second", product=rates, **goal)
            for share, rates in handled.items()
        ),
        compared(
            "hand-offs changed, beside plain SQL",
            yardstick=figures["plain"],
            goal=BESIDE_PLAIN_SQL,
            unit="hand-offs/s",
            **swept,
        ),
        compared(
            "hand-offs changed, beside a view with one query",
            yardstick=figures["view"],
            goal=round(A_SECOND / REQUESTS_A_SECOND),
            **swept,
        ),
        compared("hand-offs changed, of 50,000 a second", product=figures["sweep"], **goal),
        compared(
            "overdue found, at most 30 s after due",
            product=[3600 / seconds for seconds in found],
            yardstick=[3600 / FOUND_WITHIN] * RUNS,
            goal=1,
            leads=size,
            unit="found/h",
        ),
    ]


class _Time:
    """The time of the bench: it moves on by so many hand-offs, which become overdue, and as many others at risk."""

    def __init__(self, size: int) -> None:
        self.now, self._waiting = START + APART / 2, size

    def handled(self, due: int) -> float:
        """Hand-offs handled a second by a sweep: all that still wait when it begins."""
        waiting = self._waiting
        return waiting / self.sweep(due)

    def changed(self, due: int, work: Callable[..., dict[str, int]]) -> float:
        """Hand-offs changed a second by the sweep or by plain SQL."""
        return 2 * due / self.sweep(due, work)

    def sweep(self, due: int, work: Callable[..., dict[str, int]] | None = None) -> float:
        """Let it be so much later; return in how many seconds the change was made."""
        self.now += due * APART
        self._waiting -= due
        began = perf_counter()
        found = (work or sweep_clocks)(now=self.now)
        spent = perf_counter() - began
        if found["overdue"] != due or (due and found["at_risk"] != due):
            raise Disagreement(f"of {due} hand-offs {found} were found")
        return spent


def _plain_sql(*, now: dt.datetime) -> dict[str, int]:
    found = {}
    with transaction.atomic(), connection.cursor() as cursor:
        for state, kind, at in PLAIN_CHANGES:
            cursor.execute(PLAIN_SQL.format(at=at), {"state": state, "kind": kind, "now": now})
            row = cursor.fetchone()
            found[kind] = int(row[0]) if row else 0
    return found


def _found_after(now: dt.datetime) -> float:
    """In how many seconds a hand-off is found at worst: it was due just after the sweep before."""
    began = perf_counter()
    sweep_clocks(now=now)
    return PAUSE.total_seconds() + perf_counter() - began


def fill(leads: int, *, apart: dt.timedelta, warned: dt.timedelta) -> None:
    """Make hand-offs, all open and handed over at START: one is due after the other, and warned of so long before."""
    company = make_company(leads=leads, at=START)
    given = {**company.given, "start": START, "apart": apart, "warned": warned}
    with connection.cursor() as cursor:
        cursor.execute(HAND_OFF_ROWS, given)
    tidy()
