"""The reports by month as pages open them from an address, and as files that a worker makes of the same address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from leads.exports.table import ListFile, NotUnderstood, said_together
from reports.charts.buckets import grain_name
from reports.charts.rate_trend import span_names
from reports.forms.filters import Asked, read_query
from reports.pages.contents import Contents, depth_contents, speed_contents, waterfall_contents
from reports.pages.frame import NoSuchAgreement, ReportPage, open_page
from reports.pages.recalibration import recalibration_contents
from reports.periods import Grain, Span

BY_GRAIN = ("speed", "depth")
BY_SPAN = ("recalibration",)
CONTENTS: dict[str, Callable[[Asked, ReportPage, Any], Contents]] = {
    "waterfall": lambda asked, opened, _user: waterfall_contents(
        opened, measure=asked.measure, with_before=asked.with_before
    ),
    "speed": lambda asked, opened, user: speed_contents(opened, asked.grain, group=asked.group, user=user),
    "depth": lambda asked, opened, user: depth_contents(opened, asked.grain, group=asked.group, user=user),
    "recalibration": lambda _asked, opened, user: recalibration_contents(opened, user),
}


def open_report(report: str, asked: Asked, *, user: Any, now: dt.datetime) -> ReportPage:
    """Read what stands around a report; by month the period is the twelve months up to the one asked for.

    NoSuchAgreement where the address names one that is not there.
    """
    is_by_grain = report in BY_GRAIN
    return open_page(
        asked,
        now=now,
        user=user,
        months=12 if is_by_grain and asked.grain is Grain.MONTH else 1,
        span=asked.span if report in BY_SPAN else Span.MONTH,
        filters=("segment", "source", "owner", "campaign", *(("counted",) if is_by_grain else ())),
    )


def _file_of(report: str) -> Callable[[Any, QueryDict, dt.datetime], ListFile]:
    def open_file(user: Any, query: QueryDict, now: dt.datetime) -> ListFile:
        """Return what the page of this address has as a file; without a month in it, of the month that it is."""
        asked = read_query(query)
        try:
            opened = open_report(report, asked, user=user, now=now)
        except NoSuchAgreement as error:
            raise NotUnderstood from error
        if opened.complaints:
            raise NotUnderstood
        contents = CONTENTS[report](asked, opened, user)
        _name, rows = contents.file(asked.table)
        headings = list(rows[0]) if rows else []
        said = said_together(_said(report, asked, opened, contents))
        return ListFile(headings, lambda: len(rows), lambda: (list(row.values()) for row in rows), said)

    return open_file


def _said(report: str, asked: Asked, opened: ReportPage, contents: Contents) -> Iterator[str]:
    """Say what the file holds: which table, of when, cut how, of whom."""
    if table := contents.table(asked.table):
        yield table.caption
    yield _("each time of the current month") if asked.month is None else opened.month_name
    if report in BY_GRAIN:
        yield grain_name(asked.grain)
    if report in BY_SPAN:
        yield span_names(asked.span)
    yield opened.selected


FILES = {report: _file_of(report) for report in CONTENTS}
