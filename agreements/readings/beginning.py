"""What the form of a new agreement starts with, in a company that has one already or none."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from agreements.models import Version
from agreements.readings.standing import usual_first_day
from agreements.terms import company_zone

MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


def beginning(calculation: str, *, now: dt.datetime) -> dict[str, Any]:
    """Return what stands in the form at first; the first day is that of the calculation's months, where there is one.

    `calculation` is the query of a calculation whose leads are to become the goal, or "".
    """
    today = timezone.localtime(now).date()
    month = MONTH.fullmatch(QueryDict(calculation).get("start") or "")
    return {
        "currency": "EUR",
        "time_zone": company_zone().key,
        "starts_on": dt.date(int(month[1]), int(month[2]), 1)
        if month
        else usual_first_day(today, is_first=not Version.objects.signed().exists()),
    }
