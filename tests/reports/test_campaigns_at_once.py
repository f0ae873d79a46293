"""The same campaign planned by several at once is planned once; changed and taken away at once, it is gone."""

from __future__ import annotations

from functools import partial

import pytest
from django.core.exceptions import ValidationError

from agreements.models import AgreementEvent, Campaign
from agreements.services.campaigns import change_campaign, drop_campaign, plan_campaign
from tests import factories
from tests.races import race, rounds
from tests.reports.sample_month import NOW
from tests.reports.test_campaigns import TERMS


@pytest.mark.django_db(transaction=True)
def test_planned_by_three_at_once_it_is_planned_once():
    agreement = factories.agreement()
    person = factories.user()
    said = {**TERMS, "now": NOW, "by": person}
    for _turn in range(rounds(3)):
        made = race(*[partial(plan_campaign, agreement=agreement, of="campaign", **said)] * 3)
        (campaign,) = Campaign.objects.all()
        assert sum(isinstance(one, ValidationError) for one in made) == 2
        race(
            partial(change_campaign, campaign=campaign, **{**said, "goal": 30}),
            partial(drop_campaign, campaign=campaign, now=NOW, by=person),
        )
        assert not Campaign.objects.exists()
        of_this = [
            one.data["plan"]["goal"]
            for one in AgreementEvent.objects.filter(data__campaign=campaign.pk).order_by("pk")
        ]
        assert of_this in ([[None, 20], [20, 30], [30, None]], [[None, 20], [20, None]])
