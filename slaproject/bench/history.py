"""Two years of hand-offs with their attempts, for benches of the reports: most are closed, the last are still worked.

Hand-offs come on Monday to Friday between 9 and 17, to two hundred reps of whom some get many more than others. Up to
eight attempts follow, the first after two hours on average and each a few hours to a day and a half after the one
before; two in five of the leads that were tried connect at the last. After fourteen days a hand-off is closed. Which
is which follows from a hash of the lead's number, so that the same size and instant make the same company.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone

from agreements.models import Commitment, Membership, MonthGoal, Party, Version
from agreements.services.signing import sign_version
from reports import rollups
from reports.periods import Period, months_between
from slaproject.bench.company import TIDY, Company, make_company

YEARS = dt.timedelta(days=730)
CLOSED_AFTER = dt.timedelta(days=14)
AGREED_ATTEMPTS = 6

# What follows from a lead's number, worked out once and taken both by the hand-offs and by their attempts. `u` is a
# number in [0, 1); `tried` how many attempts had been made at the instant of the bench.
WORK = """
CREATE TEMPORARY TABLE bench_work ON COMMIT DROP AS
WITH days AS (
    SELECT day, row_number() OVER (ORDER BY day) - 1 AS number, count(*) OVER () AS n
    FROM generate_series(%(first_on)s::date, %(last_on)s::date, '1 day') day WHERE extract(isodow FROM day) < 6
), drawn AS (
    SELECT l.id, l.segment_id, l.external_id::bigint AS n,
        ARRAY(SELECT (hashint8extended(l.external_id::bigint, seed) & 1048575) / 1048576.0::float8
              FROM generate_series(1, 6) seed) AS u
    FROM leads_lead l WHERE l.system = 'bench'
), timed AS (
    SELECT drawn.*, (days.day AT TIME ZONE 'UTC' + interval '9 hours'
            + make_interval(secs => floor(u[1] * 28800))) AS at,
        make_interval(secs => floor(least(-ln(1 - u[2]) * 7200, 259200))) AS first,
        make_interval(secs => floor(10800 + u[3] * 118800)) AS gap, floor(u[4] * 9)::int AS planned
    FROM drawn JOIN days ON days.number = (drawn.n - 1) * days.n / %(leads)s
), tried AS (
    SELECT timed.*, CASE WHEN at + first > %(now)s THEN 0 ELSE least(planned,
        floor(extract(epoch FROM %(now)s - at - first) / extract(epoch FROM gap))::int + 1) END AS tried
    FROM timed
)
SELECT id, segment_id, n, at, first, gap, tried, tried > 0 AND tried = planned AND u[5] < 0.4 AS connects,
    at + %(closed_after)s < %(now)s AS is_closed,
    (%(reps)s::bigint[])[1 + floor(power(u[6], 1.5) * array_length(%(reps)s::bigint[], 1))::int] AS owner
FROM tried
"""

HAND_OFF_ROWS = """
INSERT INTO leads_handoff (lead_id, number, handed_off_at, handed_off_on, is_date_only, agreement_id, version_id,
    team_id, segment_id, calendar_revision_id, handed_off_by_id, owner_id, assigned_at, accepted_at, owner_name,
    counts_automated, allowance, at_risk_at, due_at, agreed_attempts, window_ends_at, lead_value, state, closed_as,
    closed_at, rejection_reason, first_attempt_at, first_attempt_business_seconds, routing_business_seconds,
    connected_at, attempts, early_attempts, last_attempt_at)
SELECT id, 1, at, at::date, false, %(agreement)s, %(version)s, %(team)s, segment_id, %(revision)s, %(marketer)s,
    owner, at, at + interval '5 minutes', '', false, interval '4 hours', at + interval '3 hours',
    at + interval '4 hours', %(agreed_attempts)s, at + %(closed_after)s, 50,
    CASE WHEN tried > 0 AND first <= interval '4 hours' THEN 'met' WHEN tried > 0 THEN 'missed'
        WHEN at + interval '4 hours' < %(now)s THEN 'overdue' ELSE 'running' END,
    CASE WHEN NOT is_closed THEN '' WHEN connects THEN 'qualified' ELSE 'unreachable' END,
    CASE WHEN is_closed THEN at + %(closed_after)s END, '',
    CASE WHEN tried > 0 THEN at + first END, CASE WHEN tried > 0 THEN extract(epoch FROM first)::int END,
    CASE WHEN tried > 0 THEN 0 END, CASE WHEN connects THEN at + first + gap * (tried - 1) END, tried, 0,
    CASE WHEN tried > 0 THEN at + first + gap * (tried - 1) END
