"""What is said of measured rates over months: the last leads that are old enough, against all before them."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from reports.charts.description import Chart
from reports.charts.rate_trend import trend_chart
from reports.charts.recalibration import recalibration_notes
from reports.periods import Span, spans_up_to
from reports.readings.trend import MonthRates
from reports.recalibration import wilson
from reports.shares import share

AS_OF = dt.datetime(2018, 12, 1, tzinfo=dt.UTC)
MARCH = dt.date(2018, 3, 1)


def finding(*won_of_leads: tuple[int, int], young: int = 0) -> str:
    return drawn(*won_of_leads, young=young).title


def drawn(*won_of_leads: tuple[int, int], young: int = 0, closed: tuple[int, ...] = ()) -> Chart:
    """The chart of months up to March 2018, of which the last `young` are immature; `closed` at the time."""
    months = spans_up_to(MARCH, Span.MONTH, len(won_of_leads))
    rates = [
        MonthRates(
            month=month,
            marketing_leads=leads,
            customers=closed[place] if closed else 0,
            close_rate=share(closed[place] if closed else 0, leads),
            average_deal=share(0, 0),
            marketing_share=share(0, 0),
            cohort_customers=won,
            cohort_close_rate=share(won, leads),
            cohort_interval=wilson(won, leads),
            is_immature=place >= len(months) - young,
        )
        for place, (month, (won, leads)) in enumerate(zip(months, won_of_leads, strict=True))
    ]
    return trend_chart(rates, None, span=Span.MONTH, currency="EUR", subtitle="", as_of=AS_OF)


@pytest.mark.parametrize(
    "won_of_leads, said",
    [
        # A first month of four leads tells nothing; those of all months before March do.
        ([(0, 4), (2, 239), (152, 1141), (167, 1174)], "better than before: 14.2%"),
        ([(90, 600), (30, 600)], "worse than before: 5% of those of March 2018, 15% of earlier ones."),
        ([(90, 600), (1, 4)], "about as before: 25% of those of March 2018, 15% of earlier ones."),
    ],
)
def test_the_last_leads_are_compared_with_all_before_them(won_of_leads, said):
    assert said in finding(*won_of_leads)


def test_young_leads_and_months_without_one_are_not_compared():
    said = finding((0, 0), (90, 600), (30, 600), (0, 500), young=1)
    assert said == "Leads close worse than before: 5% of those of February 2018, 15% of earlier ones."
    assert "the only ones old enough, 15%" in finding((90, 600), (0, 500), young=1)


def test_a_month_with_few_leads_is_hatched_and_stretches_no_scale():
    months = [(1, 4), (90, 600), (84, 620)]
    chart, without = drawn(*months, closed=(3, 60, 66)), drawn(*months[1:], closed=(60, 66))
    assert [panel.ticks for panel in chart.panels] == [panel.ticks for panel in without.panels]
    band, leads, events = chart.series
    assert (leads.muted, events.muted) == ({0}, {0})
    assert leads.values[0] == 0.25 and band.highs[0] > 0.6, "drawn as they are"
    assert leads.values[0] > chart.panels[0].ticks[-1].value > band.highs[1]
    assert "Hatched: fewer than 20 cases, so one of them moves the bar." in chart.notes
    assert chart.notes[-1] == (
        "The scale is that of times with 20 leads or more. Cut off at its top:"
        " January 2018: 25% (4.6%–69.9%, n = 4); January 2018: 75% by what closed at the time."
    )
    assert [[cell.value for cell in row[1:6]] for row in chart.table.rows[1:]] == [
        [cell.value for cell in row[1:6]] for row in without.table.rows
    ]
    assert [cell.value for cell in chart.table.rows[0][1:4]] == [4, 1, 0.25]
    assert not any("scale" in note or "fewer" in note for note in without.notes)


def test_where_every_month_has_few_leads_the_scale_is_theirs():
    chart = drawn((1, 4), (2, 5))
    assert chart.panels[0].ticks[-1].value >= max(chart.series[0].highs)
    assert "Cut off" not in " ".join(chart.notes)


@pytest.mark.parametrize(
    "n, said",
    [
        (1, ("1 won deal has no amount", "1 deal was won before its lead")),
        (2, ("2 won deals have no amount", "2 deals were won before their lead")),
    ],
)
def test_one_deal_is_one(n, said):
    report = SimpleNamespace(cohort=SimpleNamespace(is_immature=False), left_out=n, won_before_qualified=n)
    notes = " ".join(recalibration_notes(report))
    assert all(one in notes for one in said)
