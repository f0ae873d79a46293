"""A page as it is looked at: in light and in dark, and kept as a picture where SCREENSHOTS names a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SHOWN_IN = """scheme => (document.documentElement.dataset.bsTheme ?? scheme) === scheme
    && [...document.querySelectorAll('[data-chart][data-live]')].every((chart) => chart.dataset.drawn)"""


def each_scheme(page: Any) -> Iterator[str]:
    """Show an open page in light, then in dark, its charts drawn anew; then as its window prefers."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_function(SHOWN_IN, arg=scheme)
        yield scheme
    page.emulate_media(color_scheme="null", reduced_motion="null")


def keep(page: Any, name: str) -> None:
    """Keep a picture of the whole page in each scheme, if pictures are asked for."""
    if not (folder := os.environ.get("SCREENSHOTS")):
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    for scheme in each_scheme(page):
        page.screenshot(path=Path(folder) / f"{name}-{scheme}.png", full_page=True)
