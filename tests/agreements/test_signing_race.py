"""Versions for the same days, signed at once: one is in force, the others are told."""

import datetime as dt
from functools import partial

import pytest

from agreements.models import Team, Version
from agreements.services.signing import sign_version
from tests import factories
from tests.races import race, rounds

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_versions_for_the_same_days_one_is_signed():
    for turn in range(rounds(2)):
        agreement = factories.agreement(f"company-{turn}")
        drafts = [factories.draft(agreement, starts_on=dt.date(2026, 3, 1)) for _ in range(6)]
        marketing = factories.party(agreement, Team.Function.MARKETING).signatory
        sales = factories.party(agreement, Team.Function.SALES).signatory
        for version in drafts:
            sign_version(version=version, signer=marketing, now=factories.NOON)
        results = race(
            *[partial(sign_version, version=version, signer=sales, now=factories.NOON) for version in drafts]
        )
        assert sum(not isinstance(result, Exception) for result in results) == 1
        assert Version.objects.signed().filter(agreement=agreement).count() == 1


def test_one_signature_given_many_times_at_once_counts_once():
    agreement = factories.agreement()
    version = factories.draft(agreement)
    signer = factories.party(agreement, Team.Function.SALES).signatory
    results = race(*[partial(sign_version, version=version, signer=signer, now=factories.NOON)] * 6)
    assert sum(not isinstance(result, Exception) for result in results) == 1
    assert version.signatures.count() == 1
