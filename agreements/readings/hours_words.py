"""Business hours in words: the week of a calendar, and the days of a span on which it is another one."""

from __future__ import annotations

import datetime as dt
from itertools import groupby

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from agreements import words
from agreements.local_time import day_number, day_of_number
from agreements.opening_hours import Intervals, OpeningHours


def week_text(hours: OpeningHours) -> str:
    """Write the open hours of the week, neighbouring days alike together: Mon–Fri 09:00–17:00; Sat 10:00–14:00."""
    parts = []
    for intervals, alike in groupby(enumerate(hours.weekly), key=lambda one: one[1]):
        if intervals:
            places = [place for place, _same in alike]
            ends = dict.fromkeys((str(WEEKDAYS_ABBR[places[0]]), str(WEEKDAYS_ABBR[places[-1]])))
            parts.append(f"{'–'.join(ends)} {_intervals_text(intervals)}")
    return "; ".join(parts) or _("never open")


def other_days_text(hours: OpeningHours, start: dt.date, end: dt.date) -> str:
    """Say which days of [start, end) have other hours than their weekday; empty where none has."""
    found = hours.special_days(day_number(start), day_number(end) - 1)
    said = []
    for number, intervals in sorted(found.items()):
        on = day_of_number(number)
        if intervals != hours.weekly[on.weekday()]:
            is_like = _intervals_text(intervals) if intervals else _("closed")
            said.append(_("%(day)s %(hours)s") % {"day": words.day(on), "hours": is_like})
    return ", ".join(said)


def _intervals_text(intervals: Intervals) -> str:
    return ", ".join(f"{_time(start)}–{_time(end)}" for start, end in intervals)


def _time(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}"
