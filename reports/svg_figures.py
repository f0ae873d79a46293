"""Descriptions of charts as SVG, for paper: the same description that is drawn by Plotly on the page.

Built as a tree of elements, so that every text is a text and nothing of it is read as markup. Labels stand at 0, 1, 2 …
on the x axis; where parts have a scale of their own they share the labels. Bars do not lie.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import east_asian_width
from xml.etree.ElementTree import Element, SubElement, tostring

from agreements.typesetting import FAMILIES
from reports.charts.description import Chart, Mark, Panel, Series, Tone
from reports.readings.numbers import Number

WIDTH, HEIGHT, PART_HEIGHT, SMALL_HEIGHT = 720.0, 270.0, 110.0, 70.0
LEFT, RIGHT, TOP, BOTTOM, BETWEEN = 62.0, 14.0, 22.0, 40.0, 26.0
SIZE = 13.0
INK, GROUND, GRID, SHADE = "#1a1a1a", "#ffffff", "#d5d8dc", "#eef0f2"
COLOURS = {
    Tone.ACTUAL: "#00144c",
    Tone.GOAL: "#8f6b24",
    Tone.OK: "#1f7a6e",
    Tone.BREACH: "#cc00cc",
    Tone.INK: INK,
}
DASHES = {Mark.DASHED: "6 5", Mark.DOTTED: "2 4"}
LINES = (Mark.STEP, Mark.DASHED, Mark.DOTTED, Mark.THIN)
LABEL_WIDTH = 0.56 * SIZE
"""Of a letter, about; those of Korean are as wide as high."""
CONTROL = {code: None for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where values of one part lie on the paper."""

    top: float
    bottom: float
    low: float
    high: float

    def y(self, value: Number) -> float:
        part = (float(value) - self.low) / (self.high - self.low)
        return round(self.bottom - part * (self.bottom - self.top), 2)


def svg(chart: Chart, *, width: float = WIDTH) -> str:
    """Return the drawing as SVG, so wide in its own unit: the narrower, the larger its texts stand on the paper."""
    scales = _scales(chart.panels)
    height = scales[-1].bottom + BOTTOM
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width:g} {height:g}",
            "font-family": ", ".join(FAMILIES),
            "font-size": f"{SIZE:g}",
        },
    )
    right = width - RIGHT
    step = (right - LEFT) / max(len(chart.labels), 1)
    for index in chart.shaded:
        _rect(root, LEFT + index * step, scales[0].top, step, scales[-1].bottom - scales[0].top, fill=SHADE)
    for panel, scale in zip(chart.panels, scales, strict=True):
        _axis(root, panel, scale, right)
    for series in sorted(chart.series, key=lambda one: one.mark in LINES):
        _draw(root, chart, series, scales[series.panel], step)
    _end_labels(root, chart, scales, step)
    if chart.goal is not None:
        y = scales[0].y(chart.goal.value)
        _line(root, [(LEFT, y), (right, y)], COLOURS[Tone.GOAL], 2, DASHES[Mark.DASHED])
        _text(root, chart.goal.label, right, y - 5, "end", COLOURS[Tone.GOAL])
    _labels(root, chart, step, scales[-1].bottom)
    return tostring(root, encoding="unicode")


def _scales(panels: tuple[Panel, ...]) -> list[_Scale]:
    """Lay the parts below each other: one large with a small one, or several of one size."""
    is_one = len(panels) == 1 or panels[1].is_small
    scales, top = [], TOP
    for panel in panels:
        values = [float(tick.value) for tick in panel.ticks] or [0.0, 1.0]
        room = (max(values) - min(values)) * (0.3 if panel.is_small else 0.12)
        low = min(values) - room if min(values) < 0 else 0.0
        high = max(max(values) + room, low + 1e-9)
        bottom = top + (SMALL_HEIGHT if panel.is_small else HEIGHT - TOP - BOTTOM if is_one else PART_HEIGHT)
        scales.append(_Scale(top, bottom, low, high))
        top = bottom + BETWEEN
    return scales