FROM bench_work ORDER BY n
"""

ATTEMPT_ROWS = """
INSERT INTO leads_followupattempt (hand_off_id, system, external_id, attempted_at, attempted_on, is_date_only, channel,
    outcome, is_automated, by_id, by_name, logged_at, void_reason)
SELECT h.id, 'bench', w.n || '-' || k, w.at + w.first + w.gap * (k - 1),
    (w.at + w.first + w.gap * (k - 1))::date, false, 'call',
    CASE WHEN w.connects AND k = w.tried THEN 'connected' ELSE 'no_answer' END, false, w.owner, '',
    w.at + w.first + w.gap * (k - 1), ''
FROM bench_work w JOIN leads_handoff h ON h.lead_id = w.id CROSS JOIN LATERAL generate_series(1, w.tried) k
ORDER BY w.n, k
"""


@dataclass(frozen=True, slots=True)
class History:
    """The company, the director of sales in it, the months that are over, and the instant it is seen at."""

    company: Company
    director: Any
    months: list[Period]
    now: dt.datetime


def make_history(*, leads: int, now: dt.datetime) -> History:
    """Make the company, what it agreed, and what happened in the two years up to the day before `now`."""
    begins = now - YEARS
    company = make_company(leads=leads, at=begins)
    months = months_between(begins.date().replace(day=1), now.date().replace(day=1))[-24:]
    director = _agree(company, months, now)
    given = {
        **company.given,
        "leads": leads,
        "now": now,
        "first_on": begins.date(),
        "last_on": now.date() - dt.timedelta(days=1),
        "closed_after": CLOSED_AFTER,
        "agreed_attempts": AGREED_ATTEMPTS,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        # Days are those of UTC, and so is the company's agreement.
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")
        for statement in (WORK, HAND_OFF_ROWS, ATTEMPT_ROWS):
            cursor.execute(statement, given)
    return History(company, director, months, now)


def make_reported_history(*, leads: int) -> History:
    """The same up to now, with the stored figures of all of it."""
    now = timezone.now().replace(microsecond=0)
    history = make_history(leads=leads, now=now)
    tidy()  # a month of a large company counted by a plan for an empty one takes hours
    rollups.refresh(now=now, wait=True)
    tidy()
    return history


def _agree(company: Company, months: list[Period], now: dt.datetime) -> Any:
    """Promise a goal for each month, four hours to the first attempt and six attempts; return sales' director."""
    version = Version.objects.get(pk=company.version)
    parties, signers = {}, {}
    for party in Party.objects.filter(agreement=company.agreement).select_related("team"):
        function = party.team.function
        party.signatory = signers[function] = get_user_model().objects.create(
            email=f"{function}.director@bench.example", name=f"Director of {function}"
        )
        party.save(update_fields=["signatory"])
        Membership.objects.create(user=signers[function], team=party.team, role=Membership.Role.DIRECTOR)
        parties[function] = party
    goal = Commitment.objects.create(
        version=version, party=parties["marketing"], kind=Commitment.Kind.MQL_GOAL
    )
    month_on = [period.start for period in months]
    for day in (*month_on, now.date().replace(day=1)):
        MonthGoal.objects.get_or_create(commitment=goal, month_on=day, defaults={"goal": Decimal(1000)})
    Commitment.objects.create(
        version=version,
        party=parties["sales"],
        kind=Commitment.Kind.SPEED,
        allowance=dt.timedelta(hours=4),
        average_goal=dt.timedelta(hours=2),
    )
    Commitment.objects.create(
        version=version, party=parties["sales"], kind=Commitment.Kind.DEPTH, attempts=AGREED_ATTEMPTS
    )
    for signer in signers.values():
        sign_version(version=version, signer=signer, now=now)
    return signers["sales"]


def tidy() -> None:
    """Let the planner know of the rows, as it does a while after they came."""
    with connection.cursor() as cursor:
        for table in ("leads_lead", "leads_handoff", "leads_followupattempt", "reports_periodfigure"):
            cursor.execute(f"{TIDY} {table}")
