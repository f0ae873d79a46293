"""What the sample company's marketing promises of one source, and plans of campaigns under each month's goal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from agreements.models import Agreement, Campaign, CampaignGoal, Party, Version
from agreements.services.campaigns import plan_campaign
from slaproject.embedded.sample_company import people
from slaproject.embedded.sample_company.people import Staff
from slaproject.embedded.sample_company.timeline import days_of

# What is planned, on which days of the month, how many of 100 of its goal, for how much.
PLANNED = (
    (Campaign.Of.CAMPAIGN, "Webinar {month:%Y-%m}", 3, 26, 18, 4_500),
    (Campaign.Of.CAMPAIGN, "Trade fair {month:%Y-%m}", 8, 21, 5, 12_000),
    (Campaign.Of.SOURCE, "Paid search", 1, 31, 28, 9_000),
)


WEBINARS, OF_GOAL = "Webinar", 20  # of 100 leads of the smallest month's goal


def promise_webinars(version: Version, party: Party, months: Mapping[dt.date, int]) -> None:
    """Write into a draft how many leads webinars are to bring each month."""
    CampaignGoal.objects.create(
        version=version,
        party=party,
        of=Campaign.Of.SOURCE,
        name=WEBINARS,
        goal=max(min(months.values()) * OF_GOAL // 100, 1),
    )


def plan_month(agreement: Agreement, staff: Staff, month: dt.date, goal: int, *, now: dt.datetime) -> int:
    """Plan a month that has no plans yet; return how many were made."""
    days = days_of(month)
    if agreement.campaigns.running_in(days[0], days[-1] + dt.timedelta(days=1)).exists():
        return 0
    for of, name, first, last, part, budget in PLANNED:
        plan_campaign(
            agreement=agreement,
            of=of,
            name=name.format(month=month),
            starts_on=days[first - 1],
            last_on=days[min(last, len(days)) - 1],
            goal=max(goal * part // 100, 1),
            budget=Decimal(budget),
            now=now,
            by=staff.users[people.NAMED[0].email],
        )
    return len(PLANNED)
