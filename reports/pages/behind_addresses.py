"""Where the hand-offs behind a figure of speed or depth are listed, and the tables that lead there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.urls import reverse
from django.utils.http import urlencode

from reports.charts import words
from reports.charts.behind_words import FIGURE_NAMES
from reports.charts.description import Chart, Table
from reports.pages.frame import ReportPage
from reports.periods import ONE_DAY, Period
from reports.readings.behind import FIGURES
from reports.readings.depth import DepthBucket
from reports.readings.explored import By, Explored, tiles_of
from reports.readings.explored_measures import MEASURES
from reports.readings.groups import Group, GroupFigures
from reports.readings.scope import segments_of
from reports.readings.speed import SpeedBucket

LACKING = {
    By.CHANNEL: {"channel": "none"},
    By.HOUR: {"hour": "unknown"},
    By.OUTCOME: {"outcome": "open"},
}
"""What asks for the hand-offs of a group that has no key; of other groups `without` does."""
FIGURE_OF = {
    **{
        name: name
        for name in ("hand_offs", "attempted", "open", "overdue", "not_yet_due", "not_connected", "young")
    },
    **dict.fromkeys(("speed", "speed_median", "speed_p90"), "attempted"),
    **dict.fromkeys(("speed_elapsed", "speed_elapsed_median", "speed_elapsed_p90"), "attempted"),
    "in_time": "due",
    "depth": "not_connected",
    "worked": "not_connected",
}
"""The hand-offs that explored measures rest on, where they are listed."""


def behind_address(page: ReportPage, figure: str, period: Period, **filters: str) -> str:
    """Return the list of the hand-offs behind a figure of the page's, of these days and these filters besides."""
    parts = {
        "figure": figure,
        "first": period.start.isoformat(),
        "last": (period.end - ONE_DAY).isoformat(),
        "agreement": page.agreement.slug if page.agreement else "",
        **{chip.parameter: chip.asked for chip in page.chips},
        **filters,
    }
    return f"{reverse('reports:behind')}?{urlencode(parts)}"


def with_buckets_linked(
    page: ReportPage, chart: Chart, figure: str, periods: Sequence[Period], *, place: int = 0
) -> Chart:
    """Lead from each bucket's row in the chart's table to its hand-offs, of which cell number `place` says how many."""
    addresses = [behind_address(page, figure, period) for period in periods]
    return replace(chart, table=_with_addresses(chart.table, addresses, place))


def with_steps_linked(page: ReportPage, chart: Chart) -> Chart:
    """Lead from each number of attempts to the hand-offs that were tried so often."""
    figures = [f"tried_{k}" for k in range(1, len(chart.table.rows) + 1)]
    addresses = [
        behind_address(page, figure, page.scope.period) if figure in FIGURES else "" for figure in figures
    ]
    return replace(chart, table=_with_addresses(chart.table, addresses))


def with_groups_linked(
    page: ReportPage, chart: Chart, figure: str, group: Group, found: Sequence[GroupFigures]
) -> Chart:
    """Lead from each group's row to its hand-offs."""
    shown = found[: len(chart.table.rows)]
    addresses = [
        behind_address(page, figure, page.scope.period, **_of_group(page, By(group.value), one.key))
        for one in shown
    ]
    return replace(chart, table=_with_addresses(chart.table, addresses))


def with_gap_linked(page: ReportPage, chart: Chart, measure: str, group: Group, keys: Sequence[str]) -> Chart:
    """Lead from each segment or source to the leads that the waterfall counts of it."""
    parts = {
        "month": page.month_value,
        "agreement": page.agreement.slug if page.agreement else "",
        "measure": measure,
    }
    addresses = [
        f"{reverse('reports:counted')}?{urlencode(parts | _of_group(page, By(group.value), key))}"
        for key in keys
    ]
    return replace(chart, table=_with_addresses(chart.table, addresses))


def speed_behind(page: ReportPage, total: SpeedBucket) -> tuple[tuple[str, str], ...]:
    """Return what is said first of speed, each with its hand-offs."""
    due, met = int(total.in_time.denominator), int(total.in_time.numerator)
    counts = {
        "attempted": total.attempted,
        "open": total.open,
        "overdue": total.open_overdue,
        "in_time": met,
        "late": due - met,
    }
    return _behind(page, counts)


def depth_behind(page: ReportPage, total: DepthBucket) -> tuple[tuple[str, str], ...]:
    """Return what is said first of depth, each with its hand-offs."""
    worked = int(total.worked.numerator)
    counts = {
        "not_connected": total.not_connected,
        "worked": worked,
        "unworked": total.not_connected - worked,
        "fully_worked": int(total.fully_worked.numerator),
        "stopped_early": int(total.stopped_early.numerator),
        "young": total.young,
    }
    return _behind(page, counts)


def _behind(page: ReportPage, counts: Mapping[str, int]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (f"{FIGURE_NAMES[figure]}: {words.amount(n)}", behind_address(page, figure, page.scope.period))
        for figure, n in counts.items()
        if n
    )


def explored_addresses(page: ReportPage, measure: str, by: By, found: Explored) -> dict[str, str]:
    """Return where the hand-offs are listed on which the measure of each group rests; of many measures nowhere."""
    if measure not in FIGURE_OF:
        return {}
    figure, period, read = FIGURE_OF[measure], page.scope.period, MEASURES[measure].read
    tiles = tiles_of(period, by)
    return {
        key: behind_address(page, figure, tiles[key])
        if key in tiles
        else behind_address(page, figure, period, **_of_group(page, by, key))
        for key, row in found.first.items()
        if read(period, row).n
    }


def _of_group(page: ReportPage, by: By, key: str) -> dict[str, str]:
    if not key:
        return LACKING.get(by, {"without": by.value})
    match by:
        case By.REP:
            return {"owner": key}
        case By.SEGMENT:
            return {"segment": segments_of(page.scope)[key].slug}
    return {by.value: key}


def _with_addresses(table: Table, addresses: Sequence[str], place: int = 0) -> Table:
    """Link the heading of each row whose number at that place is not zero."""
    return replace(
        table,
        rows=tuple(
            (replace(heading, address=address), *cells) if cells[place].value else (heading, *cells)
            for (heading, *cells), address in zip(table.rows, addresses, strict=True)
        ),
    )
