"""The texts written into a Plotly figure: labels at lines, numbers above bars, names of parts; all escaped.

Plotly reads tags and entities in every text, and formulas between dollars where MathJax is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from reports.charts.description import Chart, Mark, Panel, Series, Tone
from reports.readings.numbers import Number

INK, GROUND = "var(--chart-ink)", "var(--chart-ground)"
FONT_SIZE = 13
LETTER, LINE_HEIGHT, GAP = 7, 18, 6
"""About how wide and high a text is, and how far from its line, in pixels."""
PHONE, PLOT_HEIGHT = 300, 370
"""How wide the drawing is on a phone, where texts need most room, and how high all its parts are with a small one."""
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "$\u200b", "\0": ""})


def escape(text: str) -> str:
    """Return text that Plotly shows as it is: no tag, no entity, no formula."""
    return text.translate(ESCAPES)


def colour(tone: Tone) -> str:
    """Return the CSS variable of a tone."""
    return f"var(--chart-{tone.value})"


def domains(panels: tuple[Panel, ...]) -> list[list[float]]:
    """Return where each panel lies, as parts of the height: below each other, of one size, or the second small."""
    count = len(panels)
    if count == 2 and panels[1].is_small:
        return [[0.36, 1.0], [0.0, 0.2]]
    gap = 0.0 if count == 1 else 0.25 / count
    return [[1 - (place + 1) / count + gap, 1 - place / count] for place in range(count)]


def texts_of(chart: Chart) -> list[dict[str, Any]]:
    """Return every text that stands in the drawing."""
    notes: list[dict[str, Any]] = []
    if chart.goal is not None and chart.is_lying:
        is_right = 2 * chart.goal.value > max(tick.value for tick in chart.panels[0].ticks)
        side = "right" if is_right else "left"
        place: dict[str, Any] = {"yref": "paper", "xanchor": side, "yanchor": "bottom"}
        notes.append(_text(chart.goal.label, Tone.GOAL, x=chart.goal.value, y=1, **place))
    elif chart.goal is not None:
        notes.append(
            _text(
                chart.goal.label,
                Tone.GOAL,
                xref="paper",
                x=1,
                y=chart.goal.value,
                xanchor="right",
                yanchor="bottom",
                bgcolor=GROUND,
            )
        )
    notes += _end_labels(chart)
    if chart.today is not None:
        notes.append(
            _text(
                chart.today.label,
                Tone.INK,
                x=chart.today.index,
                y=1,
                yref="paper",
                xanchor="center",
                yanchor="bottom",
            )
        )
    for panel, domain in zip(
        chart.panels, domains(chart.panels) if not chart.is_lying else [[0.0, 1.0]], strict=True
    ):
        if panel.title:
            place = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
            notes.append(_text(_short(panel.title, 60), Tone.INK, x=0, y=domain[1], **place))
    if chart.is_lying:
        notes += _bar_names(chart)
    else:
        notes += _numbers_above(chart)
    return notes


def _bar_names(chart: Chart) -> list[dict[str, Any]]:
    said: dict[int, str] = {}
    for series in chart.series:
        for index, value in enumerate(series.values):
            if value is not None and series.mark is not Mark.DASHED:
                said[index] = series.texts[index]
    return [
        _text(
            f"{_short(label)}  {said.get(index, '')}",
            Tone.INK,
            xref="paper",
            x=0,
            y=index - 0.24,
            xanchor="left",
            yanchor="bottom",
        )
        for index, label in enumerate(chart.labels)
    ]


def _numbers_above(chart: Chart) -> list[dict[str, Any]]:
    """Write the number on every open bar of the small panel, both parts added up where they are stacked."""
    totals: dict[int, Number] = {}
    for series in chart.series:
        if series.mark is Mark.OUTLINED:
            for index, value in enumerate(series.values):
                if value is not None:
                    totals[index] = totals.get(index, 0) + value
    return [
        _text(str(total), Tone.INK, x=index, y=total, yref="y2", xanchor="center", yanchor="bottom", size=12)
        for index, total in totals.items()
    ]


@dataclass(frozen=True, slots=True)
class _Label:
    """What stands at the end of a line: between which labels of the axis, at which height, above it or below."""

    series: Series
    start: float
    end: float
    value: Number
    is_below: bool
    is_left: bool
    """It is written towards the left, as there is no room at the right."""


def _end_labels(chart: Chart) -> list[dict[str, Any]]:
    """Write the labels at the lines' ends, each clear of the lines and of the others, also on a phone."""
    labels = [_end_label(chart, series) for series in chart.series if series.end_label]
    unit = _pixels_of_one(chart)
    placed: list[tuple[_Label, float]] = []
    for label in sorted(labels, key=lambda one: -one.value if one.is_below else one.value):
        away = -1 if label.is_below else 1
        height = label.value * unit + away * GAP
        for other, taken in placed:
            if other.is_below is label.is_below and other.start < label.end and label.start < other.end:
                height = away * max(away * height, away * taken + LINE_HEIGHT)
        placed.append((label, height))
    return [_written(label, height - label.value * unit) for label, height in placed]


