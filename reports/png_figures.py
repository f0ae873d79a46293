"""Descriptions of charts as PNG, for mails: the SVG that stands on paper, drawn by typst on a white ground."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from agreements.typesetting import typeset
from reports.charts.description import Chart
from reports.svg_figures import svg

TEMPLATE = Path(__file__).parent / "typst" / "figure.typ"
WIDTH = 600
"""Of a picture, in the pixels of a mail; drawn with more of them where `fineness` is above 1, for finer screens."""
PER_INCH = 72.0
IN_ITS_UNIT = 500.0
"""The narrower the drawing, the larger its texts: so they can be read where a phone makes the picture small."""


def png(chart: Chart, *, fineness: float = 1.0) -> bytes:
    """Return the drawing."""
    return _drawn(svg(chart, width=IN_ITS_UNIT), PER_INCH * fineness)


@lru_cache(maxsize=32)
def _drawn(drawing: str, per_inch: float) -> bytes:
    """Draw it; remembered, since what one reader gets of a chart the next ones get too."""
    return typeset(TEMPLATE, form="png", per_inch=per_inch, svg=drawing)
