"""Lines of a few weeks, small enough for a table: drawn by the server, with all their values in words beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, EDGE = 96, 24, 3


@dataclass(frozen=True, slots=True)
class Sparkline:
    """`path` as an SVG draws it, broken where a value is missing; `dots` are lone values, and the last one."""

    path: str
    dots: tuple[tuple[str, str], ...]
    text: str


def sparkline(values: Sequence[float | None], *, top: float, text: str) -> Sparkline:
    """Return the line of these values on a scale from 0 to `top`; a value that is None leaves a gap."""
    step = (WIDTH - 2 * EDGE) / max(len(values) - 1, 1)
    points = [
        None if value is None else (f"{EDGE + n * step:.1f}", f"{_height(value, top):.1f}")
        for n, value in enumerate(values)
    ]
    parts, dots = [], []
    for n, point in enumerate(points):
        if point is None:
            continue
        before = points[n - 1] if n else None
        parts.append(f"{'M' if before is None else 'L'}{point[0]} {point[1]}")
        after = points[n + 1] if n + 1 < len(points) else None
        is_last = not any(one is not None for one in points[n + 1 :])
        if is_last or (before is None and after is None):
            dots.append(point)
    return Sparkline("".join(parts), tuple(dots), text)


def _height(value: float, top: float) -> float:
    """Return where a value stands from the top: a larger one stands higher."""
    part = min(max(value / top, 0.0), 1.0) if top > 0 else 0.0
    return HEIGHT - EDGE - part * (HEIGHT - 2 * EDGE)
