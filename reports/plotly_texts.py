"""The texts written into a Plotly figure: labels at lines, numbers above bars, names of parts; all escaped.

Plotly reads tags and entities in every text, and formulas between dollars where MathJax is loaded.
"""

from __future__ import annotations

from typing import Any

from reports.charts.description import Chart, Mark, Panel, Series, Tone
from reports.readings.numbers import Number

INK, GROUND = "var(--chart-ink)", "var(--chart-ground)"
FONT_SIZE = 13
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
    for series in chart.series:
        if series.end_label:
            notes.append(_end_label(chart, series))
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


def _end_label(chart: Chart, series: Series) -> dict[str, Any]:
    """Write the label at the line's last value, on the side where there is room, away from the goal line.

    The goal's own is above its line, or below it where what came, or will have come, ends above.
    """
    last = _last(series)
    is_late = _is_late(chart, series)
    is_projection = series.mark is Mark.DOTTED
    goal, band = _first(chart, Mark.DASHED), _first(chart, Mark.BAND)
    value = series.values[last] or 0
    if series is goal:
        is_below = _is_topped(chart, goal)
    elif is_projection and band is not None:  # beside the band, where no line crosses it
        is_below = goal is None or not _is_topped(chart, goal)
        value = (band.values if is_below else band.highs)[last] or 0
    else:
        level = goal.values[last] if goal is not None else None
        is_below = level is not None and value <= level
    return _text(
        series.end_label,
        series.tone,
        x=last + (0.4 if is_late else 0.8),
        y=value,
        xanchor="right" if is_late else "left",
        yanchor="top" if is_below else "bottom",
        yshift=-6 if is_below else 6,
        is_strong=not is_projection,
        bgcolor=GROUND,
    )


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
