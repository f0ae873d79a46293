"""A closed month: its edition waits for the parties' directors, is told once, and what was kept is celebrated."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client

from agreements.models import AgreementEvent, Evaluation, Membership
from leads.models import HandOff
from leads.services.attempts import log_attempt
from reports.charts.celebrated import kept_in_edition
from reports.closing import close_months
from reports.editions import acknowledge, make_editions
from reports.models import Edition
from slaproject.outbox.models import Alert, Arrival
from slaproject.outbox.reading import read_arrivals
from slaproject.outbox.wording import say
from tests import factories
from tests.outbox.office import HOUR, mails_to, tick, told
from tests.reports.sample_month import MARCH, make_month

pytestmark = pytest.mark.django_db
APRIL_20 = dt.datetime(2026, 4, 20, 12, tzinfo=dt.UTC)
DAY = 24 * HOUR


@pytest.fixture(scope="module")
def _closed(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        made = make_month(goal=44)
        read_arrivals(now=APRIL_20 - DAY)
        close_months(now=APRIL_20)
        make_editions(now=APRIL_20)
        of_march = AgreementEvent.objects.filter(kind="edition_made", data__month="2026-03")
        Arrival.objects.exclude(row_id__in=of_march.values("pk"), source="agreement").delete()
        Alert.objects.all().delete()
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def cast(_closed, db):
    """Both directors, and a manager of each side."""
    people = {}
    for function in ("marketing", "sales"):
        party = factories.party(_closed.agreement, function)
        people[f"{function} director"] = party.signatory
        people[f"{function} manager"] = factories.user(f"{function} manager")
        Membership.objects.create(user=people[f"{function} manager"], team=party.team, role="manager")
    return people


def march(number: int = 1) -> Edition:
    return Edition.objects.get(month_on=MARCH, number=number)


def of_editions(person) -> list[str]:
    return [kind for kind in told(person) if kind.startswith("edition")]


def said_to(person, kind: str):
    return say(
        Alert.objects.filter(person=person, kind=kind).select_related("agreement").order_by("pk"), person
    )


def test_the_directors_of_both_parties_hear_once_that_it_waits_and_what_was_kept(cast):
    read_arrivals(now=APRIL_20)
    read_arrivals(now=APRIL_20 + HOUR)
    for side in ("marketing", "sales"):
        assert told(cast[f"{side} director"]) == ["edition_made"]
        assert told(cast[f"{side} manager"]) == []
    (said,) = said_to(cast["sales director"], "edition_made")
    assert said.text.startswith("“Company”, March 2026 is closed: its edition waits to be acknowledged. Kept")
    assert said.path == f"/editions/{march().pk}/" and not said.is_settled
    assert said.why == "You are told because you direct a party to this agreement."
    kept = Evaluation.objects.filter(month__month_on=MARCH, outcome="met")
    assert kept.exists()
    for one in kept:
        assert f"{one.title} ({one.party.team.name})" in said.text


def test_it_comes_as_a_mail_with_a_way_out(cast, settings):
    settings.SITE_URL = "https://sla.example.com"
    tick(APRIL_20)
    (one,) = mails_to(cast["sales director"])
    assert "waits to be acknowledged" in one.subject and "well done" in one.body
    assert f"https://sla.example.com/editions/{march().pk}/" in one.body
    client = Client()
    assert "Closed months" in client.get(one.extra_headers["List-Unsubscribe"][24:-1]).text


def test_who_acknowledged_it_is_not_asked_any_more(cast):
    tick(APRIL_20, deliver=False)
    acknowledge(edition=march(), now=APRIL_20, by=cast["sales director"])
    tick(APRIL_20 + HOUR)
    assert said_to(cast["sales director"], "edition_made")[0].is_settled
    assert not said_to(cast["marketing director"], "edition_made")[0].is_settled
    assert mails_to(cast["sales director"]) == []
    assert of_editions(cast["marketing manager"]) == [], "one of two is no news"


def test_both_sides_hear_once_that_all_acknowledged_it(cast):
    tick(APRIL_20)
    acknowledge(edition=march(), now=APRIL_20 + HOUR, by=cast["sales director"])
    acknowledge(edition=march(), now=APRIL_20 + 2 * HOUR, by=cast["marketing director"])
    mail.outbox.clear()
    for hours in (2, 3, 4):
        tick(APRIL_20 + hours * HOUR)
    assert of_editions(cast["sales director"]) == ["edition_made", "edition_acknowledged"]
    for side in ("marketing", "sales"):
        assert of_editions(cast[f"{side} manager"]) == ["edition_acknowledged"]
        assert sum("all parties acknowledged" in one.body for one in mails_to(cast[f"{side} manager"])) == 1
    assert of_editions(cast["marketing director"]) == ["edition_made"], "who was the last knows"
    (said,) = said_to(cast["sales manager"], "edition_acknowledged")
    assert said.text.startswith("“Company”, March 2026: all parties acknowledged edition 1. Kept, well done:")


def test_a_correction_is_told_anew_and_settles_the_one_before(cast):
    tick(APRIL_20)
    waiting = HandOff.objects.filter(first_attempt_at=None, closed_at=None).order_by("pk").first()
    log_attempt(
        hand_off=waiting,
        attempted_at=dt.datetime(2026, 3, 31, 9, tzinfo=dt.UTC),
        channel="call",
        outcome="no_answer",
        now=APRIL_20 + DAY,
    )
    close_months(now=APRIL_20 + DAY)
    assert make_editions(now=APRIL_20 + DAY) == 1
    tick(APRIL_20 + DAY)
    director = cast["marketing director"]
    assert told(director).count("edition_made") == 2
    first, second = said_to(director, "edition_made")
    assert first.is_settled and not second.is_settled
    assert "was corrected: edition 2 waits to be acknowledged" in second.text


def test_kept_promises_are_named_and_counted_and_many_shortened():
    agreement = factories.agreement("elsewhere")
    side = {"team": "Sales", "promises": [{"title": f"P{n}", "outcome": "met"} for n in range(7)]}
    edition = factories.edition(agreement, sides=[side])
    assert kept_in_edition(edition.snapshot) == (
        "All 7 promises were kept, well done: P0 (Sales); P1 (Sales); P2 (Sales); P3 (Sales); P4 (Sales), and 2 more."
    )
    side["promises"] = [{"title": "P", "outcome": "missed"}]
    assert kept_in_edition(factories.edition(agreement, number=2, sides=[side]).snapshot) == ""


def test_what_was_typed_into_a_name_stays_in_one_line(cast):
    type(march().agreement).objects.update(name="A\r\nBcc: x@example.com <b>")
    tick(APRIL_20)
    (one,) = mails_to(cast["sales director"])
    assert "\nBcc" not in one.body and one.message()["Bcc"] is None
    assert "<b>" not in one.alternatives[0][0]
