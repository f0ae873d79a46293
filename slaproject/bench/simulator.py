"""The speed of the target simulator beside a plain count(*) over the same rows, and against one second an answer.

The data is made in a database of its own, which is dropped afterwards: hand-offs of one agreement over the two years
before a fixed day, a sixth of them in each of two segments with terms of their own, three in four attempted, a third
of those connected; three attempts on each of the others. Lengths are random rather than worked out from
a calendar, since only their number matters here; that the answers are right is the matter of the tests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection

from agreements.models import Agreement, Segment
from agreements.services.calendars import company_calendar
from reports.pages.simulator import TRIED
from reports.periods import Period
from reports.readings.population import Population, population
from reports.readings.simulation import (
    REST,
    DepthTerms,
    curve,
    depth_under,
    in_memory,
    speed_under,
)
from slaproject.bench.databases import own_database
from slaproject.bench.rows import Disagreement, Row, compared, interleaved, rate

LEADS, RUNS, SEED = 1_000_000, 5, 0.20260301
NOW = dt.datetime(2026, 4, 20, 12, tzinfo=dt.UTC)
QUARTER = Period(dt.date(2026, 1, 1), dt.date(2026, 4, 1))
TWO_YEARS = Period(dt.date(2024, 4, 1), dt.date(2026, 5, 1))
DAYS = 730
TIDY = "VACUUM ANALYZE"
# A draft's answers take at least this part of the speed of counting the same rows.
GOAL = 0.02

LEAD_ROWS = """
INSERT INTO leads_lead (system, external_id, origin, source, campaign, qualified_at, qualified_on,
    is_qualified_date_only, created_at, name, company, job_title, email, phone, country, segment_id)
SELECT 'bench', n::text, 'marketing', 'source ' || n %% 8, '', %(now)s, %(now)s, false, %(now)s, '', '', '', '', '', '',
    (%(segments)s::bigint[])[n %% 6 + 1]
FROM generate_series(1, %(leads)s) n
"""
HAND_OFF_ROWS = """
INSERT INTO leads_handoff (lead_id, number, handed_off_at, handed_off_on, is_date_only, agreement_id, segment_id,
    calendar_revision_id, owner_name, counts_automated, state, closed_as, rejection_reason, first_attempt_at,
    first_attempt_business_seconds, least_allowance_seconds, connected_at, attempts, early_attempts, last_attempt_at)
SELECT id, 1, at, at::date, false, %(agreement)s, segment_id, %(revision)s, '', false, 'no_clock', '', '', tried_at,
    CASE WHEN tried_at IS NOT NULL THEN waited END, CASE WHEN tried_at IS NOT NULL THEN waited + id %% 2 END,
    CASE WHEN id %% 3 = 0 THEN tried_at END, CASE WHEN tried_at IS NULL THEN 0 ELSE 3 END, 0,
    tried_at + interval '10 days'
FROM (
    SELECT *, CASE WHEN id %% 4 > 0 THEN at + waited * interval '1 second' END AS tried_at
    FROM (
        SELECT id, segment_id, (-ln(random() + 1e-9) * 14400)::int AS waited, date_trunc('second',
            %(now)s::timestamptz - %(days)s * ((%(last)s - id)::float8 / %(leads)s) * interval '1 day') AS at
        FROM leads_lead WHERE system = 'bench'
    ) l
) l
"""
ATTEMPT_ROWS = """
INSERT INTO leads_followupattempt (hand_off_id, system, external_id, attempted_at, attempted_on, is_date_only, channel,
    outcome, is_automated, by_name, logged_at, void_reason)
SELECT h.id, 'bench', h.id || '-' || n, h.first_attempt_at + n * interval '5 days',
    (h.first_attempt_at + n * interval '5 days')::date, false, 'call', 'no_answer', false, '', h.first_attempt_at, ''
FROM leads_handoff h CROSS JOIN generate_series(0, 2) n
WHERE h.first_attempt_at IS NOT NULL AND h.connected_at IS NULL
"""


def run(leads: int | None = None) -> list[Row]:
    """One row for each question and period beside a count, for the quarter one against a second, too.

    Raise Disagreement when hand-offs are missing from an answer.
    """
    size = leads or LEADS
    rows: list[Row] = []
    with own_database():
        agreement, own = _fill(size)
        for name, period in (("a quarter", QUARTER), ("two years", TWO_YEARS)):
            asked = population(agreement, period, NOW)
            rows += _measured(name, asked, own, size)
    return rows


def _measured(name: str, asked: Population, own: list[int], size: int) -> list[Row]:
    allowances = {REST: 14_400, **{str(pk): 3_600 * n for n, pk in enumerate(own, 1)}}
    terms = {key: DepthTerms(2 + n, dt.timedelta(days=14)) for n, key in enumerate(allowances)}
    n = _count(asked)
    judged = curve(asked, [14_400])[0]
    if judged.due + judged.not_yet_due != n:
        raise Disagreement(f"{name}: {judged} of {n} hand-offs")

    def draft() -> None:
        with in_memory():
            speed_under(asked, allowances)
            depth_under(asked, terms)

    questions: Mapping[str, Callable[[], object]] = {
        "one allowance": lambda: curve(asked, [14_400]),
        "the curve": lambda: curve(asked, list(TRIED)),
        "a whole draft": draft,
    }
    sides = {"count(*)": lambda: rate(lambda: _count(asked), 1)}
    sides |= {what: _timed(question) for what, question in questions.items()}
    figures = interleaved(sides, RUNS)
    rows = []
    for what in questions:
        both: dict[str, Any] = {"product": figures[what], "leads": size, "unit": "answers/s"}
        rows.append(
            compared(f"{what}, {name}, beside count(*)", yardstick=figures["count(*)"], goal=GOAL, **both)
        )
        if name == "a quarter":
            rows.append(compared(f"{what}, {name}, in a second", yardstick=[1.0] * RUNS, goal=1, **both))
    return rows


def _timed(question: Callable[[], object]) -> Callable[[], float]:
    return lambda: rate(question, 1)


def _count(asked: Population) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM leads_handoff h WHERE {asked.where}", asked.parameters)
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _fill(leads: int) -> tuple[Agreement, list[int]]:
    agreement = Agreement.objects.create(slug="bench", name="Bench", time_zone="UTC")
    own = [Segment.objects.create(slug=f"bench-{n}", name=f"Bench {n}").pk for n in (1, 2)]
    with connection.cursor() as cursor:
        given: dict[str, Any] = {
            "leads": leads,
            "now": NOW,
            "days": DAYS,
            "segments": [*own, None, None, None, None],
            "agreement": agreement.pk,
            "revision": company_calendar().latest_revision().pk,
        }
        cursor.execute("SELECT setseed(%s)", [SEED])
        cursor.execute(LEAD_ROWS, given)
        cursor.execute("SELECT max(id) FROM leads_lead")
        last = cursor.fetchone()
        cursor.execute(HAND_OFF_ROWS, {**given, "last": last[0] if last else 0})
        cursor.execute(ATTEMPT_ROWS)
        for table in ("leads_lead", "leads_handoff", "leads_followupattempt"):
            cursor.execute(f"{TIDY} {table}")
    return agreement, own
