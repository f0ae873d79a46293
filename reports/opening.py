"""On which days business hours open: of one calendar, and ahead of each of many hand-offs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache
from typing import Any

from django.db.models import QuerySet

from agreements.local_time import start_of_local_day
from agreements.models import CalendarRevision
from leads.models import HandOff
from reports.attempt_days import opening_days_after


def opens_on(revision: CalendarRevision) -> Callable[[dt.date], bool]:
    """Return the test whether a local day has any opening time by these hours."""
    calendar, zone = revision.compiled(), revision.time_zone

    def opens(day: dt.date) -> bool:
        start, end = (start_of_local_day(on, zone) for on in (day, day + dt.timedelta(days=1)))
        return calendar.elapsed(start, end) > dt.timedelta(0)

    return opens


def opening_of(hand_offs: QuerySet[HandOff]) -> dict[str, Any]:
    """Return the parameters of the SQL `OPENING`: by hours and day of hand-off the days ahead on which these open."""
    attempted = hand_offs.filter(attempts__gt=0)
    found = list(attempted.order_by().values_list("calendar_revision_id", "handed_off_on").distinct())
    revisions = CalendarRevision.objects.in_bulk({revision for revision, _ in found})

    @cache
    def opens(revision: int) -> Callable[[dt.date], bool]:
        return cache(opens_on(revisions[revision]))

    ahead = [opening_days_after(on, opens(revision)) for revision, on in found]
    return {
        "hours": [revision for revision, _ in found],
        "handed_off": [on for _, on in found],
        "opening": [f"{{{','.join(map(str, days))}}}" for days in ahead],
    }
