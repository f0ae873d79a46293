"""Who hears when is inherited like any promise: each rung from the nearest agreement above that names it that day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.test import Client
from django.urls import reverse

from agreements.models import Agreement
from agreements.readings.differences import differences
from agreements.readings.inherited import above_on
from agreements.readings.labels import names_of
from agreements.readings.ladder_words import ladder_sentences
from agreements.services.signed_text import canonical_text
from leads.models import HandOff
from leads.services.hand_offs import hand_over
from slaproject.outbox.clocks import Ladders
from slaproject.outbox.hearing import Ladder
from slaproject.outbox.models import Rung
from tests import factories
from tests.factories import NOON
from tests.outbox.office import HOUR, MINUTE, NINE, tick, told
from tests.query_counts import assert_same_queries

pytestmark = pytest.mark.django_db
DAY = 24 * HOUR


def with_ladder(agreement, *, starts_on=dt.date(2026, 1, 1), **terms):
    ladder = {
        name: terms.pop(name) for name in ("early_share", "manager_lag", "director_lag") if name in terms
    }
    version = factories.draft(agreement, starts_on=starts_on, **terms)
    for name, value in ladder.items():
        setattr(version, name, value)
    version.save()
    return version


@pytest.fixture
def company():
    calendar = factories.calendar("Hours")
    made = factories.agreement("company", calendar=calendar)
    factories.sign(with_ladder(made, early_share=Decimal("0.25"), director_lag=2 * HOUR))
    return made


def north_of(company, **terms):
    """An agreement of one sales team below the company's, in the same hours."""
    north = factories.agreement("north", parent=company, level=Agreement.Level.TEAM)
    return north, factories.sign(with_ladder(north, allowance=None, attempts=None, **terms))


def given(agreement, at=NINE):
    team = factories.party(agreement, "sales").team
    owner = factories.user("Rep")
    team.memberships.create(user=owner, role="member")
    return hand_over(lead=factories.lead(at), at=at, now=at, team=team, owner=owner)


def ladder_for(hand_off) -> Ladder:
    return Ladders([hand_off]).of(hand_off)


def test_each_rung_is_that_of_the_nearest_who_names_it(company):
    north, _version = north_of(company, manager_lag=30 * MINUTE)
    hand_off = given(north)
    assert ladder_for(hand_off) == Ladder(Fraction(1, 4), 30 * MINUTE, 2 * HOUR)
    director = factories.party(north, "sales").signatory
    manager = factories.user("Manager")
    hand_off.team.memberships.create(user=manager, role="manager")
    reached = dict.fromkeys(("overdue_for_managers", "overdue_for_directors"))
    for minutes in range(0, 8 * 60, 10):
        tick(NINE + minutes * MINUTE, deliver=False)
        for kind, person in (("overdue_for_managers", manager), ("overdue_for_directors", director)):
            if reached[kind] is None and kind in told(person):
                reached[kind] = minutes
    assert reached == {"overdue_for_managers": 4 * 60 + 30, "overdue_for_directors": 6 * 60}


def test_what_is_said_below_wins_and_a_service_agreement_looks_two_levels_up(company):
    demo = factories.segment("Demo")
    north, _version = north_of(company, director_lag=3 * HOUR)
    service = factories.agreement("demos", parent=north, level=Agreement.Level.SERVICE, segment=demo)
    factories.sign(with_ladder(service, allowance=None, attempts=None, manager_lag=HOUR))
    team = factories.party(service, "sales").team
    lead = factories.lead(NINE, segment=demo)
    hand_off = hand_over(lead=lead, at=NINE, now=NINE, team=team)
    assert hand_off.agreement == service
    assert ladder_for(hand_off) == Ladder(Fraction(1, 4), HOUR, 3 * HOUR)


def test_a_parent_amended_reaches_new_hand_offs_and_leaves_the_old(company):
    north, _version = north_of(company)
    first = given(north)
    factories.sign(with_ladder(company, starts_on=dt.date(2026, 3, 5), director_lag=HOUR))
    second = given(north, NINE + DAY)
    first.refresh_from_db()
    assert ladder_for(first) == Ladder(Fraction(1, 4), dt.timedelta(0), 2 * HOUR)
    assert ladder_for(second) == Ladder(director_lag=HOUR)
    both = Ladders([first, second])
    assert (both.of(first).director_lag, both.of(second).director_lag) == (2 * HOUR, HOUR)


def test_a_re_dated_one_has_the_ladder_of_the_version_that_re_dated_it(company):
    north, _old = north_of(company, director_lag=5 * HOUR)
    hand_off = given(north)
    factories.sign(with_ladder(company, starts_on=dt.date(2026, 3, 5), director_lag=HOUR))
    new = factories.sign(
        with_ladder(north, starts_on=dt.date(2026, 3, 6), allowance=None, attempts=None, manager_lag=MINUTE)
    )
    HandOff.objects.filter(pk=hand_off.pk).update(re_dated_under=new)
    hand_off.refresh_from_db()
    assert ladder_for(hand_off) == Ladder(manager_lag=MINUTE, director_lag=HOUR)


def test_a_draft_above_says_nothing_yet_and_one_that_ended_says_nothing_more(company):
    north, _version = north_of(company)
    with_ladder(company, starts_on=dt.date(2026, 3, 1), director_lag=MINUTE)
    assert ladder_for(given(north)).director_lag == 2 * HOUR


def test_the_page_the_form_and_the_difference_say_where_it_is_from(company):
    north, version = north_of(company, manager_lag=30 * MINUTE)
    said = ladder_sentences(version, above_on(version, NOON.date()))
    assert said == [
        "The rep hears of a waiting lead after 25% of the time to the first attempt (from Company, version 1).",
        "Managers hear of a lead overdue by 30 m.",
        "Directors hear of a lead overdue by 2 h (from Company, version 1).",
    ]
    client = Client()
    client.force_login(factories.party(north, "sales").signatory)
    page = client.get(reverse("agreements:version", args=["north", 1])).text
    assert "Directors hear of a lead overdue by 2 h (from Company, version 1)." in page
    draft = factories.draft(north, starts_on=dt.date(2026, 6, 1), allowance=None, attempts=None)
    form = client.get(reverse("agreements:edit", args=["north", 2])).text
    assert "Left empty: 2 h, from Company, version 1." in form
    found = {one.key: (one.old, one.new) for one in differences(version, draft, names_of(north))}
    assert found["manager_lag"] == ("30 m", "–") and "director_lag" not in found
    assert "director_lag" not in canonical_text(version), "what is inherited is no part of what is signed"


def test_many_hand_offs_ask_no_more_than_few(company):
    north, _version = north_of(company)
    hand_offs = [given(north)]
    assert_same_queries(
        lambda: list(map(Ladders(hand_offs).of, hand_offs)),
        add_rows=lambda: hand_offs.extend(given(north, NINE + n * DAY) for n in range(5)),
    )
    tick(NINE + 5 * DAY, deliver=False)
    assert Rung.objects.exists()
