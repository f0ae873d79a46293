"""Who answers for what: named by each side for itself, personal, erasable, and never part of what is signed."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from agreements.models import AgreementEvent, Contact, Membership, Team
from agreements.services.contacts import MOST_CONTACTS, change_contact, name_contact, remove_contact
from agreements.services.signed_text import canonical_text
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
def sales(agreement):
    return factories.party(agreement, Team.Function.SALES)


def named(party, what="Day to day", person=None, outside="", **more):
    given = {"responsibility": what, "person": person, "outside": outside, "now": NOON, "by": party.signatory}
    return name_contact(party=party, **(given | more))


def test_a_contact_is_somebody_of_the_team_or_somebody_outside(sales):
    assert named(sales, person=sales.signatory).who == sales.signatory.name
    assert named(sales, "Data", outside="Kim, 4711").who == "Kim, 4711"
    stranger = factories.user("Stranger")
    for wrong in ({}, {"person": sales.signatory, "outside": "Kim"}):
        with pytest.raises(ValidationError, match="one of the two"):
            named(sales, "Escalation", **wrong)
    with pytest.raises(ValidationError, match="Stranger does not belong to Company Sales"):
        named(sales, "Escalation", person=stranger)
    with pytest.raises(IntegrityError, match="contact_is_one_person"), transaction.atomic():
        Contact.objects.create(party=sales, responsibility="Nothing")


def test_the_same_named_twice_is_named_once_and_a_side_names_a_bounded_number(sales):
    assert named(sales, outside="Kim") == named(sales, outside="Kim")
    for n in range(MOST_CONTACTS - 1):
        named(sales, f"Thing {n}", outside="Kim")
    with pytest.raises(ValidationError, match="20 contacts at most"):
        named(sales, "One more", outside="Kim")


def test_an_event_says_from_whom_to_whom_and_no_words(sales):
    contact = named(sales, "Secret duty", outside="Secret Kim")
    change = {"contact": contact, "now": NOON, "by": sales.signatory}
    change_contact(**change, responsibility="Secret duty", person=sales.signatory, outside="")
    change_contact(**change, responsibility="Other duty", person=sales.signatory, outside="")
    change_contact(**change, responsibility="Other duty", person=sales.signatory, outside="")
    remove_contact(contact=contact, now=NOON, by=sales.signatory)
    remove_contact(contact=contact, now=NOON, by=sales.signatory)
    events = AgreementEvent.objects.filter(kind="contact_changed").order_by("pk")
    me = sales.signatory_id
    assert [(one.data["from"], one.data["to"], one.data.get("words")) for one in events] == [
        (None, "outside", None),
        ("outside", me, None),
        (me, me, True),
        (me, None, None),
    ]
    assert not any("Secret" in one.record for one in events)
    with pytest.raises(ValidationError, match="took this contact away"):
        change_contact(**change, responsibility="x", person=None, outside="y")


def test_names_are_no_part_of_what_is_signed(agreement, sales):
    version = agreement.versions.get()
    before = canonical_text(version)
    named(sales, "Escalation", outside="Kim, 4711")
    assert canonical_text(version) == before


def test_each_side_names_its_own_on_a_page(agreement, sales):
    client = Client()
    client.force_login(sales.signatory)
    address = "/agreements/company/contacts/"
    assert "Nobody is named yet who answers for something." in client.get(address).text
    new = {
        "party": sales.pk,
        "responsibility": "Escalation",
        "person": sales.signatory_id,
        "outside": "",
    }
    assert client.post(f"{address}new/", new).url == address
    said = client.get(address).text
    assert "1 contact says who answers for what." in said
    contact = Contact.objects.get()
    both = {"responsibility": "Escalation", "person": sales.signatory_id, "outside": "Kim"}
    refused = client.post(f"{address}{contact.pk}/", both)
    assert refused.status_code == 422
    assert "one of the two" in refused.text
    assert client.post(f"{address}{contact.pk}/", both | {"person": ""}).url == address
    assert "Kim" in client.get("/agreements/company/").text
    marketing = factories.party(agreement, Team.Function.MARKETING)
    assert client.post(f"{address}new/", new | {"party": marketing.pk}).status_code == 422
    other = Client()
    other.force_login(marketing.signatory)
    assert other.get(f"{address}{contact.pk}/").status_code == 403
    assert other.post(f"{address}{contact.pk}/remove/").status_code == 403
    assert client.post(f"{address}{contact.pk}/remove/").url == address
    assert not Contact.objects.exists()


def test_an_auditor_is_told_no_names(agreement, sales):
    named(sales, "Escalation", outside="Secret Kim")
    client = Client()
    client.force_login(factories.user("Auditor", role="auditor"))
    for address in ("/agreements/company/", "/agreements/company/contacts/"):
        assert "Secret Kim" not in client.get(address).text
    client.force_login(factories.user("Viewer", role="viewer"))
    assert "Secret Kim" in client.get("/agreements/company/contacts/").text


def test_pages_ask_as_often_for_many_contacts_as_for_few(agreement, sales):
    client = Client()
    client.force_login(sales.signatory)
    named(sales, person=sales.signatory)

    def more():
        for n in range(10):
            person = factories.user(f"Person {n}")
            Membership.objects.create(user=person, team=sales.team)
            named(sales, f"Thing {n}", person=person)

    for address in ("/agreements/company/contacts/", "/agreements/company/"):
        assert_same_queries(lambda address=address: client.get(address), add_rows=more)
        Contact.objects.exclude(responsibility="Day to day").delete()
