"""Descriptions of charts as Plotly figures, in plain dicts: the page's script only adds colours and width.

Colours are names of the page's CSS variables, as `var(--chart-actual)`. Labels stand at 0, 1, 2 … on the x axis
(on the y axis where bars lie). Every text is escaped: Plotly reads tags, entities and, with MathJax, dollars.
"""

from __future__ import annotations

from typing import Any

from reports.charts.description import Chart, Mark, Panel, Series, Tone
from reports.plotly_texts import FONT_SIZE, GROUND, INK, colour, domains, escape, texts_of
from reports.readings.numbers import Number

Figure = dict[str, Any]

GRID = "var(--chart-grid)"
BAND_OPACITY = 0.16
SHADE_OPACITY = 0.35
MARK_REACH = 0.24
"""How far a mark on a lying bar reaches to both sides of its middle: a little beyond the bar."""


def figure(chart: Chart, *, as_of: str, file: str) -> Figure:
    """Return data and layout for Plotly, and under `page` what the script announces, thins out and saves.

    `as_of` and `file` are for the picture that can be saved: what stands below its title, and its name.
    """
    data = [trace for series in chart.series for trace in _traces(chart, series)]
    return {
        "data": data,
        "layout": _layout(chart),
        "page": {
            "labels": [escape(label) for label in chart.labels],
            "under": [escape(text) for text in chart.under],
            "points": _points(chart),  # for the page itself, not put into the figure
            "title": escape(chart.title),
            "subtitle": escape(chart.subtitle),
            "as_of": escape(as_of),
            "file": file,
            "is_lying": chart.is_lying,
            "bars": len(chart.labels),
            "height": _height(chart),
        },
    }


def _height(chart: Chart) -> int:
    if chart.is_lying:
        return 90 + 44 * len(chart.labels)
    if len(chart.panels) > 1 and not chart.panels[1].is_small:
        return 70 + 130 * len(chart.panels)
    return 320 + 110 * (len(chart.panels) - 1)


def _points(chart: Chart) -> list[str]:
    """Say each label with all its values, for the live region and the hover."""
    points = []
    for index, name in enumerate(chart.spoken):
        said = [
            series.texts[index]
            for series in chart.series
            if index < len(series.texts) and series.texts[index] and series.values[index] is not None
        ]
        points.append(f"{name}: {', '.join(dict.fromkeys(said))}" if said else f"{name}: –")
    return points


def _traces(chart: Chart, series: Series) -> list[dict[str, Any]]:
    match series.mark:
        case Mark.BARS:
            return [_bars(chart, series)]
        case Mark.OUTLINED:
            return [_outlined(series)]
        case Mark.BAND:
            return [_band(series)]
        case Mark.DASHED if chart.is_lying:
            return []  # marks on the bars, drawn as shapes
    return [_line(series)]


def _common(series: Series) -> dict[str, Any]:
    axis = "" if series.panel == 0 else str(series.panel + 1)
    return {
        "name": escape(series.name),
        "yaxis": f"y{axis}",
        "showlegend": False,
        "hoverinfo": "none",
        "x": list(range(len(series.values))),
        "y": list(series.values),
    }


def _line(series: Series) -> dict[str, Any]:
    is_actual = series.mark is Mark.STEP
    dashes = {Mark.DASHED: "6px,5px", Mark.DOTTED: "2px,4px"}
    return {
        **_common(series),
        "type": "scatter",
        "mode": "lines",
        "line": {
            "color": colour(series.tone),
            "width": 3.5 if is_actual else 1 if series.mark is Mark.THIN else 2,
            "shape": "hvh" if is_actual else "linear",
            "dash": dashes.get(series.mark, "solid"),
        },
    }


def _band(series: Series) -> dict[str, Any]:
    """One closed shape: along the lower edge, back along the upper."""
    along = [i for i, low in enumerate(series.values) if low is not None]
    return {
        **_common(series),
        "type": "scatter",
        "mode": "lines",
        "x": [*along, *reversed(along)],
        "y": [series.values[i] for i in along] + [series.highs[i] for i in reversed(along)],
        "fill": "toself",
        "fillcolor": colour(series.tone),
        "opacity": BAND_OPACITY,
        "line": {"width": 0},
    }


def _bars(chart: Chart, series: Series) -> dict[str, Any]:
    tone = colour(series.tone)
    trace = {
        **_common(series),
        "type": "bar",
        "marker": {
            "color": tone,
            "line": {"width": 0},
            "pattern": {
                "shape": ["/" if i in series.muted else "" for i in range(len(series.values))],
                "fillmode": "replace",
                "fgcolor": tone,
                "bgcolor": GROUND,
                "size": 6,
                "solidity": 0.35,
            },
        },
    }
    if chart.is_lying:
        trace |= {
            "x": trace["y"],
            "y": trace["x"],
            "orientation": "h",
            "text": [escape(text) for text in series.texts],
            "textposition": "none",
        }
    return trace


def _outlined(series: Series) -> dict[str, Any]:
    """Open bars with their number inside or above: shown, not counted into any average."""
    tone = colour(series.tone)
    is_breach = series.tone is Tone.BREACH
    return {
        **_common(series),
        "type": "bar",
        "marker": {
            "color": GROUND,
            "line": {"color": tone, "width": 2},
            "pattern": {
                "shape": "x" if is_breach else "",
                "fillmode": "replace",
                "fgcolor": tone,
                "bgcolor": GROUND,
                "size": 7,
                "solidity": 0.3,
            },
        },
    }


