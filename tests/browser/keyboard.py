"""Going through a page by keyboard alone."""

from __future__ import annotations

from typing import Any

MOST_TABS = 400


def tab_to(page: Any, locator: Any) -> None:
    """Press Tab until this element has the focus; fail when it cannot be reached."""
    locator.wait_for(state="attached")
    handle = locator.element_handle()
    for _ in range(MOST_TABS):
        if handle.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{locator} is not reached in {MOST_TABS} steps of the keyboard")


def press(page: Any, locator: Any, key: str = "Enter") -> None:
    """Reach an element by keyboard and press a key on it."""
    tab_to(page, locator)
    page.keyboard.press(key)


def write(page: Any, locator: Any, text: str) -> None:
    """Reach a field by keyboard and write into it, instead of what it says."""
    tab_to(page, locator)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)
