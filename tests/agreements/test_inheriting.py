"""Agreements below others: begun, guarded by the database, signed, shown with what they inherit and from where."""

import datetime as dt
import json

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from agreements.models import Agreement, Commitment, Membership, Party, Segment, Team, Version
from agreements.readings.differences import differences
from agreements.readings.inherited import above_on
from agreements.readings.labels import names_of
from agreements.services.founding import Standing, start_agreement
from agreements.services.signed_text import canonical_text
from agreements.terms import TermsBook
from leads.services.amending import refusal_of_the_past, refusal_of_the_reach, sign_amendment
from leads.services.hand_offs import hand_over
from tests import factories
from tests.factories import NOON
from tests.races import race

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)
TODAY = NOON.date()
Level = Agreement.Level


@pytest.fixture
def company():
    made = factories.agreement("company")
    factories.signed(made, allowance=4 * HOUR, attempts=6)
    return made


def below(company, slug="north", **fields):
    """An agreement below the company's, between teams of its own."""
    return factories.agreement(slug, parent=company, **({"level": Level.TEAM} | fields))


def refused(kind=IntegrityError):
    return pytest.raises(kind)


# -- guards of the database


@pytest.mark.parametrize(("level", "above"), [(1, 1), (2, 2), (2, 3), (3, 3)])
def test_a_parent_is_of_a_lower_level(level, above):
    segment = Segment.objects.create(slug="s", name="S")
    parent = Agreement.objects.create(
        slug="a", name="A", time_zone="UTC", level=above, segment=segment if above == 3 else None
    )
    with refused(), transaction.atomic():
        Agreement.objects.create(
            slug="b",
            name="B",
            time_zone="UTC",
            level=level,
            parent=parent,
            segment=segment if level == 3 else None,
        )


def test_none_can_come_to_stand_above_itself(company):
    north = below(company)
    for change in ({"parent": north}, {"parent": company}):
        with refused(), transaction.atomic():
            Agreement.objects.filter(pk=company.pk).update(**change)
    with refused(), transaction.atomic():  # of the level of what is below it
        Agreement.objects.filter(pk=factories.agreement("other").pk).update(level=Level.TEAM, parent=north)


def test_a_service_agreement_is_for_a_segment_and_no_other_is(company):
    segment = factories.segment("Executive")
    for fields in ({"level": Level.SERVICE}, {"level": Level.TEAM, "segment": segment}):
        with refused(), transaction.atomic():
            Agreement.objects.create(slug="x", name="X", time_zone="UTC", parent=company, **fields)


def test_where_it_stands_is_kept_from_the_first_signature_on(company):
    north = below(company)
    version = factories.draft(north)
    Agreement.objects.filter(pk=north.pk).update(kind=Agreement.Kind.MULTI_LEVEL)
    sign_amendment(version=version, signer=factories.party(north, "sales").signatory, now=NOON)
    for change in ({"parent": None}, {"level": Level.SERVICE}, {"kind": "internal"}):
        with refused(), transaction.atomic():
            Agreement.objects.filter(pk=north.pk).update(**change)


def test_nobody_outside_has_an_account_here_or_signs(company):
    customer = factories.team("Customer", is_external=True)
    person = factories.user()
    with refused(), transaction.atomic():
        Membership.objects.create(user=person, team=customer)
    with refused(), transaction.atomic():
        Party.objects.create(agreement=company, team=customer)
    other = factories.agreement("other", kind=Agreement.Kind.CUSTOMER)
    with refused(), transaction.atomic():
        Party.objects.create(agreement=other, team=customer, signatory=person)
    Party.objects.create(agreement=other, team=customer)
    with refused(), transaction.atomic():
        Team.objects.filter(pk=factories.party(company, "sales").team_id).update(is_external=True)
    with refused(), transaction.atomic():
        Agreement.objects.filter(pk=other.pk).update(kind="internal")


def of_segment(company, slug, segment, sales):
    made = below(company, slug, level=Level.SERVICE, segment=segment)
    party = factories.party(made, "sales")
    party.team, party.signatory = sales.team, sales.signatory
    party.save()
    return made


def test_a_segment_is_agreed_on_once_on_the_same_days(company):
    segment, sales = factories.segment("Executive"), factories.party(company, "sales")
    first = of_segment(company, "first", segment, sales)
    factories.signed(first, ends_on=dt.date(2026, 6, 1))
    second = of_segment(company, "second", segment, sales)
    taken = factories.draft(second, starts_on=dt.date(2026, 5, 1))
    with pytest.raises(ValidationError, match="this segment"):
        factories.sign(taken)
    taken.refresh_from_db()
    assert not taken.is_signed
    Version.objects.filter(pk=taken.pk).update(state=Version.State.WITHDRAWN)
    assert factories.signed(second, starts_on=dt.date(2026, 6, 1)).is_signed


