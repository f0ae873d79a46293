"""How load goes with speed and depth: what a rep was handed on one day, beside how soon and how often it was tried."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Commitment
from reports.charts import words
from reports.charts.buckets import counts_below, few, few_note
from reports.charts.description import Cell, Chart, Column, Goal, Mark, Panel, Series, Table, Tone
from reports.charts.groups import depth_text, speed_text
from reports.load import MOST, AtLoad, Drift, LoadEffect, load_effect
from reports.readings.groups import LoadFigures
from reports.readings.numbers import number


def load_chart(
    found: Sequence[LoadFigures], *, promise: Commitment | None, subtitle: str, as_of: dt.datetime
) -> Chart:
    """Describe speed and depth by how many hand-offs a rep got on one day: does load explain lateness?"""
    agreed = promise.average_goal if promise else None
    goal = None if agreed is None else int(agreed.total_seconds())
    attempted = [one.speed.attempted for one in found]
    averages = [one.speed.average for one in found]
    depths = [one.depth.average for one in found]
    ticks = words.count_ticks(max((depth or 0 for depth in depths), default=0))
    series = (
        Series(
            name=_("Average to the first attempt"),
            mark=Mark.BARS,
            tone=Tone.ACTUAL,
            values=tuple(number(average) for average in averages),
            texts=tuple(speed_text(one.speed) if one.speed.average is not None else "" for one in found),
            muted=few(attempted),
        ),
        Series(
            name=_("Average attempts on hand-offs not connected"),
            mark=Mark.BARS,
            tone=Tone.INK,
            values=tuple(number(depth) for depth in depths),
            texts=tuple(depth_text(one.depth) if one.depth.average is not None else "" for one in found),
            muted=few([one.depth.not_connected for one in found]),
            panel=1,
        ),
    )
    effect = load_effect(
        [
            AtLoad(one.load, one.speed.attempted, int(one.speed.average * one.speed.attempted))
            for one in found
            if one.speed.average is not None
        ]
    )
    return Chart(
        key="load",
        title=_load_finding(effect),
        subtitle=" · ".join(
            (_("Average business time to the first attempt, by what its rep got that day"), subtitle)
        ),
        labels=tuple(_load_label(one.load) for one in found),
        spoken=tuple(_load_name(one.load) for one in found),
        under=counts_below(attempted),
        panels=(
            Panel("", words.duration_ticks(max([goal or 0, *(average or 0 for average in averages)]))),
            Panel(_("Average attempts on hand-offs not connected"), (ticks[0], ticks[-1]), is_small=True),
        ),
        series=series,
        legend=series,
        goal=None if goal is None else Goal(goal, _("Agreed %(goal)s") % {"goal": words.duration(goal)}),
        summary=_load_summary(found),
        table=_load_table(found),
        as_of=as_of,
        notes=(
            _(
                "A rep’s hand-offs of a day are all that this person owns of those handed off that day. What goes "
                "together need not be the cause."
            ),
            *few_note(attempted),
        ),
        is_empty=not any(attempted),
    )


def _load_label(load: int) -> str:
    return _("%(n)s +") % {"n": words.amount(load)} if load == MOST else words.amount(load)


def _load_name(load: int) -> str:
    said = {"n": words.amount(load)}
    if load == MOST:
        return _("%(n)s or more hand-offs that day") % said
    return ngettext("%(n)s hand-off that day", "%(n)s hand-offs that day", load) % said


def _load_finding(effect: LoadEffect | None) -> str:
    if effect is None:
        return _("Load does not vary enough to say whether it explains lateness.")
    if effect.drift is Drift.ALIKE:
        return _(
            "Load does not explain lateness: the first attempt comes about alike on full and on quiet days."
        )
    said = {"length": words.duration(abs(effect.delay))}
    if effect.drift is Drift.LATER:
        return (
            _(
                "Lateness goes with load: each further hand-off a day, the first attempt comes %(length)s later."
            )
            % said
        )
    return (
        _(
            "Lateness does not come from load: each further hand-off a day, the first attempt comes %(length)s sooner."
        )
        % said
    )


def _load_summary(found: Sequence[LoadFigures]) -> str:
    days = sum(one.rep_days for one in found)
    if not days:
        return ""
    return _("A rep who got any got %(n)s hand-offs a day on average, over %(days)s days of a rep.") % {
        "n": words.amount(Fraction(sum(one.depth.handed_off for one in found), days)),
        "days": words.amount(days),
    }


def _load_table(found: Sequence[LoadFigures]) -> Table:
    rows = []
    for one in found:
        name = _load_name(one.load)
        part = one.speed.in_time
        rows.append(
            (
                Cell(name, one.load),
                *(
                    Cell(words.amount(n), n)
                    for n in (one.rep_days, one.depth.handed_off, one.speed.attempted)
                ),
                Cell(words.duration(one.speed.average), number(one.speed.average)),
                Cell(words.duration(one.speed.median), number(one.speed.median)),
                Cell(words.amount(part.numerator), number(part.numerator)),
                Cell(words.amount(part.denominator), number(part.denominator)),
                Cell(words.percent(part), number(part.value)),
                Cell(words.amount(one.depth.not_connected), one.depth.not_connected),
                Cell(words.amount(one.depth.average), number(one.depth.average)),
                Cell(words.percent(one.depth.worked), number(one.depth.worked.value)),
            )
        )
    return Table(
        caption=_("Speed and depth by the hand-offs that a rep got on one day"),
        columns=(
            Column("load", _("The rep got")),
            Column("rep_days", _("Days of a rep")),
            Column("handed_off", _("Hand-offs")),
            Column("attempted", _("With a first attempt")),
            Column("average", _("Average (business)")),
            Column("median", _("Median (business)")),
            Column("in_time_numerator", _("In time")),
            Column("in_time_denominator", _("Due by now")),
            Column("in_time", _("Share in time")),
            Column("not_connected", _("Not connected")),
            Column("attempts_average", _("Average attempts")),
            Column("worked", _("Tried at least once")),
        ),
        rows=tuple(rows),
    )
