"""The register, people and notices as files: what their pages list, all pages of it, by the same filters and rights."""

from __future__ import annotations

import csv
import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from agreements.models import Membership
from slaproject.outbox.models import Alert
from tests import factories
from tests.leads.people import START, browser, make_office
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db
PAGES = ("agreements:agreements", "people", "outbox:alerts")


@pytest.fixture
def office():
    return make_office()


def rows(client, name, **asked):
    answer = client.get(reverse(name), {**asked, "format": "csv"})
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"], name
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def told(person, n, **more):
    for number in range(n):
        given = {"kind": "overdue", "about": number, "subject": "mine", "place": "owner"}
        Alert.objects.create(person=person, happened_at=START, made_at=START, **(given | more))


def test_the_register_is_given_out_as_it_is_asked_for(office):
    draft = factories.draft(factories.agreement("=hushed"))
    reads = rows(browser(office.kim), "agreements:agreements")
    assert [one["agreement"] for one in reads] == ["company"]
    assert reads[0]["standing"] and len(reads[0]["teams"].split("\n")) == 2
    everything = rows(browser(office.admin), "agreements:agreements")
    assert {one["agreement"] for one in everything} == {"company", "'=hushed"}, "no formula"
    found = rows(browser(office.admin), "agreements:agreements", state="draft")
    assert [one["draft"] != "" for one in found] == [True] and draft.number == 1
    assert not rows(browser(office.kim), "agreements:agreements", q="nothing like it")


def test_people_are_given_out_to_administrators_as_they_are_asked_for(office):
    factories.user("Left", email="left@example.com", is_active=False)
    for number in range(60):
        factories.user(f"Person {number}")
    listed = rows(browser(office.admin), "people", page="2")
    assert len(listed) > 60 and "Left" not in {one["name"] for one in listed}
    (kim,) = (one for one in listed if one["name"] == "Kim Ito")
    assert office.team.name in kim["places"] and (kim["account"], kim["time_zone"]) == ("active", "UTC")
    (left,) = rows(browser(office.admin), "people", state="closed")
    assert (left["email"], left["account"]) == ("left@example.com", "closed")
    sent = browser(office.manager).get(reverse("people"), {"format": "csv"})
    assert sent.status_code == 403


def test_notices_are_ones_own_and_say_what_one_may_see(office):
    hand_off = office.hand_off("Ana Sample", owner=office.kim)
    told(office.kim, 30, hand_off=hand_off)
    told(office.rob, 1, hand_off=hand_off)
    listed = rows(browser(office.kim), "outbox:alerts", page="2")
    assert len(listed) == 30 and all("Ana Sample" in one["text"] for one in listed)
    assert listed[0]["told_at"] == "2026-03-02T10:00:00Z" and listed[0]["address"].startswith("/")
    Alert.objects.filter(person=office.kim, about__gt=0).update(read_at=START)
    assert len(rows(browser(office.kim), "outbox:alerts", show="unread")) == 1
    Membership.objects.filter(user=office.rob).update(team=office.other_team)
    (other,) = rows(browser(office.rob), "outbox:alerts")
    assert other["text"] == "" and other["told_at"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_offers_its_files_and_they_ask_as_little_for_many(office, name):
    client = browser(office.admin)
    hand_off = office.hand_off("Ana Sample", owner=office.kim)
    told(office.admin, 1, hand_off=hand_off)
    page = client.get(reverse(name)).text
    assert "?format=csv" in page and "?format=xlsx" in page
    book = load_workbook(io.BytesIO(client.get(reverse(name), {"format": "xlsx"}).content))
    assert book.active.max_row >= 2

    def many():
        told(office.admin, 20, hand_off=hand_off, kind="at_risk")
        for number in range(20):
            factories.user(f"Person {number}")
            factories.signed(factories.agreement(f"agreement-{number}"))

    assert_same_queries(lambda: client.get(reverse(name), {"format": "csv"}), add_rows=many, at_most=25)
