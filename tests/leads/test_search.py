"""Search: found by any part of what one remembers, by those who may see it, whatever is typed."""

import html
import re

import pytest
from django.db import connection
from django.urls import reverse

from leads.models import Lead
from leads.searched import words_of
from leads.services.hand_offs import close
from tests import factories
from tests.leads.people import HOUR, START, browser, make_office
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return make_office()


def found(user, text, *, typing=False):
    headers = {"HX-Request": "true"} if typing else {}
    answer = browser(user).get(reverse("leads:search"), {"q": text}, headers=headers)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def titles(text):
    return re.findall(r"<bdi>([^<]*)</bdi></a>", text)


def test_a_lead_is_found_by_parts_of_its_name_company_address_and_id(office):
    lead = {"company": "Sample Bakery", "email": "zoe.k@bakery.example", "external_id": "CRM-4711"}
    hand_off = office.hand_off("Zoë Kowalska-Łuczak", owner=office.kim, **lead)
    office.hand_off("Somebody Else", owner=office.kim)
    for text in ("zoë", "KOWAL", "łucz", "bakery", "zoe.k@", "4711", "bakery zoë", "ko", "  zoë   sample "):
        assert "Zoë Kowalska-Łuczak" in titles(found(office.kim, text)), text
    for text in ("ow", "zoë else", "%", "_", "%%%", "z_ë", "k%a"):  # two letters only where a word begins
        assert titles(found(office.kim, text)) == [], text
    assert f'href="{reverse("leads:lead", args=[hand_off.lead_id])}"' in found(office.kim, "zoë")
    assert 'href="/leads/?q=Sample+Bakery"' in found(office.kim, "bakery")
    close(hand_off=hand_off, closed_as="lost", at=START + HOUR, now=START + HOUR)
    assert "lost" in found(office.kim, "zoë")


def test_signs_that_mean_something_to_the_database_mean_themselves(office):
    office.hand_off("100% Bio_Shop\\Co", owner=office.kim)
    office.hand_off("100 BioXShop", owner=office.kim)
    for text in ("100%", "bio_", "shop\\c"):
        assert titles(found(office.kim, text)) == ["100% Bio_Shop\\Co"], text


@pytest.mark.parametrize(
    "text", ["", " ", "a", "x" * 201, "a\0b", "\ud800".encode("utf-8", "replace").decode()]
)
def test_what_cannot_be_looked_for_is_said(office, text):
    office.hand_off("Ana Sample", owner=office.kim)
    assert titles(found(office.kim, text)) == [] and titles(found(office.kim, text, typing=True)) == []


def test_the_longest_question_uses_eight_words(office):
    assert len(words_of("ab " * 60)) == 8
    found(office.kim, "ab " * 60)


def test_everybody_finds_what_they_may_see_and_nothing_else(office):
    office.hand_off("Zoe of Kim", owner=office.kim)
    office.hand_off("Zoe of Other", owner=office.other)
    office.hand_off("Zoe Free")
    office.new_lead("Zoe New")
    viewer = factories.user("Vi Ewer", role="viewer")
    everything = {"Zoe of Kim", "Zoe of Other", "Zoe Free", "Zoe New"}
    for user, names in {
        office.kim: {"Zoe of Kim", "Zoe Free"},
        office.other: {"Zoe of Other"},
        office.manager: {"Zoe of Kim", "Zoe Free"},
        office.marketer: everything,
        office.admin: everything,
        viewer: set(),
    }.items():
        assert set(titles(found(user, "zoe"))) == names, user
        typed = set(re.findall(r"<bdi>(.*?)</bdi>", found(user, "zoe", typing=True)))
        assert {name for name in typed if name.startswith("Zoe")} == names, user
    assert titles(found(viewer, "compan")) == ["Company"]
    assert "Nothing that you may see matches “zoe”." in found(viewer, "zoe")


def test_a_draft_that_was_never_signed_is_found_by_its_writers_alone(office):
    secret = factories.agreement("hushhush")
    factories.draft(secret)
    assert titles(found(office.kim, "hushhush")) == []
    assert titles(found(office.admin, "hushhush")) == ["Hushhush"]


def test_search_asks_as_many_queries_for_many_leads(office):
    client = browser(office.kim)

    def many():
        for n in range(20):
            office.hand_off(f"Ana {n}", owner=office.kim, company="Sample")

    for n in range(2):
        office.hand_off(f"Ana First {n}", owner=office.kim, company="Sample")
    assert_same_queries(lambda: client.get("/search/?q=ana"), add_rows=many, at_most=9)


def test_the_index_answers_what_search_and_list_ask():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for words in (["kowal"], ["ko"], ["kowal", "bakery"]):
            plan = Lead.objects.with_words(words).explain()
            assert "lead_by_words" in plan and "Seq Scan" not in plan, plan