def _axis(root: Element, panel: Panel, scale: _Scale, right: float) -> None:
    for tick in panel.ticks:
        y = scale.y(tick.value)
        _line(root, [(LEFT, y), (right, y)], GRID, 1)
        _text(root, tick.text, LEFT - 6, y + SIZE / 3, "end")
    if panel.title:
        _text(root, panel.title, LEFT, scale.top - 6, "start")


def _draw(root: Element, chart: Chart, series: Series, scale: _Scale, step: float) -> None:
    colour = COLOURS[series.tone]
    if series.mark is Mark.BAND:
        points = [
            (LEFT + (i + 0.5) * step, scale.y(low), scale.y(high))
            for i, (low, high) in enumerate(zip(series.values, series.highs, strict=False))
            if low is not None and high is not None
        ]
        around = [(x, low) for x, low, _high in points] + [(x, high) for x, _low, high in reversed(points)]
        if around:
            SubElement(root, "polygon", {"points": _points(around), "fill": colour, "fill-opacity": "0.16"})
    elif series.mark in LINES:
        width = 3.0 if series.mark is Mark.STEP else 1.0 if series.mark is Mark.THIN else 2.0
        for run in _runs(series):
            points_of_run = [(LEFT + (i + 0.5) * step, scale.y(value)) for i, value in run]
            if series.mark is Mark.STEP:
                points_of_run = list(_stepped(points_of_run))
            _line(root, points_of_run, colour, width, DASHES.get(series.mark, ""))
    else:
        _bars(root, chart, series, scale, step)


def _bars(root: Element, chart: Chart, series: Series, scale: _Scale, step: float) -> None:
    """Bars of few cases are pale with an edge, open ones are outlined; stacked on those of the same part before."""
    colour, base = COLOURS[series.tone], scale.y(max(scale.low, 0.0))
    outlined = [one for one in chart.series if one.mark is Mark.OUTLINED and one.panel == series.panel]
    below = outlined[: outlined.index(series)] if series in outlined else []
    for index, value in enumerate(series.values):
        if value is None:
            continue
        under = sum((one.values[index] or 0) for one in below)
        y, foot = scale.y(value + under), scale.y(under) if under else base
        is_pale = series.mark is Mark.OUTLINED or index in series.muted
        _rect(
            root,
            LEFT + (index + 0.14) * step,
            min(y, foot),
            0.72 * step,
            abs(foot - y),
            fill=GROUND if series.mark is Mark.OUTLINED else colour,
            opacity="0.25" if is_pale and series.mark is not Mark.OUTLINED else "",
            stroke=colour if is_pale else "",
        )
        above = outlined[len(below) + 1 :]
        if series.mark is Mark.OUTLINED and not any(one.values[index] for one in above):
            _text(root, f"{value + under:g}", LEFT + (index + 0.5) * step, y - 3, "middle", size=11)


def _runs(series: Series) -> Iterator[list[tuple[int, Number]]]:
    """Yield the stretches of a line that have values."""
    run: list[tuple[int, Number]] = []
    for index, value in enumerate(series.values):
        if value is None:
            if run:
                yield run
            run = []
        else:
            run.append((index, value))
    if run:
        yield run


