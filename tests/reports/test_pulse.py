"""The monthly pulse: who is asked and when, one answer a month, and only averages of several are shown."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from agreements.models import Membership, MonthResult, PulseAnswer
from agreements.pulse_months import month_asked
from agreements.readings.pulse import party_pulses, pulses_asked
from agreements.services.pulse import answer_pulse
from tests import factories
from tests.query_counts import assert_same_queries

FEBRUARY, MARCH = dt.date(2026, 2, 1), dt.date(2026, 3, 1)
LATE_MARCH = dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC)
ANSWERS = {"kept_word": 4, "was_useful": 2, "went_well": 5}


@pytest.mark.parametrize(
    ("today", "month"),
    [
        (dt.date(2026, 3, 24), FEBRUARY),
        (dt.date(2026, 3, 25), MARCH),
        (dt.date(2026, 4, 1), MARCH),
        (dt.date(2026, 4, 23), MARCH),
        (dt.date(2026, 4, 24), dt.date(2026, 4, 1)),
        (dt.date(2026, 12, 31), dt.date(2026, 12, 1)),
        (dt.date(2027, 1, 1), dt.date(2026, 12, 1)),
        (dt.date(2026, 2, 22), FEBRUARY),
        (dt.date(2026, 2, 21), dt.date(2026, 1, 1)),
    ],
)
def test_a_month_is_asked_from_its_last_week_until_the_next_ones(today, month):
    assert month_asked(today) == month


@pytest.fixture
def agreement(db):
    made = factories.agreement()
    factories.signed(made)
    return made


def member(agreement, function="sales", name="Rep", role="member"):
    person = factories.user(name)
    Membership.objects.create(user=person, team=factories.party(agreement, function).team, role=role)
    return person


def answered(agreement, person, now=LATE_MARCH, month=MARCH, **answers):
    return answer_pulse(agreement=agreement, month_on=month, answers=ANSWERS | answers, now=now, by=person)


def test_everybody_of_the_parties_teams_is_asked_and_nobody_else(agreement):
    people = [member(agreement, role=role) for role in ("member", "manager", "director")]
    people.append(member(agreement, "marketing"))
    for person in people:
        (asked,) = pulses_asked(person, now=LATE_MARCH)
        assert (asked.agreement, asked.month_on, asked.answer) == (agreement, MARCH, None)
    viewer = member(agreement)
    viewer.role = "viewer"
    viewer.save()
    for person in (factories.user("Stranger"), viewer, factories.user("Ada", is_superuser=True)):
        assert pulses_asked(person, now=LATE_MARCH) == []
        with pytest.raises(ValidationError, match="belong to none"):
            answered(agreement, person)


def test_one_answer_a_month_that_can_be_changed_until_the_month_is_closed(agreement):
    rep = member(agreement)
    first = answered(agreement, rep)
    second = answered(agreement, rep, went_well=1)
    assert (first.pk, second.went_well) == (second.pk, 1)
    assert pulses_asked(rep, now=LATE_MARCH)[0].answer == second
    MonthResult.objects.create(
        agreement=agreement, month_on=MARCH, version=agreement.versions.get(), closed_at=LATE_MARCH
    )
    with pytest.raises(ValidationError, match="closed"):
        answered(agreement, rep)
    with pytest.raises(IntegrityError, match="month is closed"), transaction.atomic():
        second.save()
    assert pulses_asked(rep, now=LATE_MARCH) == []


def test_another_month_than_the_one_asked_about_is_refused(agreement):
    for month in (FEBRUARY, dt.date(2026, 4, 1)):
        with pytest.raises(ValidationError, match="not asked about any more"):
            answered(agreement, member(agreement), month=month)


def test_an_agreement_that_was_not_in_force_in_the_month_asks_nobody(db):
    drafted = factories.agreement("drafted")
    factories.draft(drafted)
    later = factories.agreement("later")
    factories.signed(later, starts_on=dt.date(2026, 4, 1))
    for one in (drafted, later):
        assert pulses_asked(member(one), now=LATE_MARCH) == []


def test_answers_are_from_one_to_five_and_of_one_person_once(agreement):
    rep = member(agreement)
    row = answered(agreement, rep)
    row.pk = None
    with pytest.raises(IntegrityError, match="pulse_answer_once_a_month"), transaction.atomic():
        row.save()
    row.person, row.went_well = member(agreement), 6
    with pytest.raises(IntegrityError, match="pulse_answer_from_one_to_five"), transaction.atomic():
        row.save()


def test_fewer_than_three_answers_have_no_average(agreement):
    sales = factories.party(agreement, "sales")
    for n in range(3):
        answered(agreement, member(agreement), kept_word=n + 1)
        found = party_pulses(agreement, [MARCH])[MARCH, sales.pk]
        assert found.n == n + 1
        assert (found.whole is None, found.average(0) is None) == (n < 2, n < 2)
    assert found.average(0) == 2
    assert found.whole == 3
    assert not found.is_low


def test_only_ones_own_answer_is_a_row_that_somebody_reads(agreement):
    rep, other = member(agreement), member(agreement)
    answered(agreement, rep)
    assert PulseAnswer.objects.visible_to(rep).count() == 1
    for person in (other, factories.user("Ada", is_superuser=True)):
        assert not PulseAnswer.objects.visible_to(person).exists()


@time_machine.travel(LATE_MARCH, tick=False)
def test_the_page_asks_and_shows_averages_of_closed_months_alone(agreement, client):
    rep = member(agreement)
    client.force_login(rep)
    assert "How was March 2026? Three questions about Company" in client.get("/queue/").text
    address = "/agreements/company/pulse/"
    assert "How was March 2026?" in client.get(address).text
    assert client.post(address, {"month_on": "2026-03-01"} | ANSWERS).url == address
    assert "How was March 2026? Three" not in client.get("/queue/").text
    for _n in range(3):
        answered(agreement, member(agreement))
    assert "3.7 of 5" not in client.get(address).text, "still asked about"
    assert client.post(address, {"month_on": "2026-02-01"} | ANSWERS).status_code == 409
    assert client.post(address, {"month_on": "x"} | ANSWERS).status_code == 422
    assert client.post(address, {"month_on": "2026-03-01"} | ANSWERS | {"went_well": "6"}).status_code == 422
    with time_machine.travel(dt.datetime(2026, 4, 26, 12, tzinfo=dt.UTC), tick=False):
        client.force_login(rep)
        said = client.get(address).text
        assert "Company Sales is well served: 3.7 of 5 in March 2026." in said
        file = client.get(f"{address}?format=csv&table=pulse-company-sales").text
        assert "2026-03-01,4,4,2,5,3.6" in file.replace("\r", "")
        assert client.get(f"{address}?format=csv&table=x").status_code == 404
        assert client.get("/sales/").status_code in (200, 302)


@time_machine.travel(dt.datetime(2026, 4, 26, 12, tzinfo=dt.UTC), tick=False)
def test_the_page_asks_as_often_for_many_answers_as_for_few(agreement, client):
    client.force_login(member(agreement))

    def more():
        for month in (FEBRUARY, MARCH):
            party = factories.party(agreement, "sales")
            PulseAnswer.objects.bulk_create(
                PulseAnswer(
                    agreement=agreement,
                    month_on=month,
                    party=party,
                    person=factories.user(),
                    answered_at=LATE_MARCH,
                    **ANSWERS,
                )
                for _n in range(5)
            )

    more()
    assert_same_queries(lambda: client.get("/agreements/company/pulse/"), add_rows=more)
