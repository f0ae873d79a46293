"""How long first attempts took, all of them: a distribution on a scale that doubles, the unanswered ones beside."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from django.utils.translation import gettext as _

from reports.charts import words
from reports.charts.buckets import outlined_counts, small_panel
from reports.charts.description import Cell, Chart, Column, Mark, Panel, Series, Table, Tone
from reports.readings.numbers import number
from reports.readings.speed import SpeedReport
from reports.speed import WaitBin


def waits_chart(report: SpeedReport, *, subtitle: str, as_of: dt.datetime) -> Chart:
    """Describe how the waits are spread, those within the allowance in one tone and the longer ones in another."""
    bins, promise = report.waits, report.promise
    allowance = int(promise.allowance.total_seconds()) if promise and promise.allowance else None
    answered = [one.answered for one in bins]
    unanswered = [one.unanswered for one in bins]
    is_within = [allowance is None or (one.within is not None and one.within <= allowance) for one in bins]
    spoken = tuple(_bin_name(one) for one in bins)
    texts = tuple(_("%(n)s first attempts") % {"n": words.amount(n)} for n in answered)
    name = _("First attempts")
    if allowance is not None:
        name = _("within %(allowance)s") % {"allowance": words.duration(allowance)}
    series = [
        Series(
            name=name,
            mark=Mark.BARS,
            tone=Tone.ACTUAL,
            values=tuple(n if within else None for n, within in zip(answered, is_within, strict=True)),
            texts=texts,
        ),
        Series(
            name=_("later"),
            mark=Mark.BARS,
            tone=Tone.BREACH,
            values=tuple(None if within else n for n, within in zip(answered, is_within, strict=True)),
            texts=texts,
        ),
    ]
    series = [one for one in series if any(one.values)]
    legend = tuple(series) if allowance is not None else ()
    panels = [Panel("", words.count_ticks(max(answered, default=0)))]
    if any(unanswered):
        panels.append(small_panel(_("Unanswered, having waited so long at least"), unanswered))
        series.append(outlined_counts(_("unanswered"), Tone.INK, unanswered))
    return Chart(
        key="waits",
        title=_finding(report),
        subtitle=" · ".join(
            (_("First attempts by business time since the hand-off, on a scale that doubles"), subtitle)
        ),
        labels=tuple(_label(one) for one in bins),
        spoken=spoken,
        panels=tuple(panels),
        series=tuple(series),
        legend=legend,
        summary=_summary(report, allowance),
        table=_table(report),
        as_of=as_of,
        notes=(
            _(
                "In time is judged by the due time alone; a call after hours can be late within the allowance."
            ),
        )
        if allowance is not None
        else (),
        is_stacked=True,
        is_empty=not any(answered) and not any(unanswered),
    )


def _label(one: WaitBin) -> str:
    if one.within is None:
        return _("longer")
    return words.duration(one.within)


def _bin_name(one: WaitBin) -> str:
    if one.within is None:
        return _("longer than %(above)s") % {"above": words.duration(one.above)}
    said = {"above": words.duration(one.above), "within": words.duration(one.within)}
    return _("over %(above)s, within %(within)s") % said if one.above else _("within %(within)s") % said


def _finding(report: SpeedReport) -> str:
    total = report.total
    if total.median is None:
        return _("There were no first attempts in these days.")
    return _("Half of the first attempts came within %(median)s, nine in ten within %(p90)s.") % {
        "median": words.duration(total.median),
        "p90": words.duration(total.p90),
    }


def _summary(report: SpeedReport, allowance: int | None) -> str:
    bins, sentences = report.waits, list[str]()
    tried = sum(one.answered for one in bins)
    if allowance is not None and tried:
        within = sum(one.answered for one in bins if one.within is not None and one.within <= allowance)
        sentences.append(
            _("%(within)s of %(n)s came within %(allowance)s of business time.")
            % {
                "within": words.amount(within),
                "n": words.amount(tried),
                "allowance": words.duration(allowance),
            }
        )
    unanswered = sum(one.unanswered for one in bins)
    if unanswered:
        said = {"n": words.amount(unanswered), "median": words.duration(report.kaplan_meier_median)}
        sentences.append(
            _(
                "With the %(n)s unanswered counted for as long as they waited, half are tried within %(median)s."
            )
            % said
            if report.kaplan_meier_median is not None
            else _("With the %(n)s unanswered counted for as long as they waited, half are not reached.")
            % said
        )
    return " ".join(sentences)


def _table(report: SpeedReport) -> Table:
    tried, so_far, rows = sum(one.answered for one in report.waits), 0, []
    for one in report.waits:
        so_far += one.answered
        share = Fraction(so_far, tried) if tried else None
        rows.append(
            (
                Cell(_bin_name(one), one.above),
                Cell(_label(one), one.within),
                Cell(words.amount(one.answered), one.answered),
                Cell(words.percent(share), number(share)),
                Cell(words.amount(one.unanswered), one.unanswered),
            )
        )
    return Table(
        caption=_("First attempts by business time since the hand-off"),
        columns=(
            Column("above", _("Waited (business)")),
            Column("within", _("Up to")),
            Column("answered", _("First attempts")),
            Column("share_within", _("Share within this time")),
            Column("unanswered", _("Unanswered, having waited so long")),
        ),
        rows=tuple(rows),
    )
