"""Which terms a hand-off falls under: the version of its day, the segment's promise first, whose calendar."""

import datetime as dt

import pytest

from agreements.models import Membership, Segment, Team
from agreements.services.calendars import company_calendar
from agreements.terms import TermsBook
from tests import factories

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)
NOON = factories.NOON


@pytest.fixture
def agreement():
    return factories.agreement(time_zone="Europe/Warsaw")


def test_the_version_in_force_on_the_local_day_decides(agreement):
    first = factories.signed(agreement, allowance=4 * HOUR)
    second = factories.signed(agreement, starts_on=dt.date(2026, 3, 16), allowance=2 * HOUR)
    book = TermsBook()
    # 23:30 in Warsaw on the 15th, and half an hour into the 16th there, though still the 15th in UTC.
    before = book.terms(at=dt.datetime(2026, 3, 15, 22, 30, tzinfo=dt.UTC))
    after = book.terms(at=dt.datetime(2026, 3, 15, 23, 30, tzinfo=dt.UTC))
    assert (before.version_id, before.allowance, before.on) == (first.pk, 4 * HOUR, dt.date(2026, 3, 15))
    assert (after.version_id, after.allowance, after.on) == (second.pk, 2 * HOUR, dt.date(2026, 3, 16))


def test_outside_every_version_there_are_no_terms_and_the_company_calendar_counts(agreement):
    factories.signed(agreement)
    terms = TermsBook().terms(at=dt.datetime(2025, 3, 4, 12, tzinfo=dt.UTC))
    assert terms.version_id is None
    assert terms.agreement_id is None
    assert terms.allowance is None
    assert terms.calendar_revision == company_calendar().latest_revision()


def test_without_terms_too_the_calendar_is_the_owners_teams_then_the_agreements_then_the_companys(agreement):
    factories.signed(agreement)
    east = factories.team("East", calendar=factories.calendar("East hours", tz="Asia/Seoul"))
    west = factories.team("West", calendar=factories.calendar("West hours", tz="America/New_York"))
    plain, owner = factories.team("Plain"), factories.user()
    Membership.objects.create(user=owner, team=east)
    agreement.calendar = factories.calendar("Agreed hours")
    agreement.save()
    book, before = TermsBook(), dt.datetime(2025, 3, 4, 23, 30, tzinfo=dt.UTC)

    def hours(**given):
        terms = book.terms(at=before, **given)
        assert terms.version_id is None
        assert terms.on == (dt.date(2025, 3, 5) if "agreement_id" in given else dt.date(2025, 3, 4))
        return terms.calendar_revision.calendar.name

    assert hours(owner_id=owner.pk, team_id=west.pk) == "East hours"
    assert hours(team_id=west.pk) == "West hours"
    assert hours(team_id=plain.pk) == company_calendar().name
    named = {"agreement_id": agreement.pk, "agreement_zone": agreement.zone}
    assert hours(team_id=west.pk, **named) == "West hours"
    assert hours(team_id=plain.pk, **named) == "Agreed hours"


def test_a_draft_is_no_promise(agreement):
    factories.draft(agreement)
    assert TermsBook().terms(at=NOON).version_id is None


def test_the_segments_own_promise_comes_before_the_one_for_all(agreement):
    demo: Segment = factories.segment("Demo")
    other: Segment = factories.segment("Other")
    factories.signed(agreement, allowance=4 * HOUR, segment_allowances={demo: HOUR})
    book = TermsBook()
    assert book.terms(at=NOON, segment_id=demo.pk).allowance == HOUR
    assert book.terms(at=NOON, segment_id=other.pk).allowance == 4 * HOUR


def test_the_calendar_is_the_owners_teams_then_the_agreements_then_the_companys(agreement):
    factories.signed(agreement)
    east = factories.team("East", calendar=factories.calendar("East hours", tz="Asia/Seoul"))
    west = factories.team("West", calendar=factories.calendar("West hours", tz="America/New_York"))
    owner = factories.user()
    Membership.objects.create(user=owner, team=east)
    for team in (east, west):
        agreement.parties.create(team=team)
    book = TermsBook()

    def hours(**given):
        return book.terms(at=NOON, **given).calendar_revision.calendar.name

    assert hours(owner_id=owner.pk, team_id=west.pk) == "East hours"
    assert hours(team_id=west.pk) == "West hours"
    plain = factories.party(agreement, Team.Function.MARKETING).team
    assert hours(team_id=plain.pk) == company_calendar().name
    agreement.calendar = factories.calendar("Agreed hours")
    agreement.save()
    assert TermsBook().terms(at=NOON, team_id=plain.pk).calendar_revision.calendar.name == "Agreed hours"


def test_of_two_agreements_the_receiving_teams_counts_and_a_named_one_wins(agreement):
    other = factories.agreement("second")
    first, second = factories.signed(agreement), factories.signed(other)
    book = TermsBook()
    team = second.commitments.get(kind="speed").party.team
    assert book.terms(at=NOON, team_id=team.pk).version_id == second.pk
    assert book.terms(at=NOON).version_id is None
    named = book.terms(at=NOON, agreement_id=agreement.pk, agreement_zone=agreement.zone, team_id=team.pk)
    assert named.version_id == first.pk


def test_a_named_agreement_counts_days_in_its_zone_even_before_its_first_version(agreement):
    factories.signed(agreement)
    terms = TermsBook().terms(
        at=dt.datetime(2025, 3, 4, 23, 30, tzinfo=dt.UTC),
        agreement_id=agreement.pk,
        agreement_zone=agreement.zone,
    )
    assert (terms.agreement_id, terms.version_id, terms.on) == (agreement.pk, None, dt.date(2025, 3, 5))


def test_a_file_of_any_length_asks_the_database_nothing_more(agreement, django_assert_num_queries):
    factories.signed(agreement)
    book = TermsBook()
    with django_assert_num_queries(0):
        for day in range(1, 28):
            book.terms(at=dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC)).calendar_revision.compiled()