def _layout(chart: Chart) -> dict[str, Any]:
    layout: dict[str, Any] = {
        "height": _height(chart),
        "margin": {"l": 8, "r": 12, "t": 28, "b": 8, "pad": 4},
        "paper_bgcolor": GROUND,
        "plot_bgcolor": GROUND,
        "font": {"color": INK, "size": FONT_SIZE},
        "dragmode": False,
        "hovermode": "closest",
        "showlegend": False,
        "barmode": "relative",
        "bargap": 0.25,
        "shapes": _shapes(chart),
        "annotations": texts_of(chart),
    }
    if chart.is_lying:
        return layout | _lying_axes(chart)
    count = len(chart.labels)
    layout["xaxis"] = {
        "range": [-0.6, count - 0.4],
        "tickmode": "array",
        "tickvals": list(range(count)),
        "ticktext": [escape(label) for label in chart.labels],
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
        "tickangle": 0,
        "anchor": "y" if len(chart.panels) == 1 else f"y{len(chart.panels)}",
    }
    for number, (panel, domain) in enumerate(zip(chart.panels, domains(chart.panels), strict=True), start=1):
        layout["yaxis" if number == 1 else f"yaxis{number}"] = _scale(chart, panel, domain, number)
    return layout


def _scale(chart: Chart, panel: Panel, domain: list[float], number: int) -> dict[str, Any]:
    values = [tick.value for tick in panel.ticks]
    room = (max(values) - min(values)) * (0.3 if panel.is_small else 0.12)
    low = min(values)
    return {
        "domain": domain,
        "range": [low - room if low < 0 else 0, max(values) + room],
        "tickmode": "array",
        "tickvals": values,
        "ticktext": [escape(tick.text) for tick in panel.ticks],
        "gridcolor": GRID,
        "gridwidth": 1,
        "zeroline": True,
        "zerolinecolor": GRID,
        "zerolinewidth": 1,
        "fixedrange": True,
        "automargin": True,
    }


def _lying_axes(chart: Chart) -> dict[str, Any]:
    """Labels stand above their bars, so that long names need no margin."""
    values = [tick.value for tick in chart.panels[0].ticks]
    room = (max(values) - min(values)) * 0.04
    return {
        "bargap": 0.62,
        "yaxis": {
            "range": [len(chart.labels) - 0.35, -0.75],
            "showticklabels": False,
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
        "xaxis": {
            "range": [min(values) - (room if min(values) < 0 else 0), max(values) + room],
            "tickmode": "array",
            "tickvals": values,
            "ticktext": [escape(tick.text) for tick in chart.panels[0].ticks],
            "gridcolor": GRID,
            "zeroline": True,
            "zerolinecolor": INK,
            "zerolinewidth": 1,
            "fixedrange": True,
            "automargin": True,
        },
    }


def _shapes(chart: Chart) -> list[dict[str, Any]]:
    shapes: list[dict[str, Any]] = [
        {
            "type": "rect",
            "x0": index - 0.5,
            "x1": index + 0.5,
            "y0": 0,
            "y1": 1,
            "xref": "x",
            "yref": "paper",
            "layer": "below",
            "fillcolor": GRID,
            "opacity": SHADE_OPACITY,
            "line": {"width": 0},
        }
        for index in chart.shaded
    ]
    if chart.goal is not None and chart.is_lying:
        shapes.append(_upright(chart.goal.value, 0, 1, "paper", colour(Tone.GOAL), 2, "6px,5px"))
    elif chart.goal is not None:
        shapes.append(
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "yref": "y",
                "y0": chart.goal.value,
                "y1": chart.goal.value,
                "line": {"color": colour(Tone.GOAL), "width": 2, "dash": "6px,5px"},
            }
        )
    if chart.is_lying:
        shapes += [
            _upright(value, place - MARK_REACH, place + MARK_REACH, "y", tone, width)
            for series in chart.series
            if series.mark is Mark.DASHED
            for place, value in enumerate(series.values)
            if value is not None
            for tone, width in ((GROUND, 7), (colour(series.tone), 3))  # seen on the bar and beside it
        ]
    today = chart.today
    if today is not None:
        shapes.append(_upright(today.index, 0, 1, "paper", INK, 1, "2px,2px"))
        if today.gap_from is not None and today.gap_to is not None:
            shapes += _bracket(today.index + 0.5, today.gap_from, today.gap_to)
    return shapes


def _upright(
    x: Number, y0: float, y1: float, yref: str, tone: str, width: float, dash: str = "solid"
) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "x",
        "yref": yref,
        "x0": x,
        "x1": x,
        "y0": y0,
        "y1": y1,
        "line": {"color": tone, "width": width, "dash": dash},
    }


def _bracket(x: float, start: Number, end: Number) -> list[dict[str, Any]]:
    tone = INK
    caps = [
        {
            "type": "line",
            "xref": "x",
            "yref": "y",
            "x0": x - 0.25,
            "x1": x,
            "y0": y,
            "y1": y,
            "line": {"color": tone, "width": 2},
        }
        for y in (start, end)
    ]
    return [_upright(x, start, end, "y", tone, 2), *caps]
