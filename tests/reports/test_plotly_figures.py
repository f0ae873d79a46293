"""Figures are what Plotly takes, made in no time, and show names as text."""

from __future__ import annotations

import datetime as dt
import json
import time
from dataclasses import replace

import plotly.graph_objects as go
import pytest

from reports.charts.description import (
    Cell,
    Chart,
    Column,
    Goal,
    Mark,
    Panel,
    Series,
    Table,
    Tick,
    Today,
    Tone,
)
from reports.plotly_figures import figure
from reports.plotly_texts import escape

AS_OF = dt.datetime(2026, 3, 17, 10, 42, tzinfo=dt.UTC)
TICKS = (Tick(0, "0"), Tick(50, "50"), Tick(100, "100"))


def a_chart(n: int = 31, **changes: object) -> Chart:
    """A chart with every mark there is."""
    texts = tuple(f"value {i}" for i in range(n))
    up = tuple(float(i) for i in range(n))
    ahead = (*(None for _ in range(n - 3)), 1.0, 2.0, 3.0)
    chart = Chart(
        key="waterfall",
        title="Marketing is 12 leads behind",
        subtitle="Leads",
        labels=tuple(str(i + 1) for i in range(n)),
        spoken=tuple(f"day {i + 1}" for i in range(n)),
        panels=(Panel("", TICKS), Panel("Per day", TICKS[:2], is_small=True)),
        series=(
            Series("Goal", Mark.DASHED, Tone.GOAL, up, texts, end_label="Goal 30"),
            Series(
                "Actual",
                Mark.STEP,
                Tone.ACTUAL,
                (*up[: n // 2], *(None for _ in up[n // 2 :])),
                texts,
                end_label="14",
            ),
            Series("Band", Mark.BAND, Tone.ACTUAL, ahead, highs=ahead),
            Series("Projected", Mark.DOTTED, Tone.ACTUAL, ahead, end_label="Projected"),
            Series("Bars", Mark.BARS, Tone.OK, up, texts, muted=frozenset({1}), panel=1),
            Series("Open", Mark.OUTLINED, Tone.BREACH, up, texts, panel=1),
        ),
        summary="",
        table=Table("", (Column("on", "Day"),), ((Cell("1", 1),),)),
        as_of=AS_OF,
        goal=Goal(50, "Agreed 50"),
        under=tuple("n 3" for _ in range(n)),
        shaded=(5, 6),
        today=Today(n // 2, "Today", 15, 14, "−1"),
    )
    return replace(chart, **changes)  # type: ignore[arg-type]


def test_plotly_takes_every_trace_and_layout():
    lying = a_chart(3, panels=(Panel("", TICKS),), is_lying=True, today=None, shaded=(), under=(), goal=None)
    lying = replace(lying, series=(Series("Gap", Mark.BARS, Tone.BREACH, (-3, 1, 0), ("a", "b", "c")),))
    for chart in (a_chart(), a_chart(panels=(Panel("", TICKS),), series=a_chart().series[:4]), lying):
        made = figure(chart, as_of="10:42 UTC", file="chart")
        go.Figure({"data": made["data"], "layout": made["layout"]})  # raises for what Plotly does not know


def test_building_a_figure_costs_less_than_two_milliseconds():
    chart = a_chart()
    started = time.process_time()
    for _ in range(100):
        json.dumps(figure(chart, as_of="10:42 UTC", file="chart"))
    assert (time.process_time() - started) / 100 < 0.002


def label_sides(chart: Chart) -> dict[str, tuple[str, float]]:
    """Of each label at a line's end, by what it says: the edge that stands at its height, and that height."""
    notes = figure(chart, as_of="10:42 UTC", file="chart")["layout"]["annotations"]
    said = {one["text"].removeprefix("<b>").removesuffix("</b>"): one for one in notes}
    ends = (series.end_label for series in chart.series if series.end_label)
    return {end: (said[end]["yanchor"], said[end]["y"]) for end in ends}


def ending(*, goal: float, actual: float, band: tuple[float, float] | None = None) -> Chart:
    """A month of 31 days at these heights; over, or with the last 13 days ahead and a projection over them."""
    seen = 31 if band is None else 18
    later = (None,) * (31 - seen)
    chart = a_chart()
    steps = tuple(actual * (i + 1) / seen for i in range(seen))
    series = [
        replace(chart.series[0], values=tuple(goal * (i + 1) / 31 for i in range(31))),
        replace(chart.series[1], values=(*steps, *later)),
    ]
    if band is not None:
        low, high = ((*(None,) * 18, *(end,) * 13) for end in band)
        series += [replace(chart.series[2], values=low, highs=high), replace(chart.series[3], values=low)]
    return replace(chart, series=tuple(series))


def test_labels_at_the_ends_of_lines_stand_apart():
    assert label_sides(ending(goal=80, actual=86)) == {"Goal 30": ("top", 80), "14": ("bottom", 86)}
    assert label_sides(ending(goal=80, actual=74)) == {"Goal 30": ("bottom", 80), "14": ("top", 74)}
    above = label_sides(ending(goal=80, actual=50, band=(81, 97)))
    assert (above["Goal 30"], above["Projected"]) == (("top", 80), ("bottom", 97))
    around = label_sides(ending(goal=80, actual=50, band=(70, 90)))
    assert (around["Goal 30"], around["Projected"]) == (("bottom", 80), ("top", 70))


@pytest.mark.parametrize(
    "text,shown",
    [
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        ("Tom & Kim", "Tom &amp; Kim"),
        ("&lt;", "&amp;lt;"),
        (r"$\href{javascript:alert(1)}{x}$", "$\u200b\\href{javascript:alert(1)}{x}$\u200b"),
    ],
)
def test_texts_are_neither_tags_nor_formulas(text, shown):
    assert escape(text) == shown


def test_every_text_of_a_figure_is_escaped():
    bad = "<a href='javascript:alert(1)'>$x$</a>"
    n = 4
    chart = a_chart(
        n,
        title=bad,
        subtitle=bad,
        labels=(bad,) * n,
        under=(bad,) * n,
        goal=Goal(1, bad),
        today=Today(1, bad, 1, 2, bad),
        panels=(Panel(bad, (Tick(0, bad), Tick(1, bad))), Panel(bad, (Tick(0, bad), Tick(1, bad)))),
        series=tuple(
            Series(
                bad,
                mark,
                Tone.ACTUAL,
                (1, 2, 3, 4),
                (bad,) * n,
                end_label=bad,
                panel=panel,
                highs=(2, 3, 4, 5),
            )
            for panel, mark in enumerate((Mark.STEP, Mark.BARS))
        ),
    )
    for one in (chart, replace(chart, is_lying=True, panels=chart.panels[:1])):
        made = figure(one, as_of=bad, file="chart")
        del made["page"]["points"]  # the page shows these as text, not Plotly
        assert "<a" not in json.dumps(made)


def test_colours_are_those_of_the_page():
    made = json.dumps(figure(a_chart(), as_of="", file=""))
    for word in ("#", "rgb", "black", "white"):
        assert word not in made
    for name in ("actual", "goal", "ok", "breach", "ink", "grid", "ground"):
        assert f"var(--chart-{name})" in made


def test_values_that_are_not_there_stay_away():
    made = figure(a_chart(), as_of="", file="")
    actual = next(trace for trace in made["data"] if trace["name"] == "Actual")
    assert actual["y"][-1] is None
    assert made["page"]["points"][-1].startswith("day 31: ")


def test_bars_on_few_cases_are_hatched():
    made = figure(a_chart(), as_of="", file="")
    bars = next(trace for trace in made["data"] if trace["name"] == "Bars")
    assert bars["marker"]["pattern"]["shape"][:3] == ["", "/", ""]
