"""Custom measures: promised in a draft and signed, values entered and voided, judged; and who may do it."""

import datetime as dt
import json
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from agreements.measured_periods import days_of, is_last_month, later, period_end, period_of
from agreements.models import (
    AgreementEvent,
    CustomMeasure,
    Evaluation,
    Excuse,
    MeasureValue,
    Membership,
    MonthResult,
    Strike,
    Version,
)
from agreements.readings.differences import differences
from agreements.readings.labels import names_of
from agreements.readings.register import register_lines
from agreements.readings.register_query import Asked, registered
from agreements.services.drafting import begin_amendment
from agreements.services.measure_values import enter_value
from agreements.services.measures import MeasureChanged, remove_measure, write_measure
from agreements.services.signed_text import canonical_text
from agreements.services.signing import sign_version
from reports.closing import close_months, void_and_close
from reports.pages.duties import duties_of
from tests import factories
from tests.races import race, rounds
from tests.reports.promised_measures import (
    FEBRUARY,
    MARCH,
    NAME,
    NOW,
    director,
    entered,
    one_measure,
    two_measures,
)

pytestmark = pytest.mark.django_db


def test_periods_tile_the_year():
    months = [later(dt.date(2026, 1, 1), n) for n in range(12)]
    assert [month for month in months if is_last_month(month, "quarter")] == months[2::3]
    assert all(is_last_month(month, "month") for month in months)
    assert [period_of(month, "quarter") for month in months] == [months[n - n % 3] for n in range(12)]
    assert period_end(months[9], "quarter") == dt.date(2027, 1, 1)
    assert sum(len(days_of(month, "month")) for month in months) == 365
    assert days_of(months[0], "quarter")[-1] == dt.date(2026, 3, 31)


@pytest.fixture
def version():
    return one_measure()


@pytest.fixture
def two():
    return two_measures()


def evaluation(month=MARCH):
    return Evaluation.objects.filter(month__month_on=month, promise="custom", subject=NAME).first()


def strike(month=MARCH):
    return Strike.objects.filter(evaluation=evaluation(month)).first()


# -- promised and signed


def test_a_text_without_measures_says_nothing_of_them(version):
    other = factories.draft(factories.agreement("other"))
    assert "measures" not in json.loads(canonical_text(other))
    assert json.loads(canonical_text(version))["measures"] == [
        {
            "name": NAME,
            "unit": "points",
            "direction": "at_least",
            "target": "4.5000",
            "period": "month",
            "party": "company-sales",
        }
    ]


def test_a_signed_measure_stays_and_the_next_version_begins_with_a_copy(version):
    measure = version.measures.get()
    for change in (partial(measure.delete), partial(CustomMeasure.objects.update, target=1)):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    draft = begin_amendment(
        agreement=version.agreement, starts_on=dt.date(2026, 5, 1), now=NOW, by=director(version)
    )
    copy = draft.measures.get()
    names = names_of(version.agreement)
    assert [one.key for one in differences(version, draft, names)] == ["starts_on"]
    write_measure(
        version=draft,
        measure=copy,
        edits=0,
        terms={
            "name": NAME,
            "unit": "points",
            "direction": "at_least",
            "target": Decimal("4.7"),
            "period": "month",
        },
        party=copy.party,
        now=NOW,
        by=director(version),
    )
    draft = Version.objects.get(pk=draft.pk)
    changed = next(one for one in differences(version, draft, names) if one.key.startswith("measure-"))
    assert ("4.5" in changed.old, "4.7" in changed.new) == (True, True)
    with pytest.raises(MeasureChanged):
        write_measure(
            version=draft,
            measure=copy,
            edits=0,
            terms={"name": NAME, "unit": "", "direction": "at_most", "target": Decimal(1), "period": "month"},
            party=copy.party,
            now=NOW,
            by=director(version),
        )
    remove_measure(version=draft, measure=copy, now=NOW, by=director(version))
    draft = Version.objects.get(pk=draft.pk)
    removed = next(one for one in differences(version, draft, names) if one.key.startswith("measure-"))
    assert removed.kind == "removed"
    event = AgreementEvent.objects.filter(kind="edited").order_by("pk")[0]
    assert event.data["terms"] == {"target": ["4.5000", "4.7000"]}


# -- values


def test_a_value_judges_its_month_and_a_miss_opens_a_strike(version):
    entered(version, "4.4999")
    found = evaluation()
    assert (found.outcome, found.numerator, found.threshold) == ("missed", Decimal("4.4999"), Decimal("4.5"))
    assert found.title == NAME
    assert Strike.objects.get(evaluation=found).responsible == director(version)


def test_a_wrong_value_is_voided_and_its_month_judged_anew(two):
    value = entered(two, "4.4")
    void_and_close(value=value, reason="mistyped", now=NOW, by=director(two))
    assert evaluation().outcome == "missed"  # it stays as it was while the right value is waited for
    entered(two, "4.5")
    assert (evaluation().outcome, strike().state) == ("met", "corrected")
    with pytest.raises(ValidationError, match="voided already"):
        void_and_close(value=value, reason="again", now=NOW)