@pytest.mark.django_db(transaction=True)
def test_two_that_would_stand_above_each_other_at_once_never_do():
    for turn in range(3):
        pair = [Agreement.objects.create(slug=f"{turn}-{i}", name="A", time_zone="UTC") for i in (0, 1)]

        def put_below(one, other):
            def change():
                Agreement.objects.filter(pk=one.pk).update(level=Level.TEAM, parent=other)

            return change

        results = race(put_below(*pair), put_below(*reversed(pair)))
        after = Agreement.objects.filter(pk__in=[one.pk for one in pair])
        assert sum(one.parent_id is not None for one in after) <= 1, results


# -- the life of one


def test_it_is_begun_with_nothing_of_its_own_and_signed_so(company):
    marketing, sales = (factories.party(company, function) for function in ("marketing", "sales"))
    version = start_agreement(
        name="Executives",
        marketing=marketing.team,
        sales=sales.team,
        signatories={one.team_id: one.signatory for one in (marketing, sales)},
        contacts={},
        time_zone="UTC",
        currency="EUR",
        starts_on=TODAY,
        now=NOON,
        by=sales.signatory,
        standing=Standing(level=3, parent=company, segment=factories.segment("Executive")),
    )
    assert not version.commitments.exists()
    said = json.loads(canonical_text(version))
    assert (said["inherits_from"], said["for_segment"]) == ("company", "executive")
    factories.sign(version)
    terms = TermsBook().terms(
        at=NOON, team_id=sales.team_id, segment_id=Segment.objects.get(slug="executive").pk
    )
    assert (terms.version_id, terms.allowance, terms.attempts) == (version.pk, 4 * HOUR, 6)


def test_one_that_stands_alone_says_nothing_of_it(company):
    assert "inherits_from" not in canonical_text(company.versions.get())


@pytest.mark.parametrize(
    ("standing", "field"),
    [
        ({"level": 3}, "segment"),
        ({"level": 2, "has_segment": True}, "segment"),
        ({"level": 1, "has_parent": True}, "parent"),
        ({"kind": "customer"}, "kind"),
        ({"kind": "multi_level"}, "third"),
        ({"third": True}, "third"),
    ],
)
def test_a_place_that_cannot_be_is_refused_in_words(company, standing, field):
    marketing, sales = (factories.party(company, function) for function in ("marketing", "sales"))
    given = Standing(
        level=standing.get("level", 1),
        parent=company if "has_parent" in standing else None,
        segment=factories.segment("Executive") if "has_segment" in standing else None,
        kind=standing.get("kind", "internal"),
        third=factories.team("Care", "service") if "third" in standing else None,
    )
    with pytest.raises(ValidationError) as error:
        start_agreement(
            name="Another",
            marketing=marketing.team,
            sales=sales.team,
            signatories={one.team_id: one.signatory for one in (marketing, sales)},
            contacts={},
            time_zone="UTC",
            currency="EUR",
            starts_on=TODAY,
            now=NOON,
            by=sales.signatory,
            standing=given,
        )
    assert field in error.value.message_dict


def test_a_customer_signs_on_paper_and_one_signature_puts_it_in_force(company):
    sales, customer = (
        factories.party(company, "sales"),
        factories.team("Agency", "marketing", is_external=True),
    )
    version = start_agreement(
        name="With the agency",
        marketing=customer,
        sales=sales.team,
        signatories={sales.team_id: sales.signatory},
        contacts={customer.pk: "Kim, 555"},
        time_zone="UTC",
        currency="EUR",
        starts_on=TODAY,
        now=NOON,
        by=sales.signatory,
        standing=Standing(kind="customer"),
    )
    sign_amendment(version=version, signer=sales.signatory, now=NOON)
    version.refresh_from_db()
    assert version.is_signed


