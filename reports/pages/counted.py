"""The leads that were counted: the rows behind a month's waterfall, or behind one of its days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Commitment
from agreements.table_files import Cell
from reports.charts import words
from reports.pages.frame import ReportPage
from reports.pages.measures_offered import chosen_measure
from reports.periods import ONE_DAY, Period
from reports.readings.counted import Counted, CountedRow, all_counted, counted
from reports.readings.goals import agreement_of

HEADINGS = (
    *("day", "system", "external_id", "lead", "source", "campaign"),
    *("segment", "team", "owner", "state", "value"),
)


@dataclass(frozen=True, slots=True)
class CountedPage:
    """`finding` says how many there are; `value` is what they are worth, empty where leads are counted."""

    finding: str
    subtitle: str
    value: str
    counted: Counted
    measure: str
    day: dt.date | None
    shows_value: bool


def counted_page(
    page: ReportPage, *, measure: str | None, day: dt.date | None, user: Any, number: int
) -> CountedPage:
    """Read the rows that the waterfall of this page's month counts up to today, or on one day of it."""
    scope = page.scope
    measure = chosen_measure(scope, measure)
    found = counted(scope, measure, days=_days(page, day), user=user, number=number)
    agreement = agreement_of(scope)
    shows_value = measure == Commitment.Measure.VALUE
    said = {"n": words.amount(found.total), "when": words.day(day) if day else page.month_name}
    finding = ngettext("%(n)s lead counts in %(when)s.", "%(n)s leads count in %(when)s.", found.total)
    if day is not None:
        finding = ngettext("%(n)s lead counts on %(when)s.", "%(n)s leads count on %(when)s.", found.total)
    worth = _("They are worth %(value)s.") % {
        "value": words.money(found.value, agreement.currency if agreement else "")
    }
    named = _("Measure")
    return CountedPage(
        finding=finding % said,
        subtitle=" · ".join((f"{named}: {Commitment.Measure(measure).label}", page.selected)),
        value=worth if shows_value and found.total else "",
        counted=found,
        measure=measure,
        day=day,
        shows_value=shows_value,
    )


def counted_rows(
    page: ReportPage, *, measure: str | None, day: dt.date | None, user: Any
) -> Iterator[list[Cell]]:
    """Write all of these rows for a file, in the order of `HEADINGS`; of whom the reader may not know, no name."""
    chosen = chosen_measure(page.scope, measure)
    for row in all_counted(page.scope, chosen, days=_days(page, day), user=user):
        yield file_row(row)


def file_row(row: CountedRow) -> list[Cell]:
    """Write a row for a file, in the order of `HEADINGS`."""
    hand_off, lead = row.hand_off, row.lead
    segment = hand_off.segment if hand_off else lead.segment
    return [
        row.on.isoformat(),
        *((lead.system, lead.external_id, str(lead)) if row.may_know else ("", "", "")),
        lead.source,
        lead.campaign,
        segment.slug if segment else "",
        hand_off.team.slug if hand_off and hand_off.team else "",
        row.owner if row.may_know else "",
        hand_off.state if hand_off else "",
        row.value,
    ]


def _days(page: ReportPage, day: dt.date | None) -> Period:
    """Return the days of the month up to today, or of these the one that was asked for."""
    month, today = page.scope.period, page.scope.as_of_day
    over = Period(month.start, max(month.start, min(month.end, today + ONE_DAY)))
    days = (Period(day, day + ONE_DAY) & over) if day is not None else over
    return days or Period(over.start, over.start)
