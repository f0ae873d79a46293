"""Reports of this product that are owed regularly are attached by themselves, shortly before they are due."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from urllib.parse import urlencode

from django.urls import reverse

from agreements.models import Obligation, Occurrence
from agreements.services.deliveries import BY_ITSELF, Content, deliver
from reports.pages.contents import Contents, depth_contents, speed_contents, waterfall_contents
from reports.pages.frame import ReportPage, page_of_agreement
from reports.periods import Grain

# Long enough for a worker that looks every five minutes and is late once.
AHEAD = dt.timedelta(minutes=15)
# A report due in the first days of a month is that of the month before.
FIRST_DAYS = 10
LOG = logging.getLogger(__name__)
Report = Obligation.Report
CONTENTS: dict[str, Callable[[ReportPage], Contents]] = {
    Report.WATERFALL: waterfall_contents,
    Report.SPEED: lambda page: speed_contents(page, Grain.WEEK),
    Report.DEPTH: lambda page: depth_contents(page, Grain.WEEK),
}


def attach_due_reports(*, now: dt.datetime) -> int:
    """Attach each report that is due within a quarter of an hour, or was while no worker ran; return how many.

    Safe to run twice and at once. One that cannot be read is logged, and does not keep the others back.
    """
    due = Occurrence.objects.undelivered().filter(due_at__lte=now + AHEAD).exclude(obligation__report="")
    attached = 0
    for occurrence in due.select_related("obligation__version__agreement__calendar"):
        try:
            attached += _attach(occurrence, now)
        except Exception:
            LOG.exception("The report for due date %s cannot be attached.", occurrence.pk)
    return attached


def _attach(occurrence: Occurrence, now: dt.datetime) -> bool:
    obligation = occurrence.obligation
    agreement, month = obligation.version.agreement, month_of_report(obligation, occurrence.due_on)
    page = page_of_agreement(agreement, month=month, now=now)
    contents = CONTENTS[obligation.report](page)
    query = urlencode({"agreement": agreement.slug, "month": page.month_value})
    content = Content(
        text=" ".join((contents.finding, *contents.further)),
        report_address=f"{reverse(f'reports:{obligation.report}')}?{query}",
    )
    _delivery, is_new = deliver(
        occurrence=occurrence, content=content, key=BY_ITSELF, now=now, by=None, as_of=page.as_of
    )
    return is_new


def month_of_report(obligation: Obligation, due_on: dt.date) -> dt.date:
    """Return the month that the report is about: of a monthly one due early in a month, the month before."""
    month = due_on.replace(day=1)
    if obligation.cadence in Obligation.WEEKDAYS or due_on.day > FIRST_DAYS:
        return month
    return (month - dt.timedelta(days=1)).replace(day=1)
