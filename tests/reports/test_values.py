"""A month in leads and in expected revenue beside each other: what its goal is worth, and what came."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.urls import reverse
from django.utils import timezone

from agreements.funnel import SegmentInput
from agreements.models import Commitment
from agreements.services.planning import store_plan
from agreements.terms import TermsBook
from leads.models import HandOff
from leads.services.hand_offs import hand_over
from reports import rollups
from reports.charts.beside import Beside
from reports.charts.verdicts import Standing
from reports.pages.measures_offered import measures_offered
from reports.periods import month_of
from reports.readings.goal_values import leads_without_value
from reports.readings.goals import goals_by_day, versions_in
from reports.readings.scope import build_scope
from reports.readings.waterfall import waterfall_report
from reports.waterfall import build_waterfall
from tests import factories
from tests.reports.answers import texts
from tests.reports.sample_month import MARCH, NOW

Measure = Commitment.Measure


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def scope_of(company, **filters):
    return build_scope(period=month_of(MARCH), now=NOW, agreement=company.agreement, **filters)


def worth_of(scope):
    return waterfall_report(scope, measure=Measure.VALUE).months[-1].waterfall.summary


def worth(company, **filters):
    return worth_of(scope_of(company, **filters))


def read(company, **filters):
    """A scope with the goals that were signed, read already, and these by segment: a test changes them there alone."""
    scope = scope_of(company, **filters)
    goals_by_day(scope)
    (version,) = versions_in(scope)
    promises = [one for one in version.commitments.all() if one.kind == Commitment.Kind.MQL_GOAL]
    return scope, {one.segment_id: one for one in promises}


def test_a_goal_is_worth_its_segments_leads_times_their_value(company):
    # 25 of the 100 leads are executives at 100 each; the plan splits nothing, so the others are worth nothing.
    assert worth(company).goal == 25 * 100
    assert worth(company, segment="executives").goal == 25 * 100
    counted = waterfall_report(scope_of(company, segment="executives")).months[-1].waterfall.summary
    assert worth(company).actual == counted.actual * 100 > 0
    assert worth(company).gap == counted.gap * 100


def test_what_the_segments_do_not_cover_is_split_as_the_plan_splits_its_leads(company):
    others = factories.segment("Others", lead_value=Decimal(40))
    plan = store_plan(
        quota=Decimal(50_000),
        starts_on=MARCH,
        ends_on=dt.date(2026, 4, 1),
        marketing_share=Decimal(1),
        average_deal=Decimal(2_500),
        close_rate=Decimal("0.2"),
        segments=[
            SegmentInput("executives", Decimal("0.5"), Decimal(1_000), Decimal("0.5")),
            SegmentInput("others", Decimal("0.5"), Decimal(1_000), Decimal("0.25")),
        ],
        currency="EUR",
        now=factories.NOON,
        agreement=company.agreement,
    )
    assert plan.derivation["segments"] == {"executives": 50, "others": 100}

    def goal(**filters):
        scope, promises = read(company, **filters)
        for month_goal in promises[None].month_goals.all():
            month_goal.plan = plan
        return worth_of(scope).goal

    # A third of the 100 leads at 100, two thirds at 40.
    assert goal() == Fraction(100, 3) * 100 + Fraction(200, 3) * 40
    assert goal(segment="others") is None, "it has no goal of its own"
    others.lead_value = None
    others.save()
    assert goal() == Fraction(100, 3) * 100, "leads without a value are worth nothing"


def test_a_goal_without_any_value_has_none(company):
    company.executives.lead_value = None
    company.executives.save()
    assert worth(company).goal is None
    assert Measure.VALUE not in measures_offered(scope_of(company))


def test_a_goal_agreed_in_revenue_stands_against_revenue_alone(company):
    scope, promises = read(company)
    promises[None].measure = Measure.VALUE
    assert worth_of(scope).goal == 100
    by_leads = waterfall_report(scope, measure=Measure.HANDED_OFF)
    assert by_leads.months[-1].waterfall.summary.goal is None
    assert list(measures_offered(scope)) == [Measure.VALUE]


def test_the_goal_of_a_service_agreement_is_of_its_segments_leads(company):
    scope, promises = read(company)
    promises[company.executives.pk].segment_id = company.executives.pk + 1
    assert worth_of(scope).goal is None
    company.agreement.segment = company.executives
    assert worth_of(scope).goal == 100 * 100


def test_leads_without_a_value_are_counted_one_by_one(company):
    counted = HandOff.objects.filter(number=1, lead__origin="marketing", handed_off_on__month=3)
    slow = sum(one.lead_value is None for one in counted)
    assert slow > 0
    assert leads_without_value(scope_of(company)) == slow
    assert leads_without_value(scope_of(company, as_of=NOW)) == slow
    assert leads_without_value(scope_of(company, segment="executives")) == 0
    assert leads_without_value(scope_of(company, segment="")) == slow
    by_source = [leads_without_value(scope_of(company, source=source)) for source in ("web", "partner")]
    assert by_source == [
        sum(one.lead_value is None for one in counted.filter(lead__source=source))
        for source in ("web", "partner")
    ]


PAGES = ("reports:waterfall", "reports:marketing", "reports:review")


def ask(client, company, name, **more):
    parts = {"month": "2026-03", "agreement": company.agreement.slug, **more}
    return client.get(reverse(name), parts)


@pytest.mark.parametrize("name", PAGES)
def test_both_read_outs_stand_on_each_page(company, client, name):
    client.force_login(company.viewer)
    paragraphs = texts(ask(client, company, name), "p")
    summary, money = waterfall_report(scope_of(company)).months[-1].waterfall.summary, worth(company)
    assert (
        f"{summary.actual} of 100 leads, {int(money.actual):,} EUR of 2,500 EUR in expected revenue."
        in paragraphs
    )
    (said,) = (one for one in paragraphs if one.startswith("In expected revenue it is "))
    assert f"{-round(money.gap)} EUR behind the" in said
    (nothing,) = (one for one in paragraphs if "of no segment with a value" in one)
    assert nothing.startswith(f"{leads_without_value(scope_of(company))} leads")


def test_the_home_has_a_tile_that_leads_to_the_waterfall_in_revenue(company, client):
    client.force_login(company.viewer)
    page = ask(client, company, "reports:marketing").text
    assert 'id="tile-worth"' in page and "measure=value" in page
    shown = ask(client, company, "reports:waterfall", measure="value")
    assert " is 371 EUR behind: 1,000 EUR of 1,371 EUR due" in texts(shown, "h1")[0]
    assert "The goal was agreed in leads." in shown.text
    assert "of 100 leads" in shown.text, "leads stand beside"


def test_revenue_lands_by_what_leads_were_worth(company, client):
    book = TermsBook()
    for day in range(1, 29):
        at = dt.datetime(2026, 2, day, 9, tzinfo=dt.UTC)
        if at.weekday() < 5:
            lead = factories.lead(at, segment=company.executives)
            hand_over(lead=lead, now=NOW, at=at, owner=company.kim, agreement=company.agreement, book=book)
    rollups.refresh(now=NOW, wait=True)
    client.force_login(company.viewer)
    shown = ask(client, company, "reports:waterfall", measure="value")
    (sentence,) = (one for one in texts(shown, "p") if one.startswith("The month is projected"))
    assert "EUR (" in sentence and "80% interval" in sentence
    assert "what a lead was worth of late" in shown.text
    filtered = texts(ask(client, company, "reports:waterfall", measure="value", source="web"), "p")
    assert not any("EUR" in one for one in filtered if "is projected" in one)
    of_segment = ask(client, company, "reports:waterfall", measure="value", segment="executives").text
    assert "is projected" in of_segment


def standing(goal, actual, currency=""):
    waterfall = build_waterfall(
        days=month_of(MARCH),
        goal_by_day=[goal] * 31,
        weight_by_day=[Fraction(1, 31)] * 31,
        actual_by_day=[actual] + [0] * 30,
        as_of_day=dt.date(2026, 3, 17),
    )
    return Standing(
        month_of(MARCH), dt.date(2026, 3, 17), "Marketing", waterfall.summary, Fraction(1, 10), currency
    )


@pytest.mark.parametrize(
    ("leads", "money", "said"),
    [
        ((200, 96), (90_000, 41_200), "96 of 200 leads, 41,200 EUR of 90,000 EUR in expected revenue."),
        ((200, 96), (None, 41_200), "96 of 200 leads, worth 41,200 EUR in expected revenue."),
        ((None, 1), (90_000, 41_200), "1 lead, 41,200 EUR of 90,000 EUR in expected revenue."),
        ((None, 96), (None, 41_200), "96 leads, worth 41,200 EUR in expected revenue."),
        ((1, 1), (50, 50), "1 of 1 lead, 50 EUR of 50 EUR in expected revenue."),
    ],
)
def test_the_read_outs_say_what_is_known(leads, money, said):
    assert Beside(standing(*leads), standing(*money, "EUR")).sentences[0] == said


def test_nothing_is_said_where_nothing_is_worth_anything():
    assert Beside(standing(200, 96), standing(None, 0, "EUR"), without_value=96).sentences == ()


def test_the_verdict_in_revenue_has_two_sides():
    def second(actual):
        return Beside(standing(200, 96), standing(31_000, actual, "EUR")).sentences[1]

    assert second(10_000) == "In expected revenue it is 7,000 EUR behind the 17,000 EUR due by 17 Mar."
    assert second(30_000) == "In expected revenue it is 13,000 EUR ahead of the 17,000 EUR due by 17 Mar."
    assert second(17_500) == "In expected revenue it is on pace with the 17,000 EUR due by 17 Mar."
