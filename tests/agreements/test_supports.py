"""What an agreement rests on: named and taken away, never in a circle, shown link by link with the weakest."""

import datetime as dt
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from agreements.models import Agreement, AgreementEvent, Evaluation, MonthResult, Support
from agreements.readings.supports import chain_of
from agreements.services.supporting import name_support, remove_support
from tests import factories
from tests.factories import NOON
from tests.query_counts import assert_same_queries
from tests.races import race, rounds

pytestmark = pytest.mark.django_db

TODAY = NOON.date()


@pytest.fixture
def agreement():
    made = factories.agreement("company")
    factories.signed(made)
    return made


@pytest.fixture
def director(agreement):
    return factories.party(agreement, "sales").signatory


def support(agreement, by, supporter=None, name="", **document):
    given = {"reference": "", "ends_on": None, "is_signed": True} | document
    return name_support(agreement=agreement, supporter=supporter, name=name, **given, now=NOON, by=by)


def chain(agreement, user):
    return chain_of(agreement, user=user, today=TODAY)


def test_a_link_that_is_not_signed_is_the_weakest_then_one_that_ended(agreement, director):
    assert "No agreement or contract" in chain(agreement, director).sentence
    support(agreement, director, name="Dialler contract", ends_on=dt.date(2027, 1, 1))
    assert chain(agreement, director).weakest is None
    support(agreement, director, name="Old contract", ends_on=TODAY)
    assert chain(agreement, director).sentence == "The weakest link is “Old contract”: ended on 4 Mar 2026."
    support(agreement, director, name="Draft contract", is_signed=False)
    assert chain(agreement, director).weakest.name == "Draft contract"


def test_of_those_that_hold_the_one_that_kept_least_is_the_weakest(agreement, director):
    for slug, outcomes in (("good", "met met"), ("worse", "met missed excused"), ("long-ago", "missed")):
        other = factories.agreement(slug)
        version = factories.signed(other)
        month_on = dt.date(2025, 6, 1) if slug == "long-ago" else dt.date(2026, 2, 1)
        month = MonthResult.objects.create(agreement=other, month_on=month_on, version=version)
        for number, outcome in enumerate(outcomes.split()):
            Evaluation.objects.create(
                month=month,
                promise="custom",
                subject=str(number),
                party=factories.party(other, "sales"),
                version=version,
                outcome=outcome,
                numerator=1,
                denominator=1,
                threshold=1,
                closed_at=NOON,
            )
        support(agreement, director, other)
    found = chain(agreement, director)
    assert found.weakest.name == "Worse"
    assert found.weakest.sentence == "1 of 2 promises kept in the last three months"
    assert [one.sentence for one in found.links][2] == "in force, no month judged yet"


def test_the_chain_is_followed_and_only_as_far_as_it_may_be_read(agreement, director):
    middle, deep = factories.agreement("middle"), factories.agreement("deep")
    factories.signed(middle)
    support(agreement, director, middle)
    support(middle, director, name="Below it")
    support(middle, director, deep)
    # Nobody but its own parties knows of an agreement that was never signed.
    assert [(one.name, one.depth) for one in chain(agreement, director).links] == [
        ("Middle", 1),
        ("Below it", 2),
    ]
    administrator = factories.user(is_superuser=True)
    assert chain(agreement, administrator).weakest.name == "Deep"


def test_none_comes_to_rest_on_itself(agreement, director):
    middle, other = factories.agreement("middle"), factories.agreement("other")
    support(agreement, director, middle)
    support(middle, director, other)
    for wrong in (agreement, middle, other):
        with pytest.raises(ValidationError, match="rests on the agreement itself"):
            support(other, director, wrong)
    with pytest.raises(ValidationError, match="one of the two"):
        support(other, director, middle, name="and a document")


def test_naming_and_taking_away_leave_events_without_the_words(agreement, director):
    first = support(agreement, director, name="Dialler of Kim")
    assert support(agreement, director, name="Dialler of Kim") == first
    remove_support(support=first, now=NOON, by=director)
    remove_support(support=first, now=NOON, by=director)
    kinds = ("support_named", "support_removed")
    events = AgreementEvent.objects.filter(agreement=agreement, kind__in=kinds)
    assert [one.kind for one in events] == list(kinds)
    assert "Kim" not in str([one.data for one in events])


@pytest.mark.django_db(transaction=True)
def test_two_that_would_rest_on_each_other_at_once_never_do():
    user = factories.user()
    for turn in range(rounds(3)):
        one, other = (
            Agreement.objects.create(slug=f"{turn}-{i}", name=f"{turn}-{i}", time_zone="UTC") for i in (0, 1)
        )
        results = race(partial(support, one, user, other), partial(support, other, user, one))
        assert Support.objects.filter(agreement__in=[one, other]).count() == 1, results


def test_the_page_names_one_and_asks_as_often_for_many(agreement, director, client):
    client.force_login(director)
    address = reverse("agreements:supports", args=["company"])
    refused = client.post(address, {})
    assert refused.status_code == 422
    assert client.post(address, {"name": "<b>Dialler</b>", "is_signed": "on"}).status_code == 302
    page = client.get(address).content.decode()
    assert "&lt;b&gt;Dialler&lt;/b&gt;" in page
    assert "It rests on 1 agreement or contract, and it holds." in page
    assert (
        "It rests on 1 agreement"
        in client.get(reverse("agreements:agreement", args=["company"])).content.decode()
    )
    others = [factories.agreement(f"other-{i}") for i in range(5)]
    for other in others:
        factories.signed(other)
    support(agreement, director, others[0])
    assert_same_queries(
        lambda: client.get(address),
        add_rows=lambda: [support(agreement, director, one) for one in others[1:]],
    )
