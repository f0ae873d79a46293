"""What holds whoever writes the row: the database refuses it, not only the product's own code."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from psycopg.types.range import DateRange

from agreements.models import AgreementEvent, Commitment, MonthGoal, Plan, Signature, Version
from tests import factories

pytestmark = pytest.mark.django_db

MARCH = dt.date(2026, 3, 1)


@pytest.fixture
def agreement():
    return factories.agreement()


def refused(statement, *parameters, match=None):
    with pytest.raises(IntegrityError, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def test_two_signed_versions_never_govern_the_same_day(agreement):
    first = factories.signed(agreement, starts_on=dt.date(2026, 1, 1), ends_on=dt.date(2026, 7, 1))
    other = factories.draft(agreement, starts_on=dt.date(2026, 6, 30))
    refused(
        "UPDATE agreements_version SET state = 'signed', signed_at = now() WHERE id = %s",
        other.pk,
        match="version_one_in_force_per_day",
    )
    assert first.in_force == DateRange(dt.date(2026, 1, 1), dt.date(2026, 7, 1))


def test_an_overlap_is_named_before_it_is_saved(agreement):
    factories.signed(agreement)
    other = factories.draft(agreement, starts_on=MARCH)
    other.state, other.signed_at = Version.State.SIGNED, factories.NOON
    with pytest.raises(ValidationError, match="Another signed version"):
        other.validate_constraints()


def test_a_signed_version_cannot_be_changed_or_deleted(agreement):
    version = factories.signed(agreement, goals={MARCH: 100})
    refused("UPDATE agreements_version SET summary = 'other' WHERE id = %s", version.pk, match="signed")
    refused("UPDATE agreements_version SET state = 'draft', signed_at = NULL WHERE id = %s", version.pk)
    refused("UPDATE agreements_version SET starts_on = '2026-02-01' WHERE id = %s", version.pk)
    refused("DELETE FROM agreements_version WHERE id = %s", version.pk)


def test_a_signed_version_may_only_end_sooner(agreement):
    version = factories.signed(agreement)
    Version.objects.filter(pk=version.pk).update(ended_on=dt.date(2026, 9, 1))
    Version.objects.filter(pk=version.pk).update(ended_on=dt.date(2026, 6, 1))
    refused("UPDATE agreements_version SET ended_on = '2026-08-01' WHERE id = %s", version.pk)
    refused("UPDATE agreements_version SET ended_on = NULL WHERE id = %s", version.pk)


def test_terms_of_a_signed_version_stay_as_they_are(agreement):
    version = factories.signed(agreement, goals={MARCH: 100})
    commitment = version.commitments.get(kind=Commitment.Kind.SPEED)
    goal = MonthGoal.objects.get()
    refused(
        "UPDATE agreements_commitment SET allowance = '1 hour' WHERE id = %s",
        commitment.pk,
        match="its terms",
    )
    refused("DELETE FROM agreements_commitment WHERE id = %s", commitment.pk)
    refused("UPDATE agreements_monthgoal SET goal = 90 WHERE id = %s", goal.pk)
    refused("DELETE FROM agreements_monthgoal WHERE id = %s", goal.pk)
    with pytest.raises(IntegrityError, match="its terms"), transaction.atomic():
        Commitment.objects.create(
            version=version, party=commitment.party, kind=Commitment.Kind.SHARE_WORKED, share=Decimal("0.9")
        )
    with pytest.raises(IntegrityError, match="its terms"), transaction.atomic():
        MonthGoal.objects.create(commitment=goal.commitment, month_on=dt.date(2026, 4, 1), goal=1)


def test_terms_cannot_be_moved_into_or_out_of_a_signed_version(agreement):
    version = factories.signed(agreement)
    later = factories.draft(agreement, starts_on=dt.date(2027, 1, 1))
    mine = version.commitments.get(kind=Commitment.Kind.SPEED)
    refused(
        "UPDATE agreements_commitment SET version_id = %s WHERE id = %s", later.pk, mine.pk, match="its terms"
    )


@pytest.mark.parametrize("month", [dt.date(2025, 12, 1), dt.date(2026, 7, 1), dt.date(2030, 1, 1)])
def test_a_goal_for_a_month_outside_the_version_is_refused(agreement, month):
    version = factories.draft(agreement, ends_on=dt.date(2026, 7, 1))
    promise = version.commitments.get(kind=Commitment.Kind.MQL_GOAL)
    with pytest.raises(IntegrityError, match="does not cover the month"), transaction.atomic():
        MonthGoal.objects.create(commitment=promise, month_on=month, goal=100)


def test_a_month_partly_covered_may_have_a_goal(agreement):
    version = factories.draft(agreement, starts_on=dt.date(2026, 3, 17), ends_on=dt.date(2026, 7, 10))
    promise = version.commitments.get(kind=Commitment.Kind.MQL_GOAL)
    for month in (3, 7):
        MonthGoal.objects.create(commitment=promise, month_on=dt.date(2026, month, 1), goal=100)


def test_only_an_mql_goal_has_months(agreement):
    promise = factories.draft(agreement).commitments.get(kind=Commitment.Kind.SPEED)
    with pytest.raises(IntegrityError, match="belongs to an MQL goal"), transaction.atomic():
        MonthGoal.objects.create(commitment=promise, month_on=MARCH, goal=100)


@pytest.mark.parametrize(
    ("terms", "constraint"),
    [
        ({"kind": "speed"}, "commitment_speed_has_allowance"),
        ({"kind": "speed", "allowance": dt.timedelta(0)}, "commitment_speed_has_allowance"),
        ({"kind": "depth", "attempts": 0}, "commitment_depth_has_attempts_and_window"),
        ({"kind": "share_worked"}, "commitment_share_worked_has_share"),
        ({"kind": "share_worked", "share": Decimal("1.1")}, "commitment_share_is_a_share"),
        ({"kind": "mql_goal", "tolerance": Decimal("-0.1")}, "commitment_tolerance_is_a_share"),
    ],
)
def test_a_promise_without_its_number_is_refused(agreement, terms, constraint):
    version = Version.objects.create(
        agreement=agreement, number=9, starts_on=MARCH, created_at=factories.NOON
    )
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Commitment.objects.create(version=version, party=agreement.parties.first(), **terms)


def test_signatures_events_and_calendar_revisions_are_append_only(agreement):
    factories.signed(agreement)
    calendar = factories.calendar()
    for model in (Signature, AgreementEvent):
        table, row = model._meta.db_table, model.objects.first()
        refused(f"DELETE FROM {table} WHERE id = %s", row.pk, match="append-only")
        refused(f"UPDATE {table} SET id = id WHERE id = %s", row.pk, match="append-only")
    revision = calendar.latest_revision()
    refused(
        "UPDATE agreements_calendarrevision SET note = 'x' WHERE id = %s", revision.pk, match="append-only"
    )
    refused("DELETE FROM agreements_calendarrevision WHERE id = %s", revision.pk, match="append-only")


def test_a_plan_is_written_once(agreement):
    plan = Plan.objects.create(
        starts_on=MARCH,
        ends_on=dt.date(2026, 4, 1),
        quota=Decimal(5000),
        currency="EUR",
        marketing_share=Decimal(1),
        average_deal=Decimal(100),
        close_rate=Decimal("0.5"),
        leads=100,
        created_at=factories.NOON,
    )
    refused("UPDATE agreements_plan SET leads = 99 WHERE id = %s", plan.pk, match="append-only")


@pytest.mark.parametrize(
    "inputs",
    [
        {"marketing_share": Decimal(0)},
        {"marketing_share": Decimal("1.01")},
        {"average_deal": Decimal(0)},
        {"close_rate": Decimal("1.2")},
        {"quota": Decimal(-1)},
        {"ends_on": MARCH},
    ],
)
def test_a_plan_with_impossible_inputs_is_refused(inputs):
    given = {
        "starts_on": MARCH,
        "ends_on": dt.date(2026, 4, 1),
        "quota": Decimal(5000),
        "marketing_share": Decimal(1),
        "average_deal": Decimal(100),
        "close_rate": Decimal("0.5"),
    }
    with pytest.raises(IntegrityError, match="plan_"), transaction.atomic():
        Plan.objects.create(currency="EUR", leads=1, created_at=factories.NOON, **(given | inputs))


def test_the_zone_of_an_agreement_stays_once_a_version_is_signed(agreement):
    agreement.time_zone = "Europe/Warsaw"
    agreement.save()
    factories.signed(agreement)
    refused(
        "UPDATE agreements_agreement SET time_zone = 'UTC' WHERE id = %s", agreement.pk, match="time zone"
    )
    agreement.name = "Renamed"
    agreement.save()
