"""March 2026 of a small company, seen on Tuesday the 17th at 10:42 UTC: behind its goal, with a flat stretch."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from agreements.models import Agreement, Commitment, MonthGoal, Segment
from agreements.services.planning import store_plan
from agreements.terms import TermsBook
from leads.models import Deal, HandOff, Lead
from leads.services.attempts import log_attempt
from leads.services.hand_offs import close, hand_over
from reports import rollups
from tests import factories

NOW = dt.datetime(2026, 3, 17, 10, 42, tzinfo=dt.UTC)
MARCH = dt.date(2026, 3, 1)
SOURCES = ("web", "web", "fair <b>Łódź</b>", "web", "partner")
# Leads of each day of March up to the 17th: nothing on Tuesday 10 to Thursday 12.
PER_DAY = [0, 5, 6, 4, 5, 6, 0, 0, 3, 0, 0, 0, 4, 0, 0, 5, 2]


@dataclass
class Company:
    agreement: Agreement
    executives: Segment
    kim: Any
    lee: Any
    viewer: Any
    admin: Any


def make_company(*, goal: int = 100, average_goal: dt.timedelta = dt.timedelta(hours=2)) -> Company:
    """An agreement from January on: the goal with its plan, two hours on average, four to the first try, six tries."""
    agreement = factories.agreement()
    executives = factories.segment("Executives", lead_value=Decimal(100))
    version = factories.draft(agreement, goals={MARCH: goal})
    plan = store_plan(
        quota=Decimal(50_000),
        starts_on=MARCH,
        ends_on=dt.date(2026, 4, 1),
        marketing_share=Decimal(1),
        average_deal=Decimal(2_500),
        close_rate=Decimal("0.2"),
        currency="EUR",
        now=factories.NOON,
        agreement=agreement,
    )
    MonthGoal.objects.filter(commitment__version=version).update(plan=plan)
    promise = Commitment.objects.create(
        version=version,
        party=factories.party(agreement, "marketing"),
        kind=Commitment.Kind.MQL_GOAL,
        segment=executives,
    )
    MonthGoal.objects.create(commitment=promise, month_on=MARCH, goal=Decimal(goal) / 4)
    Commitment.objects.filter(version=version, kind=Commitment.Kind.SPEED).update(
        average_goal=average_goal, in_time_share=Decimal("0.9")
    )
    Commitment.objects.create(
        version=version,
        party=factories.party(agreement, "sales"),
        kind=Commitment.Kind.SHARE_WORKED,
        share=Decimal("0.95"),
    )
    factories.sign(version)
    return Company(
        agreement=agreement,
        executives=executives,
        kim=factories.user("Kim Ito"),
        lee=factories.user("Lee & <i>Sons</i>"),
        viewer=factories.user("Vera Viewer"),
        admin=factories.user("Ada Admin", is_staff=True, is_superuser=True),
    )


def fill_month(company: Company, *, times: int = 1) -> None:
    """Hand leads over day by day; most are tried, some connect, some wait, and a few were won."""
    book = TermsBook()
    number = 0
    for day, count in enumerate(PER_DAY, start=1):
        for place in range(count * times):
            number += 1
            at = dt.datetime(2026, 3, day, 9, 5 * (place % 12), tzinfo=dt.UTC)
            lead = factories.lead(
                at,
                source=SOURCES[number % len(SOURCES)],
                segment=company.executives if number % 4 == 0 else None,
            )
            owner = (company.kim, company.lee)[number % 2]
            hand_off = hand_over(
                lead=lead, now=NOW, at=at, owner=owner, agreement=company.agreement, book=book
            )
            work(hand_off, number)


def work(hand_off: HandOff, number: int) -> None:
    """Try a hand-off as often as its number says; every seventh waits for its first attempt."""
    if number % 7 == 0:
        return
    at = hand_off.handed_off_at + dt.timedelta(minutes=20 + 25 * (number % 11))
    for attempt in range(number % 5 + 1):
        when = at + attempt * dt.timedelta(hours=20)
        if when > NOW:
            return
        connects = number % 3 == 0 and attempt == number % 5
        log_attempt(
            hand_off=hand_off,
            attempted_at=when,
            channel="call",
            outcome="connected" if connects else "no_answer",
            now=NOW,
        )
        if connects and number % 6 == 0:
            close(hand_off=hand_off, closed_as="won", at=when, now=NOW)
            win(hand_off.lead, when + dt.timedelta(hours=1))


def win(lead: Lead, at: dt.datetime) -> None:
    """A deal won with the lead."""
    Deal.objects.create(
        system="test",
        external_id=f"deal-{lead.external_id}",
        lead=lead,
        closed_at=min(at, NOW),
        closed_on=min(at, NOW).date(),
        amount=Decimal(2_300),
        currency="EUR",
        is_won=True,
        origin="marketing",
    )


def make_month(*, times: int = 1, **terms: Any) -> Company:
    """The company with its month, and fresh figures."""
    company = make_company(**terms)
    fill_month(company, times=times)
    rollups.refresh(now=NOW, wait=True)
    return company
