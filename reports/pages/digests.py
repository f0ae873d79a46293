"""What a mail says of an agreement by itself: marketing's progress in the month, or the week in three sentences.

Every sentence and number is that of the report page of the same month, read as that page reads it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from agreements.models import Agreement, Commitment
from reports.charts import words
from reports.charts.buckets import bucket_names
from reports.charts.depth import depth_verdict
from reports.charts.description import Cell, Chart, Column, Table
from reports.charts.speed import speed_verdict
from reports.charts.verdicts import projection, verdict
from reports.pages.contents import see_month
from reports.pages.frame import ReportPage, page_of_agreement, party_name
from reports.periods import Grain
from reports.readings.depth import DepthBucket, DepthReport, depth_report
from reports.readings.goals import commitment_on
from reports.readings.numbers import number
from reports.readings.speed import SpeedBucket, SpeedReport, speed_report
from reports.shares import Share

THURSDAY_BEFORE = dt.timedelta(days=4)


@dataclass(frozen=True, slots=True)
class Link:
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Digest:
    """One agreement in a mail. `sentences` begin with the finding of its waterfall; `links` lead on, the best first."""

    agreement: Agreement
    month: str
    as_of: str
    sentences: tuple[str, ...]
    chart: Chart
    links: tuple[Link, ...]
    numbers: Table | None = None


def month_of_week(monday: dt.date) -> dt.date:
    """Return the first day of the month in which most of the week before this Monday lies."""
    return (monday - THURSDAY_BEFORE).replace(day=1)


def progress_digest(agreement: Agreement, *, day: dt.date, now: dt.datetime) -> Digest | None:
    """Say how the month of this day gets on; None when nothing was counted in it, or nothing was counted ever."""
    page = page_of_agreement(agreement, month=day.replace(day=1), now=now)
    if page.complete_at is None:
        return None
    month = see_month(page)
    if not month.standing.summary.actual:
        return None
    return Digest(
        agreement=agreement,
        month=page.month_name,
        as_of=page.as_of_sentence,
        sentences=(verdict(month.standing), *month.outlook),
        chart=month.chart,
        links=_links(page),
    )


def weekly_digest(agreement: Agreement, *, monday: dt.date, now: dt.datetime) -> Digest | None:
    """Say how the month of the week before this Monday stands; None when nothing is agreed and nothing came.

    The three sentences: marketing's pace and landing, speed, depth.
    """
    page = page_of_agreement(agreement, month=month_of_week(monday), now=now)
    if page.complete_at is None:
        return None
    month = see_month(page)
    speed, depth = speed_report(page.scope, Grain.WEEK), depth_report(page.scope, Grain.WEEK)
    if month.chart.is_empty and not speed.total.handed_off:
        return None
    pace = " ".join((verdict(month.standing), *projection(month.standing, month.landing)))
    return Digest(
        agreement=agreement,
        month=page.month_name,
        as_of=page.as_of_sentence,
        sentences=(
            pace,
            speed_verdict(speed, party_name(speed.promise, _("Sales"))),
            depth_verdict(depth, party_name(depth.promise, _("Sales"))),
        ),
        chart=month.chart,
        links=_links(page),
        numbers=_numbers(page, speed, depth, monday),
    )


def _links(page: ReportPage) -> tuple[Link, ...]:
    assert page.agreement is not None
    slug = page.agreement.slug
    query = urlencode({"agreement": slug, "month": page.month_value})
    named = {
        "waterfall": _("The waterfall"),
        "speed": _("Speed"),
        "depth": _("Depth"),
        "review": _("Both sides’ promises in %(month)s") % {"month": page.month_name},
    }
    return (
        *(Link(name, f"{reverse(f'reports:{view}')}?{query}") for view, name in named.items()),
        Link(_("Kept or missed, month by month"), reverse("reports:kept", args=[slug])),
    )


def _numbers(page: ReportPage, speed: SpeedReport, depth: DepthReport, monday: dt.date) -> Table:
    """Set the week and the month beside what was agreed."""
    at = monday - THURSDAY_BEFORE
    week = next(i for i, bucket in enumerate(speed.buckets) if at in bucket.period)
    (name,) = bucket_names([speed.buckets[week].period], Grain.WEEK)
    worked = commitment_on(page.scope, Commitment.Kind.SHARE_WORKED)
    promise = speed.promise
    return Table(
        caption=_("Speed in business time; depth of those whose follow-up has ended"),
        columns=(
            Column("of", _("Of the hand-offs")),
            Column("week", name),
            Column("month", page.month_name),
            Column("agreed", _("Agreed")),
        ),
        rows=(
            *_speed_rows(
                (speed.buckets[week], speed.total),
                promise.average_goal if promise else None,
                promise.in_time_share if promise else None,
            ),
            *_depth_rows(
                (depth.buckets[week], depth.total),
                depth.promise.attempts if depth.promise else None,
                worked.share if worked else None,
            ),
        ),
    )


def _speed_rows(
    of: tuple[SpeedBucket, SpeedBucket], average: dt.timedelta | None, in_time: Decimal | None
) -> list[tuple[Cell, ...]]:
    agreed = None if average is None else Fraction(int(average.total_seconds()))
    return [
        _row(
            _("Average to the first attempt"),
            [_length(one.average) for one in of],
            None if agreed is None else _length(agreed),
        ),
        _row(_("Median to the first attempt"), [_length(one.median) for one in of]),
        _row(_("First tried in time"), [_part(one.in_time) for one in of], _agreed_part(in_time)),
        _row(_("Still unanswered"), [_count(one.open) for one in of]),
        _row(_("Of these overdue"), [_count(one.open_overdue) for one in of]),
    ]


def _depth_rows(
    of: tuple[DepthBucket, DepthBucket], attempts: int | None, worked: Decimal | None
) -> list[tuple[Cell, ...]]:
    """Depth as it is judged: on those whose follow-up has ended."""
    return [
        _row(
            _("Average attempts"),
            [_count(one.judged.average) for one in of],
            None if attempts is None else _count(attempts),
        ),
        _row(
            _("Tried at least once"),
            [_part(one.judged.worked) for one in of],
            _agreed_part(worked),
        ),
    ]


def _row(name: str, cells: list[Cell], agreed: Cell | None = None) -> tuple[Cell, ...]:
    return (Cell(name, name), *cells, agreed or Cell("", None))


def _length(seconds: Fraction | float | None) -> Cell:
    return Cell(words.duration(seconds), number(seconds))


def _count(value: Fraction | int | None) -> Cell:
    return Cell(words.amount(value), number(value))


def _part(share: Share) -> Cell:
    return Cell(words.percent(share), number(share.value))


def _agreed_part(agreed: Decimal | None) -> Cell | None:
    return None if agreed is None else Cell(words.percent(Fraction(agreed)), number(agreed))
