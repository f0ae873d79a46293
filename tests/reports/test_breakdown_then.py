"""What segments and sources had brought at an instant: what came, or was taken back, later is left out."""

import datetime as dt

import pytest

from reports.periods import month_of
from reports.readings.breakdown import gap_by_segment, gap_by_source
from reports.readings.scope import build_scope
from reports.readings.waterfall import waterfall_report
from tests.reports.sample_month import MARCH, NOW

THEN = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize("measure", ["handed_off", "accepted", "net", "value", "qualified"])
def test_the_parts_of_a_past_instant_add_up_to_its_waterfall(company, measure):
    asked = {"period": month_of(MARCH), "now": NOW, "agreement": company.agreement}
    then, today = build_scope(**asked, as_of=THEN), build_scope(**asked)
    for scope in (then, today):
        whole = waterfall_report(scope, measure=measure).months[-1].waterfall.summary.actual
        for parts in (gap_by_segment(scope, measure), gap_by_source(scope, measure)):
            assert sum(part.actual for part in parts) == whole
    if measure in ("handed_off", "qualified"):
        assert [part.actual for part in gap_by_source(then, measure)] != [
            part.actual for part in gap_by_source(today, measure)
        ]
