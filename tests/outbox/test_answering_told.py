"""Who gets something to answer for, whose measure waits for a value, and whose month only looks good: told, once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from agreements.models import AgreementEvent, Membership, MonthResult, Notice, Version
from agreements.services.contacts import name_contact
from agreements.services.measure_values import enter_value
from agreements.services.noticing import make_notices
from agreements.services.watermelons import flag_month
from slaproject.accounts.answering import answers_of
from slaproject.accounts.handing_on import hand_on_and_deactivate
from slaproject.outbox.models import Alert
from slaproject.outbox.wording import say
from tests import factories
from tests.factories import NOON
from tests.outbox.office import HOUR, MINUTE, office, tick, told

pytestmark = pytest.mark.django_db
DAY = 24 * HOUR
APRIL_FIRST = dt.datetime(2026, 4, 1, 0, 30, tzinfo=dt.UTC)


@pytest.fixture
def here():
    return office()


def said(person, kind):
    alerts = Alert.objects.filter(person=person, kind=kind).select_related("agreement")
    return say(alerts.order_by("made_at", "pk"), person)


def of_measures():
    """A company whose sales promise the satisfaction of customers every month."""
    agreement = factories.agreement()
    version = factories.draft(agreement)
    factories.measure(version)
    factories.sign(version)
    sales = factories.party(agreement, "sales")
    tick(NOON, deliver=False)
    Alert.objects.all().delete()
    return agreement, {"sales": sales, "director": sales.signatory}


def test_what_a_leaver_answered_for_is_told_to_who_got_it(here):
    sales = factories.party(here.agreement, "sales")
    draft = factories.draft(here.agreement, starts_on=dt.date(2026, 6, 1))
    factories.obligation(draft, "Pipeline status", person=here.director)
    factories.sign(draft)
    name_contact(
        party=sales, responsibility="Escalation", person=here.director, outside="", now=NOON, by=here.manager
    )
    tick(NOON, deliver=False)
    Alert.objects.all().delete()
    boss = factories.user("Boss", is_superuser=True)
    heirs = {one.key: here.manager.pk for one in answers_of(here.director)}
    hand_on_and_deactivate(person=here.director, heirs=heirs, now=NOON + HOUR, by=boss)
    for n in range(3):
        tick(NOON + HOUR + n * MINUTE)
    assert sorted(told(here.manager)) == ["contact_changed", "duty_handed_on", "signatory_changed"]
    assert told(here.rep) == told(here.marketer) == told(here.director) == told(boss) == []
    (duty,) = said(here.manager, "duty_handed_on")
    assert duty.text == "You answer for “Pipeline status” now, under “Company”, by Boss"
    (signs,) = said(here.manager, "signatory_changed")
    assert signs.text == "You sign for Company Sales now, under “Company”, by Boss"
    (contact,) = said(here.manager, "contact_changed")
    assert contact.text == "You are named as contact for “Escalation” now, under “Company”, by Boss"
    assert duty.path == "/agreements/company/obligations/" and contact.path == "/agreements/company/contacts/"
    assert not (duty.is_settled or signs.is_settled or contact.is_settled)
    sales.contacts.all().delete()
    type(sales).objects.filter(pk=sales.pk).update(signatory=boss)
    assert said(here.manager, "contact_changed")[0].text == "“Company”: settled since"
    assert said(here.manager, "signatory_changed")[0].is_settled


def test_who_takes_something_over_by_themselves_is_not_told(here):
    sales = factories.party(here.agreement, "sales")
    more = {"responsibility": "Data", "person": here.manager, "outside": ""}
    name_contact(party=sales, now=NOON, by=here.manager, **more)
    tick(NOON)
    assert told(here.manager) == []


def test_a_duty_of_a_draft_is_told_to_nobody_who_may_not_read_it(here):
    draft = factories.draft(here.agreement, starts_on=dt.date(2026, 6, 1))
    owed = factories.obligation(draft)
    data = {"obligation": owed.pk, "from": None, "to": here.rep.pk}
    event = {"agreement": here.agreement, "version": draft, "happened_at": NOON, "actor": here.director}
    AgreementEvent.objects.create(kind="duty_handed_on", data=data, **event)
    tick(NOON)
    assert told(here.rep) == []


def test_data_that_says_nothing_of_a_person_is_read_and_told_to_nobody(here):
    event = {"agreement": here.agreement, "happened_at": NOON, "actor": here.director}
    for data in ({}, {"to": "outside"}, {"to": None}, {"to": 10**12}, {"to": [1]}, {"to": True}, []):
        AgreementEvent.objects.create(kind="contact_changed", data=data, **event)
    tick(NOON)
    assert not Alert.objects.exists()


def flagged(here, watermelon, now=NOON):
    version = Version.objects.get(agreement=here.agreement)
    month_on = dt.date(2026, 2, 1)
    MonthResult.objects.get_or_create(
        agreement=here.agreement, month_on=month_on, defaults={"version": version}
    )
    flag_month(
        version=version, month_on=month_on, revenue=None, revenue_goal=None, watermelon=watermelon, now=now
    )


def test_a_watermelon_is_told_to_both_directors_once_and_left_out_when_it_was_none(here):
    marketing = factories.party(here.agreement, "marketing").signatory
    flagged(here, "revenue")
    for n in range(3):
        tick(NOON + n * MINUTE, deliver=False)
    assert told(here.director) == told(marketing) == ["watermelon"]
    assert told(here.rep) == told(here.manager) == told(here.marketer) == []
    (one,) = said(marketing, "watermelon")
    assert one.text == (
        "“Company”, February 2026: every promise was kept, and yet the revenue goal was missed"
    )
    assert one.path.startswith("/agreements/company/kept/") and not one.is_settled
    assert one.why == "You are told because you direct a party to this agreement."
    flagged(here, "", NOON + HOUR)
    tick(NOON + HOUR, deliver=False)
    assert told(marketing) == ["watermelon"]
    assert said(marketing, "watermelon")[0].is_settled


def test_a_value_is_awaited_once_its_period_is_over_and_missed_a_month_later():
    agreement, people = of_measures()
    director = people["director"]
    ended = dt.datetime(2026, 3, 31, 23, 30, tzinfo=dt.UTC)
    for now in (ended, APRIL_FIRST, APRIL_FIRST + 20 * DAY):
        make_notices(now=now)
        tick(now, deliver=False)
    # Awaited are February and March, missing is February: January was due before all had signed.
    assert sorted(told(director)) == ["value_awaited"] * 2 + ["value_missing"]
    texts = [one.text for one in said(director, "value_awaited")]
    assert texts[-1] == "“Satisfaction of customers” of “Company”: the value of March 2026 is awaited"
    assert said(director, "value_awaited")[-1].path == "/agreements/company/measures/"
    make_notices(now=APRIL_FIRST + 30 * DAY)
    tick(APRIL_FIRST + 30 * DAY, deliver=False)
    assert sorted(told(director)[3:]) == ["value_awaited", "value_missing"]
    enter_value(
        agreement=agreement,
        name="Satisfaction of customers",
        period_on=dt.date(2026, 3, 1),
        value=Decimal("4.6"),
        now=APRIL_FIRST + 31 * DAY,
        by=director,
    )
    last = said(director, "value_awaited")
    assert [one.is_settled for one in last if "settled since" in one.text] == [True]


def test_a_value_that_is_there_is_awaited_by_nobody():
    agreement, _people = of_measures()
    for month in (1, 2, 3):
        enter_value(
            agreement=agreement,
            name="Satisfaction of customers",
            period_on=dt.date(2026, month, 1),
            value=Decimal(5),
            now=APRIL_FIRST,
        )
    assert make_notices(now=APRIL_FIRST + DAY) == 0
    assert not Notice.objects.filter(kind__startswith="value").exists()


def test_a_measure_by_quarters_is_awaited_after_the_quarter_alone():
    agreement = factories.agreement()
    version = factories.draft(agreement)
    factories.measure(version, period="quarter")
    factories.sign(version)
    assert [make_notices(now=APRIL_FIRST - DAY), make_notices(now=APRIL_FIRST)] == [0, 1]
    (one,) = Notice.objects.filter(kind="value_awaited")
    assert one.period_on == dt.date(2026, 1, 1)


def test_without_a_signatory_who_can_enter_it_the_leaders_of_the_party_hear():
    _agreement, people = of_measures()
    manager = factories.user("Manager")
    Membership.objects.create(user=manager, team=people["sales"].team, role="manager")
    type(people["director"]).objects.filter(pk=people["director"].pk).update(is_active=False)
    make_notices(now=APRIL_FIRST)
    assert set(Notice.objects.filter(kind="value_awaited").values_list("person", flat=True)) == {manager.pk}
