"""A version is signed on its page, and amended by the next one."""

import datetime as dt
import re

import pytest

from agreements.models import Membership, Team
from agreements.services.drafting import begin_amendment, edit_draft
from agreements.services.signed_text import canonical_text, sha256_of
from tests import factories
from tests.agreements.pages.sent import edit_address, signing

pytestmark = pytest.mark.django_db

NOON = factories.NOON
MARCH, APRIL = (dt.date(2026, month, 1) for month in (3, 4))


def test_a_signer_sees_every_change_first(agreement, as_ann, ann):
    factories.signed(agreement, goals={MARCH: 100, APRIL: 100})
    version = begin_amendment(agreement=agreement, starts_on=APRIL, now=NOON, by=ann)
    values = {
        "goal-0-2026-04": 120,
        "speed-0-allowance": dt.timedelta(hours=2),
        "clause-scope-0": "New words",
        "depth-0-attempts": None,
    }
    edit_draft(version=version, edits=0, values=values, now=NOON, by=ann)
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", as_ann.get(edit_address(version, "sign")).text))
    for part in (
        "MQL goal, April 2026 100 120 +20%",
        "Time to the first attempt 4 h 2 h −50%",
        "Scope, and what is excluded – New words added",
        "Attempts 6 – removed",
        "Once all have signed, version 1 is superseded from 1 Apr 2026 on.",
        sha256_of(canonical_text(version)),
    ):
        assert part in said, part
    assert "March 2026" not in said, "what was agreed for months before stays"


def test_signing_asks_for_the_tick_and_the_password(agreement, as_ann):
    version = factories.draft(agreement)
    address = edit_address(version, "sign")
    for wrong, sentence in (
        ({"password": "wrong"}, "That is not your password. Nothing was signed."),
        ({"password": ""}, "This field is required."),
        ({"has_read": ""}, "Tick that you have read it."),
        ({"text_sha256": "nonsense"}, "Read the text again before you sign."),
    ):
        answer = as_ann.post(address, signing(version, **wrong))
        assert answer.status_code == 422
        assert sentence in answer.text
    assert not version.signatures.exists()
    assert 'autocomplete="current-password"' in as_ann.get(address).text


def test_a_text_that_changed_meanwhile_is_shown_anew_and_not_signed(agreement, as_ann, bo):
    version = factories.draft(agreement)
    read = signing(version)
    edit_draft(version=version, edits=0, values={"summary": "Changed"}, now=NOON, by=bo)
    answer = as_ann.post(edit_address(version, "sign"), read)
    assert answer.status_code == 409
    assert "The text changed since you read it." in answer.text
    version.refresh_from_db()
    assert sha256_of(canonical_text(version)) in answer.text
    assert not version.signatures.exists()


def test_the_last_signature_says_what_is_superseded_from_when(agreement, client, ann, bo):
    factories.signed(agreement)
    version = begin_amendment(agreement=agreement, starts_on=APRIL, now=NOON, by=ann)
    address = edit_address(version, "sign")
    client.force_login(ann)
    first = client.post(address, signing(version), follow=True).text
    assert "You have signed. The version is in force once all parties have signed." in first
    twice = client.post(address, signing(version))
    assert (twice.status_code, "has signed this version already" in twice.text) == (409, True)
    client.force_login(bo)
    last = client.post(address, signing(version), follow=True).text
    assert "All have signed version 2." in last
    assert "Version 1 is superseded from 2026-04-01 on." in last
    late = client.post(address, signing(version))
    assert (late.status_code, "signed by all parties already" in late.text) == (409, True)


def test_who_is_no_signatory_is_told_who_signs(agreement, client):
    version = factories.draft(agreement)
    manager = factories.user("Manager")
    team = factories.party(agreement, Team.Function.SALES).team
    Membership.objects.create(user=manager, team=team, role=Membership.Role.MANAGER)
    client.force_login(manager)
    told = client.get(edit_address(version, "sign"))
    assert told.status_code == 403
    assert "Director of Company Marketing (Company Marketing) and Director of Company Sales" in told.text


def test_amending_over_a_draft_or_a_later_version_is_refused_in_a_sentence(agreement, as_ann, ann):
    factories.signed(agreement, starts_on=APRIL)
    said = as_ann.post("/agreements/company/amend/", {"starts_on": "2026-03-01"}).text
    assert "Version 1 is signed from 2026-04-01 on. Choose a later day." in said
    done = as_ann.post("/agreements/company/amend/", {"starts_on": "2026-06-01"})
    assert done.url == "/agreements/company/versions/2/edit/"
    far = as_ann.post("/agreements/company/amend/", {"starts_on": "9999-12-01"}).text
    assert "The year is from 2000 to 2100." in far
    assert (
        "Version 2 is a draft still"
        in as_ann.post("/agreements/company/amend/", {"starts_on": "2026-06-02"}).text
    )
