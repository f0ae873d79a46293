"""An agreement is begun once, however often its form is sent."""

from __future__ import annotations

import datetime as dt

import pytest

from agreements.models import Agreement, Membership, Team
from agreements.services.founding import start_agreement
from tests import factories
from tests.races import race


@pytest.mark.django_db(transaction=True)
def test_of_four_who_send_the_same_form_at_once_one_begins_the_agreement():
    marketing, sales = factories.team("Growth", Team.Function.MARKETING), factories.team("Field")
    ann, bo = factories.user("Ann"), factories.user("Bo")
    for person, team in ((ann, marketing), (bo, sales)):
        Membership.objects.create(user=person, team=team, role=Membership.Role.DIRECTOR)

    def begin():
        return start_agreement(
            name="Leads",
            marketing=marketing,
            sales=sales,
            signatories={marketing.pk: ann, sales.pk: bo},
            contacts={},
            time_zone="UTC",
            currency="EUR",
            starts_on=dt.date(2026, 4, 1),
            now=factories.NOON,
            by=ann,
        )

    results = race(begin, begin, begin, begin)
    refusals = [" ".join(result.messages) for result in results if isinstance(result, Exception)]
    assert len(refusals) == 3
    assert set(refusals) == {
        "These two teams have begun an agreement of this name already: go on with its draft."
    }
    assert Agreement.objects.get().versions.count() == 1
