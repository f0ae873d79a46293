"""Why a lead may be given back is a term: drafted, compared, inherited, copied, signed; left out where it is usual."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from agreements.forms.reasons import ReasonsField
from agreements.models import Agreement, Version
from agreements.readings.agreement_page import agreement_page
from agreements.readings.differences import differences
from agreements.readings.labels import names_of, value_text
from agreements.readings.signed_document import signed_document
from agreements.rejection_reasons import USUAL, UsualReason, fault_of_reasons, read_reasons
from agreements.services.agreed_reasons import reasons_under
from agreements.services.drafting import begin_amendment, edit_draft
from agreements.services.signed_text import canonical_text
from tests import factories
from tests.factories import NOON

pytestmark = pytest.mark.django_db
OWN = "region\nother\nbudget: has no budget this year"
ON = dt.date(2026, 3, 1)


def words(reasons):
    return [one.word for one in reasons]


def agreed(text, **more):
    version = factories.draft(factories.agreement(**more))
    version.rejection_reasons = text
    version.save()
    return version


def test_a_version_that_names_none_has_the_usual_ones_and_the_same_text_as_before():
    version = factories.draft(factories.agreement())
    assert "rejection_reasons" not in canonical_text(version)
    assert reasons_under(version.pk, ON) == reasons_under(None, ON) == USUAL


def test_what_is_agreed_is_in_the_text_the_page_the_document_and_the_next_version():
    version = agreed(OWN)
    assert '"rejection_reasons": "region\\nother\\nbudget: has no budget this year"' in canonical_text(
        version
    )
    assert words(reasons_under(version.pk, ON)) == ["region", "other", "budget"]
    factories.sign(version)
    director = version.agreement.parties.first().signatory
    page = agreement_page(version.agreement, version, user=director, now=NOON)
    assert page.reasons.source == "" and words(page.reasons.reasons) == ["region", "other", "budget"]
    version.refresh_from_db()
    assert any("has no budget this year" in term for term in signed_document(version)["terms"])
    copy = begin_amendment(agreement=version.agreement, starts_on=dt.date(2026, 6, 1), now=NOON, by=director)
    assert copy.rejection_reasons == OWN
    edit_draft(version=copy, edits=copy.edits, values={"rejection_reasons": "other"}, now=NOON, by=director)
    copy.refresh_from_db()
    (changed,) = [
        one
        for one in differences(version, copy, names_of(version.agreement))
        if one.key == "rejection_reasons"
    ]
    assert changed.label == "Why a lead may be given back"
    assert changed.old == "not our region or language; another reason; has no budget this year"
    assert changed.new == "another reason"


def test_below_another_agreement_the_nearest_that_names_reasons_counts():
    above = agreed(OWN)
    factories.sign(above)
    below = factories.draft(factories.agreement(slug="below"))
    Agreement.objects.filter(pk=below.agreement_id).update(level=2, parent=above.agreement)
    below = Version.objects.get(pk=below.pk)
    day = max(above.starts_on, below.starts_on)
    assert words(reasons_under(below.pk, day)) == ["region", "other", "budget"]
    assert reasons_under(below.pk, above.starts_on - dt.timedelta(days=1)) == USUAL
    director = below.agreement.parties.first().signatory
    page = agreement_page(below.agreement, below, user=director, now=NOON)
    assert page.reasons.source == f"from {above.agreement.name}, version 1"
    assert "rejection_reasons" not in canonical_text(below)
    Version.objects.filter(pk=below.pk).update(rejection_reasons="duplicate")
    assert words(reasons_under(below.pk, day)) == ["duplicate"]


WRONG = [
    "region\nregion",
    "region: not ours",
    "budget",
    ": has no word",
    "B: too short a word",
    "budget: " + "x" * 81,
    "budget: a\nbudget: b",
    "\n".join(f"own{n}: reason {n}" for n in range(13)),
]


@pytest.mark.parametrize("text", WRONG)
def test_what_can_be_no_reason_is_said_and_not_written(text):
    version = factories.draft(factories.agreement())
    assert fault_of_reasons(text)
    with pytest.raises(ValidationError):
        edit_draft(
            version=version,
            edits=0,
            values={"rejection_reasons": text},
            now=NOON,
            by=version.agreement.parties.first().signatory,
        )


@pytest.mark.parametrize("text", ["budget", "region\n", "budget: ", "region\n\nother", "Budget: none"])
def test_the_database_keeps_no_text_that_names_no_reason(text):
    version = factories.draft(factories.agreement())
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.filter(pk=version.pk).update(rejection_reasons=text)


def test_ticks_and_lines_become_the_text_and_come_back():
    field = ReasonsField()
    typed = [["other", "region"], " budget :  has no   budget this year \r\n\r\nsize: too small: ten people"]
    text = field.clean(typed)
    assert text == "region\nother\nbudget: has no budget this year\nsize: too small: ten people"
    assert not fault_of_reasons(text) and words(read_reasons(text)) == ["region", "other", "budget", "size"]
    assert field.clean(field.widget.decompress(text)) == text
    assert field.clean([[], ""]) == field.clean(field.widget.decompress("")) == ""
    assert fault_of_reasons(field.clean([[], "no word at all"]))
    assert value_text("rejection_reasons", "other") == str(UsualReason.OTHER.label)
