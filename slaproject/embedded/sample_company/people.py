"""Who works at the sample company: teams in two zones with hours of their own, people, segments of leads."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.hashers import make_password

from agreements.models import BusinessCalendar, CalendarRevision, Membership, Segment, Team
from agreements.services.calendars import company_calendar, revise_calendar
from slaproject.accounts.models import User
from slaproject.embedded.sample_accounts import SAMPLE_DOMAIN, SAMPLE_PASSWORD

Role = Membership.Role

MARKETING, SALES, WARSAW, NEW_YORK = "marketing", "sales", "sales-warsaw", "sales-new-york"
REGIONS = (WARSAW, NEW_YORK)
ZONES = {WARSAW: "Europe/Warsaw", NEW_YORK: "America/New_York"}


@dataclass(frozen=True)
class Person:
    """One person: the part of the e-mail before the @, and a place in teams or a role beside them."""

    login: str
    name: str
    teams: tuple[str, ...] = ()
    role: Membership.Role = Role.MEMBER
    pace: float = 1.0  # of a rep: how long the first attempt takes, against the others
    beside: User.Role = User.Role.BY_TEAM

    @property
    def email(self) -> str:
        return f"{self.login}@{SAMPLE_DOMAIN}"


# The first ones are those that the demo names; their addresses say what they are.
NAMED = (
    Person("marketing.director", "Marta Zielińska", (MARKETING,), Role.DIRECTOR),
    Person("sales.director", "Tomasz Wiśniewski", (SALES, WARSAW, NEW_YORK), Role.DIRECTOR),
    Person("manager.warsaw", "Agnieszka Król", (WARSAW,), Role.MANAGER),
    Person("manager.new-york", "Denise Okafor", (NEW_YORK,), Role.MANAGER),
    Person("rep.warsaw", "Piotr Łuczak", (WARSAW,), pace=0.8),
    Person("rep.new-york", "Grace Kim", (NEW_YORK,), pace=0.9),
    Person("marketer", "Julia Brandt", (MARKETING,)),
    Person("viewer", "Henrik Dahl", beside=User.Role.VIEWER),
    Person("auditor", "Ruth Adler", beside=User.Role.AUDITOR),
    Person("administrator", "Ada Moreno"),
)
ADMINISTRATOR = "administrator"
REPS = {
    WARSAW: (
        NAMED[4],
        *(
            Person(login, name, (WARSAW,), pace=pace)
            for login, name, pace in (
                ("zofia.sobczak", "Zofia Sobczak", 0.75),
                ("jakub.zajac", "Jakub Zając", 1.0),
                ("katarzyna.gorska", "Katarzyna Górska", 0.95),
                ("michal.pawlak", "Michał Pawlak", 1.1),
                ("ewa.dabrowska", "Ewa Dąbrowska", 0.85),
                ("oleh.bondar", "Oleh Bondar", 1.0),
                ("lukasz.sikora", "Łukasz Sikora", 1.75),
                ("lena.vogel", "Lena Vogel", 0.9),
                ("stanislaw.wrona", "Stanisław Wrona", 1.15),
                ("ines.duarte", "Inês Duarte", 0.95),
                ("bartosz.zurek", "Bartosz Żurek", 1.05),
            )
        ),
    ),
    NEW_YORK: (
        NAMED[5],
        *(
            Person(login, name, (NEW_YORK,), pace=pace)
            for login, name, pace in (
                ("marcus.reed", "Marcus Reed", 1.0),
                ("seoyeon.yoon", "윤서연", 0.7),
                ("carlos.ibarra", "Carlos Ibarra", 1.05),
                ("hannah.cole", "Hannah Cole", 0.95),
                ("minjun.park", "박민준", 0.9),
                ("tanya.brooks", "Tanya Brooks", 1.1),
                ("dmitri.orlov", "Dmitri Orlov", 1.0),
                ("aisha.bello", "Aisha Bello", 0.85),
                ("jack.doyle", "Jack Doyle", 1.6),
                ("linh.tran", "Linh Tran", 0.95),
                ("rosa.delgado", "Rosa Delgado", 1.0),
            )
        ),
    ),
}
OTHERS = (
    Person("samir.haddad", "Samir Haddad", (MARKETING,), Role.MANAGER),
    Person("jiho.choi", "최지호", (MARKETING,)),
    Person("wanda.lis", "Wanda Lis", (MARKETING,)),
)


@dataclass(frozen=True)
class Hours:
    """The business hours of one region."""

    slug: str
    name: str
    country: str
    day: tuple[str, str]
    christmas_eve_from: str | None = None


HOURS = {
    WARSAW: Hours("warsaw", "Warsaw office", "PL", ("09:00", "17:00")),
    NEW_YORK: Hours("new-york", "New York office", "US", ("09:00", "17:30"), christmas_eve_from="13:00"),
}


@dataclass(frozen=True)
class SampleSegment:
    """A class of leads: what one is worth is its average deal × its close rate."""

    slug: str
    name: str
    priority: int
    share: Decimal
    average_deal: Decimal
    close_rate: Decimal
    part_of_leads: float

    @property
    def lead_value(self) -> Decimal:
        return (self.average_deal * self.close_rate).quantize(Decimal("0.01"))


SEGMENTS = (
    SampleSegment(
        "demo-requests", "Demo requests", 10, Decimal("0.29"), Decimal(9000), Decimal("0.28"), 0.165
    ),
    SampleSegment("enterprise", "Enterprise", 20, Decimal("0.27"), Decimal(24000), Decimal("0.12"), 0.135),
    SampleSegment("mid-market", "Mid-market", 30, Decimal("0.34"), Decimal(8000), Decimal("0.16"), 0.38),
    SampleSegment(
        "small-business", "Small business", 40, Decimal("0.10"), Decimal(2500), Decimal("0.18"), 0.32
    ),
)


@dataclass(frozen=True)
class Staff:
    """The rows of the people, teams, hours and segments, by what they are known by here."""

    users: dict[str, User]
    teams: dict[str, Team]
    hours: dict[str, CalendarRevision]
    segments: dict[str, Segment]


def hire_everyone(*, starts_on: dt.date) -> Staff:
    """Create teams, hours, people and segments, as they stand on the company's first day."""
    then = dt.datetime.combine(starts_on, dt.time(8), dt.UTC) - dt.timedelta(days=30)
    calendars = {region: _open(region, then) for region in REGIONS}
    functions = (
        (MARKETING, "Marketing", Team.Function.MARKETING, None),
        (SALES, "Sales", Team.Function.SALES, None),
        (WARSAW, "Sales Warsaw", Team.Function.SALES, calendars[WARSAW]),
        (NEW_YORK, "Sales New York", Team.Function.SALES, calendars[NEW_YORK]),
    )
    teams = {
        slug: Team.objects.create(slug=slug, name=name, function=function, calendar=calendar)
        for slug, name, function, calendar in functions
    }
    password = make_password(SAMPLE_PASSWORD)  # once: hashing it for each takes seconds
    for person in everyone():
        is_administrator = person.login == ADMINISTRATOR
        user = User.objects.create(
            email=person.email,
            name=person.name,
            password=password,
            role=person.beside,
            time_zone=ZONES[NEW_YORK] if NEW_YORK in person.teams[:1] else ZONES[WARSAW],
            is_staff=is_administrator,
            is_superuser=is_administrator,
            date_joined=then,
        )
        for slug in person.teams:
            Membership.objects.create(user=user, team=teams[slug], role=person.role)
    for segment in SEGMENTS:
        Segment.objects.create(
            slug=segment.slug,
            name=segment.name,
            priority=segment.priority,
            lead_value=segment.lead_value,
        )
    return staff()


