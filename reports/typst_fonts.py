"""The fonts with which typst sets documents and draws figures."""

from __future__ import annotations

from functools import cache

import typst


@cache
def fonts() -> typst.Fonts:
    """The fonts of the wheel; those of the system stand in for letters that they lack."""
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True)
