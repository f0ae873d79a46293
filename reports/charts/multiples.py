"""The month of each segment in a small picture, all on one scale: the goal's line, and what came."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from reports.charts import words
from reports.charts.description import Tone
from reports.waterfall import Verdict, Waterfall

WIDTH, HEIGHT, EDGE = 160, 72, 4
Quantity = Callable[[Fraction | int], str]


@dataclass(frozen=True, slots=True)
class Multiple:
    """One segment's picture. `goal` and `actual` are paths as an SVG draws them, `end` the actual's last point."""

    slug: str
    name: str
    sentence: str
    tone: Tone
    goal: str
    actual: str
    end: tuple[str, str] | None


def multiples(
    waterfalls: Sequence[tuple[str, Waterfall]], named: Mapping[str, tuple[str, str]], *, quantity: Quantity
) -> tuple[Multiple, ...]:
    """Describe each segment's waterfall, in the order given; nothing for a single one, which has no other beside it.

    Nothing either where none has a goal and nothing came, as in months to come that nobody agreed on.

    `named` has slug and name of each key; `quantity` writes a number of leads, or their value.
    """
    if len(waterfalls) < 2:
        return ()
    reached = (
        value
        for _key, waterfall in waterfalls
        for day in waterfall.days
        for value in (day.goal_cumulative, day.actual_cumulative)
    )
    top = max((value for value in reached if value is not None), default=Fraction(0))
    if not top:
        return ()
    return tuple(
        _multiple(*named[key], waterfall, top, quantity) for key, waterfall in waterfalls if key in named
    )


def _multiple(slug: str, name: str, waterfall: Waterfall, top: Fraction, quantity: Quantity) -> Multiple:
    goal = [day.goal_cumulative for day in waterfall.days]
    actual = [day.actual_cumulative for day in waterfall.days]
    points = _points(actual, top)
    tone = {Verdict.BEHIND: Tone.BREACH, Verdict.ON_PACE: Tone.OK, Verdict.AHEAD: Tone.OK}
    verdict = waterfall.summary.verdict
    return Multiple(
        slug=slug,
        name=name,
        sentence=_sentence(waterfall, quantity),
        tone=tone[verdict] if verdict else Tone.ACTUAL,
        goal=_line(_points(goal, top)),
        actual=_steps(points),
        end=points[-1] if points else None,
    )


def _sentence(waterfall: Waterfall, quantity: Quantity) -> str:
    summary = waterfall.summary
    actual = words.whole(summary.actual)
    if summary.goal is None:
        return _("%(actual)s came; it has no goal of its own.") % {"actual": quantity(actual)}
    due = words.whole(summary.goal_to_date or 0)
    said = {"actual": quantity(actual), "due": quantity(due), "gap": quantity(abs(actual - due))}
    if actual < due:
        return _("%(actual)s of %(due)s due: %(gap)s behind.") % said
    if actual > due:
        return _("%(actual)s of %(due)s due: %(gap)s ahead.") % said
    return _("%(actual)s of %(due)s due: exactly on its line.") % said


def _points(values: Sequence[Fraction | None], top: Fraction) -> list[tuple[str, str]]:
    step = (WIDTH - 2 * EDGE) / max(len(values) - 1, 1)
    return [
        (f"{EDGE + place * step:.1f}", f"{_height(value, top):.1f}")
        for place, value in enumerate(values)
        if value is not None
    ]


def _height(value: Fraction, top: Fraction) -> float:
    """Return where a value stands from above; less than nothing (all was rejected) stands at the bottom."""
    part = float(min(max(value / top, Fraction(0)), Fraction(1))) if top > 0 else 0.0
    return HEIGHT - EDGE - part * (HEIGHT - 2 * EDGE)


def _line(points: Sequence[tuple[str, str]]) -> str:
    return "".join(f"{'L' if place else 'M'}{x} {y}" for place, (x, y) in enumerate(points))


def _steps(points: Sequence[tuple[str, str]]) -> str:
    """Draw what came as steps: a day's leads are there from its day on."""
    return "".join(f"H{x}V{y}" if place else f"M{x} {y}" for place, (x, y) in enumerate(points))
