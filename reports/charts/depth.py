"""Depth: average attempts on hand-offs not connected against the agreed number, and the share with k or more."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Commitment
from reports.charts import words
from reports.charts.buckets import (
    bucket_labels,
    bucket_names,
    bucket_table,
    counts_below,
    few,
    few_note,
    grain_name,
    outlined_counts,
    small_panel,
)
from reports.charts.description import Cell, Chart, Column, Goal, Mark, Panel, Series, Table, Tone
from reports.readings.depth import DepthBucket, DepthReport
from reports.readings.numbers import number


def depth_verdict(report: DepthReport, party: str) -> str:
    """Return the finding, judged on those whose follow-up window has ended or that were closed."""
    total, judged = report.total, report.total.judged
    agreed = report.promise.attempts if report.promise else None
    if agreed is None or not judged.not_connected:
        if total.average is None:
            return _("No hand-off of these days is left without a connection.")
        said = {"average": words.amount(total.average), "n": words.amount(total.not_connected)}
        if agreed is not None:
            return (
                _("%(average)s attempts on average so far; no follow-up window of the %(n)s has ended yet.")
                % said
            )
        return _("%(average)s attempts on average on the %(n)s hand-offs not connected.") % said
    assert judged.average is not None
    short = judged.average < agreed
    places = next((n for n in (1, 2, 3) if words.rounded(judged.average, n) != agreed), 4) if short else 1
    said = {
        "party": party,
        "average": words.amount(judged.average, places),
        "agreed": words.amount(agreed),
        "n": words.amount(judged.not_connected),
    }
    if not short:
        return (
            ngettext(
                "%(party)s tried as often as agreed: %(average)s attempts on average on the %(n)s hand-off whose "
                "follow-up has ended, %(agreed)s agreed.",
                "%(party)s tried as often as agreed: %(average)s attempts on average on the %(n)s hand-offs whose "
                "follow-up has ended, %(agreed)s agreed.",
                judged.not_connected,
            )
            % said
        )
    said["gap"] = words.amount(agreed - words.rounded(judged.average, places), places)
    return (
        ngettext(
            "%(party)s stopped %(gap)s attempts short: %(average)s of %(agreed)s on average on the %(n)s hand-off "
            "whose follow-up has ended.",
            "%(party)s stopped %(gap)s attempts short: %(average)s of %(agreed)s on average on the %(n)s hand-offs "
            "whose follow-up has ended.",
            judged.not_connected,
        )
        % said
    )


def average_chart(
    report: DepthReport, *, party: str, subtitle: str, worked: Commitment | None, as_of: dt.datetime
) -> Chart:
    """Describe the first view: bars of the average, those still within their window outlined below."""
    buckets = report.buckets
    counts = [bucket.not_connected for bucket in buckets]
    young = [bucket.young for bucket in buckets]
    goal = report.promise.attempts if report.promise else None
    panels = [Panel("", words.count_ticks(max([goal or 0, *(bucket.average or 0 for bucket in buckets)])))]
    series = [
        Series(
            name=_("Average attempts"),
            mark=Mark.BARS,
            tone=Tone.ACTUAL,
            values=tuple(number(bucket.average) for bucket in buckets),
            texts=tuple(_spoken(bucket) for bucket in buckets),
            muted=few(counts),
        )
    ]
    if any(young):
        panels.append(small_panel(_("Still within the follow-up window"), young))
        series.append(outlined_counts(_("within the window"), Tone.INK, young))
    return Chart(
        key="depth",
        title=depth_verdict(report, party),
        subtitle=", ".join(
            (_("Average attempts on hand-offs not connected"), f"{grain_name(report.grain)} · {subtitle}")
        ),
        labels=bucket_labels([bucket.period for bucket in buckets], report.grain),
        spoken=bucket_names([bucket.period for bucket in buckets], report.grain),
        under=counts_below(counts),
        panels=tuple(panels),
        series=tuple(series),
        goal=None if goal is None else Goal(goal, _("Agreed %(n)s") % {"n": words.amount(goal)}),
        summary=_summary(report, worked),
        table=depth_table(report),
        as_of=as_of,
        notes=(
            _("Below the bars, n counts the hand-offs not connected."),
            *_judged_note(report),
            *few_note(counts),
        ),
        is_empty=not report.total.handed_off,
    )


def _judged_note(report: DepthReport) -> tuple[str, ...]:
    """Say by which terms a hand-off is judged, and how many were handed off under none: those are drawn alone."""
    total = report.total
    said = _("Each hand-off is judged by what was agreed on its own day, also one that came in with a file.")
    if not total.without_terms:
        return (said,) if report.promise else ()
    n = ngettext(
        "%(n)s was handed off when nothing was agreed: it is drawn here, and judged by no goal.",
        "%(n)s were handed off when nothing was agreed: they are drawn here, and judged by no goal.",
        total.without_terms,
    ) % {"n": words.amount(total.without_terms)}
    return (said, n) if report.promise else (n,)


def at_least_chart(report: DepthReport, *, subtitle: str, as_of: dt.datetime) -> Chart:
    """Describe the second view: the share that got k attempts or more, those connected earlier in their own tone."""
    steps = report.at_least
    agreed = report.promise.attempts if report.promise else None
    total = steps[0].total if steps else 0
    labels = tuple(words.amount(step.k) for step in steps)
    spoken = tuple(
        ngettext("at least %(k)s attempt", "at least %(k)s attempts", step.k) % {"k": words.amount(step.k)}
        for step in steps
    )
    series = [
        Series(
            name=_("tried so often"),
            mark=Mark.BARS,
            tone=Tone.ACTUAL,
            values=tuple(number(_part(step.attempted, total)) for step in steps),
            texts=tuple(
                _("%(share)s tried so often, %(n)s of %(total)s")
                % {
                    "share": words.percent(_part(step.attempted, total)),
                    "n": words.amount(step.attempted),
                    "total": words.amount(total),
                }
                for step in steps
            ),
        ),
        Series(
            name=_("connected earlier"),
            mark=Mark.BARS,
            tone=Tone.OK,
            values=tuple(number(_part(step.connected_earlier, total)) for step in steps),
            texts=tuple(
                _("%(share)s connected earlier")
                % {"share": words.percent(_part(step.connected_earlier, total))}
                for step in steps
            ),
        ),
    ]
    if agreed is not None:
        series.append(
            Series(
                name=_("agreed"),
                mark=Mark.DASHED,
                tone=Tone.GOAL,
                values=tuple(1 if step.k <= agreed else None for step in steps),
                end_label=_("Agreed %(n)s") % {"n": words.amount(agreed)},
            )
        )
    return Chart(
        key="at-least",
        title=_at_least_finding(report),
        subtitle=" · ".join((_("Share of the hand-offs with at least so many attempts"), subtitle)),
        labels=labels,
        spoken=spoken,
        panels=(Panel("", words.share_ticks()),),
        series=tuple(series),
        legend=tuple(series[:2]),
        summary=_steps_summary(report),
        table=at_least_table(report),
        as_of=as_of,
        is_stacked=True,
        is_empty=not total,
    )


def _part(n: int, total: int) -> Fraction | None:
    return Fraction(n, total) if total else None


def _spoken(bucket: DepthBucket) -> str:
    if bucket.average is None:
        return ""
    said = {"average": words.amount(bucket.average), "n": words.amount(bucket.not_connected)}
    text = _("%(average)s attempts on average, n %(n)s") % said
    if not bucket.young:
        return text
    return _("%(text)s, %(young)s still within the window") % {
        "text": text,
        "young": words.amount(bucket.young),
    }


def _summary(report: DepthReport, worked: Commitment | None) -> str:
    total = report.total
    if not total.not_connected:
        return ""
    said = {
        "worked": words.percent(total.worked),
        "n": words.amount(total.worked.numerator),
        "all": words.amount(total.worked.denominator),
    }
    if worked is not None and worked.share is not None:
        said["agreed"] = words.percent(Fraction(worked.share))
        sentences = [
            _("%(worked)s were tried at least once (%(n)s of %(all)s), agreed are %(agreed)s.") % said
        ]
    else:
        sentences = [_("%(worked)s were tried at least once (%(n)s of %(all)s).") % said]
    if total.judged.fully_worked.denominator:
        sentences.append(
            _("Of those whose follow-up has ended, %(share)s got all the agreed attempts.")
            % {"share": words.percent(total.judged.fully_worked)}
        )
    if total.young:
        sentences.append(
            ngettext(
                "%(n)s is still within its follow-up window, with %(average)s attempts so far.",
                "%(n)s are still within their follow-up window, with %(average)s attempts on average so far.",
                total.young,
            )
            % {
                "n": words.amount(total.young),
                "average": words.amount(Fraction(total.young_attempts, total.young)),
            }
        )
    if total.stopped_early.numerator:
        sentences.append(
            _("%(n)s of %(all)s closed as unreachable got fewer attempts than agreed.")
            % {
                "n": words.amount(total.stopped_early.numerator),
                "all": words.amount(total.stopped_early.denominator),
            }
        )
    if report.spacing.median is not None:
        sentences.append(
            _("Between one attempt and the next passed %(median)s by the wall clock (median).")
            % {"median": words.duration(report.spacing.median)}
        )
    return " ".join(sentences)


def _at_least_finding(report: DepthReport) -> str:
    agreed = report.promise.attempts if report.promise else None
    steps = report.at_least
    if not steps or not steps[0].total:
        return _("There is nothing to try yet.")
    step = steps[agreed - 1] if agreed is not None else steps[0]
    said = {
        "share": words.percent(step.fulfilled),
        "k": words.amount(step.k),
        "connected": words.percent(_part(step.connected_earlier, step.total)),
    }
    return (
        ngettext(
            "%(share)s connected or got at least %(k)s attempt; %(connected)s had connected earlier.",
            "%(share)s connected or got at least %(k)s attempts; %(connected)s had connected earlier.",
            step.k,
        )
        % said
    )


def _steps_summary(report: DepthReport) -> str:
    return "; ".join(
        _("%(k)s or more attempts: %(share)s, with those connected earlier %(fulfilled)s")
        % {
            "k": words.amount(step.k),
            "share": words.percent(_part(step.attempted, step.total)),
            "fulfilled": words.percent(_part(step.attempted + step.connected_earlier, step.total)),
        }
        for step in report.at_least
    )


def depth_table(report: DepthReport) -> Table:
    """Return every figure of the first view, a bucket a row, with the total."""
    columns = (
        Column("from", _("Handed off")),
        Column("handed_off", _("Hand-offs")),
        Column("not_connected", _("Not connected")),
        Column("attempts", _("Attempts on these")),
        Column("average", _("Average attempts")),
        Column("worked_numerator", _("Tried at least once")),
        Column("fully_worked_numerator", _("Tried as often as agreed")),
        Column("stopped_early_numerator", _("Stopped too early")),
        Column("judged_average", _("Average where the follow-up has ended")),
        Column("young_not_connected", _("Still within the window")),
    )
    return bucket_table(
        _("Attempts on hand-offs not connected, %(by)s"),
        columns,
        buckets=report.buckets,
        total=report.total,
        grain=report.grain,
        cells=_cells,
    )


def _cells(bucket: DepthBucket) -> list[Cell]:
    return [
        *(Cell(words.amount(n), n) for n in (bucket.handed_off, bucket.not_connected, bucket.attempts)),
        Cell(words.amount(bucket.average), number(bucket.average)),
        Cell(words.amount(bucket.worked.numerator), number(bucket.worked.numerator)),
        Cell(words.amount(bucket.fully_worked.numerator), number(bucket.fully_worked.numerator)),
        Cell(words.amount(bucket.stopped_early.numerator), number(bucket.stopped_early.numerator)),
        Cell(words.amount(bucket.judged.average), number(bucket.judged.average)),
        Cell(words.amount(bucket.young), bucket.young),
    ]


def at_least_table(report: DepthReport) -> Table:
    """Return how many got k attempts or more, and how many had connected before, a k a row."""
    columns = (
        Column("k", _("Attempts")),
        Column("attempted", _("Tried so often")),
        Column("connected_earlier", _("Connected earlier")),
        Column("total", _("Of")),
        Column("attempted_share", _("Share tried so often")),
        Column("connected_earlier_share", _("Share connected earlier")),
    )
    rows = []
    for step in report.at_least:
        shares = [_part(n, step.total) for n in (step.attempted, step.connected_earlier)]
        counts = (step.attempted, step.connected_earlier, step.total)
        rows.append(
            (
                Cell(_("%(k)s or more") % {"k": words.amount(step.k)}, step.k),
                *(Cell(words.amount(n), n) for n in counts),
                *(Cell(words.percent(part), number(part)) for part in shares),
            )
        )
    return Table(caption=_("Hand-offs by number of attempts"), columns=columns, rows=tuple(rows))
