"""Where the gap comes from: the month's leads by source and by segment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from reports.charts import words
from reports.charts.description import Cell, Chart, Column, Mark, Panel, Series, Table, Tone
from reports.readings.numbers import number
from reports.shares import share
from reports.waterfall import GroupGap

MOST = 8
"""More bars than this are summed up in one; the table has them all."""


def source_chart(
    groups: Sequence[GroupGap],
    *,
    subtitle: str,
    as_of: dt.datetime,
    goal: Fraction | None = None,
    currency: str = "",
) -> Chart:
    """Describe each source's share of what came, leads or with a currency their value, the most first.

    A source of which leads are promised has what was due of it marked; `goal` is what was due of all by now.
    """
    first = groups[0] if groups else None
    title = _("Nothing came from any source.")
    if first is not None and first.actual:
        title = _("%(source)s brought most: %(n)s, %(share)s of all.") % {
            "source": source_name(first.key),
            "n": words.money(first.actual, currency),
            "share": words.percent(first.share_of_actual),
        }
    shown = _with_rest(groups)
    own = [group for group in groups if group.goal is not None]
    chart = _chart(
        key="sources",
        title=" ".join([title, *_furthest_behind(own)]),
        subtitle=subtitle,
        heading=_("Source"),
        names=[source_name(group.key) for group in shown],
        values=[group.actual for group in shown],
        texts=[_source_text(group) for group in shown],
        tones=(Tone.ACTUAL,),
        rows=[(source_name(group.key), group) for group in groups],
        as_of=as_of,
        currency=currency,
        due=[group.goal for group in shown] if own else (),
    )
    if not own:
        return chart
    total = sum((group.actual for group in groups), Fraction(0))
    return replace(
        chart,
        notes=tuple(_how_it_adds_up(own, total, goal)),
        table=replace(chart.table, total=_all_sources(total, goal)),
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


def _source_text(group: GroupGap) -> str:
    said = {"actual": words.amount(group.actual), "share": words.percent(group.share_of_actual)}
    if group.goal is None:
        return f"{said['actual']} ({said['share']})"
    return _("%(actual)s of %(due)s due (%(share)s)") % (
        said | {"due": words.amount(words.whole(group.goal))}
    )


def _short(group: GroupGap) -> int:
    """How many whole leads a source is short of what was due of it: the due ones that are said less those that came."""
    return words.whole(group.goal or 0) - words.whole(group.actual)


def _furthest_behind(own: Sequence[GroupGap]) -> list[str]:
    worst = max(own, key=_short, default=None)
    if worst is None or _short(worst) <= 0:
        return []
    said = {
        "source": source_name(worst.key),
        "n": words.amount(_short(worst)),
        "due": words.amount(words.whole(worst.goal or 0)),
    }
    return [
        ngettext(
            "%(source)s is %(n)s lead short of the %(due)s due of it.",
            "%(source)s is %(n)s leads short of the %(due)s due of it.",
            _short(worst),
        )
        % said
    ]


def _how_it_adds_up(own: Sequence[GroupGap], total: Fraction, goal: Fraction | None) -> list[str]:
    """Say what the marks are, and how what was due of some sources stands to the month's goal to date."""
    due, short = sum(words.whole(group.goal or 0) for group in own), sum(_short(group) for group in own)
    notes = [
        _(
            "The mark on a bar is what was due by now of a source that has a goal of its own; the others have none."
        )
    ]
    if goal is None:
        return [*notes, _("No goal is agreed for all sources together.")]
    whole = words.whole(goal)
    said = {"due": words.amount(due), "all": words.amount(whole), "more": words.amount(due - whole)}
    if due > whole:
        sentence = _(
            "Goals of sources come to %(due)s by now, %(more)s more than the %(all)s due in all: their gaps do not add"
            " up to the month’s."
        )
        return [*notes, sentence % said]
    gap = words.whole(total) - whole
    said |= {
        "rest": words.amount(whole - due),
        "gap": words.signed(gap),
        "own": words.signed(-short),
        "others": words.signed(gap + short),
    }
    sentence = _(
        "Of the %(all)s due by now, %(due)s are due of sources with a goal of their own and %(rest)s of all others"
        " together. So the gap of %(gap)s is %(own)s from the former and %(others)s from the others."
    )
    return [*notes, sentence % said]


def _all_sources(total: Fraction, goal: Fraction | None) -> tuple[Cell, ...]:
    gap = None if goal is None else total - goal
    return (
        Cell(_("All together"), None),
        Cell(words.amount(total), number(total)),
        Cell(words.percent(Fraction(1)) if total else words.NONE, 1 if total else None),
        Cell(words.amount(goal), number(goal)),
        Cell(words.signed(gap), number(gap)),
    )


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
    """Sum up what has no room, the smallest first, and those without a goal before those with one."""
    if len(groups) <= MOST:
        return list(groups)
    kept = sorted(groups, key=lambda group: group.goal is None)[: MOST - 1]
    rest = [group for group in groups if group not in kept]
    actual = sum((group.actual for group in rest), Fraction(0))
    whole = groups[0].share_of_actual.denominator
    name = ngettext("%(n)s other", "%(n)s others", len(rest)) % {"n": words.amount(len(rest))}
    return [
        *(group for group in groups if group in kept),
        GroupGap(name, None, actual, None, share(actual, whole)),
    ]


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
    due: Sequence[Fraction | None] = (),
) -> Chart:
    """One bar a group; with two tones the first is for those below zero. `due` is marked on the bars."""
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
    if due:
        marks = tuple(number(value) for value in due)
        name = pgettext("leads of a goal", "Due by now")
        series.append(Series(name=name, mark=Mark.DASHED, tone=Tone.GOAL, values=marks))
    tops = [Fraction(0), *values, *(value for value in due if value is not None)]
    named = "; ".join(f"{name} {text}" for name, text in zip(names, texts, strict=True))
    return Chart(
        key=key,
        title=title,
        subtitle=subtitle,
        labels=tuple(names),
        spoken=tuple(names),
        panels=(Panel("", words.count_ticks(max(tops), min(tops))),),
        series=tuple(one for one in series if any(value is not None for value in one.values)),
        summary=f"{named}." if named else "",
        table=_table(heading, subtitle, rows),
        as_of=as_of,
        legend=tuple(series) if due else (),
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
