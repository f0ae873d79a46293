"""Versions for the same days, signed at once: one is in force, the others are told. One text under each signature."""

import datetime as dt
from functools import partial

import pytest

from agreements.models import AgreementEvent, Team, Version
from agreements.services.drafting import DraftChanged, begin_amendment, edit_draft, start_over
from agreements.services.signed_text import canonical_text, sha256_of
from agreements.services.signing import sign_version
from tests import factories
from tests.races import race, rounds

pytestmark = pytest.mark.django_db(transaction=True)

NOON = factories.NOON


def signatories(agreement):
    return [
        factories.party(agreement, function).signatory
        for function in (Team.Function.MARKETING, Team.Function.SALES)
    ]


def winners(results):
    return [result for result in results if not isinstance(result, Exception)]


def refusals(results):
    return [" ".join(result.messages) for result in results if isinstance(result, Exception)]


def race_of_versions_for_the_same_days(turn):
    agreement = factories.agreement(f"company-{turn}")
    drafts = [factories.draft(agreement, starts_on=dt.date(2026, 3, 1)) for _ in range(6)]
    marketing, sales = signatories(agreement)
    for version in drafts:
        sign_version(version=version, signer=marketing, now=NOON)
    results = race(*[partial(sign_version, version=version, signer=sales, now=NOON) for version in drafts])
    assert len(winners(results)) == 1
    assert Version.objects.signed().filter(agreement=agreement).count() == 1


def race_of_twenty_signatures_while_two_drafts_overlap(turn):
    """Ten of each signatory under two drafts for overlapping days: each signs each once, one draft gets in force."""
    agreement = factories.agreement(f"twenty-{turn}")
    drafts = [factories.draft(agreement, starts_on=dt.date(2026, 3, day)) for day in (1, 1)]
    signers = signatories(agreement)
    tries = [
        partial(sign_version, version=version, signer=signer, now=NOON, text_sha256=text_of(version))
        for signer in signers
        for version in drafts
        for _ in range(5)
    ]
    results = race(*tries)
    signed = Version.objects.signed().filter(agreement=agreement)
    assert signed.count() == 1
    assert signed.get().signatures.count() == 2
    won = winners(results)
    assert len({(one.version_id, one.party_id) for one in won}) == len(won) <= 4, (
        "nobody signs a version twice"
    )
    assert AgreementEvent.objects.filter(agreement=agreement, kind="in_force").count() == 1
    told = refusals(results)
    assert len(told) == 20 - len(won)
    for sentence in told:
        assert any(
            part in sentence
            for part in (
                "signed by all parties already",
                "has signed this version already",
                "cannot govern the same",
            )
        ), sentence


def race_of_an_edit_with_the_signatures(turn):
    """Whatever is signed is what was read: an edit comes before the first signature, or not at all."""
    agreement = factories.agreement(f"edited-{turn}")
    version = factories.draft(agreement)
    read = text_of(version)
    marketing, sales = signatories(agreement)
    tries = [
        partial(sign_version, version=version, signer=one, now=NOON, text_sha256=read)
        for one in (marketing, sales)
    ]
    edits = [
        partial(edit_draft, version=version, edits=0, values={"summary": f"Words {n}"}, now=NOON, by=sales)
        for n in range(4)
    ]
    results = race(*tries, *edits)
    version.refresh_from_db()
    saved = winners(results[2:])
    assert len(saved) <= 1, "of four who had read the same draft one saves"
    assert version.edits == len(saved)
    assert sum(isinstance(one, DraftChanged) for one in results[2:]) == (3 if saved else 0)
    assert version.is_signed == (not saved and len(winners(results[:2])) == 2)
    for signature in version.signatures.all():
        assert signature.text_sha256 == read == text_of(version)


def race_of_amendments(turn):
    agreement = factories.agreement(f"amended-{turn}")
    factories.signed(agreement)
    by = signatories(agreement)[0]
    tries = [
        partial(begin_amendment, agreement=agreement, starts_on=dt.date(2026, 4, day), now=NOON, by=by)
        for day in range(1, 7)
    ]
    results = race(*tries)
    assert len(winners(results)) == 1
    assert agreement.versions.open().count() == 1
    assert all("is a draft still" in sentence for sentence in refusals(results))


def race_of_starting_over_with_the_signatures(turn):
    """A draft is withdrawn and begun anew, or signed by all; never both, and never neither."""
    agreement = factories.agreement(f"over-{turn}")
    version = factories.draft(agreement)
    marketing, sales = signatories(agreement)
    sign_version(version=version, signer=marketing, now=NOON)
    tries = [partial(sign_version, version=version, signer=sales, now=NOON)] * 3
    tries += [partial(start_over, version=version, now=NOON, by=marketing)] * 3
    results = race(*tries)
    assert len(winners(results)) == 1
    version.refresh_from_db()
    assert version.is_signed == bool(winners(results[:3]))
    assert agreement.versions.count() == (1 if version.is_signed else 2)
    assert all("signed by all" in told or "withdrawn" in told for told in refusals(results))


def text_of(version):
    return sha256_of(canonical_text(version))


RACES = (
    race_of_versions_for_the_same_days,
    race_of_twenty_signatures_while_two_drafts_overlap,
    race_of_an_edit_with_the_signatures,
    race_of_amendments,
    race_of_starting_over_with_the_signatures,
)


@pytest.mark.parametrize("one_race", RACES, ids=lambda one: one.__name__)
def test_one_wins_and_the_others_are_told(one_race):
    for turn in range(2):
        one_race(turn)


@pytest.mark.proof
@pytest.mark.parametrize("one_race", RACES, ids=lambda one: one.__name__)
def test_one_wins_and_the_others_are_told_however_often(one_race):
    n = rounds(50)
    for turn in range(n):
        one_race(turn)
    print(f"{one_race.__name__}: {n} of {n} rounds as they should be")


def test_one_signature_given_many_times_at_once_counts_once():
    agreement = factories.agreement()
    version = factories.draft(agreement)
    signer = factories.party(agreement, Team.Function.SALES).signatory
    results = race(*[partial(sign_version, version=version, signer=signer, now=NOON)] * 6)
    assert len(winners(results)) == 1
    assert version.signatures.count() == 1
