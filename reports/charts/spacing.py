"""The time between attempts in each group beside the others: averages as lying bars, medians in summary and table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from django.utils.translation import gettext as _

from reports.charts import words
from reports.charts.buckets import FEW
from reports.charts.description import Cell, Chart, Column, Panel, Table
from reports.charts.groups import MOST_ROWS, group_heading, group_name, groups_chart, heading
from reports.readings.groups import Group, GroupFigures
from reports.readings.numbers import number
from reports.readings.spacing import Spacing


def spacing_groups_chart(
    found: Sequence[GroupFigures],
    group: Group,
    names: Mapping[str, str],
    *,
    subtitle: str,
    as_of: dt.datetime,
) -> Chart:
    """Describe how long each group waits between one attempt and the next, by the wall clock."""
    chart = groups_chart(
        found,
        group,
        names,
        key="spacing",
        value=lambda one: _average(one.spacing),
        n=lambda one: one.spacing.n,
        text=lambda one: spacing_text(one.spacing),
        written=words.duration,
        title=_("Soonest tried again: %(least)s, after %(low)s on average; last: %(most)s, after %(high)s."),
        nothing=_("No group has tried again %(few)s times, to compare how soon."),
        measure=_(
            "Average time between one attempt and the next, by the wall clock, on hand-offs not connected"
        ),
        ticks=lambda top: Panel("", words.duration_ticks(top)),
        table=_spacing_table(found, group, names),
        subtitle=subtitle,
        as_of=as_of,
    )
    is_measured = any(one.spacing.n for one in found)
    return replace(chart, summary=_summary(found, group, names), is_empty=not is_measured)


def spacing_text(spacing: Spacing) -> str:
    """Say a group's average with the number of gaps: a phone has no room for more."""
    return _("%(average)s, n %(n)s") % {
        "average": words.duration(_average(spacing)),
        "n": words.amount(spacing.n),
    }


def _average(spacing: Spacing) -> Fraction | None:
    return None if spacing.average is None else Fraction(spacing.average)


def _summary(found: Sequence[GroupFigures], group: Group, names: Mapping[str, str]) -> str:
    """Say from where to where the medians go, of the groups with cases enough."""
    medians = sorted(
        (one.spacing.median, group_name(group, one.key, names))
        for one in found
        if one.spacing.median is not None and one.spacing.n >= FEW
    )
    if not medians:
        return ""
    (low, least), (high, most) = medians[0], medians[-1]
    said = {
        "least": least,
        "low": words.duration(low),
        "most": most,
        "high": words.duration(high),
    }
    if len(medians) == 1:
        return _("Median until the next attempt: %(low)s (%(least)s).") % said
    return _("Medians until the next attempt: from %(low)s (%(least)s) to %(high)s (%(most)s).") % said


def _spacing_table(found: Sequence[GroupFigures], group: Group, names: Mapping[str, str]) -> Table:
    rows = []
    for one in found[:MOST_ROWS]:
        lengths = (one.spacing.average, one.spacing.median)
        counts = (one.depth.not_connected, one.depth.attempts, one.spacing.n)
        rows.append(
            (
                heading(group, one, names),
                *(Cell(words.amount(n), n) for n in counts),
                *(Cell(words.duration(length), number(length)) for length in lengths),
            )
        )
    return Table(
        caption=_("Time between attempts · %(group)s") % {"group": group_heading(group)},
        columns=(
            Column("group", group_heading(group)),
            Column("not_connected", _("Not connected")),
            Column("attempts", _("Attempts on these")),
            Column("gaps", _("Gaps between attempts")),
            Column("gap_average", _("Average (wall clock)")),
            Column("gap_median", _("Median (wall clock)")),
        ),
        rows=tuple(rows),
    )
