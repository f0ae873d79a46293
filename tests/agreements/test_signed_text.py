"""The signed text: kept as it was signed, whatever a later release adds, and hashed so that anybody can do it again."""

import datetime as dt
import hashlib
import importlib
import json
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from agreements.models import Clause, Commitment, Team, Version
from agreements.services import signed_text
from agreements.services.signed_text import canonical_text
from agreements.services.signing import sign_version
from tests import factories

pytestmark = pytest.mark.django_db

MARCH = dt.date(2026, 3, 1)


@pytest.fixture
def draft():
    made = factories.draft(factories.agreement(), goals={MARCH: 100})
    Clause.objects.create(version=made, topic="scope", text="Ż “quotes” <script> 한국\nsecond line")
    return made


def test_the_text_is_kept_as_it_was_signed(draft):
    text = canonical_text(draft)
    version = factories.sign(draft)
    assert version.signed_text == text
    assert version.text_sha256 == hashlib.sha256(text.encode("utf-8")).hexdigest()
    with pytest.raises(IntegrityError, match="is signed"), transaction.atomic():
        Version.objects.filter(pk=version.pk).update(signed_text=text + " ")


@pytest.mark.parametrize("language", ["pl", "ko"])
def test_the_text_is_the_same_in_whatever_language_it_is_read_and_signed(draft, language):
    text = canonical_text(draft)
    with translation.override(language):
        assert canonical_text(draft) == text
        assert factories.sign(draft).signed_text == text


def test_the_text_says_all_terms_in_one_form(draft):
    said = json.loads(canonical_text(draft))
    assert said["format"] == signed_text.FORMAT
    assert said["parties"] == ["company-marketing", "company-sales"]
    assert (said["starts_on"], said["ends_on"]) == ("2026-01-01", None)
    assert said["clauses"] == [
        {"party": "", "topic": "scope", "text": "Ż “quotes” <script> 한국\nsecond line"}
    ]
    promises = {one["kind"]: one for one in said["commitments"]}
    assert promises["mql_goal"]["month_goals"] == {"2026-03-01": "100.00"}
    assert promises["mql_goal"]["tolerance"] == "0.1000"
    assert promises["speed"]["allowance"] == 4 * 3600
    assert promises["depth"]["window"] == 14 * 24 * 3600
    assert promises["depth"]["attempts"] == 6
    assert signed_text.plain(dt.timedelta(seconds=1, microseconds=500_000)) == "1.5"


def test_every_column_of_a_promise_stands_in_the_text_or_is_named_here():
    apart = {"id", "version", "party", "segment"}
    columns = {field.name for field in Commitment._meta.fields} - apart
    assert columns == {*signed_text.COMMITMENT_TERMS, *signed_text.ADDED_COMMITMENT_TERMS}


def test_a_term_added_later_changes_no_text_that_does_not_use_it(draft, monkeypatch):
    sales = factories.party(draft.agreement, Team.Function.SALES)
    sign_version(version=draft, signer=sales.signatory, now=factories.NOON)
    before = canonical_text(draft)
    monkeypatch.setattr(signed_text, "ADDED_VERSION_TERMS", {"edits": 0})
    assert canonical_text(draft) == before
    draft.edits = 3
    assert json.loads(canonical_text(draft))["edits"] == 3


def test_texts_signed_before_are_kept_where_their_hash_is_the_one_that_was_signed(draft):
    migration = importlib.import_module("agreements.migrations.0007_signed_text")
    draft.commitments.filter(kind="depth").update(in_time_share=Decimal("0.9"))
    lost = factories.draft(factories.agreement("lost"))
    texts = {}
    for version in (draft, lost):
        version.refresh_from_db()
        texts[version.pk] = migration.text_without_format(version)
        digest = hashlib.sha256(texts[version.pk].encode()).hexdigest()
        Version.objects.filter(pk=version.pk).update(
            state="signed",
            signed_at=factories.NOON,
            text_sha256=digest if version == draft else "0" * 64,
        )
    with connection.schema_editor() as editor:
        migration.keep_texts(apps, editor)
    kept = dict(Version.objects.values_list("pk", "signed_text"))
    assert kept == {draft.pk: texts[draft.pk], lost.pk: ""}
    assert '"allowance": "4:00:00"' in texts[draft.pk]
    assert '"format"' not in texts[draft.pk]