def _stepped(points: list[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Go half-way at the old height, half-way at the new one."""
    if points:
        yield points[0]
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = round((x0 + x1) / 2, 2)
        yield middle, y0
        yield middle, y1
        yield x1, y1


def _end_labels(root: Element, chart: Chart, scales: list[_Scale], step: float) -> None:
    """Write what stands at the ends of lines, from the lowest up: clear of its own line, and above other labels."""
    labels = [
        (scales[one.panel].y(one.values[last] or 0), last, one)
        for one in chart.series
        if one.end_label and (last := _last(one)) is not None
    ]
    taken: list[tuple[float, float, float]] = []
    for y, last, series in sorted(labels, key=lambda label: (-label[0], label[1])):
        is_late = last > 0.55 * len(chart.labels)
        x = LEFT + (last + (0.9 if is_late else 1.0)) * step
        length = _width(series.end_label)
        start = x - length if is_late else x
        scale = scales[series.panel]
        beside = [
            scale.y(value)
            for place, value in enumerate(series.values)
            if value is not None and start <= LEFT + (place + 1) * step <= start + length + step
        ]
        if series.mark is not Mark.DOTTED and _is_below(chart, series, last, series.values[last] or 0):
            at = min(max([y, *beside]) + SIZE + 3, scale.bottom - 4)
        else:
            at = min([y, *beside]) - 6
        for other_start, other_end, other in sorted(taken, key=lambda place: -place[2]):
            if start < other_end and other_start < start + length and abs(at - other) < SIZE + 1:
                at = other - SIZE - 1
        at = max(at, SIZE)
        taken.append((start, start + length, at))
        anchor = "end" if is_late else "start"
        _text(root, series.end_label, x, at, anchor, COLOURS[series.tone], bold=True, halo=True)


def _last(series: Series) -> int | None:
    """The place of the last value."""
    return next((i for i in reversed(range(len(series.values))) if series.values[i] is not None), None)


def _is_below(chart: Chart, series: Series, last: int, value: Number) -> bool:
    """Whether the label stands below its line: that of the lower one of goal and actual."""
    other = Mark.STEP if series.mark is Mark.DASHED else Mark.DASHED
    against = next((one.values[last] for one in chart.series if one.mark is other), None)
    return against is not None and (value < against or (value == against and series.mark is Mark.STEP))


def _width(text: str) -> float:
    return sum(SIZE if east_asian_width(letter) in "WF" else LABEL_WIDTH for letter in text)


def _labels(root: Element, chart: Chart, step: float, bottom: float) -> None:
    """Write as many labels as there is room for; what stands below them only with all of them."""
    widest = max(map(_width, [*chart.labels, *chart.under]), default=LABEL_WIDTH) + 6
    every = max(1, -int(-widest // step))
    for index, label in enumerate(chart.labels):
        if index % every == 0:
            x = LEFT + (index + 0.5) * step
            _text(root, label, x, bottom + SIZE + 3, "middle")
            if chart.under and every == 1:
                _text(root, chart.under[index], x, bottom + 2 * SIZE + 5, "middle", size=11)


def _points(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in points)


def _line(
    root: Element, points: list[tuple[float, float]], colour: str, width: float, dash: str = ""
) -> None:
    given = {"points": _points(points), "fill": "none", "stroke": colour, "stroke-width": f"{width:g}"}
    SubElement(root, "polyline", given | ({"stroke-dasharray": dash} if dash else {}))


def _rect(
    root: Element,
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    fill: str,
    opacity: str = "",
    stroke: str = "",
) -> None:
    given = {
        "x": f"{x:.2f}",
        "y": f"{y:.2f}",
        "width": f"{width:.2f}",
        "height": f"{height:.2f}",
        "fill": fill,
    }
    if opacity:
        given["fill-opacity"] = opacity
    if stroke:
        given |= {"stroke": stroke, "stroke-width": "1.5"}
    SubElement(root, "rect", given)


def _text(
    root: Element,
    text: str,
    x: float,
    y: float,
    anchor: str,
    colour: str = INK,
    *,
    size: float = SIZE,
    bold: bool = False,
    halo: bool = False,
) -> None:
    """Write a text; with a halo it can be read where it lies on lines."""
    given = {
        "x": f"{x:.2f}",
        "y": f"{y:.2f}",
        "text-anchor": anchor,
        "fill": colour,
        "font-size": f"{size:g}",
    }
    if bold:
        given["font-weight"] = "bold"
    if halo:
        given |= {"stroke": GROUND, "stroke-width": "4", "stroke-linejoin": "round", "paint-order": "stroke"}
    SubElement(root, "text", given).text = text.translate(CONTROL)
