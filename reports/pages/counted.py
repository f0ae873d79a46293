"""The leads that were counted: the rows behind a month's waterfall, or behind one of its days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import Commitment
from reports.charts import words
from reports.pages.frame import ReportPage
from reports.pages.measures_offered import chosen_measure
from reports.periods import ONE_DAY, Period
from reports.readings.counted import Counted, counted
from reports.readings.goals import agreement_of


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
    over = Period(
        scope.period.start, max(scope.period.start, min(scope.period.end, scope.as_of_day + ONE_DAY))
    )
    days = (Period(day, day + ONE_DAY) & over) if day is not None else over
    found = counted(scope, measure, days=days or Period(over.start, over.start), user=user, number=number)
    agreement = agreement_of(scope)
    shows_value = measure == Commitment.Measure.VALUE
    said = {"n": words.amount(found.total), "when": words.day(day) if day else page.month_name}
    finding = ngettext("%(n)s lead counts in %(when)s.", "%(n)s leads count in %(when)s.", found.total)
    if day is not None:
        finding = ngettext("%(n)s lead counts on %(when)s.", "%(n)s leads count on %(when)s.", found.total)
    worth = _("They are worth %(value)s.") % {
        "value": words.money(found.value, agreement.currency if agreement else "")
    }
    return CountedPage(
        finding=finding % said,
        subtitle=f"{_('Measure')}: {Commitment.Measure(measure).label} · {page.selected}",
        value=worth if shows_value and found.total else "",
        counted=found,
        measure=measure,
        day=day,
        shows_value=shows_value,
    )
