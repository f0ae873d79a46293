"""Histories in which the figures once went wrong, each small enough to work out by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model

from agreements.services.calendars import company_calendar
from leads.models import Deal, HandOff, Lead
from leads.services.attempts import log_attempt
from leads.services.hand_offs import assign, close, hand_over
from reports.periods import Grain, Period
from reports.readings.recalibration import recalibration_report
from reports.readings.scope import build_scope
from reports.readings.speed import speed_report

pytestmark = pytest.mark.django_db

MONDAY = dt.datetime(2018, 3, 5, 10, tzinfo=dt.UTC)
NOW = dt.datetime(2018, 4, 20, 12, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MARCH = Period(dt.date(2018, 3, 1), dt.date(2018, 4, 1))


@pytest.fixture(autouse=True)
def _office_hours():
    company_calendar()


def a_lead(key: str = "one", qualified_at: dt.datetime = MONDAY, **fields) -> Lead:
    return Lead.objects.create(
        system="crm",
        external_id=key,
        qualified_at=qualified_at,
        qualified_on=qualified_at.date(),
        created_at=NOW,
        **fields,
    )


def a_won_deal(key: str, closed_at: dt.datetime, lead: Lead | None = None, amount: int = 100) -> Deal:
    return Deal.objects.create(
        system="crm",
        external_id=key,
        lead=lead,
        closed_at=closed_at,
        closed_on=closed_at.date(),
        amount=Decimal(amount),
        currency="EUR",
        is_won=True,
        origin="marketing",
    )


def test_a_hand_over_entered_late_takes_the_attempts_that_fall_in_it():
    lead = a_lead()
    first = hand_over(lead=lead, at=MONDAY, now=NOW)
    close(hand_off=first, closed_as="recycled", at=MONDAY + HOUR, now=NOW)
    log_attempt(hand_off=first, attempted_at=MONDAY + 2 * DAY, channel="call", outcome="connected", now=NOW)
    second = hand_over(lead=lead, at=MONDAY + DAY, now=NOW)
    assert (second.attempts, second.first_attempt_at) == (1, MONDAY + 2 * DAY)
    assert HandOff.objects.get(pk=first.pk).attempts == 0


def test_an_assignment_after_the_instant_asked_for_has_not_happened():
    rep = get_user_model().objects.create_user("rep@example.com", name="Rep")
    hand_off = hand_over(lead=a_lead(), at=MONDAY, now=NOW)
    log_attempt(hand_off=hand_off, attempted_at=MONDAY + HOUR, channel="call", outcome="no_answer", now=NOW)
    assign(hand_off=hand_off, owner=rep, at=MONDAY + 3 * HOUR, now=NOW)
    before, after = (
        speed_report(build_scope(period=MARCH, now=NOW, as_of=MONDAY + hours * HOUR), Grain.MONTH).total
        for hours in (2, 3)
    )
    assert (before.attempted, before.routing_average, before.rep_average) == (1, None, None)
    assert after.as_json().items() >= {"attempted": 1, "routing_average": 3600, "rep_average": 0}.items()


def test_a_cohort_seen_early_has_no_customer_who_was_no_lead_yet():
    lead = a_lead(qualified_at=MONDAY + 10 * DAY)
    a_won_deal("early", MONDAY + 2 * DAY, lead)
    seen = recalibration_report(build_scope(period=MARCH, now=NOW, as_of=MONDAY + 5 * DAY))
    assert (seen.cohort.marketing_leads, seen.cohort.customers) == (0, 0)
    assert recalibration_report(build_scope(period=MARCH, now=NOW)).cohort.customers == 1


@pytest.mark.parametrize("nothing", [{"segment": ""}, {"source": ""}, {"owner": ""}])
def test_a_deal_whose_lead_is_unknown_is_in_no_selection_of_leads(nothing):
    a_won_deal("stray", MONDAY + DAY, amount=300)
    a_won_deal("known", MONDAY + DAY, a_lead())
    assert recalibration_report(build_scope(period=MARCH, now=NOW)).same_month.revenue_all == 400
    chosen = recalibration_report(build_scope(period=MARCH, now=NOW, **nothing))
    assert chosen.same_month.revenue_all == chosen.same_month.revenue_marketing == 100


def test_the_average_deal_is_of_known_customers_only():
    a_won_deal("stray", MONDAY + DAY, amount=300)
    a_won_deal("known", MONDAY + DAY, a_lead())
    same = recalibration_report(build_scope(period=MARCH, now=NOW)).same_month
    assert same.average_deal.value == 100
    assert same.revenue_marketing == 400
    assert same.customers == 1
