"""How good a lead was: one tap by who works it, changeable, counted by month, source and segment."""

from __future__ import annotations

import datetime as dt

import pytest

from agreements.models import Membership
from leads.models import HandOffEvent, Rating
from leads.services.hand_offs import close, hand_over
from leads.services.ratings import rate_lead
from reports.readings.ratings import ratings_report
from tests import factories
from tests.factories import NOON
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreement():
    made = factories.agreement()
    factories.signed(made)
    return made


@pytest.fixture
def rep(agreement):
    person = factories.user("Rep")
    Membership.objects.create(user=person, team=factories.party(agreement, "sales").team)
    return person


def handed(agreement, rep, **lead):
    return hand_over(lead=factories.lead(**lead), now=NOON, at=NOON, owner=rep, agreement=agreement)


def test_a_rating_is_changed_by_the_next_one_and_events_say_from_what_to_what(agreement, rep):
    hand_off = handed(agreement, rep)
    given = {"hand_off": hand_off, "now": NOON, "by": rep}
    rate_lead(**given, grade="good")
    rate_lead(**given, grade="good", reason="ready")
    rate_lead(**given, grade="good")
    rate_lead(**given, grade="poor")
    assert (Rating.objects.get().grade, Rating.objects.get().reason) == ("poor", "")
    events = HandOffEvent.objects.filter(kind="rated").order_by("pk")
    assert [(one.data["from"], one.data["to"]) for one in events] == [
        (None, ["good", ""]),
        (["good", ""], ["good", "ready"]),
        (["good", "ready"], ["poor", ""]),
    ]


def test_one_tap_on_the_leads_page_also_once_it_is_closed(agreement, rep, client):
    hand_off = handed(agreement, rep)
    client.force_login(rep)
    page, address = f"/leads/{hand_off.lead_id}/", f"/hand-offs/{hand_off.pk}/rate/"
    assert "Quality of the lead:" in client.get(page).text
    assert client.post(address, {"grade": "good"}).url == page
    assert "Knew what it is about" in client.get(page).text
    close(hand_off=hand_off, closed_as="lost", at=NOON, now=NOON, by=rep)
    client.post(address, {"grade": "poor", "reason": "no_need"})
    assert "Rated poor, before: good (no need for it)" in client.get(page).text
    for wrong in ({}, {"grade": "x"}, {"grade": "good", "reason": "no_need"}, {"grade": "\0"}):
        client.post(address, wrong)
    assert (Rating.objects.get().grade, Rating.objects.get().reason) == ("poor", "no_need")


def test_who_does_not_work_a_lead_reads_the_rating_and_gives_none(agreement, rep, client):
    marketer = factories.user("Marketer")
    Membership.objects.create(user=marketer, team=factories.party(agreement, "marketing").team)
    hand_off = hand_over(
        lead=factories.lead(), now=NOON, at=NOON, owner=rep, agreement=agreement, by=marketer
    )
    rate_lead(hand_off=hand_off, grade="fair", reason="too_early", now=NOON, by=rep)
    client.force_login(marketer)
    said = client.get(f"/leads/{hand_off.lead_id}/").text
    assert "Quality of the lead, as sales says: fair, too early." in said
    assert client.post(f"/hand-offs/{hand_off.pk}/rate/", {"grade": "good"}).status_code == 403


def test_ratings_are_counted_by_month_source_and_segment(agreement, rep):
    segment = factories.segment("Executive")
    grades = [("web", None, "good"), ("web", segment, "poor"), ("fair", segment, "poor"), ("", None, "fair")]
    for source, of, grade in grades:
        hand_off = handed(agreement, rep, source=source, segment=of)
        rate_lead(
            hand_off=hand_off, grade=grade, reason="no_need" if grade == "poor" else "", now=NOON, by=rep
        )
    elsewhere = hand_over(lead=factories.lead(), now=NOON, at=NOON, owner=rep)
    elsewhere.agreement_id = elsewhere.version_id = None
    elsewhere.save()
    rate_lead(hand_off=elsewhere, grade="good", now=NOON, by=rep)
    found = ratings_report(agreement, dt.date(2026, 3, 1), dt.date(2026, 4, 1))
    assert {month: one.counts for month, one in found.by_month.items()} == {
        dt.date(2026, 3, 1): {"good": 1, "fair": 1, "poor": 2}
    }
    assert {key: one.n for key, one in found.by_source.items()} == {"web": 2, "fair": 1, "": 1}
    assert {key: one.n for key, one in found.by_segment.items()} == {"": 2, "Executive": 2}
    assert found.reasons == (("poor", "no_need", 2),)
    assert found.total.good.value == dt.timedelta(1) / dt.timedelta(4)
    assert not ratings_report(agreement, dt.date(2026, 4, 1), dt.date(2026, 5, 1)).total.n


def test_the_page_of_ratings_asks_as_often_for_many_as_for_few(agreement, rep, client):
    client.force_login(rep)

    def more():
        for n in range(5):
            hand_off = handed(agreement, rep, source=f"source {n}")
            rate_lead(hand_off=hand_off, grade="good", now=NOON, by=rep)

    more()
    assert_same_queries(lambda: client.get("/agreements/company/pulse/"), add_rows=more)
