"""Campaigns and sources: planned by marketing under the month's goal, counted by the leads that name them."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.models import AgreementEvent, Campaign, Commitment
from agreements.services.campaigns import change_campaign, drop_campaign, plan_campaign
from agreements.terms import TermsBook
from leads.models import HandOff
from leads.services.hand_offs import close, hand_over
from reports import rollups
from reports.periods import month_of
from reports.readings.campaigns import campaign_report, campaigns_in, leads_measure, month_by
from reports.readings.goals import goal_promise
from reports.readings.scope import build_scope
from reports.readings.waterfall import waterfall_report
from tests import factories
from tests.query_counts import MOST_QUERIES
from tests.reports.answers import rows_of, texts
from tests.reports.sample_month import MARCH, NOW, make_month

Of = Campaign.Of
NAMES = ("", "Spring fair", "Newsletter <b>", "Webinar")
DAY = dt.timedelta(days=1)
TERMS = {
    "name": "Spring fair",
    "starts_on": MARCH,
    "last_on": MARCH + 9 * DAY,
    "goal": 20,
    "budget": Decimal(1_000),
}


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture(scope="module")
def _campaigns_month(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        company = make_month()
        book, random = TermsBook(), Random(11)
        for number in range(30):
            at = dt.datetime(2026, random.choice((2, 3)), random.randint(1, 16), 9, tzinfo=dt.UTC)
            lead = factories.lead(
                at,
                campaign=NAMES[number % 4],
                source=random.choice(("web", "partner", "fair <b>Łódź</b>")),
                segment=random.choice((company.executives, None)),
                origin=random.choice(("marketing", "marketing", "sales")),
            )
            hand_over(lead=lead, now=NOW, at=at, owner=company.kim, agreement=company.agreement, book=book)
        rollups.refresh(now=NOW, wait=True)
        yield company
        transaction.set_rollback(True)


@pytest.fixture
def company(_campaigns_month, db):
    return _campaigns_month


def scope_of(company, start=MARCH):
    return build_scope(period=month_of(start), now=NOW, agreement=company.agreement)


def plan(company, **terms):
    return plan_campaign(
        agreement=company.agreement, **{"of": Of.CAMPAIGN, **TERMS, **terms, "now": NOW, "by": company.kim}
    )


# -- what is stored


def test_each_change_of_a_plan_leaves_an_event_without_words(company):
    made = plan(company)
    changed = change_campaign(
        campaign=made, **{**TERMS, "goal": 30, "name": "Autumn fair"}, now=NOW, by=company.kim
    )
    assert (changed.pk, changed.goal, changed.name) == (made.pk, 30, "Autumn fair")
    change_campaign(campaign=made, **{**TERMS, "goal": 30, "name": "Autumn fair"}, now=NOW, by=company.kim)
    drop_campaign(campaign=made, now=NOW, by=company.kim)
    drop_campaign(campaign=made, now=NOW, by=company.kim)
    events = AgreementEvent.objects.filter(kind="campaign_changed").order_by("pk")
    planned, moved, dropped = (one.data for one in events)  # what changed nothing left none
    assert planned["plan"]["goal"] == [None, 20] and planned["plan"]["budget"] == [None, "1000.00"]
    assert moved["plan"] == {"goal": [20, 30]} and moved["words"]
    assert dropped["plan"]["goal"] == [30, None]
    assert "fair" not in str([one.data for one in events])
    with pytest.raises(ValidationError, match="took this campaign away"):
        change_campaign(campaign=made, **TERMS, now=NOW, by=company.kim)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (
            {"starts_on": MARCH + 9 * DAY, "last_on": MARCH + 12 * DAY},
            "planned on some of these days already",
        ),
        ({"name": "Other", "last_on": MARCH - DAY}, "The last day is not before the first"),
        ({"name": "Other", "last_on": MARCH + 366 * DAY}, "less than a year later"),
        ({"name": "Other", "goal": 0}, "greater than or equal to 1"),
        ({"name": "Other", "budget": Decimal(-1)}, "greater than or equal to 0"),
        ({"name": ""}, "cannot be blank"),
    ],
)
def test_what_cannot_be_planned_is_refused(company, terms, said):
    plan(company)
    with pytest.raises(ValidationError, match=said):
        plan(company, **terms)
    assert Campaign.objects.count() == 1


@pytest.mark.parametrize(
    ("terms", "constraint"),
    [
        ({}, "campaign_planned_once_a_day"),
        ({"name": "x", "last_on": MARCH - DAY}, "campaign_lasts_up_to_a_year"),
        ({"name": "x", "last_on": MARCH + 366 * DAY}, "campaign_lasts_up_to_a_year"),
        ({"name": "x", "goal": 0}, "campaign_plans_leads"),
        ({"name": "x", "budget": -1}, "campaign_budget_not_negative"),
        ({"name": ""}, "campaign_has_a_name"),
    ],
)
def test_the_database_refuses_it_whoever_writes(company, terms, constraint):
    plan(company)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Campaign.objects.create(agreement=company.agreement, **{**TERMS, **terms})


def test_the_same_name_may_be_planned_again_on_other_days_and_as_a_source(company):
    plan(company)
    plan(company, starts_on=MARCH + 10 * DAY, last_on=MARCH + 10 * DAY + 365 * DAY)
    plan(company, of=Of.SOURCE)
    assert Campaign.objects.count() == 3


# -- against a slow recomputation


def counts(company):
    """Each lead that counts with its day, names and value, the long way round."""
    return [
        (one.handed_off_on, one.lead.campaign, one.lead.source, Fraction(one.lead_value or 0))
        for one in HandOff.objects.select_related("lead")
        if one.lead.origin == "marketing" and one.number == 1 and one.agreement_id == company.agreement.pk
    ]


@pytest.mark.parametrize("seed", range(12))
def test_the_rows_of_a_month_equal_a_recomputation_and_add_up(company, seed):
    random, leads = Random(seed), counts(company)
    for _attempt in range(random.randint(0, 8)):
        first = dt.date(2026, 2, 1) + random.randint(0, 50) * DAY
        of = random.choice(list(Of))
        names = NAMES[1:] if of == Of.CAMPAIGN else ("web", "partner", "nobody")
        terms = {
            "name": random.choice(names),
            "starts_on": first,
            "last_on": first + random.randint(0, 40) * DAY,
        }
        try:
            plan(company, of=of, **terms, goal=random.randint(1, 60), budget=None)
        except ValidationError:
            continue  # planned on these days already
    for month in (dt.date(2026, 2, 1), MARCH):
        scope, last = scope_of(company, month), month_of(month).end - DAY
        whole = waterfall_report(scope, measure="handed_off").months[-1].waterfall.summary
        for of, place in ((Of.CAMPAIGN, 1), (Of.SOURCE, 2)):
            rows = month_by(scope, of, campaigns_in(scope), leads_measure(scope))
            assert sum(row.actual for row in rows) == whole.actual
            planned = [row for row in rows if row.campaign is not None]
            expected = [
                one
                for one in Campaign.objects.filter(of=of)
                if one.starts_on <= last and one.last_on >= month
            ]
            assert {row.campaign.pk for row in planned} == {one.pk for one in expected}
            covered = set()
            for row in planned:
                one = row.campaign
                days = [
                    one.starts_on + n * DAY
                    for n in range(one.days)
                    if month <= one.starts_on + n * DAY <= last
                ]
                own = [lead for lead in leads if lead[0] in days and lead[place] == one.name]
                covered |= {(one.name, day) for day in days}
                assert row.goal == sum(Fraction(one.goal, one.days) for _day in days)
                assert row.to_date == sum(Fraction(one.goal, one.days) for day in days if day <= NOW.date())
                assert (row.actual, row.worth) == (len(own), sum(lead[3] for lead in own))
                assert row.gap == row.actual - row.to_date
            gaps = [row.gap for row in planned]
            assert gaps == sorted(gaps)
            for row in rows:
                if row.campaign is None:
                    own = [
                        lead
                        for lead in leads
                        if month <= lead[0] <= last
                        and lead[place] == row.key
                        and (row.key, lead[0]) not in covered
                    ]
                    assert (row.actual, row.worth) == (len(own), sum(lead[3] for lead in own))
    for one in Campaign.objects.all():
        report = campaign_report(scope_of(company), one)
        place = 1 if one.of == Of.CAMPAIGN else 2
        own = [lead for lead in leads if one.starts_on <= lead[0] <= one.last_on and lead[place] == one.name]
        summary = report.waterfall.summary
        assert (summary.goal, summary.actual) == (one.goal, len(own))
        assert report.worth == sum(lead[3] for lead in own)
        for day in report.waterfall.days:
            if day.actual is not None:
                assert day.actual == sum(lead[0] == day.on for lead in own)


def test_a_goal_in_revenue_leaves_campaigns_counted_as_handed_off(company):
    scope = scope_of(company)
    assert leads_measure(scope) == "handed_off"
    promise = goal_promise(scope)
    assert promise is not None and promise.kind == Commitment.Kind.MQL_GOAL
    promise.measure = Commitment.Measure.NET
    assert leads_measure(scope) == "net"
    promise.measure = Commitment.Measure.VALUE
    assert leads_measure(scope) == "handed_off"


# -- the pages


def ask(client, company, **more):
    parts = {"month": "2026-03", "agreement": company.agreement.slug, **more}
    return client.get(reverse("reports:campaigns"), parts)


def director(company):
    return company.agreement.parties.get(team__function="marketing").signatory


def test_the_month_says_how_much_is_planned_and_what_is_not(company, client):
    client.force_login(company.viewer)
    page = ask(client, company)
    assert texts(page, "h1")[0] == "No campaign is planned for March 2026."
    assert "Plan a campaign" not in page.text
    made = plan(company, goal=40)
    plan(company, of=Of.SOURCE, name="web", goal=120, last_on=MARCH + 30 * DAY)
    page = ask(client, company)
    assert (
        texts(page, "h1")[0] == "Campaigns plan 40 leads of the goal of 100 for March 2026; 60 are unplanned."
    )
    assert "Plans of sources are 120 leads for March 2026, 20 more than its goal of 100." in texts(page, "p")
    assert reverse("reports:campaign", args=[made.pk]) in page.text
    assert "Newsletter &lt;b&gt;" in page.text and "Newsletter <b>" not in page.text
    rows = rows_of(ask(client, company, table="campaigns", format="csv"))
    (own,) = (row for row in rows if row["days"])
    assert (own["name"], own["goal"], own["share_of_goal"]) == ("Spring fair", "40", "0.4")
    whole = waterfall_report(scope_of(company), measure="handed_off").months[-1].waterfall.summary
    assert sum(int(row["actual"]) for row in rows) == whole.actual
    assert {row["name"] for row in rows_of(ask(client, company, table="sources", format="csv"))} >= {"web"}


def test_a_campaign_has_its_own_waterfall_that_leads_to_the_rows_counted(company, client):
    client.force_login(company.viewer)
    made = plan(company)
    page = client.get(reverse("reports:campaign", args=[made.pk]))
    report = campaign_report(scope_of(company), made)
    actual = int(report.waterfall.summary.actual)
    finding = f"“Spring fair” brought {actual} of the 20 leads planned, {20 - actual} leads short."
    assert texts(page, "h1")[0].endswith(finding)
    assert "Its budget is 1,000 EUR, or 50 EUR a planned lead." in texts(page, "p")
    days = [day for day in report.waterfall.days if day.actual]
    (address,) = {
        one.split('"')[0].replace("&amp;", "&")
        for one in page.text.split('href="')[1:]
        if f"day={days[0].on.isoformat()}" in one.split('"')[0]
    }
    assert client.get(address).context["found"].counted.total == days[0].actual
    rows = rows_of(client.get(reverse("reports:campaign", args=[made.pk]), {"format": "csv"}))
    assert (rows[0]["on"], rows[0]["goal"], len(rows)) == ("2026-03-01", "2", 10)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"starts_on": MARCH + 20 * DAY, "last_on": MARCH + 29 * DAY}, "has not begun: 20 leads are planned"),
        ({"last_on": MARCH + 30 * DAY, "goal": 500}, "behind"),
        ({"last_on": MARCH + 30 * DAY, "goal": 1}, "ahead"),
        ({"starts_on": MARCH + 16 * DAY, "last_on": MARCH + 40 * DAY}, "Too early for a verdict"),
        ({"goal": 1}, "of the 1 lead planned."),
    ],
)
def test_each_standing_of_a_campaign_is_said(company, client, terms, said):
    client.force_login(company.viewer)
    page = client.get(reverse("reports:campaign", args=[plan(company, **terms).pk]))
    assert said in texts(page, "h1")[0]


def test_marketings_director_plans_changes_and_takes_away(company, client):
    client.force_login(director(company))
    assert "Plan a campaign" in ask(client, company).text
    address = reverse("reports:new-campaign", args=[company.agreement.slug])
    assert "Webinar" in client.get(address).text, "names that leads have are offered"
    typed = {
        "of": "campaign",
        "name": "Webinar",
        "starts_on": "2026-03-02",
        "last_on": "2026-03-20",
        "goal": "1,200",
        "budget": "2,500.50",
    }
    made = client.post(address, typed)
    found = Campaign.objects.get()
    assert made.url == reverse("reports:campaign", args=[found.pk])
    assert (found.goal, found.budget, found.days) == (1200, Decimal("2500.50"), 19)
    again = client.post(address, typed)
    assert again.status_code == 422
    assert "planned on some of these days already" in again.text
    edit = reverse("reports:edit-campaign", args=[found.pk])
    assert 'value="Webinar"' in client.get(edit).text
    client.post(edit, {**typed, "goal": "12", "budget": ""})
    found.refresh_from_db()
    assert (found.goal, found.budget) == (12, None)
    history = client.get(reverse("agreements:record", args=[company.agreement.slug]))
    assert history.status_code == 200
    client.post(reverse("reports:remove-campaign", args=[found.pk]))
    assert not Campaign.objects.exists()


def test_the_months_waterfall_notes_what_runs_in_it(company, client):
    client.force_login(company.viewer)
    plan(company)
    plan(company, name="Later", starts_on=MARCH + 31 * DAY, last_on=MARCH + 40 * DAY)
    page = client.get(reverse("reports:waterfall"), {"month": "2026-03", "agreement": company.agreement.slug})
    assert "“Spring fair” runs 1 Mar – 10 Mar: 20 leads planned." in texts(page, "li")
    assert "“Later”" not in page.text
    narrowed = client.get(
        reverse("reports:waterfall"),
        {"month": "2026-03", "agreement": company.agreement.slug, "campaign": "Webinar"},
    )
    webinars = [lead for lead in counts(company) if lead[0] >= MARCH and lead[1] == "Webinar"]
    assert f"{len(webinars)} lead" in texts(narrowed, "h1")[0]
    assert "Campaign: Webinar" in " ".join(texts(narrowed, "li"))


@pytest.mark.parametrize(
    ("measure", "word", "said"),
    [("accepted", "accepted", "accepted, and"), ("net", "rejected", "rejected, and")],
)
def test_what_was_restated_lately_is_noted(company, client, measure, word, said):
    client.force_login(company.viewer)
    parts = {"month": "2026-03", "agreement": company.agreement.slug, "measure": measure}
    assert "Restated" not in client.get(reverse("reports:waterfall"), parts).text
    found = [
        one
        for one in HandOff.objects.filter(handed_off_on__gte=MARCH, number=1, closed_at=None).select_related(
            "lead"
        )
        if one.lead.origin == "marketing" and one.handed_off_on < NOW.date() - 8 * DAY
    ][:6]
    whens = [NOW - n * 2 * DAY for n in range(6)]  # the last three more than seven days ago, or just so long
    for one, when in zip(found, whens, strict=True):
        if word == "accepted":
            HandOff.objects.filter(pk=one.pk).update(accepted_at=when)
        else:
            close(hand_off=one, closed_as="rejected", reason="not_a_fit", at=when, now=NOW)
    notes = texts(client.get(reverse("reports:waterfall"), parts), "li")
    (note,) = (one for one in notes if one.startswith("Restated"))
    assert note.startswith("Restated in the last seven days: 4 leads of earlier days were " + said)


def test_twenty_campaigns_take_as_many_queries_as_two(company, client):
    client.force_login(director(company))
    addresses = []

    def queries():
        found = []
        for address in addresses:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200
            found.append(len(captured))
        return found

    first = plan(company)
    plan(company, name="Webinar")
    parts = f"?month=2026-03&agreement={company.agreement.slug}"
    addresses += [
        reverse("reports:campaigns") + parts,
        reverse("reports:waterfall") + parts,
        reverse("reports:campaign", args=[first.pk]),
        reverse("reports:new-campaign", args=[company.agreement.slug]),
    ]
    queries()
    few = queries()
    for number in range(18):
        plan(company, name=f"Fair {number}", of=Of.SOURCE if number % 2 else Of.CAMPAIGN)
    assert queries() == few
    print(few)
    assert max(few) <= MOST_QUERIES