def _written(label: _Label, shift: float) -> dict[str, Any]:
    return _text(
        label.series.end_label,
        label.series.tone,
        x=label.end if label.is_left else label.start,
        y=label.value,
        xanchor="right" if label.is_left else "left",
        yanchor="top" if label.is_below else "bottom",
        yshift=round(shift),
        is_strong=label.series.mark is not Mark.DOTTED,
        bgcolor=GROUND,
    )


def _end_label(chart: Chart, series: Series) -> _Label:
    """Choose where a label stands: cumulative lines rise, so above them at the left is free, and below at the right.

    The goal's own is above its line, or below it where what came, or will have come, ends above. What came stands
    before today, so that the projection begins beside it; early in a month, below all lines.
    """
    last, is_late = _last(series), _is_late(chart, series)
    goal, band = _first(chart, Mark.DASHED), _first(chart, Mark.BAND)
    if series is goal:
        is_below = _is_topped(chart, goal)
    elif series.mark is Mark.DOTTED and band is not None:  # beside the band, where no line crosses it
        is_below = goal is None or not _is_topped(chart, goal)
    else:
        level = goal.values[last] if goal is not None else None
        is_below = not is_late or (level is not None and (series.values[last] or 0) <= level)
    width = len(series.end_label) * LETTER * len(chart.labels) / PHONE
    end = last + (-0.3 if series.mark is Mark.STEP and band is not None else 0.4)
    start, end = (end - width, end) if is_late else (last + 0.8, last + 0.8 + width)
    return _Label(series, start, end, _edge(chart, series, start, end, is_below), is_below, is_late)


def _edge(chart: Chart, series: Series, start: float, end: float, is_below: bool) -> Number:
    """Return the lowest, or the highest, value of a label's own line and those that it must not cover, where it is."""
    lines = (
        [one for one in chart.series if one.mark in (Mark.STEP, Mark.DASHED, Mark.BAND)] if is_below else []
    )
    found = [series.values[_last(series)] or 0]
    for one in (
        *lines,
        *(one for one in chart.series if one.mark is Mark.BAND and series.mark is Mark.DOTTED),
    ):
        edge = one.values if is_below else one.highs
        places = range(max(floor(start), 0), min(ceil(end), len(edge) - 1) + 1)
        found += [value for place in places if (value := edge[place]) is not None]
    return min(found) if is_below else max(found)


def _pixels_of_one(chart: Chart) -> float:
    """Return how high one lead, or whatever is counted, is drawn in the first part, about."""
    values = [tick.value for tick in chart.panels[0].ticks]
    low, top = domains(chart.panels)[0]
    return PLOT_HEIGHT * (top - low) / (1.12 * (max(values) - min(values)) or 1)


def _is_topped(chart: Chart, goal: Series) -> bool:
    """Whether the projection's interval, or else what came late in the month, lies above the goal line."""
    above = _first(chart, Mark.BAND)
    if above is None:
        above = next((one for one in chart.series if one.mark is Mark.STEP and _is_late(chart, one)), None)
    if above is None:
        return False
    last = _last(above)
    level = goal.values[last]
    return level is not None and (above.values[last] or 0) > level


def _first(chart: Chart, mark: Mark) -> Series | None:
    return next((one for one in chart.series if one.mark is mark), None)


def _last(series: Series) -> int:
    return max((i for i, value in enumerate(series.values) if value is not None), default=0)


def _is_late(chart: Chart, series: Series) -> bool:
    return _last(series) > 0.55 * len(chart.labels)


def _text(
    text: str,
    tone: Tone,
    *,
    x: float,
    y: Number,
    size: int = FONT_SIZE,
    is_strong: bool = False,
    **place: Any,
) -> dict[str, Any]:
    return {
        "text": f"<b>{escape(text)}</b>" if is_strong else escape(text),
        "font": {"color": colour(tone), "size": size},
        "x": x,
        "y": y,
        "xref": "x",
        "yref": "y",
        "showarrow": False,
        **place,
    }


def _short(label: str, most: int = 28) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}…"
