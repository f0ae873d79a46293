"""A company for benches: an agreement, a sales team of two hundred, and as many leads as asked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection

from agreements.models import Agreement, Clause, Membership, Party, Segment, Team, Version
from agreements.services.calendars import company_calendar

REPS, SEGMENTS, SOURCES = 200, 6, 8
TIDY = "VACUUM ANALYZE"

LEAD_ROWS = """
INSERT INTO leads_lead (system, external_id, origin, source, campaign, qualified_at, qualified_on,
    is_qualified_date_only, created_at, name, company, job_title, email, phone, country, segment_id)
SELECT 'bench', n::text, 'marketing', 'Source ' || n %% %(sources)s, 'Spring', %(at)s, %(at)s, false, %(at)s,
    'Ana Sample ' || n, 'Company ' || n / 3, 'Director', 'ana' || n || '@example.com', '+48 22 555 ' || n, 'PL',
    (%(segments)s::bigint[])[n %% array_length(%(segments)s, 1) + 1]
FROM generate_series(1, %(leads)s) n
"""


@dataclass(frozen=True, slots=True)
class Company:
    """The ids that rows of hand-offs are made of; `reps` are all of one team."""

    agreement: int
    version: int
    team: int
    marketer: int
    revision: int
    segments: list[int]
    reps: list[int]

    @property
    def given(self) -> dict[str, Any]:
        """Parameters of a statement that makes hand-offs of these."""
        return {
            "agreement": self.agreement,
            "version": self.version,
            "team": self.team,
            "marketer": self.marketer,
            "revision": self.revision,
            "reps": self.reps,
        }


def make_company(*, leads: int, at: dt.datetime) -> Company:
    """Make the company and its leads, all qualified at that instant; nothing is handed over yet."""
    users = get_user_model().objects
    marketer = users.create(email="marketer@bench.example", name="Mark Eter")
    people = users.bulk_create(
        users.model(email=f"rep{n}@bench.example", name=f"Rep {n}") for n in range(REPS)
    )
    sales, marketing = (
        Team.objects.create(slug=f"bench-{function}", name=f"Bench {function}", function=function)
        for function in (Team.Function.SALES, Team.Function.MARKETING)
    )
    Membership.objects.create(user=marketer, team=marketing, role=Membership.Role.MEMBER)
    Membership.objects.bulk_create(
        Membership(user=rep, team=sales, role=Membership.Role.MEMBER) for rep in people
    )
    agreement = Agreement.objects.create(slug="bench", name="Bench", time_zone="UTC")
    for team in (sales, marketing):
        Party.objects.create(agreement=agreement, team=team)
    version = Version.objects.create(
        agreement=agreement, number=1, starts_on=at.date() - dt.timedelta(days=730), created_at=at
    )
    Clause.objects.create(
        version=version, topic=Clause.Topic.QUALIFICATION, text="Asked for an offer, and may sign for one."
    )
    segments = [Segment.objects.create(slug=f"bench-{n}", name=f"Bench {n}").pk for n in range(SEGMENTS)]
    with connection.cursor() as cursor:
        cursor.execute(LEAD_ROWS, {"leads": leads, "at": at, "segments": segments, "sources": SOURCES})
    return Company(
        agreement=agreement.pk,
        version=version.pk,
        team=sales.pk,
        marketer=marketer.pk,
        revision=company_calendar().latest_revision().pk,
        segments=segments,
        reps=[rep.pk for rep in people],
    )


def tidy() -> None:
    """Let the planner know of the rows, as it does a while after they came."""
    with connection.cursor() as cursor:
        for table in ("leads_lead", "leads_handoff"):
            cursor.execute(f"{TIDY} {table}")
