"""Figures are what Plotly takes, made in no time, and show names as text."""

from __future__ import annotations

import datetime as dt
import json
import time
from dataclasses import replace
from itertools import combinations

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


def test_labels_at_the_ends_of_lines_stand_on_the_side_that_is_free():
    def sides(chart):
        return {name: side for name, (side, _height) in label_sides(chart).items()}

    assert sides(ending(goal=80, actual=86)) == {"Goal 30": "top", "14": "bottom"}
    assert sides(ending(goal=80, actual=74)) == {"Goal 30": "bottom", "14": "top"}
    assert label_sides(ending(goal=80, actual=86))["14"] == ("bottom", 86)
    above = label_sides(ending(goal=80, actual=50, band=(81, 97)))
    assert (above["Goal 30"][0], above["Projected"]) == ("top", ("bottom", 97))
    around = label_sides(ending(goal=80, actual=50, band=(70, 90)))
    assert (around["Goal 30"], around["Projected"][0]) == (("bottom", 80), "top")


MONTH = 30


@pytest.mark.parametrize("seen", [5, 9, 14, 17, 20, 24, 27, 29])
@pytest.mark.parametrize("pace", [0.5, 0.8, 0.97, 1.0, 1.03, 1.2, 1.6])
def test_on_a_phone_no_label_covers_the_projection_another_label_or_what_came(seen, pace):
    """The drawing of a phone is 300 px wide; boxes as Plotly draws them, in days and in pixels of height."""
    goal = [600 * (i + 1) / MONTH for i in range(MONTH)]
    came = [pace * one for one in goal[:seen]]
    ahead = [came[-1] + (pace * 600 - came[-1]) * i / (MONTH - seen) for i in range(MONTH - seen + 1)]
    before = (None,) * (seen - 1)
    low, high = (tuple(one * by for one in ahead) for by in (0.99, 1.01))
    series = (
        Series("Goal", Mark.DASHED, Tone.GOAL, tuple(goal), end_label="Goal 600"),
        Series("Actual", Mark.STEP, Tone.ACTUAL, (*came, *(None,) * (MONTH - seen)), end_label="635 (+115)"),
        Series("Band", Mark.BAND, Tone.ACTUAL, (*before, *low), highs=(*before, *high)),
        Series("Projection", Mark.DOTTED, Tone.ACTUAL, (*before, *ahead), end_label="Projected 588–605"),
    )
    ticks = tuple(Tick(n, str(n)) for n in range(0, 1200 if pace > 1.3 else 1000, 200))
    chart = a_chart(
        MONTH, series=series, goal=None, panels=(Panel("", ticks), Panel("", TICKS[:2], is_small=True))
    )
    unit = 238 / (1.12 * ticks[-1].value)
    boxes = {}
    for note in figure(chart, as_of="", file="")["layout"]["annotations"]:
        name = note["text"].removeprefix("<b>").removesuffix("</b>")
        if name not in {one.end_label for one in series}:
            continue
        width = len(name) * 6.6 * MONTH / 300
        left = note["x"] - (width if note["xanchor"] == "right" else 0)
        foot = note["y"] * unit + note["yshift"] - (16 if note["yanchor"] == "top" else 0)
        boxes[name] = (left, left + width, foot, foot + 16)
    assert len(boxes) == 3
    for one, other in combinations(boxes.values(), 2):
        apart_across = one[1] <= other[0] or other[1] <= one[0]
        assert apart_across or one[3] <= other[2] or other[3] <= one[2], boxes
    points = {place: came[place] for place in range(seen)} | dict(enumerate(ahead, start=seen - 1))
    for left, right, foot, head in boxes.values():
        for place, value in points.items():
            assert not (left < place < right and foot < value * unit < head), (boxes, place)


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
