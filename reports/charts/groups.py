"""Speed or depth of each group beside the others: lying bars that say their n, hours upright in their order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from agreements.models import Commitment
from leads.models import FollowUpAttempt
from reports.charts import words
from reports.charts.buckets import FEW, counts_below, few, few_note
from reports.charts.description import Cell, Chart, Column, Goal, Mark, Panel, Series, Table, Tone
from reports.readings.depth import DepthBucket
from reports.readings.groups import Group, GroupFigures
from reports.readings.numbers import Number, number
from reports.readings.speed import SpeedBucket

MOST_BARS, MOST_ROWS = 12, 50


def group_heading(group: Group) -> str:
    """Return what the groups are, as a heading of a table."""
    return {
        Group.TEAM: _("Team"),
        Group.SEGMENT: _("Segment"),
        Group.SOURCE: _("Source"),
        Group.CHANNEL: _("Channel of the first attempt"),
        Group.HOUR: _("Hour of arrival"),
        Group.REP: _("Rep"),
    }[group]


def group_name(group: Group, key: str, names: Mapping[str, str]) -> str:
    """Return a group as people read it; `names` has those of teams, segments and people."""
    match group:
        case Group.HOUR:
            return _("%(hour)s:00 to %(hour)s:59") % {"hour": key} if key else _("only a day is known")
        case Group.CHANNEL:
            return str(FollowUpAttempt.Channel(key).label) if key else _("no first attempt at a known time")
        case Group.SOURCE:
            return key or _("without a source")
        case Group.REP:
            return names.get(key) or key.removeprefix("name:") or _("nobody yet")
        case Group.TEAM:
            return names.get(key) or _("without a team")
        case Group.SEGMENT:
            return names.get(key) or _("without a segment")


def speed_groups_chart(
    found: Sequence[GroupFigures],
    group: Group,
    names: Mapping[str, str],
    *,
    promise: Commitment | None,
    subtitle: str,
    as_of: dt.datetime,
) -> Chart:
    """Describe the average to the first attempt in each group, the agreed one beside it."""
    agreed = promise.average_goal if promise else None
    goal = None if agreed is None else int(agreed.total_seconds())
    return groups_chart(
        found,
        group,
        names,
        value=lambda one: one.speed.average,
        n=lambda one: one.speed.attempted,
        text=lambda one: speed_text(one.speed),
        written=words.duration,
        title=_("Quickest to a first attempt: %(least)s, %(low)s on average; slowest: %(most)s, %(high)s."),
        nothing=_("No group has %(few)s first attempts to compare."),
        measure=_("Average business time to the first attempt"),
        ticks=lambda top: Panel("", words.duration_ticks(top)),
        goal=None if goal is None else Goal(goal, _("Agreed %(goal)s") % {"goal": words.duration(goal)}),
        is_kept=lambda average, agreed: average <= agreed,
        table=_speed_groups_table(found, group, names),
        subtitle=subtitle,
        as_of=as_of,
    )


def depth_groups_chart(
    found: Sequence[GroupFigures],
    group: Group,
    names: Mapping[str, str],
    *,
    promise: Commitment | None,
    subtitle: str,
    as_of: dt.datetime,
) -> Chart:
    """Describe the average attempts in each group, the agreed number beside it."""
    goal = promise.attempts if promise else None
    return groups_chart(
        found,
        group,
        names,
        value=lambda one: one.depth.average,
        n=lambda one: one.depth.not_connected,
        text=lambda one: depth_text(one.depth),
        written=words.amount,
        title=_("Most attempts: %(most)s, %(high)s on average; fewest: %(least)s, %(low)s."),
        nothing=_("No group has %(few)s hand-offs not connected to compare."),
        measure=_("Average attempts on hand-offs not connected"),
        ticks=lambda top: Panel("", words.count_ticks(top)),
        goal=None if goal is None else Goal(goal, _("Agreed %(n)s") % {"n": words.amount(goal)}),
        is_kept=lambda average, agreed: average >= agreed,
        table=_depth_groups_table(found, group, names),
        subtitle=subtitle,
        as_of=as_of,
    )


def groups_chart(
    found: Sequence[GroupFigures],
    group: Group,
    names: Mapping[str, str],
    *,
    key: str = "groups",
    value: Callable[[GroupFigures], Fraction | None],
    n: Callable[[GroupFigures], int],
    text: Callable[[GroupFigures], str],
    written: Callable[[Fraction], str],
    title: str,
    nothing: str,
    measure: str,
    ticks: Callable[[Fraction | int], Panel],
    table: Table,
    subtitle: str,
    as_of: dt.datetime,
    goal: Goal | None = None,
    is_kept: Callable[[Fraction, Number], bool] | None = None,
) -> Chart:
    """Describe one measure of the groups: the average as bars, few cases hatched and without a part in the finding.

    `title` says least and most, `nothing` that no group has cases enough. `is_kept` says whether an average keeps
    the goal.
    """
    measured = [one for one in found if value(one) is not None]
    shown = measured if group is Group.HOUR else measured[:MOST_BARS]
    if group is not Group.HOUR:
        shown = sorted(shown, key=lambda one: value(one) or Fraction(0))
    counts = [n(one) for one in shown]
    labels = tuple(group_name(group, one.key, names) for one in shown)
    values = [value(one) for one in shown]
    ranked = sorted(
        (each, label)
        for each, label, count in zip(values, labels, counts, strict=True)
        if each is not None and count >= FEW
    )
    finding = nothing % {"few": FEW} if found else _("There are no figures side by side to show here.")
    if len(ranked) == 1:
        said = {"group": ranked[0][1], "value": written(ranked[0][0]), "few": FEW}
        finding = _("Only %(group)s has %(few)s cases: %(value)s on average.") % said
    elif ranked:
        finding = title % {
            "least": ranked[0][1],
            "low": written(ranked[0][0]),
            "most": ranked[-1][1],
            "high": written(ranked[-1][0]),
        }
    top = max([goal.value if goal else 0, *(each or 0 for each in values)], default=0)
    is_lying = group is not Group.HOUR
    notes = [*few_note(counts)]
    if len(found) > MOST_ROWS:
        notes.append(_("The %(n)s with most hand-offs are listed.") % {"n": words.amount(MOST_ROWS)})
    if group is Group.REP:
        notes.append(
            _("A hand-off is its present owner’s. Figures of people whom you do not manage are left out.")
        )
    return Chart(
        key=key,
        title=finding,
        subtitle=f"{measure} · {group_heading(group)} · {subtitle}",
        labels=labels if is_lying else tuple(one.key or words.NONE for one in shown),
        spoken=labels,
        under=() if is_lying else counts_below(counts),
        panels=(ticks(Fraction(top)),),
        series=(
            Series(
                name=measure,
                mark=Mark.BARS,
                tone=Tone.ACTUAL,
                values=tuple(number(each) for each in values),
                texts=tuple(text(one) for one in shown),
                muted=few(counts),
            ),
        ),
        goal=goal,
        summary=_groups_summary([each for each, _label in ranked], goal, is_kept) if goal and is_kept else "",
        table=table,
        as_of=as_of,
        notes=tuple(notes),
        is_lying=is_lying,
    )


def _groups_summary(
    averages: Sequence[Fraction], goal: Goal, is_kept: Callable[[Fraction, Number], bool]
) -> str:
    """Say how many of the groups with cases enough keep what was agreed."""
    if not averages:
        return ""
    kept = sum(is_kept(average, goal.value) for average in averages)
    return ngettext(
        "%(kept)s of %(n)s group with at least %(few)s cases keeps what was agreed.",
        "%(kept)s of %(n)s groups with at least %(few)s cases keep what was agreed.",
        len(averages),
    ) % {"kept": words.amount(kept), "n": words.amount(len(averages)), "few": FEW}


def speed_text(bucket: SpeedBucket) -> str:
    """Say a group's average with its n, and the share in time."""
    return _("%(average)s, n %(n)s, %(share)s in time") % {
        "average": words.duration(bucket.average),
        "n": words.amount(bucket.attempted),
        "share": words.percent(bucket.in_time),
    }


