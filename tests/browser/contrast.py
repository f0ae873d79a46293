"""Contrast of two colours as a browser writes them, by WCAG."""

from __future__ import annotations

import re


def contrast(one: str, other: str) -> float:
    """Return the ratio of two colours like rgb(0, 20, 76), from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of rgb(r, g, b)."""
    numbers = [float(part) / 255 for part in re.findall(r"[\d.]+", colour)[:3]]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in numbers
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
