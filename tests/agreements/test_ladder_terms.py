"""Who hears of a lead that waits is a term: drafted, compared, copied, signed; left out where it is as usual."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction

from agreements.models import Version
from agreements.readings.differences import differences
from agreements.readings.inherited_ladder import LadderTerms
from agreements.readings.labels import names_of
from agreements.readings.ladder_words import ladder_sentences
from agreements.services.drafting import begin_amendment
from agreements.services.signed_text import canonical_text
from slaproject.outbox.clocks import ladder_of
from slaproject.outbox.hearing import Ladder
from tests import factories
from tests.factories import NOON

pytestmark = pytest.mark.django_db
TERMS = {
    "early_share": Decimal("0.25"),
    "manager_lag": dt.timedelta(minutes=30),
    "director_lag": dt.timedelta(hours=2),
}


def test_a_version_that_says_nothing_has_the_usual_ladder_and_the_same_text_as_before():
    version = factories.draft(factories.agreement())
    assert LadderTerms([version.pk]).of(version.pk, version.starts_on) == {} and ladder_of({}) == Ladder()
    assert not any(name in canonical_text(version) for name in TERMS)
    assert ladder_sentences(version) == []


def test_what_is_agreed_is_in_the_text_the_words_and_the_next_version():
    version = factories.draft(factories.agreement())
    for name, value in TERMS.items():
        setattr(version, name, value)
    version.save()
    version.refresh_from_db()
    text = canonical_text(version)
    assert (
        '"early_share": "0.2500"' in text and '"manager_lag": 1800' in text and '"director_lag": 7200' in text
    )
    terms = LadderTerms([version.pk]).of(version.pk, version.starts_on)
    assert ladder_of(terms) == Ladder(Fraction(1, 4), TERMS["manager_lag"], TERMS["director_lag"])
    assert len(ladder_sentences(version)) == 3
    factories.sign(version)
    director = version.agreement.parties.first().signatory
    copy = begin_amendment(agreement=version.agreement, starts_on=dt.date(2026, 6, 1), now=NOON, by=director)
    assert {name: getattr(copy, name) for name in TERMS} == TERMS
    copy.director_lag = None
    copy.save()
    (changed,) = [
        one for one in differences(version, copy, names_of(version.agreement)) if one.key == "director_lag"
    ]
    assert (changed.kind, changed.old, changed.new) == ("removed", "2 h", "–")


@pytest.mark.parametrize(
    "name,value",
    [("early_share", Decimal(0)), ("early_share", Decimal("1.5")), ("manager_lag", dt.timedelta(0))],
)
def test_a_ladder_goes_up(name, value):
    version = factories.draft(factories.agreement())
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.filter(pk=version.pk).update(**{name: value})