def depth_text(bucket: DepthBucket) -> str:
    """Say a group's average attempts with n, and how many were tried at all."""
    return _("%(average)s attempts, n %(n)s, %(share)s tried") % {
        "average": words.amount(bucket.average),
        "n": words.amount(bucket.not_connected),
        "share": words.percent(bucket.worked),
    }


def _speed_groups_table(found: Sequence[GroupFigures], group: Group, names: Mapping[str, str]) -> Table:
    return Table(
        caption=_("Time to the first attempt · %(group)s") % {"group": group_heading(group)},
        columns=(
            Column("group", group_heading(group)),
            Column("handed_off", _("Hand-offs")),
            Column("attempted", _("With a first attempt")),
            Column("average", _("Average (business)")),
            Column("median", _("Median (business)")),
            Column("p90", _("Nine in ten within (business)")),
            Column("in_time_numerator", _("In time")),
            Column("in_time_denominator", _("Due by now")),
            Column("in_time", _("Share in time")),
            Column("routing_average", _("Until an owner was assigned")),
            Column("rep_average", _("From then to the first attempt")),
            Column("open", pgettext("hand-offs", "Open")),
            Column("open_overdue", _("Of these overdue")),
        ),
        rows=tuple((heading(group, one, names), *_speed_cells(one.speed)) for one in found[:MOST_ROWS]),
    )


