"""Two click at the same instant: one draft of the next version, one plan behind it."""

from __future__ import annotations

import pytest

from agreements.models import Plan, Version
from reports.measured_plan import Way
from reports.pages.frame import page_of_agreement
from reports.pages.recalibrated_draft import draft_with_rates
from reports.pages.recalibration import plan_ahead
from reports.readings.recalibration import recalibration_report
from tests import factories
from tests.races import race, rounds
from tests.reports.sample_month import MARCH, NOW, make_month


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_draft():
    agreement = make_month().agreement
    by = factories.party(agreement, "sales").signatory
    page = page_of_agreement(agreement, month=MARCH, now=NOW)
    report = recalibration_report(page.scope)
    found, _draft = plan_ahead(page, report)
    assert found is not None

    def click():
        return draft_with_rates(
            agreement=agreement, found=found, report=report, way=Way.COHORT, seen=None, now=NOW, by=by
        )

    for number in range(1, rounds(3) + 1):
        made = race(click, click, click)
        assert sorted(one.is_there_already for one in made) == [False, True, True]
        assert Version.objects.open().filter(agreement=agreement).count() == 1
        assert Plan.objects.filter(agreement=agreement).count() == 1 + number
        Version.objects.open().update(state=Version.State.WITHDRAWN)
