"""Races: two administrators close one account, somebody answers a pulse twice at once or while the month closes."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError

from agreements.models import AgreementEvent, Contact, Membership, MonthResult, PulseAnswer
from agreements.services.pulse import answer_pulse
from agreements.services.results import Finding, write_results
from slaproject.accounts.answering import answers_of
from slaproject.accounts.handing_on import hand_on_and_deactivate
from slaproject.accounts.models import User
from tests import factories
from tests.factories import NOON
from tests.races import race, rounds

pytestmark = pytest.mark.django_db(transaction=True)
MARCH = dt.date(2026, 3, 1)
LATE = dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC)


def test_two_who_close_one_account_hand_everything_on_once():
    agreement = factories.agreement()
    sales = factories.party(agreement, "sales")
    leaver = sales.signatory
    admins = [factories.user(f"Ada {n}", is_superuser=True, is_staff=True) for n in range(2)]
    heirs = [factories.user(f"Heir {n}") for n in range(2)]
    for heir in heirs:
        Membership.objects.create(user=heir, team=sales.team)
    for turn in range(rounds(3)):
        User.objects.filter(pk=leaver.pk).update(is_active=True)
        sales.signatory = leaver
        sales.save()
        Contact.objects.create(party=sales, responsibility=f"Thing {turn}", person=leaver)
        keys = [one.key for one in answers_of(leaver)]
        before = AgreementEvent.objects.count()

        def close(n: int, keys: list[str] = keys) -> None:
            given = dict.fromkeys(keys, heirs[n].pk)
            hand_on_and_deactivate(person=leaver, heirs=given, now=NOON, by=admins[n])

        said = race(lambda: close(0), lambda: close(1))
        assert all(one is None or isinstance(one, ValidationError) for one in said), said
        sales.refresh_from_db()
        contact = Contact.objects.get(responsibility=f"Thing {turn}")
        assert sales.signatory in heirs
        assert contact.person == sales.signatory, "one of the two did all of it"
        assert AgreementEvent.objects.count() == before + len(keys)
        assert not User.objects.get(pk=leaver.pk).is_active


def test_one_person_who_answers_twice_at_once_has_one_answer():
    agreement = factories.agreement()
    factories.signed(agreement)
    me = factories.party(agreement, "sales").signatory

    def answer(grade: int) -> PulseAnswer:
        said = dict.fromkeys(PulseAnswer.QUESTIONS, grade)
        return answer_pulse(agreement=agreement, month_on=MARCH, answers=said, now=LATE, by=me)

    said = race(*(lambda grade=grade: answer(grade) for grade in (1, 2, 3, 4)))
    assert not any(isinstance(one, Exception) for one in said), said
    assert PulseAnswer.objects.count() == 1


def test_an_answer_comes_before_the_close_or_is_refused():
    for turn in range(rounds(3)):
        agreement = factories.agreement(f"turn-{turn}")
        version = factories.signed(agreement)
        sales = factories.party(agreement, "sales")
        met = Finding("depth", sales, "met", Fraction(6), Fraction(1), Fraction(6))

        def close(version=version, met=met) -> None:
            write_results(version=version, month_on=MARCH, findings=[met], is_decided=True, now=LATE)

        def answer(agreement=agreement, sales=sales) -> PulseAnswer:
            said = dict.fromkeys(PulseAnswer.QUESTIONS, 3)
            return answer_pulse(
                agreement=agreement, month_on=MARCH, answers=said, now=LATE, by=sales.signatory
            )

        _closed, answered = race(close, answer)
        assert MonthResult.objects.get(agreement=agreement).closed_at is not None
        is_there = PulseAnswer.objects.filter(agreement=agreement).exists()
        assert is_there == isinstance(answered, PulseAnswer), answered
