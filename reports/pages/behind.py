"""The hand-offs behind a figure: exactly those that it counts, with what else can be asked of the same days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import ngettext

from agreements.table_files import Cell
from reports.charts import words
from reports.charts.behind_words import FIGURE_NAMES
from reports.forms.behind import DEFAULT, Behind, BehindForm
from reports.forms.filters import read_query
from reports.pages.counted import file_row
from reports.pages.explore import FILTERS
from reports.pages.frame import ReportPage, open_page
from reports.readings.behind import FIGURES, all_behind, behind, tally
from reports.readings.counted import Counted


@dataclass(frozen=True, slots=True)
class Choice:
    """A figure of the same days, with how many hand-offs are behind it."""

    figure: str
    name: str
    n: str


@dataclass(frozen=True, slots=True)
class BehindPage:
    frame: ReportPage
    asked: Behind
    finding: str
    span: str
    counted: Counted
    choices: tuple[Choice, ...]


def open_behind(query: QueryDict, *, user: Any, now: dt.datetime) -> tuple[ReportPage, Behind]:
    """Return what an address asks for, as this user may see it. Raises NoSuchAgreement."""
    wanted, own = BehindForm(query).asked(), query.copy()
    for name in ("measure", "by"):  # with other words on the pages that lead here
        own.pop(name, None)
    filters = (*FILTERS, "counted", "without")
    frame = open_page(read_query(own), now=now, user=user, filters=filters, days_of=wanted.days)
    return replace(frame, complaints=(*frame.complaints, *wanted.complaints)), wanted


def behind_page(frame: ReportPage, wanted: Behind, *, user: Any, number: int) -> BehindPage:
    """Read a page of the hand-offs behind a figure, and how many are behind the others."""
    found = behind(frame.scope, wanted.figure, user=user, number=number)
    counts = tally(frame.scope)
    said = {"n": words.amount(found.total), "figure": FIGURE_NAMES[wanted.figure]}
    finding = ngettext("%(n)s hand-off: %(figure)s", "%(n)s hand-offs: %(figure)s", found.total)
    if wanted.figure == DEFAULT:
        finding = ngettext("%(n)s hand-off", "%(n)s hand-offs", found.total)
    shown = [figure for figure in FIGURES if counts[figure] or figure == wanted.figure]
    return BehindPage(
        frame=frame,
        asked=wanted,
        finding=finding % said,
        span=words.whole_days(frame.scope.period.start, frame.scope.period.end),
        counted=found,
        choices=tuple(
            Choice(figure, str(FIGURE_NAMES[figure]), words.amount(counts[figure])) for figure in shown
        ),
    )


def behind_rows(frame: ReportPage, wanted: Behind, *, user: Any) -> Iterator[list[Cell]]:
    """Write all of these rows for a file."""
    for row in all_behind(frame.scope, wanted.figure, user=user):
        yield file_row(row)
