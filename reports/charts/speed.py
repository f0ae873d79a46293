"""Speed: the average business time to the first attempt against what was agreed, and the share in time."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

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
from reports.readings.numbers import number
from reports.readings.speed import SpeedBucket, SpeedReport


def speed_verdict(report: SpeedReport, party: str) -> str:
    """Return the finding: how fast on average, against what was agreed, and who still waits."""
    total = report.total
    if total.average is None:
        if total.open:
            return _("No first attempt yet; %(waiting)s.") % {"waiting": _waiting(total)}
        return _("There were no first attempts in these days.")
    said = {
        "party": party,
        "average": words.duration(total.average),
        "waiting": _waiting(total),
    }
    agreed = report.promise.average_goal if report.promise else None
    if agreed is None:
        return _("The first attempt took %(average)s (business) on average; %(waiting)s.") % said
    goal = Fraction(int(agreed.total_seconds()))
    gap = words.to_minute(total.average) - words.to_minute(goal)
    said |= {"agreed": words.duration(goal), "gap": words.duration(abs(gap))}
    if not gap and total.average > goal:
        return (
            _(
                "%(party)s is less than a minute slower than agreed: %(average)s (business) on average; "
                "%(waiting)s."
            )
            % said
        )
    if not gap:
        return _("%(party)s is as fast as agreed: %(average)s (business) on average; %(waiting)s.") % said
    if gap > 0:
        return (
            _(
                "%(party)s is %(gap)s slower than agreed: %(average)s (business) on average against %(agreed)s; "
                "%(waiting)s."
            )
            % said
        )
    return (
        _(
            "%(party)s is %(gap)s faster than agreed: %(average)s (business) on average against %(agreed)s; "
            "%(waiting)s."
        )
        % said
    )


def in_time_verdict(report: SpeedReport) -> str:
    """Return the finding of the second view: how many of those due were first tried in time."""
    total = report.total
    if not total.in_time.denominator:
        return _("No hand-off has come due yet, so none is judged.")
    said = {
        "share": words.percent(total.in_time),
        "met": words.amount(total.in_time.numerator),
        "due": words.amount(total.in_time.denominator),
    }
    agreed = report.promise.in_time_share if report.promise else None
    if agreed is None:
        return _("%(share)s were first tried in time: %(met)s of the %(due)s due by now.") % said
    said["agreed"] = words.percent(Fraction(agreed))
    return (
        _("%(share)s were first tried in time, agreed are %(agreed)s: %(met)s of the %(due)s due by now.")
        % said
    )


def average_chart(report: SpeedReport, *, party: str, subtitle: str, as_of: dt.datetime) -> Chart:
    """Describe the first view: bars of the average, open hand-offs outlined below."""
    buckets = report.buckets
    attempted = [bucket.attempted for bucket in buckets]
    waiting = [bucket.open - bucket.open_overdue for bucket in buckets]
    overdue = [bucket.open_overdue for bucket in buckets]
    agreed = report.promise.average_goal if report.promise else None
    goal = None if agreed is None else int(agreed.total_seconds())
    top = max([goal or 0, *(bucket.average or 0 for bucket in buckets)])
    has_open = any(bucket.open for bucket in buckets)
    panels = [Panel("", words.duration_ticks(top))]
    series = [
        Series(
            name=_("Average to the first attempt"),
            mark=Mark.BARS,
            tone=Tone.ACTUAL,
            values=tuple(number(bucket.average) for bucket in buckets),
            texts=tuple(_spoken(bucket) for bucket in buckets),
            muted=few(attempted),
        )
    ]
    if has_open:
        panels.append(small_panel(_("Still unanswered"), [bucket.open for bucket in buckets]))
        series += [
            outlined_counts(_("open"), Tone.INK, waiting),
            outlined_counts(_("overdue"), Tone.BREACH, overdue),
        ]
    used = [one for one in series if one.panel == 0 or any(one.values)]
    return Chart(
        key="speed",
        title=speed_verdict(report, party),
        subtitle=", ".join(
            (_("Average business time to the first attempt"), f"{grain_name(report.grain)} · {subtitle}")
        ),
        labels=bucket_labels([bucket.period for bucket in buckets], report.grain),
        spoken=bucket_names([bucket.period for bucket in buckets], report.grain),
        under=counts_below(attempted),
        panels=tuple(panels),
        series=tuple(used),
        legend=tuple(one for one in used if one.panel == 1),
        goal=None if goal is None else Goal(goal, _("Agreed %(goal)s") % {"goal": words.duration(goal)}),
        summary=_summary(report),
        table=speed_table(report),
        as_of=as_of,
        notes=(_("Below the bars, n counts the hand-offs with a first attempt."), *few_note(attempted)),
        is_stacked=True,
        is_empty=not report.total.handed_off and not report.total.date_only,
    )


def in_time_chart(report: SpeedReport, *, subtitle: str, as_of: dt.datetime) -> Chart:
    """Describe the second view: the share first tried within the allowance, of those due by now."""
    buckets = report.buckets
    judged = [int(bucket.in_time.denominator) for bucket in buckets]
    promise = report.promise
    goal = promise.in_time_share if promise else None
    measure = _("First tried within the allowance, of those due by now")
    if promise is not None and promise.allowance is not None:
        measure = _("First tried within %(allowance)s (business), of those due by now") % {
            "allowance": words.duration(int(promise.allowance.total_seconds()))
        }
    return Chart(
        key="in-time",
        title=in_time_verdict(report),
        subtitle=f"{measure}, {grain_name(report.grain)} · {subtitle}",
        labels=bucket_labels([bucket.period for bucket in buckets], report.grain),
        spoken=bucket_names([bucket.period for bucket in buckets], report.grain),
        under=counts_below(judged),
        panels=(Panel("", words.share_ticks()),),
        series=(
            Series(
                name=_("In time"),
                mark=Mark.BARS,
                tone=Tone.ACTUAL,
                values=tuple(number(bucket.in_time.value) for bucket in buckets),
                texts=tuple(
                    _("%(share)s in time, %(met)s of %(due)s")
                    % {
                        "share": words.percent(bucket.in_time),
                        "met": words.amount(bucket.in_time.numerator),
                        "due": words.amount(bucket.in_time.denominator),
                    }
                    for bucket in buckets
                ),
                muted=few(judged),
            ),
        ),
        goal=None
        if goal is None
        else Goal(float(goal), _("Agreed %(goal)s") % {"goal": words.percent(Fraction(goal))}),
        summary=_in_time_summary(report),
        table=in_time_table(report),
        as_of=as_of,
        notes=(_("Below the bars, n counts the hand-offs due by now."), *few_note(judged)),
        is_empty=not report.total.in_time.denominator,
    )


def _waiting(bucket: SpeedBucket) -> str:
    if not bucket.open:
        return _("none is still open")
    said = {"open": words.amount(bucket.open), "overdue": words.amount(bucket.open_overdue)}
    if not bucket.open_overdue:
        return ngettext("%(open)s is still open", "%(open)s are still open", bucket.open) % said
    return _("%(open)s still open, %(overdue)s overdue") % said


def _spoken(bucket: SpeedBucket) -> str:
    if bucket.average is None:
        return _waiting(bucket) if bucket.open else ""
    said = {"average": words.duration(bucket.average), "n": words.amount(bucket.attempted)}
    text = _("%(average)s (business), n %(n)s") % said
    return f"{text}, {_waiting(bucket)}" if bucket.open else text


def _summary(report: SpeedReport) -> str:
    total = report.total
    if total.average is None:
        return ""
    sentences = [
        _("Half were tried within %(median)s, nine in ten within %(p90)s, of %(n)s with a first attempt.")
        % {
            "median": words.duration(total.median),
            "p90": words.duration(total.p90),
            "n": words.amount(total.attempted),
        }
    ]
    if total.open and report.kaplan_meier_median is not None:
        sentences.append(
            _("Counting the open ones too, half are tried within %(median)s.")
            % {"median": words.duration(report.kaplan_meier_median)}
        )
    if total.routing_average is not None and total.rep_average is not None:
        sentences.append(
            _("Of the average, %(routing)s passed until an owner was assigned and %(rep)s after that.")
            % {"routing": words.duration(total.routing_average), "rep": words.duration(total.rep_average)}
        )
    measured = [bucket.average for bucket in report.buckets if bucket.average is not None]
    if len(measured) > 1:
        sentences.append(
            _("The first bar stands at %(first)s, the last at %(last)s.")
            % {"first": words.duration(measured[0]), "last": words.duration(measured[-1])}
        )
    return " ".join(sentences)


def _in_time_summary(report: SpeedReport) -> str:
    total = report.total
    sentences = []
    if total.in_time.denominator:
        late = total.in_time.denominator - total.in_time.numerator
        sentences.append(
            _("%(late)s were late or are still unanswered after their due time.")
            % {"late": words.amount(late)}
        )
    early = total.not_yet_due_answered + total.not_yet_due_open
    if early:
        sentences.append(
            _("%(n)s are not due yet and not judged: %(answered)s answered early, %(open)s open.")
            % {
                "n": words.amount(early),
                "answered": words.amount(total.not_yet_due_answered),
                "open": words.amount(total.not_yet_due_open),
            }
        )
    return " ".join(sentences)


def speed_table(report: SpeedReport) -> Table:
    """Return every figure of the first view, a bucket a row, with the total; no medians where none were read."""
    with_medians = bool(report.medians)
    median = Column("kaplan_meier_median", _("Median, the unanswered counted (business)"))
    columns = (
        Column("from", _("Handed off")),
        Column("handed_off", _("Hand-offs")),
        Column("attempted", _("With a first attempt")),
        Column("average", _("Average (business)")),
        Column("median", _("Median (business)")),
        *([median] if with_medians else []),
        Column("p90", _("Nine in ten within (business)")),
        Column("average_elapsed", _("Average by the wall clock")),
        Column("routing_average", _("Until an owner was assigned")),
        Column("rep_average", _("From then to the first attempt")),
        Column("open", pgettext("hand-offs", "Open")),
        Column("open_overdue", _("Of these overdue")),
    )
    medians = dict(zip((bucket.period for bucket in report.buckets), report.medians, strict=False))
    medians[report.total.period] = report.kaplan_meier_median
    return bucket_table(
        _("Time to the first attempt, %(by)s"),
        columns,
        buckets=report.buckets,
        total=report.total,
        grain=report.grain,
        cells=lambda bucket: _speed_cells(bucket, [medians.get(bucket.period)] if with_medians else []),
    )


def _speed_cells(bucket: SpeedBucket, counting_all: list[int | None]) -> list[Cell]:
    lengths = (
        bucket.average,
        bucket.median,
        bucket.p90,
        bucket.average_elapsed,
        bucket.routing_average,
        bucket.rep_average,
    )
    return [
        *(Cell(words.amount(n), n) for n in (bucket.handed_off, bucket.attempted)),
        *(Cell(words.duration(length), number(length)) for length in lengths[:2]),
        *(Cell(_reached(bucket, median), median) for median in counting_all),
        *(Cell(words.duration(length), number(length)) for length in lengths[2:]),
        *(Cell(words.amount(n), n) for n in (bucket.open, bucket.open_overdue)),
    ]


def _reached(bucket: SpeedBucket, median: int | None) -> str:
    """Write the median that counts the unanswered, which fewer than half may have reached."""
    if median is None and bucket.handed_off:
        return _("not reached")
    return words.duration(median)


def in_time_table(report: SpeedReport) -> Table:
    """Return the share in time with what it is made of, a bucket a row, with the total."""
    columns = (
        Column("from", _("Handed off")),
        Column("in_time_numerator", _("In time")),
        Column("in_time_denominator", _("Due by now")),
        Column("in_time", _("Share in time")),
        Column("not_yet_due_answered", _("Answered, not yet due")),
        Column("not_yet_due_open", _("Open, not yet due")),
    )
    return bucket_table(
        _("First attempts in time, %(by)s"),
        columns,
        buckets=report.buckets,
        total=report.total,
        grain=report.grain,
        cells=_in_time_cells,
    )


def _in_time_cells(bucket: SpeedBucket) -> list[Cell]:
    part = bucket.in_time
    return [
        Cell(words.amount(part.numerator), number(part.numerator)),
        Cell(words.amount(part.denominator), number(part.denominator)),
        Cell(words.percent(part), number(part.value)),
        Cell(words.amount(bucket.not_yet_due_answered), bucket.not_yet_due_answered),
        Cell(words.amount(bucket.not_yet_due_open), bucket.not_yet_due_open),
    ]
