"""Tiles of the first pages: a number, the sentence that explains it, and a bar with the agreed mark."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from reports.charts import words

SCALE = 1000


@dataclass(frozen=True, slots=True)
class Bar:
    """A bullet bar, in thousandths of its width as text: how long it is, and where the agreed mark stands."""

    length: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """`value` is what is read first, `sentence` says what it is and what was agreed; nothing is said by colour."""

    key: str
    title: str
    value: str
    sentence: str
    bar: Bar | None = None
    address: str = ""
    link: str = ""
    lines: tuple[str, ...] = ()


def bar(value: Fraction | None, mark: Fraction | None = None, *, full: Fraction = Fraction(1)) -> Bar | None:
    """Return the bar of a value on a scale up to `full`; what is longer ends at the edge."""
    if value is None or full <= 0:
        return None

    def place(part: Fraction) -> str:
        return str(words.whole(min(max(part / full, Fraction(0)), Fraction(1)) * SCALE))

    return Bar(place(value), "" if mark is None else place(mark))


def agreed_or_not(text: str | None) -> str:
    """Say what was agreed, or that nothing was."""
    return _("Nothing is agreed to measure it against.") if text is None else text
