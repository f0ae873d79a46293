"""What charts say: the finding with its numbers, notes, scales and words."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import timezone, translation

from reports.charts import words
from reports.charts.description import Mark
from reports.charts.gap import segment_chart, source_chart
from reports.charts.verdicts import Standing, outlook, verdict
from reports.charts.waterfall import flat_runs, waterfall_chart
from reports.forecast import Landing
from reports.periods import Period, month_of
from reports.plotly_figures import figure
from reports.waterfall import build_waterfall, gap_by

NOVEMBER = month_of(dt.date(2026, 11, 1))
AS_OF = dt.datetime(2026, 11, 14, 10, 42, tzinfo=dt.UTC)


def is_business_day(day: dt.date) -> bool:
    return day.weekday() < 5


def a_waterfall(actuals: list[int], *, goal: int | None, today: dt.date):
    days = len(NOVEMBER)
    return build_waterfall(
        days=NOVEMBER,
        goal_by_day=[goal] * days,
        weight_by_day=[Fraction(1, days)] * days,
        actual_by_day=[*actuals, *[0] * (days - len(actuals))],
        as_of_day=today,
        is_business_day=is_business_day,
    )


def a_standing(
    actual: int, *, goal: int | None = 210, day: int = 14, currency: str = "", party: str = "Marketing"
) -> Standing:
    today = dt.date(2026, 11, day) if day <= 30 else dt.date(2026, 12, 9)
    waterfall = a_waterfall([actual], goal=goal, today=today)
    return Standing(
        month=NOVEMBER,
        today=today,
        party=party,
        summary=waterfall.summary,
        tolerance=Fraction(1, 10),
        currency=currency,
    )


@pytest.mark.parametrize(
    "standing,sentence",
    [
        (a_standing(86), "Marketing is 12 leads behind: 86 of 98 due by 14 Nov."),
        (a_standing(87, goal=210, day=14), "Marketing is 11 leads behind: 87 of 98 due by 14 Nov."),
        (a_standing(95), "Marketing is on pace: 95 of 98 due by 14 Nov."),
        (a_standing(140), "Marketing is 42 leads ahead: 140, where 98 were due by 14 Nov."),
        (a_standing(2, day=2), "Too early for a verdict: 2 of 14 due by 2 Nov."),
        (a_standing(7, goal=None), "No goal is agreed for this month; 7 leads came by 14 Nov."),
        (a_standing(1, goal=None), "No goal is agreed for this month; 1 lead came by 14 Nov."),
        (a_standing(210, day=31), "Marketing met the goal of November 2026 exactly: 210 of 210."),
        (a_standing(220, day=31), "Marketing exceeded the goal of November 2026 by 10: 220 of 210."),
        (a_standing(100, day=31), "Marketing missed the goal of November 2026 by 110: 100 of 210."),
        (
            a_standing(200, day=31),
            "Marketing ended November 2026 10 short, within the agreed 10%: 200 of 210.",
        ),
        (
            a_standing(8600, goal=21_000, currency="EUR"),
            "Marketing is 1,200 EUR behind: 8,600 EUR of 9,800 EUR due by 14 Nov.",
        ),
    ],
)
def test_verdict_is_a_sentence_with_its_numbers(standing, sentence):
    assert verdict(standing) == sentence


def test_the_gap_that_is_said_is_the_difference_of_what_is_said():
    for actual in range(0, 200, 7):
        standing = a_standing(actual, goal=201)
        assert standing.gap == standing.actual - standing.due


def test_outlook_says_what_is_needed_and_where_the_month_ends():
    landing = Landing(projected=188, low=170, high=205, level=80, checked_months=12)
    assert outlook(a_standing(86), landing) == [
        "To reach 210, 11.3 are needed on each of the 11 business days left.",
        "The month is projected to end at 188 (170–205, 80% interval).",
    ]
    assert outlook(a_standing(210), None) == ["The goal of 210 is reached."]
    assert outlook(a_standing(100, day=31), None) == []


def a_chart(actuals: list[int], *, goal: int | None = 60, day: int = 14, landing: Landing | None = None):
    today = dt.date(2026, 11, day)
    waterfall = a_waterfall(actuals, goal=goal, today=today)
    standing = Standing(NOVEMBER, today, "Marketing", waterfall.summary, Fraction(1, 10))
    return waterfall_chart(
        standing=standing,
        waterfall=waterfall,
        measure="handed_off",
        profile="calendar_days",
        selected="Company",
        is_business_day=is_business_day,
        as_of=AS_OF,
        landing=landing,
    )


def test_waterfall_has_its_numbers_written_on_the_lines():
    chart = a_chart([0, 4, 4, 4, 4])
    labels = {series.name: series.end_label for series in chart.series}
    assert labels["Goal"] == "Goal 60"
    assert labels["Actual"] == "16 (−12)"
    assert chart.today is not None
    assert (chart.today.index, chart.today.gap_label) == (13, "−12")
    assert [chart.labels[index] for index in chart.shaded][:4] == ["1", "7", "8", "14"]


def test_actual_ends_today_and_the_goal_goes_on():
    chart = a_chart([1] * 14)
    values = {series.name: series.values for series in chart.series}
    assert values["Actual"][13:15] == (14, None)
    assert values["Goal"][-1] == 60
    assert values["Per day"][14] is None


def test_projection_starts_where_the_actual_ends():
    chart = a_chart([3] * 14, landing=Landing(90, 80, 101, 80, 12))
    by_mark = {series.mark: series for series in chart.series}
    assert by_mark[Mark.DOTTED].values[13] == 42
    assert by_mark[Mark.DOTTED].values[-1] == 90
    assert (by_mark[Mark.BAND].values[-1], by_mark[Mark.BAND].highs[-1]) == (80, 101)


def test_projection_is_never_below_what_has_come():
    chart = a_chart([9] * 14, landing=Landing(100, 90, 110, 80, 12))
    band = next(series for series in chart.series if series.mark is Mark.BAND)
    assert band.values[-1] == 126
    assert band.highs[-1] == 126


def test_without_a_goal_there_is_no_goal_line():
    chart = a_chart([1, 2], goal=None)
    assert [series.name for series in chart.series] == ["Actual", "Per day"]
    assert chart.series[0].end_label == "3"


def runs(actuals: list[int], day: int) -> list[Period]:
    today = dt.date(2026, 11, day)
    return flat_runs(a_waterfall(actuals, goal=None, today=today).days, today, is_business_day)


def test_three_business_days_without_a_lead_are_pointed_out_across_a_weekend():
    # 2 November is a Monday; leads until Thursday 5, then nothing until Wednesday 11.
    assert runs([0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1], 14) == [
        Period(dt.date(2026, 11, 6), dt.date(2026, 11, 11))
    ]
    assert runs([0, 1, 1, 1, 1, 0, 0, 0, 0, 1], 10) == []


def test_today_is_not_a_flat_day_before_it_is_over():
    assert runs([0, 1, 0, 0, 0], 5) == []
    assert runs([0, 1, 0, 0, 0], 6) == [Period(dt.date(2026, 11, 3), dt.date(2026, 11, 6))]


def test_sources_are_sorted_and_the_small_ones_summed_up():
    groups = gap_by([(f"source {n}", None, 20 - n) for n in range(12)])
    chart = source_chart(groups, subtitle="", as_of=AS_OF)
    assert chart.title == "source 0 brought most: 20, 11% of all."
    assert chart.labels[-1] == "5 others"
    assert sum(value or 0 for value in chart.series[0].values) == sum(range(9, 21))
    assert len(chart.table.rows) == 12


def test_a_source_with_a_goal_has_what_was_due_marked_and_the_others_have_not():
    groups = by_actual([("Paid", None, 40), ("Webinar", Fraction(41, 2), 16), ("Fair", 3, 5), ("", None, 1)])
    chart = source_chart(groups, subtitle="", as_of=AS_OF, goal=Fraction(197, 2))
    assert chart.title == ("Paid brought most: 40, 65% of all. Webinar is 5 leads short of the 21 due of it.")
    leads, due = chart.series
    assert chart.labels == ("Paid", "Webinar", "Fair", "without a source")
    assert (leads.values, due.values) == ((40, 16, 5, 1), (None, 20.5, 3, None))
    assert leads.texts == ("40 (65%)", "16 of 21 due (26%)", "5 of 3 due (8%)", "1 (2%)")
    assert "Webinar 16 of 21 due (26%)" in chart.summary
    # 99 due in all, 62 came: −37; of the two with a goal 24 were due and 21 came
    assert chart.notes[1] == (
        "Of the 99 due by now, 24 are due of sources with a goal of their own and 75 of all others together."
        " So the gap of −37 is −3 from the former and −34 from the others."
    )
    drawn = figure(chart, as_of="", file="")
    marks = [shape for shape in drawn["layout"]["shapes"] if shape["yref"] == "y"]
    assert [
        (one["x0"], one["y0"] < place < one["y1"]) for place, one in zip((1, 2), marks[1::2], strict=True)
    ] == [
        (20.5, True),
        (3, True),
    ]
    assert len(drawn["data"]) == 1
    goals, gaps = ([row[place].value for row in chart.table.rows] for place in (3, 4))
    assert (goals, gaps) == ([None, 20.5, 3, None], [None, -4.5, 2, None])
    assert [cell.value for cell in chart.table.total] == [None, 62, 1, 98.5, -36.5]


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        (None, "No goal is agreed for all sources together."),
        (
            20,
            "Goals of sources come to 24 by now, 4 more than the 20 due in all: their gaps do not add up to the"
            " month’s.",
        ),
    ],
)
def test_goals_of_sources_that_are_no_part_of_the_months_are_not_added_up(goal, said):
    chart = source_chart(by_actual([("Fair", 24, 30)]), subtitle="", as_of=AS_OF, goal=goal)
    assert chart.title == "Fair brought most: 30, 100% of all." and chart.notes[-1] == said


def test_a_source_with_a_goal_is_not_summed_up_however_little_it_brought():
    groups = by_actual([*((f"source {n}", None, 20 - n) for n in range(12)), ("Fair", 4, 0)])
    chart = source_chart(groups, subtitle="", as_of=AS_OF, goal=30)
    assert chart.labels[-2:] == ("Fair", "6 others")
    assert sum(value or 0 for value in chart.series[0].values) == sum(range(9, 21))


def test_sources_without_goals_have_neither_marks_nor_a_total():
    chart = source_chart(by_actual([("web", None, 3)]), subtitle="", as_of=AS_OF, goal=30)
    assert len(chart.series) == 1 and not (chart.notes or chart.legend or chart.table.total)


def by_actual(groups):
    return sorted(gap_by(groups), key=lambda group: -group.actual)


def test_segments_with_goals_show_their_gaps_the_worst_first():
    groups = gap_by([("1", 14, 10), ("2", 5, 9), ("", None, 30)])
    chart = segment_chart(groups, {"1": "Executives", "2": "Managers"}, subtitle="", as_of=AS_OF)
    assert chart.title == "Executives is furthest behind: 4 leads short of its goal to date."
    assert chart.labels == ("Executives", "Managers")
    assert [series.values for series in chart.series] == [(-4, None), (None, 4)]
    assert len(chart.table.rows) == 3


@pytest.mark.parametrize(
    "seconds,said",
    [
        (None, "–"),
        (0, "0 m"),
        (45, "45 s"),
        (59.6, "1 m"),
        (60, "1 m"),
        (12_000, "3 h 20 m"),
        (7_200, "2 h"),
        (3_599, "1 h"),
        (360_000, "100 h"),
    ],
)
def test_lengths_are_hours_and_minutes(seconds, said):
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    "value,said",
    [(Decimal("1234.5"), "1,234.5"), (3, "3"), (-3, "−3"), (Fraction(1, 3), "0.3"), (Fraction(-1, 30), "0")],
)
def test_numbers_have_a_decimal_only_where_it_says_something(value, said):
    assert words.amount(value) == said


def test_numbers_and_days_follow_the_language():
    with translation.override("pl"):
        assert words.amount(Decimal("1234.5")) == "1\xa0234,5"
    with translation.override("ko"):
        assert "11" in words.month(dt.date(2026, 11, 1))


def test_time_of_day_names_the_readers_zone():
    now = dt.datetime(2026, 11, 14, 12, tzinfo=dt.UTC)
    assert words.clock_time(AS_OF, now) == "10:42 UTC"
    with timezone.override("Europe/Warsaw"):
        assert words.clock_time(AS_OF, now) == "11:42 CET"
    with timezone.override("America/Sao_Paulo"):
        assert words.clock_time(AS_OF, now) == "07:42 America/Sao_Paulo"
    assert words.clock_time(AS_OF, now + dt.timedelta(days=1)) == "14 Nov 2026, 10:42 UTC"


@pytest.mark.parametrize("top", [0, 1, 3, 7, 12, 55, 100, 412, 1_000_000])
def test_scales_are_round_reach_the_top_and_have_few_steps(top):
    ticks = words.count_ticks(top)
    assert ticks[0].value == 0
    assert ticks[-1].value >= top
    assert 2 <= len(ticks) <= 7


@pytest.mark.parametrize("top", [0, 30, 200, 4_000, 12_000, 90_000, 3_000_000, 90_000_000])
def test_scales_of_time_reach_the_top_and_have_few_steps(top):
    ticks = words.duration_ticks(top)
    assert ticks[-1].value >= top
    assert 2 <= len(ticks) <= 7
