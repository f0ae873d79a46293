"""The sample company's agreement: three signed versions, each month's goal from a stored plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from agreements.exact import largest_remainder, round_parts
from agreements.funnel import SegmentInput, SegmentPlan, plan_by_segment
from agreements.models import Agreement, Commitment, Contact, MonthGoal, Party, Plan, Version
from agreements.quota_months import leads_behind_quotas, split_over_months
from agreements.services.planning import store_plan
from agreements.services.signing import sign_version
from slaproject.embedded.sample_company import people
from slaproject.embedded.sample_company.campaigns import promise_webinars
from slaproject.embedded.sample_company.measured import promise_content_customers
from slaproject.embedded.sample_company.owed import owe
from slaproject.embedded.sample_company.people import SEGMENTS, Staff
from slaproject.embedded.sample_company.timeline import Timeline, days_of, month_after
from slaproject.embedded.sample_company.wording import CONTACTS, write_clauses

SLUG, NAME, CURRENCY = "acme-leads", "Leads and follow-up", "EUR"
MARKETING_SHARE = Decimal("0.7")
WINDOW = dt.timedelta(days=14)
PAUSES = dt.timedelta(days=5)
HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Promised:
    """What one version says, in days of its own."""

    number: int
    starts_on: dt.date
    quota_a_month: Decimal
    goals_from: dt.date
    goal_months: int
    demo_allowance: dt.timedelta
    average_goal: dt.timedelta
    in_time_share: Decimal
    attempts: int
    share_worked: Decimal
    summary: str

    def allowance(self, segment: str) -> dt.timedelta:
        """The agreed time to the first attempt, in business hours."""
        own = {"demo-requests": self.demo_allowance, "enterprise": 2 * HOUR, "small-business": 8 * HOUR}
        return own.get(segment, 4 * HOUR)

    @property
    def months(self) -> list[dt.date]:
        return [month_after(self.goals_from, n) for n in range(self.goal_months)]


def promised(timeline: Timeline) -> tuple[Promised, ...]:
    """The three versions: the first year, the amendment in the middle of a month, the renewal."""
    first, amended, renewed = timeline.first_month, timeline.amended_on, timeline.renewed_on
    return (
        Promised(
            number=1,
            starts_on=first,
            quota_a_month=Decimal(1_200_000),
            goals_from=first,
            goal_months=12,
            demo_allowance=2 * HOUR,
            average_goal=3 * HOUR,
            in_time_share=Decimal("0.85"),
            attempts=5,
            share_worked=Decimal("0.95"),
            summary="Marketing hands over the leads that the sales quota needs; sales follows up within four "
            "business hours and tries at least five times within two weeks.",
        ),
        Promised(
            number=2,
            starts_on=amended,
            quota_a_month=Decimal(1_380_000),
            goals_from=amended.replace(day=1),
            goal_months=12 - timeline.offset_of(amended),
            demo_allowance=HOUR,
            average_goal=3 * HOUR,
            in_time_share=Decimal("0.85"),
            attempts=5,
            share_worked=Decimal("0.95"),
            summary="The quota was raised in the middle of the month, and with it the goal. In return sales calls "
            "everyone who asked for a demo within one business hour.",
        ),
        Promised(
            number=3,
            starts_on=renewed,
            quota_a_month=Decimal(1_340_000),
            goals_from=renewed,
            goal_months=18,
            demo_allowance=HOUR,
            average_goal=2 * HOUR + HOUR / 2,
            in_time_share=Decimal("0.9"),
            attempts=6,
            share_worked=Decimal("0.97"),
            summary="Renewed for the second year: sales tries a sixth time and answers sooner on average; marketing "
            "keeps to the raised goal.",
        ),
    )


@dataclass(frozen=True)
class Goals:
    """The plan of one version: the leads of its whole period, and of each month per segment."""

    plan: SegmentPlan
    quota: Decimal
    business_days: tuple[int, ...]
    months: dict[dt.date, int]
    by_segment: dict[dt.date, dict[str, int]]


def goals_of(version: Promised, *, holidays: frozenset[dt.date], scale: Decimal) -> Goals:
    """Derive the monthly goals from the quota, spread by business days. `scale` makes the company smaller."""
    quota = (version.quota_a_month * version.goal_months * scale).quantize(Decimal("0.01"))
    plan = plan_by_segment(
        quota=quota,
        marketing_share=MARKETING_SHARE,
        segments=_inputs(),
    )
    business_days = [
        sum(day.weekday() < 5 and day not in holidays for day in days_of(month)) for month in version.months
    ]
    quotas = split_over_months(quota, version.months, Plan.Split.BUSINESS_DAYS, weights=business_days)
    parts = round_parts(plan.leads, leads_behind_quotas(plan.leads_exact, quotas))
    months = dict(zip(version.months, parts, strict=True))
    weights = [segment.leads_exact for segment in plan.segments]
    return Goals(
        plan=plan,
        quota=quota,
        business_days=tuple(business_days),
        months=months,
        by_segment={
            month: dict(zip((s.key for s in plan.segments), largest_remainder(leads, weights), strict=True))
            for month, leads in months.items()
        },
    )


def version_on(versions: Sequence[Promised], day: dt.date) -> Promised:
    """Return the version in force on a day; the first one before its start."""
    return next((v for v in reversed(versions) if v.starts_on <= day), versions[0])


def agreed_in(month: dt.date, versions: Sequence[Promised], goals: Mapping[int, Goals]) -> Fraction:
    """Return the goal of a month as agreed on each of its days; beyond the last planned month, that one's."""
    days = days_of(month)
    total = Fraction(0)
    for day in days:
        planned = goals[version_on(versions, day).number].months
        total += Fraction(planned.get(month, planned[max(planned)]), len(days))
    return total