def staff() -> Staff:
    """Return everybody, found again."""
    return Staff(
        users={user.email: user for user in User.objects.filter(email__iendswith=f"@{SAMPLE_DOMAIN}")},
        teams={team.slug: team for team in Team.objects.all()},
        hours={
            region: BusinessCalendar.objects.get(slug=HOURS[region].slug).latest_revision()
            for region in REGIONS
        },
        segments={segment.slug: segment for segment in Segment.objects.all()},
    )


def everyone() -> list[Person]:
    """Return all people, those whom the demo names first."""
    reps = [rep for region in REGIONS for rep in REPS[region] if rep not in NAMED]
    return [*NAMED, *OTHERS, *reps]


def _open(region: str, then: dt.datetime) -> BusinessCalendar:
    hours = HOURS[region]
    if region == WARSAW:  # the head office: its hours are the company's
        calendar = company_calendar()
        calendar.slug, calendar.name, calendar.country = hours.slug, hours.name, hours.country
        calendar.save(update_fields=["slug", "name", "country"])
    else:
        calendar = BusinessCalendar.objects.create(slug=hours.slug, name=hours.name, country=hours.country)
    week = {day: [list(hours.day)] for day in ("mon", "tue", "wed", "thu", "fri")}
    definition: dict[str, object] = {"tz": ZONES[region], "weekly": week}
    if hours.christmas_eve_from:
        definition["breaks"] = {
            f"{year}-12-24": [[hours.christmas_eve_from, hours.day[1]]]
            for year in range(then.year, then.year + 5)
        }
    revise_calendar(calendar=calendar, definition=definition, now=then, note="Office hours")
    return calendar
