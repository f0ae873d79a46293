"""Signing: each party's signatory, once, under the same text; the last signature puts the version in force."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from agreements.models import AgreementEvent, Commitment, Membership, Team, Version
from agreements.services.signed_text import canonical_text, sha256_of
from agreements.services.signing import sign_version
from tests import factories

pytestmark = pytest.mark.django_db

NOON = factories.NOON


@pytest.fixture
def agreement():
    return factories.agreement()


def signatory(agreement, function):
    return factories.party(agreement, function).signatory


def test_the_last_signature_puts_the_version_in_force(agreement):
    version = factories.draft(agreement)
    sign_version(version=version, signer=signatory(agreement, Team.Function.SALES), now=NOON)
    version.refresh_from_db()
    assert not version.is_signed
    assert not Version.objects.in_force_on(dt.date(2026, 3, 1)).exists()
    sign_version(version=version, signer=signatory(agreement, Team.Function.MARKETING), now=NOON)
    version.refresh_from_db()
    assert version.is_signed
    assert version.signed_at == NOON
    assert version.text_sha256 == sha256_of(canonical_text(version))
    assert Version.objects.in_force_on(dt.date(2026, 3, 1)).get() == version
    kinds = list(AgreementEvent.objects.values_list("kind", flat=True))
    assert kinds == ["signed", "signed", "in_force"]


def test_nobody_but_a_signatory_signs(agreement):
    version = factories.draft(agreement)
    with pytest.raises(ValidationError, match="signs for no party"):
        sign_version(version=version, signer=factories.user("Somebody Else"), now=NOON)


def test_signing_twice_is_refused(agreement):
    version = factories.draft(agreement)
    signer = signatory(agreement, Team.Function.SALES)
    sign_version(version=version, signer=signer, now=NOON)
    with pytest.raises(ValidationError, match="has signed this version already"):
        sign_version(version=version, signer=signer, now=NOON)


def test_signing_what_is_in_force_is_refused(agreement):
    version = factories.signed(agreement)
    with pytest.raises(ValidationError, match="signed by all parties already"):
        sign_version(version=version, signer=signatory(agreement, Team.Function.SALES), now=NOON)


def test_a_text_that_changed_since_it_was_read_is_not_signed(agreement):
    version = factories.draft(agreement)
    read = sha256_of(canonical_text(version))
    version.commitments.filter(kind=Commitment.Kind.DEPTH).update(attempts=3)
    with pytest.raises(ValidationError, match="changed since you read it"):
        sign_version(
            version=version, signer=signatory(agreement, Team.Function.SALES), now=NOON, text_sha256=read
        )


def test_a_text_that_changed_between_signatures_is_not_put_in_force(agreement):
    version = factories.draft(agreement)
    sign_version(version=version, signer=signatory(agreement, Team.Function.SALES), now=NOON)
    version.commitments.filter(kind=Commitment.Kind.DEPTH).update(attempts=3)
    with pytest.raises(ValidationError, match="after the other party signed"):
        sign_version(version=version, signer=signatory(agreement, Team.Function.MARKETING), now=NOON)


def test_an_empty_version_is_not_signed(agreement):
    version = Version.objects.create(
        agreement=agreement, number=1, starts_on=dt.date(2026, 1, 1), created_at=NOON
    )
    with pytest.raises(ValidationError, match="promises nothing"):
        sign_version(version=version, signer=signatory(agreement, Team.Function.SALES), now=NOON)


def test_a_new_version_supersedes_the_old_from_its_first_day(agreement):
    first = factories.signed(agreement)
    second = factories.signed(agreement, starts_on=dt.date(2026, 3, 16))
    first.refresh_from_db()
    assert first.governs_until == dt.date(2026, 3, 16)
    assert Version.objects.in_force_on(dt.date(2026, 3, 15)).get() == first
    assert Version.objects.in_force_on(dt.date(2026, 3, 16)).get() == second
    assert AgreementEvent.objects.filter(kind="superseded", version=first).count() == 1


def test_a_version_that_starts_before_a_signed_one_and_covers_it_is_refused(agreement):
    factories.signed(agreement, starts_on=dt.date(2026, 6, 1))
    earlier = factories.draft(agreement, starts_on=dt.date(2026, 1, 1))
    with pytest.raises(ValidationError, match="Version 1 is signed from 2026-06-01 on"):
        sign_version(version=earlier, signer=signatory(agreement, Team.Function.SALES), now=NOON)


def test_a_version_that_ends_before_a_later_one_is_signed(agreement):
    factories.signed(agreement, starts_on=dt.date(2026, 6, 1))
    earlier = factories.signed(agreement, starts_on=dt.date(2026, 1, 1), ends_on=dt.date(2026, 6, 1))
    assert earlier.is_signed


def test_goals_outside_days_changed_after_they_were_written_are_refused(agreement):
    version = factories.draft(agreement, goals={dt.date(2026, 1, 1): 100})
    version.starts_on = dt.date(2026, 2, 1)
    version.save()
    with pytest.raises(ValidationError, match="The goal for 2026-01 lies outside"):
        sign_version(version=version, signer=signatory(agreement, Team.Function.SALES), now=NOON)


def test_who_signs_for_two_parties_signs_once_for_each(agreement):
    signer = signatory(agreement, Team.Function.SALES)
    agreement.parties.update(signatory=signer)
    Membership.objects.create(user=signer, team=factories.party(agreement, Team.Function.MARKETING).team)
    version = factories.draft(agreement)
    for _ in range(2):
        sign_version(version=version, signer=signer, now=NOON)
    version.refresh_from_db()
    assert version.is_signed
    assert version.signatures.count() == 2


def test_who_left_the_team_signs_for_it_no_more(agreement):
    version, signer = factories.draft(agreement), signatory(agreement, Team.Function.SALES)
    Membership.objects.filter(user=signer).delete()
    with pytest.raises(ValidationError, match="does not belong to Company Sales any more"):
        sign_version(version=version, signer=signer, now=NOON)
    assert not version.signatures.exists()
    assert not Version.objects.visible_to(signer).filter(pk=version.pk).exists()


def test_one_party_alone_signs_nothing(agreement):
    factories.party(agreement, Team.Function.MARKETING).delete()
    version = Version.objects.create(
        agreement=agreement, number=1, starts_on=dt.date(2026, 1, 1), created_at=NOON
    )
    with pytest.raises(ValidationError, match="two parties at least"):
        sign_version(version=version, signer=signatory(agreement, Team.Function.SALES), now=NOON)


def test_a_promise_of_another_agreements_party_is_not_signed(agreement):
    version = factories.draft(agreement)
    stranger = factories.party(factories.agreement("second"), Team.Function.SALES)
    version.commitments.filter(kind=Commitment.Kind.DEPTH).update(party=stranger)
    with pytest.raises(ValidationError, match="a party of another agreement"):
        sign_version(version=version, signer=signatory(agreement, Team.Function.SALES), now=NOON)
