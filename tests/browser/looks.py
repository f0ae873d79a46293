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


def follow(page: Any, control: Any) -> None:
    """Press what leads to another page, and return when that page is there, whole."""
    with page.expect_navigation():
        control.click()


def width_of(page: Any) -> int:
    """How wide an open page is in pixels, what overflows its window counted; one that still comes is waited for."""
    page.wait_for_load_state()
    return int(page.evaluate("document.documentElement.scrollWidth"))


def keep(page: Any, name: str) -> None:
    """Keep a picture of the whole page in each scheme, if pictures are asked for."""
    if not (folder := os.environ.get("SCREENSHOTS")):
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    for scheme in each_scheme(page):
        page.screenshot(path=Path(folder) / f"{name}-{scheme}.png", full_page=True)
