"""The agenda that an edition proposes: from what it says, what was missed first; changed by people until it is held."""

from __future__ import annotations

import datetime as dt
import json
from html import unescape

import pytest
from django.db import transaction
from django.urls import reverse

from agreements.models import Decision, Evaluation, Review, Strike
from agreements.services.keeping import agree_action, diagnose_strike
from agreements.services.reviewing import write_minutes
from leads.models import HandOff
from leads.services.hand_offs import close
from reports.closing import close_months
from reports.editions import make_editions
from reports.pages.edition_agenda import agenda_points, agenda_text
from tests.reports.sample_month import MARCH, make_month
from tests.reports.test_editions import APRIL_20, DAY, close_again, director, log_late, march

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def company(django_db_setup, django_db_blocker):
    """A month that missed its goal of a hundred leads, three of which came back; its review is planned."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = make_month(goal=100)
        for hand_off, reason in zip(
            HandOff.objects.filter(closed_at=None).order_by("pk")[:3],
            ("region", "region", "duplicate"),
            strict=True,
        ):
            at = hand_off.handed_off_at + dt.timedelta(days=1)
            close(hand_off=hand_off, closed_as="rejected", at=at, now=at, reason=reason)
        made.review = Review.objects.create(agreement=made.agreement, planned_on=dt.date(2026, 4, 6))
        close_months(now=APRIL_20)
        make_editions(now=APRIL_20)
        yield made
        transaction.set_rollback(True)


def points() -> dict[str, list[str]]:
    return {one["title"]: one["lines"] for one in march().snapshot["agenda"]}


def test_what_was_missed_comes_first_and_acknowledging_last(company):
    titles = list(points())
    assert titles == [
        "What was missed",
        "Where the gap comes from",
        "Diagnoses and actions",
        "What people say",
        "Decisions",
        "Next goal",
        "Acknowledge this edition, both sides",
    ]
    missed = Evaluation.objects.filter(month__month_on=MARCH, outcome="missed")
    said = points()["What was missed"]
    assert len(said) == missed.count() == 6
    assert all(any(one.title in line for line in said) for one in missed)
    assert "Executives is furthest behind" in points()["Where the gap comes from"][0]
    assert points()["Diagnoses and actions"] == ["6 misses wait for their diagnosis."]
    assert points()["Next goal"] == [march().snapshot["next"]]


def test_a_month_in_which_all_was_kept_says_so_first():
    side = {"team": "Sales", "consequence": "Pay.", "has_missed": False}
    kept = {"key": "depth", "title": "Depth", "figure": "6", "outcome": "met"}
    snapshot = {
        "sides": [{**side, "promises": [kept]}],
        **dict.fromkeys(("strikes", "carried", "ratings", "pulses"), ()),
        "returned_finding": "None came back.",
        "next": "Goal 40.",
    }
    found = agenda_points(snapshot, gap=(), open_decisions=2)
    assert [one["title"] for one in found] == [
        "Nothing was missed",
        "What was kept",
        "What people say",
        "Decisions",
        "Next goal",
        "Acknowledge this edition, both sides",
    ]
    assert found[3]["lines"][0] == "2 decisions of earlier reviews are not done."
    assert agenda_text(found[:2]).splitlines()[:2] == ["1. Nothing was missed", "2. What was kept"]


def test_no_words_of_people_are_in_it(company):
    strike = Strike.objects.filter(evaluation__month__month_on=MARCH).first()
    boss = strike.responsible
    given = {"strike": strike, "now": APRIL_20, "by": boss}
    diagnose_strike(responsible=boss, diagnosis="Kim was ill", make_up_plan="Call Lee", **given)
    agree_action(action="Ask Kim", owner=boss, due_on=dt.date(2026, 5, 1), **given)
    earlier = Review.objects.create(agreement=company.agreement, planned_on=dt.date(2026, 3, 5))
    Decision.objects.create(
        review=earlier, text="Ask Lee", owner=boss, due_on=dt.date(2026, 5, 1), made_at=APRIL_20 - DAY
    )
    log_late(dt.datetime(2026, 3, 31, 9, tzinfo=dt.UTC), APRIL_20 + DAY)
    assert close_again(APRIL_20 + DAY) == 1
    latest = march().__class__.objects.get(month_on=MARCH, number=2).snapshot
    said = json.dumps(latest["agenda"])
    assert "5 misses wait" in said and "1 action was agreed" in said and "1 decision of an earlier" in said
    assert not any(word in json.dumps(latest) for word in ("Kim was ill", "Ask Kim", "Ask Lee", str(boss)))


def test_why_leads_came_back_is_a_table_of_the_month_as_of_its_close(company, client):
    client.force_login(company.viewer)
    found = march().snapshot
    assert (
        found["returned_finding"]
        == "3 leads of the month were sent back, most often: not our region or language (2)."
    )
    assert [[cell["value"] for cell in row] for row in found["returned"]["rows"]] == [
        ["not our region or language", 2, pytest.approx(2 / 3)],
        ["we have this lead already", 1, pytest.approx(1 / 3)],
    ]
    asked = f"?agreement={company.agreement.slug}&month=2026-03"
    for address in (reverse("reports:review") + asked, reverse("reports:edition", args=[march().pk])):
        assert found["returned_finding"] in client.get(address).text
    address = reverse("reports:edition", args=[march().pk])
    lines = client.get(f"{address}?table=returned&format=csv").content.decode().splitlines()
    assert lines[1].startswith("not our region or language,2,")


def test_it_is_proposed_to_the_meeting_and_stays_the_meetings_once_people_changed_it(company, client):
    client.force_login(company.viewer)
    address = reverse("reports:edition", args=[march().pk])
    company.review.refresh_from_db()
    assert company.review.agenda == agenda_text(march().snapshot["agenda"])
    body = unescape(client.get(address).text)
    assert points()["Where the gap comes from"][0] in body and "As it was proposed at the close" not in body
    by = director("sales")
    given = {"review": company.review, "minutes": "", "edits": 0, "now": APRIL_20, "by": by}
    write_minutes(agenda="First <b>speed</b>", is_held=False, **given)
    assert make_editions(now=APRIL_20 + DAY) == 0
    body = client.get(address).text
    assert "First &lt;b&gt;speed&lt;/b&gt;" in body and "Agenda of the review of 6 Apr 2026" in body
    assert "As it was proposed at the close" in body


def test_a_correction_proposes_its_own_agenda_where_nobody_wrote_another(company):
    log_late(dt.datetime(2026, 3, 31, 9, tzinfo=dt.UTC), APRIL_20 + DAY)
    assert close_again(APRIL_20 + DAY) == 1
    latest = march().__class__.objects.get(month_on=MARCH, number=2)
    company.review.refresh_from_db()
    assert (
        company.review.agenda
        == agenda_text(latest.snapshot["agenda"])
        != agenda_text(march().snapshot["agenda"])
    )
