"""Which input matters: what the leads needed become at both ends of each input's interval."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.calculation import SegmentEffect
from reports.charts import words
from reports.charts.description import Cell, Chart, Column, Mark, Panel, Series, Table, Tone
from reports.readings.numbers import number

MOST = 8
"""More bars than this are left to the table."""


def sensitivity_chart(
    effects: Sequence[SegmentEffect],
    *,
    needed: Fraction,
    name: Callable[[SegmentEffect], str],
    value: Callable[[SegmentEffect, Fraction], str],
    subtitle: str,
    as_of: dt.datetime,
) -> Chart:
    """Describe a tornado: a bar an input, from fewer leads to more, the widest first; hatched where assumed."""
    shown = effects[:MOST]
    texts = [_leads_between(one) for one in shown]
    fewer, more = zip(*(_ends(one, needed) for one in shown), strict=True) if shown else ((), ())
    muted = frozenset(i for i, one in enumerate(shown) if not one.effect.is_measured)
    series = [
        Series(said, Mark.BARS, tone, tuple(map(number, ends)), tuple(texts), muted)
        for said, tone, ends in (
            (_("Fewer leads"), Tone.OK, fewer),
            (_("More leads"), Tone.ACTUAL, more),
        )
    ]
    ends = [end for end in (*fewer, *more, Fraction(0)) if end is not None]
    notes = []
    if muted:
        notes.append(_("Hatched: nothing was measured, so ±10 % is assumed."))
    if len(effects) > len(shown):
        rest = len(effects) - len(shown)
        notes.append(
            ngettext(
                "%(n)s input with a smaller effect is in the table.",
                "%(n)s inputs with smaller effects are in the table.",
                rest,
            )
            % {"n": rest}
        )
    names = tuple(name(one) for one in shown)
    return Chart(
        key="sensitivity",
        title=_title(effects, name),
        subtitle=subtitle,
        labels=names,
        spoken=names,
        panels=(Panel("", words.count_ticks(max(ends), min(ends))),),
        series=tuple(one for one in series if any(end is not None for end in one.values)),
        summary="; ".join(f"{said}: {text}" for said, text in zip(names, texts, strict=True)),
        table=_table(effects, name, value, subtitle),
        as_of=as_of,
        notes=tuple(notes),
        is_lying=True,
        is_empty=not shown,
    )


def _title(effects: Sequence[SegmentEffect], name: Callable[[SegmentEffect], str]) -> str:
    if not effects:
        return _("Nothing to vary.")
    first = effects[0]
    said = {"input": name(first), "swing": words.leads(words.whole(first.effect.swing or 0))}
    if first.effect.swing is None:
        return _("%(input)s matters most: at the low end of its interval no number of leads would do.") % said
    if first.effect.is_measured:
        return _("%(input)s matters most: its measured interval alone moves the goal by %(swing)s.") % said
    return _("%(input)s matters most: ±10 %% of it moves the goal by %(swing)s.") % said


def _ends(one: SegmentEffect, needed: Fraction) -> tuple[Fraction | None, Fraction | None]:
    """Return how many fewer (below zero) and how many more leads its interval may ask for."""
    moved = [end - needed for end in (one.effect.leads_at_low, one.effect.leads_at_high) if end is not None]
    return (
        min((move for move in moved if move < 0), default=None),
        max((move for move in moved if move > 0), default=None),
    )


def _leads_between(one: SegmentEffect) -> str:
    ends = sorted(end for end in (one.effect.leads_at_low, one.effect.leads_at_high) if end is not None)
    if len(ends) == 2:
        return _("%(low)s to %(high)s leads") % {
            "low": words.amount(words.whole(ends[0])),
            "high": words.amount(words.whole(ends[1])),
        }
    if not ends:
        return words.NONE
    return _("%(low)s leads to no possible number") % {"low": words.amount(words.whole(ends[0]))}


def _table(
    effects: Sequence[SegmentEffect],
    name: Callable[[SegmentEffect], str],
    value: Callable[[SegmentEffect, Fraction], str],
    subtitle: str,
) -> Table:
    def of_leads(leads: Fraction | None) -> Cell:
        return Cell(words.amount(leads, 1) if leads is not None else _("no number would do"), number(leads))

    return Table(
        caption=subtitle,
        columns=(
            Column("input", _("Input")),
            Column("value", _("Now")),
            Column("low", _("Low end")),
            Column("high", _("High end")),
            Column("interval", _("Interval")),
            Column("leads_at_low", _("Leads at the low end")),
            Column("leads_at_high", _("Leads at the high end")),
            Column("swing", _("Difference")),
        ),
        rows=tuple(
            (
                Cell(name(one), name(one)),
                Cell(value(one, one.effect.value), number(one.effect.value)),
                Cell(value(one, one.effect.low), number(one.effect.low)),
                Cell(value(one, one.effect.high), number(one.effect.high)),
                Cell(
                    _("measured") if one.effect.is_measured else _("±10 % assumed"),
                    "measured" if one.effect.is_measured else "assumed",
                ),
                of_leads(one.effect.leads_at_low),
                of_leads(one.effect.leads_at_high),
                Cell(words.amount(one.effect.swing, 1), number(one.effect.swing)),
            )
            for one in effects
        ),
    )