def test_a_third_party_has_promises_of_its_own_and_signs(company):
    marketing, sales = (factories.party(company, function) for function in ("marketing", "sales"))
    care, lead = factories.team("Care", "service"), factories.user("Lead of care")
    Membership.objects.create(user=lead, team=care, role="director")
    version = start_agreement(
        name="Three",
        marketing=marketing.team,
        sales=sales.team,
        signatories={marketing.team_id: marketing.signatory, sales.team_id: sales.signatory, care.pk: lead},
        contacts={},
        time_zone="UTC",
        currency="EUR",
        starts_on=TODAY,
        now=NOON,
        by=sales.signatory,
        standing=Standing(kind="multi_level", third=care),
    )
    third = version.agreement.parties.get(team=care)
    Commitment.objects.create(
        version=version, party=third, kind="share_worked", share="0.5", segment=factories.segment("Old")
    )
    for party in (marketing, sales):
        sign_amendment(version=version, signer=party.signatory, now=NOON)
    version.refresh_from_db()
    assert not version.is_signed
    sign_amendment(version=version, signer=lead, now=NOON)
    version.refresh_from_db()
    assert version.is_signed


def test_amending_the_parent_reaches_new_hand_offs_and_leaves_the_old(company):
    north = below(company)
    factories.sign(factories.draft(north, allowance=None, attempts=None))
    team = factories.party(north, "sales").team
    first = hand_over(lead=factories.lead(), team=team, now=NOON)
    factories.signed(company, starts_on=TODAY + dt.timedelta(days=1), allowance=2 * HOUR)
    second = hand_over(lead=factories.lead(), team=team, now=NOON + dt.timedelta(days=1))
    first.refresh_from_db()
    assert (first.agreement, first.allowance) == (north, 4 * HOUR)
    assert (second.agreement, second.allowance) == (north, 2 * HOUR)


def test_a_parent_cannot_begin_before_hand_offs_of_those_below_or_reach_their_open_ones(company):
    north = below(company)
    factories.sign(factories.draft(north))
    hand_over(lead=factories.lead(), team=factories.party(north, "sales").team, now=NOON)
    tomorrow = NOON + dt.timedelta(days=1)
    early = factories.draft(company, starts_on=TODAY)
    assert "1 hand-off" in refusal_of_the_past(early, now=tomorrow)
    Version.objects.filter(pk=early.pk).update(starts_on=tomorrow.date(), reach=Version.Reach.ALSO_OPEN)
    early.refresh_from_db()
    assert "North" in refusal_of_the_reach(early)
    with pytest.raises(ValidationError, match="inherit from it"):
        sign_amendment(version=early, signer=factories.party(company, "sales").signatory, now=tomorrow)


# -- what is read


def test_each_inherited_term_says_where_it_is_from(company, client):
    north = below(company)
    version = factories.draft(north, allowance=2 * HOUR, attempts=None)
    above = above_on(version, TODAY)
    assert {one.promise.kind for one in above.promises(version.commitments.all())} == {"depth", "mql_goal"}
    value, source = above.values()["depth-0-attempts"]
    assert (value, source) == (6, "from Company, version 1")
    client.force_login(factories.party(north, "sales").signatory)
    page = client.get(reverse("agreements:version", args=["north", 1])).content.decode()
    assert "6 attempts within 14 days" in page
    assert "from Company, version 1" in page
    assert "What it does not promise itself is as in" in page
    form = client.get(reverse("agreements:edit", args=["north", 1])).content.decode()
    assert "Left empty: 6, from Company, version 1." in form
    assert "Left empty: 4 h, from Company, version 1." in form
    top = client.get(reverse("agreements:agreement", args=["company"])).content.decode()
    assert reverse("agreements:agreement", args=["north"]) in top


def test_a_promise_given_up_falls_back_to_what_is_inherited_and_the_difference_says_so(company):
    north = below(company)
    first = factories.signed(north, allowance=2 * HOUR, attempts=None)
    second = factories.draft(north, starts_on=dt.date(2026, 4, 1), allowance=None, attempts=None)
    found = {one.key: (one.old, one.new) for one in differences(first, second, names_of(north))}
    assert found["speed-0-allowance"] == ("2 h", "4 h, from Company, version 1")
    assert "depth-0-attempts" not in found  # inherited before and after


def test_a_segments_agreement_inherits_what_holds_for_its_segment(company):
    demo, other = factories.segment("Demo"), factories.segment("Other")
    factories.signed(company, starts_on=dt.date(2026, 2, 1), segment_allowances={demo: HOUR, other: 3 * HOUR})
    service = below(company, "demos", level=Level.SERVICE, segment=demo)
    version = factories.draft(service, allowance=None, attempts=None)
    values = above_on(version, TODAY).values()
    assert values["speed-0-allowance"][0] == HOUR
    assert not any(key.startswith("speed-") and not key.startswith("speed-0-") for key in values)
