"""What the charts by day, week and month have in common: labels, counts below them, thin bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from django.utils.translation import gettext as _

from reports.charts import words
from reports.charts.description import Cell, Column, Mark, Panel, Series, Table, Tone
from reports.periods import Grain, Period

FEW = 20
"""A bar that rests on fewer cases is hatched."""


def bucket_labels(periods: Sequence[Period], grain: Grain) -> tuple[str, ...]:
    """Return the short labels of buckets; those of days need the month named elsewhere."""
    match grain:
        case Grain.DAY:
            return tuple(words.amount(period.start.day) for period in periods)
        case Grain.WEEK:
            return tuple(_day_numbers(period) for period in periods)
        case Grain.MONTH:
            return tuple(words.short_month(period.start) for period in periods)


def _day_numbers(period: Period) -> str:
    """Write the days of a week that lies within one month: 9–15."""
    first, last = period.start.day, max(period).day
    return words.amount(first) if first == last else f"{words.amount(first)}–{words.amount(last)}"


def bucket_names(periods: Sequence[Period], grain: Grain) -> tuple[str, ...]:
    """Return the full names of buckets, as rows of a table are headed."""
    match grain:
        case Grain.DAY:
            return tuple(words.weekday_and_day(period.start) for period in periods)
        case Grain.WEEK:
            return tuple(words.days(period.start, period.end) for period in periods)
        case Grain.MONTH:
            return tuple(words.month(period.start) for period in periods)


def grain_name(grain: Grain) -> str:
    """Return "by day" and so on."""
    return {Grain.DAY: _("by day"), Grain.WEEK: _("by week"), Grain.MONTH: _("by month")}[grain]


class OfPeriod(Protocol):
    """Figures of one period."""

    @property
    def period(self) -> Period: ...


Bucket = TypeVar("Bucket", bound=OfPeriod)


def bucket_table(
    caption: str,
    columns: tuple[Column, ...],
    *,
    buckets: Sequence[Bucket],
    total: Bucket,
    grain: Grain,
    cells: Callable[[Bucket], list[Cell]],
) -> Table:
    """Return a table with a bucket a row and the total below; `cells` gives all but the first column."""
    names = bucket_names([bucket.period for bucket in buckets], grain)
    return Table(
        caption=caption % {"by": grain_name(grain)},
        columns=columns,
        rows=tuple(
            (Cell(name, bucket.period.start.isoformat()), *cells(bucket))
            for name, bucket in zip(names, buckets, strict=True)
        ),
        total=(Cell(_("All"), total.period.start.isoformat()), *cells(total)),
    )


def counts_below(counts: Sequence[int]) -> tuple[str, ...]:
    """Return the second line of the labels: n and how many."""
    return tuple(_("n %(n)s") % {"n": words.amount(n)} for n in counts)


def few(counts: Sequence[int]) -> frozenset[int]:
    """Return the places of the bars that rest on few cases."""
    return frozenset(i for i, n in enumerate(counts) if n < FEW)


def few_note(counts: Sequence[int]) -> list[str]:
    """Say what hatching means, where a bar is hatched."""
    if not any(0 < n < FEW for n in counts):
        return []
    return [_("Hatched: fewer than %(n)s cases, so one of them moves the bar.") % {"n": FEW}]


def outlined_counts(
    name: str, tone: Tone, counts: Sequence[int], texts: Sequence[str] | None = None
) -> Series:
    """Return counts to be drawn as open bars in the small panel, nothing where there are none."""
    return Series(
        name=name,
        mark=Mark.OUTLINED,
        tone=tone,
        values=tuple(n or None for n in counts),
        texts=tuple(texts) if texts is not None else tuple(f"{words.amount(n)} {name}" for n in counts),
        panel=1,
    )


def small_panel(title: str, counts: Sequence[int]) -> Panel:
    """Return the panel of open counts, with only its ends on the scale."""
    ticks = words.count_ticks(max(counts, default=0))
    return Panel(title, (ticks[0], ticks[-1]), is_small=True)
