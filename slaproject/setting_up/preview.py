"""What business hours amount to, in sentences: how long a week is, when a lead would be due, which day is off next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from agreements.business_time import compile_calendar
from agreements.local_time import day_number, day_of_number, resolve_local
from agreements.opening_hours import OpeningHours, read_opening_hours

EXAMPLE_ALLOWANCE = dt.timedelta(hours=4)
FRIDAY, HALF_PAST_FOUR = 4, dt.time(16, 30)
DAYS_AHEAD = 366


@dataclass(frozen=True, slots=True)
class Preview:
    """The sentences: `week` how long it is, `example` a due time, `day_off` the next one."""

    week: str
    example: str
    day_off: str

    def __str__(self) -> str:
        return " ".join((self.week, self.example, self.day_off))


def preview(definition: Mapping[str, Any], names: Mapping[str, str], *, now: dt.datetime) -> Preview:
    """Describe hours that can be read. `names` are those of days off."""
    hours = read_opening_hours(definition)
    return Preview(
        week=_("Open %(length)s a week, by the clocks of %(zone)s.")
        % {"length": hours_a_week(definition), "zone": definition["tz"]},
        example=_example(definition, hours, now),
        day_off=_day_off(hours, names, now),
    )


def hours_a_week(definition: Mapping[str, Any]) -> str:
    """Return how long a week is open, as in 37 h 30 min."""
    hours = read_opening_hours(definition)
    minutes = sum(end - start for day in hours.weekly for start, end in day) // 60
    whole, rest = divmod(minutes, 60)
    if rest:
        return _("%(hours)s h %(minutes)s min") % {"hours": number_format(whole), "minutes": rest}
    return _("%(hours)s h") % {"hours": number_format(whole)}


def _example(definition: Mapping[str, Any], hours: OpeningHours, now: dt.datetime) -> str:
    today = now.astimezone(hours.zone).date()
    friday = today + dt.timedelta(days=(FRIDAY - today.weekday()) % 7 or 7)
    arrived = resolve_local(dt.datetime.combine(friday, HALF_PAST_FOUR), hours.zone)
    due = compile_calendar(definition).due(arrived, EXAMPLE_ALLOWANCE)
    if due is None:
        return _("A lead would never be due by these hours.")
    local = due.astimezone(hours.zone)
    is_soon = (local.date() - friday).days < 7
    return _("A lead that comes on %(friday)s at 16:30 with 4 h to answer is due on %(due)s.") % {
        "friday": date_format(friday, "l"),
        "due": date_format(local.replace(tzinfo=None), "l H:i" if is_soon else "l j F H:i"),
    }


def _day_off(hours: OpeningHours, names: Mapping[str, str], now: dt.datetime) -> str:
    first = day_number(now.astimezone(hours.zone).date())
    special = hours.special_days(first, first + DAYS_AHEAD)
    off = [day for day, open_at in sorted(special.items()) if not open_at and hours.weekly[(day + 3) % 7]]
    if not off:
        return _("No day off is known for the next 12 months.")
    on = day_of_number(off[0])
    name = names.get(on.isoformat()) or names.get(f"{on:%m-%d}", "")
    day = date_format(on, "j F Y")
    if name:
        return _("Next day off: %(day)s (%(name)s).") % {"day": day, "name": name}
    return _("Next day off: %(day)s.") % {"day": day}
