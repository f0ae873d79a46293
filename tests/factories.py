"""Rows for tests, with fixed dates: a named cast of one company, made as each test needs it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth import get_user_model

from agreements.models import (
    Agreement,
    Campaign,
    CampaignGoal,
    Commitment,
    CustomMeasure,
    Duty,
    Membership,
    MonthGoal,
    Obligation,
    Party,
    Segment,
    Team,
    Version,
)
from agreements.services.calendars import load_calendar
from agreements.services.signing import sign_version
from leads.models import Lead
from reports.models import Edition

_numbers = count(1)

# Wednesday, 4 March 2026, noon in UTC.
NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
NINE_TO_FIVE = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def user(name: str = "Sample Person", **fields: Any) -> Any:
    """A person who can sign in with the password `secret`."""
    email = fields.pop("email", f"person{next(_numbers)}@example.com")
    return get_user_model().objects.create_user(email=email, password="secret", name=name, **fields)


def calendar(
    name: str = "Office",
    *,
    tz: str = "UTC",
    weekly: Mapping[str, Any] | None = None,
    is_default: bool = False,
    **more: Any,
) -> Any:
    """A calendar with one revision; Monday to Friday 9 to 17 unless told."""
    definition = {"tz": tz, "weekly": weekly or NINE_TO_FIVE, **more}
    return load_calendar(name=name, definition=definition, now=NOON, is_default=is_default).calendar


def team(name: str, function: str = Team.Function.SALES, **fields: Any) -> Team:
    """A team; its slug follows from its name."""
    return Team.objects.create(name=name, slug=name.lower().replace(" ", "-"), function=function, **fields)


def segment(name: str, **fields: Any) -> Segment:
    """A segment; its slug follows from its name."""
    return Segment.objects.create(name=name, slug=name.lower(), **fields)


def agreement(slug: str = "company", *, time_zone: str = "UTC", **fields: Any) -> Agreement:
    """An agreement between a marketing and a sales team, each signed for by its director."""
    made = Agreement.objects.create(slug=slug, name=slug.title(), time_zone=time_zone, **fields)
    for function in (Team.Function.MARKETING, Team.Function.SALES):
        party = team(f"{slug} {function}".title(), function)
        director = user(f"Director of {party.name}")
        Membership.objects.create(user=director, team=party, role=Membership.Role.DIRECTOR)
        Party.objects.create(agreement=made, team=party, signatory=director)
    return made


def party(of: Agreement, function: str) -> Party:
    """The party of the agreement with this function."""
    return of.parties.get(team__function=function)


def draft(
    of: Agreement,
    *,
    starts_on: dt.date = dt.date(2026, 1, 1),
    ends_on: dt.date | None = None,
    goals: Mapping[dt.date, int] | None = None,
    allowance: dt.timedelta | None = dt.timedelta(hours=4),
    attempts: int | None = 6,
    segment_allowances: Mapping[Segment | None, dt.timedelta] | None = None,
    goal_terms: Mapping[str, Any] | None = None,
    depth_terms: Mapping[str, Any] | None = None,
) -> Version:
    """A draft that promises the monthly goals, the allowance and the attempts, as far as given."""
    last = of.versions.order_by("-number").first()
    version = Version.objects.create(
        agreement=of,
        number=last.number + 1 if last else 1,
        starts_on=starts_on,
        ends_on=ends_on,
        created_at=NOON,
    )
    marketing, sales = party(of, Team.Function.MARKETING), party(of, Team.Function.SALES)
    promise = Commitment.objects.create(
        version=version, party=marketing, kind=Commitment.Kind.MQL_GOAL, **(goal_terms or {})
    )
    for month_on, goal in (goals or {}).items():
        MonthGoal.objects.create(commitment=promise, month_on=month_on, goal=Decimal(goal))
    if allowance is not None:
        allowances: dict[Segment | None, dt.timedelta] = {None: allowance, **(segment_allowances or {})}
        for of_segment, length in allowances.items():
            Commitment.objects.create(
                version=version,
                party=sales,
                kind=Commitment.Kind.SPEED,
                segment=of_segment,
                allowance=length,
                average_goal=length / 2,
            )
    if attempts is not None:
        Commitment.objects.create(
            version=version, party=sales, kind=Commitment.Kind.DEPTH, attempts=attempts, **(depth_terms or {})
        )
    return version


def obligation(of: Version, name: str = "Pipeline status", **terms: Any) -> Obligation:
    """What sales owes marketing under a draft, every Friday by 16:00 unless told; its director answers for it."""
    marketing = party(of.agreement, Team.Function.MARKETING)
    sales = party(of.agreement, Team.Function.SALES)
    given: dict[str, Any] = {
        "from_party": sales,
        "to_party": marketing,
        "cadence": "weekly",
        "weekday": 4,
        "due_time": dt.time(16),
    }
    person = terms.pop("person", None) or sales.signatory
    made = Obligation.objects.create(version=of, name=name, **(given | terms))
    Duty.objects.create(obligation=made, person=person)
    return made


def measure(of: Version, name: str = "Satisfaction of customers", **terms: Any) -> CustomMeasure:
    """What sales promises under a draft, at least 4.5 points every month unless told."""
    given: dict[str, Any] = {
        "party": party(of.agreement, Team.Function.SALES),
        "unit": "points",
        "direction": "at_least",
        "target": Decimal("4.5"),
    }
    return CustomMeasure.objects.create(version=of, name=name, **(given | terms))


def campaign_goal(of: Version, name: str = "Autumn", goal: int = 40, **terms: Any) -> CampaignGoal:
    """What marketing promises of a campaign under a draft, every month unless told."""
    given: dict[str, Any] = {"party": party(of.agreement, Team.Function.MARKETING)}
    return CampaignGoal.objects.create(version=of, name=name, goal=goal, **(given | terms))


def sign(version: Version) -> Version:
    """Sign for every party; the version as it is in force."""
    for signing in version.agreement.parties.order_by("pk"):
        assert signing.signatory is not None
        sign_version(version=version, signer=signing.signatory, now=NOON)
    version.refresh_from_db()
    return version


def signed(of: Agreement, **terms: Any) -> Version:
    """A version with these terms, signed by all."""
    return sign(draft(of, **terms))


def lead(qualified_at: dt.datetime = NOON, **fields: Any) -> Lead:
    """A marketing lead qualified at this instant."""
    given = {
        "system": "test",
        "external_id": f"lead-{next(_numbers)}",
        "source": "web",
        "qualified_on": qualified_at.date(),
        "created_at": qualified_at,
    }
    return Lead.objects.create(qualified_at=qualified_at, **(given | fields))


RATES = {
    "caption": "Rates",
    "columns": [{"key": "rate", "name": "Rate"}],
    "rows": [[{"text": "None", "value": ""}]],
    "total": [],
}


def edition(of: Agreement, month_on: dt.date = dt.date(2026, 2, 1), number: int = 1, **said: Any) -> Edition:
    """An edition that says next to nothing, made by hand."""
    nothing: list[Any] = []
    snapshot = {
        **dict.fromkeys(("further", "sides", "charts", "terms", "pulses", "ratings"), nothing),
        **dict.fromkeys(("strikes", "carried", "excuses", "changed"), nothing),
        "language": "en",
        "agreement": of.name,
        "month": f"{month_on:%B %Y}",
        "version": 1,
        "text_sha256": "",
        "finding": "Nothing was judged.",
        "rates_finding": "No rates.",
        "next": "",
        "rates": RATES,
        "judged": {},
        "found": {},
        **said,
    }
    return Edition.objects.create(
        agreement=of,
        month_on=month_on,
        number=number,
        as_of=NOON,
        made_at=NOON,
        form=1,
        snapshot=snapshot,
        sha256="0" * 64,
    )


def campaign(of: Agreement, name: str = "Spring fair", **fields: Any) -> Campaign:
    """Ten leads of a campaign planned for the first ten days of March 2026."""
    planned = {"starts_on": dt.date(2026, 3, 1), "last_on": dt.date(2026, 3, 10), "goal": 10}
    return Campaign.objects.create(agreement=of, name=name, **{**planned, **fields})