def test_a_value_of_a_closed_month_is_corrected_only_with_the_other_sides_agreement(two):
    value = entered(two, "4.4")
    entered(two, "5", name="Churn")
    assert MonthResult.objects.get(month_on=MARCH).closed_at is not None
    for who in (director(two), None, factories.user("Vera")):
        with pytest.raises(ValidationError, match="ask a director of the other side"):
            void_and_close(value=value, reason="mistyped", now=NOW, by=who)
    assert strike().state == "open"
    void_and_close(value=value, reason="they mistyped it", now=NOW, by=director(two, "marketing"))
    entered(two, "4.5")
    assert (evaluation().outcome, strike().state) == ("met", "corrected")


def test_who_entered_a_value_does_not_agree_for_the_other_side(two):
    both, marketing = director(two), factories.party(two.agreement, "marketing").team
    Membership.objects.create(user=both, team=marketing, role="director")
    value = entered(two, "4.4")
    entered(two, "5", name="Churn")
    with pytest.raises(ValidationError, match="other side"):
        void_and_close(value=value, reason="mistyped", now=NOW, by=both)


def test_after_its_time_a_value_is_corrected_only_with_agreement_and_the_right_one_counts(two):
    value, late = entered(two, "4.4"), NOW + dt.timedelta(days=20)
    with pytest.raises(ValidationError, match="other side"):
        void_and_close(value=value, reason="mistyped", now=late, by=director(two))
    void_and_close(value=value, reason="they mistyped it", now=late, by=director(two, "marketing"))
    assert (evaluation().outcome, evaluation().denominator) == ("missed", 0)
    entered(two, "4.5", now=late)
    assert (evaluation().outcome, strike().state) == ("met", "corrected")


def test_a_value_that_is_taken_back_and_not_entered_again_misses_the_promise(two):
    value, late = entered(two, "4.6"), NOW + dt.timedelta(days=20)
    void_and_close(value=value, reason="mistyped", now=NOW, by=director(two))
    close_months(now=late)
    assert (evaluation().outcome, strike().state) == ("missed", "open")
    entered(two, "4.7", now=late)
    assert (evaluation().outcome, strike().state) == ("missed", "open")


def test_values_older_than_what_is_judged_are_neither_entered_nor_voided(version):
    value, later_on = entered(version), dt.datetime(2027, 5, 3, 12, tzinfo=dt.UTC)
    with pytest.raises(ValidationError, match="more than 13 months ago"):
        entered(version, month=FEBRUARY, now=later_on)
    for who in (director(version), director(version, "marketing")):
        with pytest.raises(ValidationError, match="more than 13 months ago"):
            void_and_close(value=value, reason="mistyped", now=later_on, by=who)
    void_and_close(
        value=value,
        reason="mistyped",
        now=dt.datetime(2027, 4, 30, 12, tzinfo=dt.UTC),
        by=director(version, "marketing"),
    )


def test_a_version_that_ends_within_a_month_owes_no_value_of_it(version):
    Version.objects.filter(pk=version.pk).update(ended_on=dt.date(2026, 3, 20))
    close_months(now=NOW)
    month = MonthResult.objects.get(month_on=MARCH)
    assert month.closed_at is not None and evaluation() is None
    with pytest.raises(ValidationError, match="promises this measure"):
        entered(version)


def test_one_name_is_measured_by_one_kind_of_period(version):
    draft = begin_amendment(
        agreement=version.agreement, starts_on=dt.date(2026, 5, 1), now=NOW, by=director(version)
    )
    copy = draft.measures.get()
    terms = {"name": NAME, "unit": "", "direction": "at_least", "target": Decimal(4), "period": "quarter"}
    written = {
        "version": draft,
        "measure": copy,
        "edits": 0,
        "party": copy.party,
        "now": NOW,
        "by": director(version),
    }
    with pytest.raises(ValidationError, match="Version 1 measures this every month") as refused:
        write_measure(**written, terms=terms)
    assert list(refused.value.message_dict) == ["period"]
    CustomMeasure.objects.filter(pk=copy.pk).update(period="quarter")  # as one written before could be
    with pytest.raises(ValidationError, match="give the measure another name"):
        sign_version(version=draft, signer=director(version), now=NOW)
    write_measure(**written, terms=terms | {"name": "Satisfaction by quarters"})
    sign_version(version=draft, signer=director(version), now=NOW)


# -- who is told that a value is waited for


def test_who_may_enter_a_value_is_told_that_it_is_waited_for(version):
    who, other, today = director(version), director(version, "marketing"), NOW.date()

    def said(user, now=NOW):
        return [duty.sentence for duty in duties_of(user, today=today, now=now)]

    assert said(who) == ["“Satisfaction of customers” waits for its value of March 2026."]
    assert said(other) == []
    assert said(who, dt.datetime(2026, 3, 31, 23, tzinfo=dt.UTC)) == [
        "“Satisfaction of customers” waits for its value of February 2026."
    ]
    assert duties_of(who, today=today, now=NOW)[0].address.startswith(
        "/agreements/company/measures/#promise-"
    )
    assert version.agreement in registered(who, Asked(is_mine=True), now=NOW)
    assert version.agreement not in registered(other, Asked(is_mine=True), now=NOW)
    for user, is_mine in ((who, True), (other, False)):
        act = register_lines([version.agreement], user=user, now=NOW)[0].acts[0]
        assert (act.sentence, act.who, act.is_mine) == ("1 value to enter", "Company Sales", is_mine)
    entered(version)
    assert said(who) == [] and version.agreement not in registered(who, Asked(is_mine=True), now=NOW)
    acts = register_lines([version.agreement], user=who, now=NOW)[0].acts
    assert [act.sentence for act in acts] == ["1 strike to diagnose"]  # the goal's of March


