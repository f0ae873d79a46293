"""Search: found by any part of what one remembers, by those who may see it, whatever is typed."""

import html
import re

import pytest
from django.db import connection
from django.urls import reverse

from leads.models import Lead, Merge
from leads.searched import words_of
from leads.services.hand_offs import close
from leads.services.merging import merge_leads, undo_merge
from tests import factories
from tests.leads.people import HOUR, START, browser, make_office
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db
LATER = START + 2 * HOUR


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


def test_a_merged_lead_is_found_by_its_own_words_as_the_one_that_goes_on(office):
    about = {"company": "Sample Bakery", "email": "zoe@bakery.example", "external_id": "CRM-4711"}
    survivor = office.hand_off("Sophie Kowal", owner=office.kim).lead
    absorbed = office.hand_off("Zoë Kowal", owner=office.other, **about).lead
    office.hand_off("Zoë Elsewhere", owner=office.kim)
    assert titles(found(office.kim, "zoe@")) == []
    both = {"now": LATER, "by": office.admin, "may_know": lambda lead: True}
    merge_leads(survivor=survivor, absorbed=absorbed, **both)
    # What the lead that goes on lacked it has of the other now: by that it is found itself.
    survivor.refresh_from_db()
    assert survivor.email == "zoe@bakery.example"
    Lead.objects.filter(pk=survivor.pk).update(company="", email="")
    for text in ("zoe@", "4711", "bakery", "zoë kowal", "bakery zoë"):
        for who in (office.kim, office.other, office.manager, office.admin):
            page = found(who, text)
            assert "Sophie Kowal" in titles(page) and "merged from Zoë Kowal" in page, (text, who)
            assert "Zoë Kowal" not in titles(page)
        assert "merged from Zoë Kowal" in found(office.kim, text, typing=True)
        listed = browser(office.kim).get(reverse("leads:leads"), {"q": text}).text
        assert "Sophie Kowal" in listed and "merged from Zoë Kowal" in listed, text
        assert titles(found(office.rob, text)) == [], text
        assert "Sophie" not in browser(office.rob).get(reverse("leads:leads"), {"q": text}).text
    assert "merged from" not in found(office.kim, "sophie")
    assert "1 match for “sophie”." in found(office.kim, "sophie")
    assert "2 matches for “zoë”." in found(office.kim, "zoë")
    assert titles(found(office.kim, "sophie bakery")) == []  # each has its own words
    last = office.hand_off("Last One", owner=office.kim, at=START + HOUR).lead
    merge_leads(survivor=last, absorbed=survivor, **both)
    assert titles(found(office.kim, "4711")) == ["Last One"]
    undo_merge(merge=Merge.objects.get(survivor=last), now=LATER, by=office.admin)
    undo_merge(merge=Merge.objects.get(survivor=survivor), now=LATER, by=office.admin)
    assert titles(found(office.kim, "4711")) == [] and titles(found(office.other, "4711")) == ["Zoë Kowal"]


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
    assert_same_queries(lambda: client.get("/search/?q=ana"), add_rows=many, at_most=10)


def test_the_index_answers_what_search_and_list_ask():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for words in (["kowal"], ["ko"], ["kowal", "bakery"]):
            for found_by in (
                Lead.objects.with_words(words),
                Lead.objects.with_words(words, or_among=[1, 2]),
                Lead.objects.absorbed().with_words(words),
            ):
                plan = found_by.explain()
                assert re.search("lead_by_words|lead_absorbed", plan) and "Seq Scan" not in plan, plan
