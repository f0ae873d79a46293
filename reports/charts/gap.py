"""Where the gap comes from: the month's leads by source and by segment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.charts import words
from reports.charts.description import Cell, Chart, Column, Mark, Panel, Series, Table, Tone
from reports.readings.numbers import number
from reports.shares import share
from reports.waterfall import GroupGap

MOST = 8
"""More bars than this are summed up in one; the table has them all."""


def source_chart(
    groups: Sequence[GroupGap], *, subtitle: str, as_of: dt.datetime, currency: str = ""
) -> Chart:
    """Describe each source's share of what came: leads, or with a currency their value. Sources have no goals."""
    first = groups[0] if groups else None
    title = _("Nothing came from any source.")
    if first is not None:
        title = _("%(source)s brought most: %(n)s, %(share)s of all.") % {
            "source": source_name(first.key),
            "n": words.money(first.actual, currency),
            "share": words.percent(first.share_of_actual),
        }
    shown = _with_rest(groups)
    names = [source_name(group.key) for group in shown]
    return _chart(
        key="sources",
        title=title,
        subtitle=subtitle,
        heading=_("Source"),
        names=names,
        values=[group.actual for group in shown],
        texts=[f"{words.amount(group.actual)} ({words.percent(group.share_of_actual)})" for group in shown],
        tones=(Tone.ACTUAL,),
        rows=[(source_name(group.key), group) for group in groups],
        as_of=as_of,
        currency=currency,
    )


def segment_chart(
    groups: Sequence[GroupGap],
    names: Mapping[str, str],
    *,
    subtitle: str,
    as_of: dt.datetime,
    currency: str = "",
) -> Chart:
    """Describe each segment's gap to its own goal to date, or its part of what came where none has a goal."""
    named = [(names.get(group.key) or _("without a segment"), group) for group in groups]
    gaps = [(name, group) for name, group in named if group.gap is not None]
    if not gaps:
        shown, values = named, [group.actual for _name, group in named]
        title = _("No segment has a goal of its own.")
        texts = [f"{words.amount(g.actual)} ({words.percent(g.share_of_actual)})" for _name, g in shown]
    else:
        shown, values = gaps, [group.gap or Fraction(0) for _name, group in gaps]
        texts = [
            _("%(gap)s: %(actual)s of %(goal)s")
            % {
                "gap": words.signed(words.whole(group.gap or 0)),
                "actual": words.amount(group.actual),
                "goal": words.amount(words.whole(group.actual) - words.whole(group.gap or 0)),
            }
            for _name, group in gaps
        ]
        title = _segment_finding(gaps, currency)
    return _chart(
        key="segments",
        title=title,
        subtitle=subtitle,
        heading=_("Segment"),
        names=[name for name, _group in shown],
        values=values,
        texts=texts,
        tones=(Tone.BREACH, Tone.OK) if gaps else (Tone.ACTUAL,),
        rows=named,
        as_of=as_of,
        currency=currency,
    )


def source_name(key: str) -> str:
    """Return a source as people read it."""
    return key or _("without a source")


def _segment_finding(gaps: Sequence[tuple[str, GroupGap]], currency: str) -> str:
    name, worst = gaps[0]
    behind = words.whole(-(worst.gap or 0))
    if behind <= 0:
        return _("Every segment with a goal of its own is on pace or ahead.")
    if currency:
        said = {"segment": name, "n": words.money(behind, currency)}
        return _("%(segment)s is furthest behind: %(n)s short of its goal to date.") % said
    return ngettext(
        "%(segment)s is furthest behind: %(n)s lead short of its goal to date.",
        "%(segment)s is furthest behind: %(n)s leads short of its goal to date.",
        behind,
    ) % {"segment": name, "n": words.amount(behind)}


def _with_rest(groups: Sequence[GroupGap]) -> list[GroupGap]:
    if len(groups) <= MOST:
        return list(groups)
    rest = groups[MOST - 1 :]
    actual = sum((group.actual for group in rest), Fraction(0))
    whole = groups[0].share_of_actual.denominator
    name = ngettext("%(n)s other", "%(n)s others", len(rest)) % {"n": words.amount(len(rest))}
    return [*groups[: MOST - 1], GroupGap(name, None, actual, None, share(actual, whole))]


def _chart(
    *,
    key: str,
    title: str,
    subtitle: str,
    heading: str,
    names: Sequence[str],
    values: Sequence[Fraction],
    texts: Sequence[str],
    tones: tuple[Tone, ...],
    rows: Sequence[tuple[str, GroupGap]],
    as_of: dt.datetime,
    currency: str,
) -> Chart:
    """One bar a group; with two tones the first is for those below zero."""
    series = [
        Series(
            name=_("Gap") if len(tones) > 1 else currency or _("Leads"),
            mark=Mark.BARS,
            tone=tone,
            values=tuple(
                number(value) if len(tones) == 1 or (value < 0) == (tone is tones[0]) else None
                for value in values
            ),
            texts=tuple(texts),
        )
        for tone in tones
    ]
    named = "; ".join(f"{name} {text}" for name, text in zip(names, texts, strict=True))
    return Chart(
        key=key,
        title=title,
        subtitle=subtitle,
        labels=tuple(names),
        spoken=tuple(names),
        panels=(Panel("", words.count_ticks(max([Fraction(0), *values]), min([Fraction(0), *values]))),),
        series=tuple(one for one in series if any(value is not None for value in one.values)),
        summary=f"{named}." if named else "",
        table=_table(heading, subtitle, rows),
        as_of=as_of,
        is_lying=True,
        is_empty=not names,
    )


def _table(heading: str, subtitle: str, rows: Sequence[tuple[str, GroupGap]]) -> Table:
    return Table(
        caption=f"{heading}: {subtitle}",
        columns=(
            Column("name", heading),
            Column("actual", _("Actual to date")),
            Column("share_of_actual", _("Share of all")),
            Column("goal", _("Goal to date")),
            Column("gap", _("Gap")),
        ),
        rows=tuple(
            (
                Cell(name, name),
                Cell(words.amount(group.actual), number(group.actual)),
                Cell(words.percent(group.share_of_actual), number(group.share_of_actual.value)),
                Cell(words.amount(group.goal), number(group.goal)),
                Cell(words.signed(group.gap), number(group.gap)),
            )
            for name, group in rows
        ),
    )