def test_a_value_by_quarters_is_waited_for_after_the_quarter():
    draft = factories.draft(factories.agreement())
    factories.measure(draft, period="quarter")
    who = director(factories.sign(draft))
    waits = {
        month: bool(duties_of(who, today=NOW.date(), now=dt.datetime(2026, month, 5, tzinfo=dt.UTC)))
        for month in (3, 4, 5)
    }
    assert waits == {3: False, 4: True, 5: False}


def test_values_are_append_only(version):
    value = entered(version)
    for statement in (
        "UPDATE agreements_measurevalue SET value = 5 WHERE id = %s",
        "DELETE FROM agreements_measurevalue WHERE id = %s",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [value.pk])
    with pytest.raises(IntegrityError), transaction.atomic():
        MeasureValue.objects.create(
            agreement=version.agreement,
            party=value.party,
            name=NAME,
            period_on=MARCH,
            value=5,
            entered_at=NOW,
        )


@pytest.mark.parametrize(
    ("name", "month", "complaint"),
    [
        ("Something else", MARCH, "promises this measure"),
        (NAME, dt.date(2025, 12, 1), "promises this measure"),
        (NAME, dt.date(2026, 4, 1), "not over"),
        (NAME, FEBRUARY, "has a value already"),
    ],
)
def test_a_value_that_cannot_be_is_refused(version, name, month, complaint):
    entered(version, month=FEBRUARY)
    with pytest.raises(ValidationError, match=complaint):
        enter_value(agreement=version.agreement, name=name, period_on=month, value=Decimal(1), now=NOW)


def test_without_a_value_a_month_waits_for_one_month_and_is_missed_then(version):
    close_months(now=NOW)
    assert evaluation() is None
    assert evaluation(dt.date(2026, 1, 1)).outcome == "nothing"  # due before all had signed, it is not owed
    assert (evaluation(FEBRUARY).outcome, evaluation(FEBRUARY).denominator) == ("missed", 0)
    assert Strike.objects.get(evaluation=evaluation(FEBRUARY)).state == "open"
    close_months(now=NOW + dt.timedelta(days=10))  # 30 April
    assert evaluation() is None
    close_months(now=NOW + dt.timedelta(days=11))
    assert evaluation().outcome == "missed"
    entered(version, now=NOW + dt.timedelta(days=11))
    assert (evaluation().outcome, evaluation().denominator) == ("missed", 0)
    entered(version, month=dt.date(2026, 1, 1))
    assert evaluation(dt.date(2026, 1, 1)).outcome == "met"


def test_a_missing_value_is_excused_by_an_excuse_of_all_its_days(version):
    close_months(now=NOW)
    for days, outcome in ((27, "missed"), (28, "excused")):
        Excuse.objects.create(
            agreement=version.agreement,
            party=factories.party(version.agreement, "sales"),
            month_on=FEBRUARY,
            days=[FEBRUARY + dt.timedelta(days=n) for n in range(days)],
            reason="outage",
            state="accepted",
            proposed_at=NOW,
            answered_at=NOW,
        )
        close_months(now=NOW)
        assert evaluation(FEBRUARY).outcome == outcome


@pytest.mark.django_db(transaction=True)
def test_of_two_values_at_once_one_stands():
    draft = factories.draft(factories.agreement())
    factories.measure(draft)
    version = factories.sign(draft)
    for n in range(rounds(3)):
        month = later(MARCH, -(n % 3))
        results = race(*[partial(entered, version, month=month)] * 3)
        assert sum(isinstance(one, MeasureValue) for one in results) == 1
        MeasureValue.objects.standing().update(voided_at=NOW, void_reason="again")


@pytest.mark.django_db(transaction=True)
def test_a_month_that_is_closed_meanwhile_keeps_its_value():
    draft = factories.draft(factories.agreement())
    factories.measure(draft)
    factories.measure(draft, "Churn", direction="at_most", target=5)
    version = factories.sign(draft)
    for n in range(rounds(2)):
        month = later(MARCH, -(n % 2))
        now = dt.datetime.combine(later(month, 1), dt.time(12), dt.UTC)
        value = entered(version, month=month, now=now)
        void = partial(void_and_close, value=value, reason="mistyped", now=now, by=director(version))
        race(void, partial(entered, version, "5", month=month, now=now, name="Churn"))
        value.refresh_from_db()
        is_closed = MonthResult.objects.get(month_on=month).closed_at is not None
        assert is_closed == (value.voided_at is None)
        MeasureValue.objects.standing().update(voided_at=NOW, void_reason="again")
