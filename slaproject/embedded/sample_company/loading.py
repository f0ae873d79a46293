"""Loads the sample company, all or nothing; the next time it only writes down what has happened since."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from django.db import connection, transaction

from agreements.models import Agreement, Version
from leads.models import Import, Lead
from leads.services.sweep import sweep_clocks
from slaproject.embedded.sample_company import people
from slaproject.embedded.sample_company.campaigns import plan_month
from slaproject.embedded.sample_company.history import SYSTEM, Span, write_history
from slaproject.embedded.sample_company.keeping import (
    close_past_months,
    freeze_last_months,
    tell_what_was_done,
)
from slaproject.embedded.sample_company.levels import agree_on_enterprise
from slaproject.embedded.sample_company.lives import Life, SampleDeal, World
from slaproject.embedded.sample_company.measured import enter_results
from slaproject.embedded.sample_company.owed import deliver_what_was_owed
from slaproject.embedded.sample_company.people import HOURS, WARSAW, ZONES, Staff
from slaproject.embedded.sample_company.promises import (
    SLUG,
    Goals,
    agreed_in,
    goals_of,
    promised,
    sign_agreement,
)
from slaproject.embedded.sample_company.routing import route_by_rules, rules_at_rest
from slaproject.embedded.sample_company.saying import answer_pulses, rate_what_was_closed
from slaproject.embedded.sample_company.timeline import Timeline, days_of, month_after
from slaproject.embedded.sample_company.today import begin_today, is_live, work_on

LOAD_LOCK = 7_240_121  # whoever loads holds this advisory lock
STALE_AFTER = dt.timedelta(hours=12)
SALES_LEADS_A_DAY, CUSTOMERS_A_DAY = 3.4, 0.3


class NotEmpty(Exception):
    """There is something else in the database already."""


@transaction.atomic
def load_sample_company(*, now: dt.datetime, scale: Decimal = Decimal(1)) -> Counter[str]:
    """Load the company as it stands at `now`, or bring it up to now; return how many rows of what were written.

    Nothing is written while the live part is fresh. `scale` says how large the company is, at the first loading.
    Raises NotEmpty where another company's agreements or leads are.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOAD_LOCK])
    agreement = Agreement.objects.filter(slug=SLUG).first()
    if agreement is None:
        return _found(now, scale)
    loaded_at = Import.objects.filter(system=SYSTEM).latest("started_at").started_at
    if now <= loaded_at or (now - loaded_at < STALE_AFTER and is_live(now)):
        return Counter()
    return _go_on(agreement, Span(loaded_at, now))


def _found(now: dt.datetime, scale: Decimal) -> Counter[str]:
    if Agreement.objects.exists() or Lead.objects.exists():
        raise NotEmpty(
            "There are agreements or leads here already; the sample company wants an empty database."
        )
    timeline = Timeline.up_to(now.astimezone(zoneinfo.ZoneInfo(ZONES[WARSAW])).date())
    staff = people.hire_everyone(starts_on=timeline.first_month)
    company = Company(timeline, staff, scale)
    agreement = sign_agreement(staff, company.versions, company.goals, signed_before=now)
    deliver_what_was_owed(agreement, staff, now=now)
    planned = company.plan_campaigns(agreement, now)
    counts = company.write_down(Span(None, now))
    counts["campaigns"] = planned
    counts["live"] += begin_today(agreement=agreement, staff=staff, now=now)
    route_by_rules(staff=staff, now=now)
    sweep_clocks(now=now)
    counts["answers"] = answer_pulses(agreement, timeline, now)
    counts["ratings"] = rate_what_was_closed(agreement, now)
    counts["values"] = enter_results(agreement, staff, now)
    counts["results"] = close_past_months(agreement, now)
    tell_what_was_done(agreement, timeline, staff, now)
    counts["editions"] = freeze_last_months(agreement, staff, now)
    agree_on_enterprise(agreement, staff, now=now)
    return counts


def _go_on(agreement: Agreement, span: Span) -> Counter[str]:
    first = Version.objects.get(agreement=agreement, number=1)
    plan = first.commitments.get(kind="mql_goal", segment=None).month_goals.earliest("month_on").plan
    assert plan is not None
    timeline, staff = Timeline(first.starts_on), people.staff()
    whole = promised(timeline)[0]
    company = Company(timeline, staff, plan.quota / (whole.quota_a_month * whole.goal_months))
    counts = company.write_down(span)
    counts["campaigns"] = company.plan_campaigns(agreement, span.until)
    counts["live"] += work_on(staff=staff, now=span.until)
    with rules_at_rest():
        counts["live"] += begin_today(agreement=agreement, staff=staff, now=span.until)
    sweep_clocks(now=span.until)
    counts["answers"] = answer_pulses(agreement, timeline, span.until)
    counts["ratings"] = rate_what_was_closed(agreement, span.until)
    counts["values"] = enter_results(agreement, staff, span.until)
    counts["results"] = close_past_months(agreement, span.until)
    return counts


class Company:
    """The company drawn: what it promised, and the lives of its leads."""

    def __init__(self, timeline: Timeline, staff: Staff, scale: Decimal) -> None:
        self.timeline, self.staff, self.scale = timeline, staff, scale
        self.versions = promised(timeline)
        names = staff.hours[WARSAW].holiday_names
        self.holidays = frozenset(dt.date.fromisoformat(day) for day in names)
        self.goals: dict[int, Goals] = {
            version.number: goals_of(version, holidays=self.holidays, scale=scale)
            for version in self.versions
        }
        hours = {region: staff.hours[region].compiled() for region in HOURS}
        self.world = World(timeline, self.versions, hours)

    def write_down(self, span: Span) -> Counter[str]:
        """Write down what happened in the span."""
        last = span.until.astimezone(zoneinfo.ZoneInfo(ZONES[WARSAW])).date()
        days = list(self._days(last))
        lives = [life for day, leads in days for life in self._lives(day, leads)]
        deals: list[SampleDeal] = []
        for day, _ in days:
            deals += self.world.deals_without_a_lead(day, CUSTOMERS_A_DAY * float(self.scale))
        return write_history(lives, deals, span=span, staff=self.staff)

    def plan_campaigns(self, agreement: Agreement, now: dt.datetime) -> int:
        """Plan the month of `now`, and at the first loading the one before; return how many campaigns."""
        month = now.astimezone(zoneinfo.ZoneInfo(ZONES[WARSAW])).date().replace(day=1)
        months = [month] if agreement.campaigns.exists() else [month_after(month, -1), month]
        return sum(
            plan_month(agreement, self.staff, one, int(agreed_in(one, self.versions, self.goals)), now=now)
            for one in months
        )

    def _days(self, last: dt.date) -> Iterator[tuple[dt.date, int]]:
        month = self.timeline.first_month
        while month <= last:
            goal = float(agreed_in(month, self.versions, self.goals))
            counts = self.timeline.leads_by_day(month, goal=goal, is_holiday=lambda day: day in self.holidays)
            yield from ((day, counts[day]) for day in days_of(month) if day <= last)
            month = month_after(month, 1)

    def _lives(self, day: dt.date, leads: int) -> Iterator[Life]:
        return self.world.lives_of(day, leads, SALES_LEADS_A_DAY * float(self.scale))