def sign_agreement(
    staff: Staff, versions: Sequence[Promised], goals: Mapping[int, Goals], *, signed_before: dt.datetime
) -> Agreement:
    """Write the versions and have both directors sign each, some days before it begins."""
    agreement = Agreement.objects.create(
        slug=SLUG, name=NAME, time_zone=people.ZONES[people.WARSAW], currency=CURRENCY
    )
    directors = {
        people.MARKETING: staff.users[people.NAMED[0].email],
        people.SALES: staff.users[people.NAMED[1].email],
    }
    parties = {
        slug: Party.objects.create(agreement=agreement, team=team, signatory=directors.get(slug))
        for slug, team in staff.teams.items()
    }
    Contact.objects.bulk_create(
        Contact(party=parties[slug], responsibility=what, person=staff.users.get(who), outside=outside)
        for slug, what, who, outside in CONTACTS
    )
    for version in versions:
        begins = dt.datetime.combine(version.starts_on, dt.time(9), agreement.zone)
        row = Version.objects.create(
            agreement=agreement,
            number=version.number,
            starts_on=version.starts_on,
            summary=version.summary,
            review_after_misses=2,
            cancel_after_misses=4,
            created_at=(begins - dt.timedelta(days=12)).astimezone(dt.UTC),
            created_by=directors[people.MARKETING],
        )
        write_clauses(row, parties)
        _promise(row, version, goals[version.number], parties, staff)
        if version.number > 1:
            promise_content_customers(row, parties[people.SALES])
            promise_webinars(row, parties[people.MARKETING], goals[version.number].months)
        if version is versions[-1]:
            owe(row, parties, staff)
        for signer, days, minutes in (
            (directors[people.MARKETING], 5, 35),
            (directors[people.SALES], 4, 310),
        ):
            signed_at = (begins - dt.timedelta(days=days, minutes=-minutes)).astimezone(dt.UTC)
            sign_version(version=row, signer=signer, now=min(signed_at, signed_before))
    return agreement


def _promise(
    row: Version, version: Promised, goals: Goals, parties: Mapping[str, Party], staff: Staff
) -> None:
    plan = _store_plan(row, version, goals)
    marketing, sales = parties[people.MARKETING], parties[people.SALES]
    for segment in (None, *(s.slug for s in SEGMENTS)):
        goal = Commitment.objects.create(
            version=row,
            party=marketing,
            kind=Commitment.Kind.MQL_GOAL,
            segment=staff.segments[segment] if segment else None,
        )
        MonthGoal.objects.bulk_create(
            MonthGoal(
                commitment=goal,
                month_on=month,
                goal=goals.by_segment[month][segment] if segment else leads,
                plan=plan,
            )
            for month, leads in goals.months.items()
        )
    usual = version.allowance("")
    for segment in (None, *(s.slug for s in SEGMENTS)):
        allowance = version.allowance(segment or "")
        if segment and allowance == usual:
            continue
        Commitment.objects.create(
            version=row,
            party=sales,
            kind=Commitment.Kind.SPEED,
            segment=staff.segments[segment] if segment else None,
            allowance=allowance,
            pause_limit=PAUSES,
            average_goal=version.average_goal * (allowance / usual),
            in_time_share=version.in_time_share,
        )
    Commitment.objects.create(
        version=row,
        party=sales,
        kind=Commitment.Kind.DEPTH,
        attempts=version.attempts,
        window=WINDOW,
    )
    Commitment.objects.create(
        version=row, party=sales, kind=Commitment.Kind.SHARE_WORKED, share=version.share_worked
    )


def _store_plan(row: Version, version: Promised, goals: Goals) -> Plan:
    plan = goals.plan
    return store_plan(
        agreement=row.agreement,
        starts_on=version.months[0],
        ends_on=month_after(version.months[-1], 1),
        quota=goals.quota,
        currency=row.agreement.currency,
        marketing_share=MARKETING_SHARE,
        average_deal=_rounded(plan.revenue_goal / plan.customers_exact, 2),
        close_rate=_rounded(plan.customers_exact / plan.leads_exact, 6),
        segments=_inputs(),
        split=Plan.Split.BUSINESS_DAYS,
        weights=[Decimal(days) for days in goals.business_days],
        now=row.created_at,
        by=row.created_by,
    )


def _inputs() -> list[SegmentInput]:
    return [SegmentInput(s.slug, s.share, s.average_deal, s.close_rate) for s in SEGMENTS]


def _rounded(value: Fraction, places: int) -> Decimal:
    return round(Decimal(value.numerator) / value.denominator, places)
