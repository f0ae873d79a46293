"""An edition made, and acknowledged, by several at once: once."""

from __future__ import annotations

import pytest

from agreements.models import AgreementEvent
from reports.closing import close_months
from reports.editions import acknowledge, make_edition
from reports.models import Acknowledgement, Edition
from tests.races import race, rounds
from tests.reports.sample_month import MARCH, make_month
from tests.reports.test_editions import APRIL_20, director, march, result


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_edition_and_one_acknowledgement():
    company = make_month(goal=44)
    close_months(now=APRIL_20)
    for turn in range(rounds(2)):
        assert sum(race(*[lambda: make_edition(result=result(), now=APRIL_20) is not None] * 3)) == (
            turn == 0
        )
        assert Edition.objects.filter(agreement=company.agreement, month_on=MARCH).count() == 1
        made = race(*[lambda: len(acknowledge(edition=march(), now=APRIL_20, by=director("sales")))] * 3)
        assert sum(made) == (turn == 0)
        assert Acknowledgement.objects.filter(edition=march()).count() == 1
    for kind in ("edition_made", "edition_acknowledged"):
        assert AgreementEvent.objects.filter(kind=kind, data__month="2026-03").count() == 1