def _speed_cells(bucket: SpeedBucket) -> list[Cell]:
    lengths = (bucket.average, bucket.median, bucket.p90)
    part = bucket.in_time
    return [
        *(Cell(words.amount(n), n) for n in (bucket.handed_off, bucket.attempted)),
        *(Cell(words.duration(length), number(length)) for length in lengths),
        Cell(words.amount(part.numerator), number(part.numerator)),
        Cell(words.amount(part.denominator), number(part.denominator)),
        Cell(words.percent(part), number(part.value)),
        *(
            Cell(words.duration(length), number(length))
            for length in (bucket.routing_average, bucket.rep_average)
        ),
        *(Cell(words.amount(n), n) for n in (bucket.open, bucket.open_overdue)),
    ]


def _depth_groups_table(found: Sequence[GroupFigures], group: Group, names: Mapping[str, str]) -> Table:
    rows = []
    for one in found[:MOST_ROWS]:
        depth = one.depth
        counts = (depth.handed_off, depth.not_connected, depth.attempts)
        parts = (depth.worked, depth.fully_worked, depth.stopped_early)
        rows.append(
            (
                heading(group, one, names),
                *(Cell(words.amount(n), n) for n in counts),
                Cell(words.amount(depth.average), number(depth.average)),
                *(Cell(words.percent(part), number(part.value)) for part in parts),
                Cell(words.amount(depth.young), depth.young),
            )
        )
    return Table(
        caption=_("Attempts on hand-offs not connected · %(group)s") % {"group": group_heading(group)},
        columns=(
            Column("group", group_heading(group)),
            Column("handed_off", _("Hand-offs")),
            Column("not_connected", _("Not connected")),
            Column("attempts", _("Attempts on these")),
            Column("average", _("Average attempts")),
            Column("worked", _("Tried at least once")),
            Column("fully_worked", _("Tried as often as agreed")),
            Column("stopped_early", _("Stopped too early, of those closed as unreachable")),
            Column("young_not_connected", _("Still within the window")),
        ),
        rows=tuple(rows),
    )


def heading(group: Group, one: GroupFigures, names: Mapping[str, str]) -> Cell:
    """Return the cell that heads a group's row."""
    name = group_name(group, one.key, names)
    return Cell(name, name)
