"""Lengths and instants as the pages about leads write them."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from decimal import Decimal
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
NBSP = "\N{NO-BREAK SPACE}"


def length(value: dt.timedelta) -> str:
    """Write a length: 3 h 20 m, 20 m, 45 s. Parts of a minute are left out; hours do not become days.

    Its spaces do not break, so that a number stays with its unit.
    """
    if dt.timedelta(0) < value < MINUTE:
        return (_("%(seconds)s s") % {"seconds": value.seconds}).replace(" ", NBSP)
    return _length(value // MINUTE, get_language()).replace(" ", NBSP)


@lru_cache(maxsize=4_096)
def _length(minutes: int, language: str | None) -> str:
    """Write whole minutes in this language, which is the active one."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)s m") % {"minutes": rest}
    shown = {"hours": number_format(hours, force_grouping=True), "minutes": rest}
    return _("%(hours)s h %(minutes)s m") % shown if rest else _("%(hours)s h") % shown


def business(value: dt.timedelta) -> str:
    """Write a length of business time: 3 h 20 m (business)."""
    return _("%(length)s (business)") % {"length": length(value)}


def amount(value: Decimal) -> str:
    """Write an amount of money, cents only where there are some: 1,200, 99.50."""
    places = 0 if value == value.to_integral_value() else 2
    return number_format(value, decimal_pos=places, force_grouping=True)


def rough_length(value: dt.timedelta) -> str:
    """Write how long ago something was, in its largest unit: 3 s, 20 min, 5 h, 12 d."""
    if value < MINUTE:
        return _("%(n)s s") % {"n": max(value // dt.timedelta(seconds=1), 0)}
    if value < HOUR:
        return _("%(n)s min") % {"n": value // MINUTE}
    if value < 2 * DAY:
        return _("%(n)s h") % {"n": value // HOUR}
    return _("%(n)s d") % {"n": number_format(value // DAY, force_grouping=True)}


def moment(instant: dt.datetime, *, now: dt.datetime, zone: zoneinfo.ZoneInfo | None = None) -> str:
    """Write an instant in the reader's zone: 14:20 today, else Mon 23 Nov 14:20, with the year where it is another.

    `zone` is the one that the agreement or its calendar counts in: where the reader's differs, it is named.
    """
    return in_zone(instant, timezone.get_current_timezone(), now=now, is_named=_is_other(zone))


def in_zone(instant: dt.datetime, zone: dt.tzinfo, *, now: dt.datetime, is_named: bool = False) -> str:
    """Write an instant as a clock in that zone shows it."""
    local, today = instant.astimezone(zone), now.astimezone(zone).date()
    shown = f"{local:%H:%M}"
    if local.date() != today:
        given = {"day": day(local.date(), today=today), "time": shown}
        shown = _("%(day)s %(time)s") % given
    return f"{shown} {zone_name(local)}" if is_named else shown


def day(on: dt.date, *, today: dt.date) -> str:
    """Write a day: Mon 23 Nov, with the year where it is another."""
    return _day(on, on.year == today.year, get_language())


@lru_cache(maxsize=1_024)
def _day(on: dt.date, is_this_year: bool, language: str | None) -> str:
    """Write a day in this language, which is the one that is active; a page asks for few, many times."""
    if is_this_year:
        return date_format(on, pgettext("format of a weekday, a day and its month", "D j M"))
    return date_format(on, pgettext("format of a weekday, a day, its month and year", "D j M Y"))


def dialled(number: str) -> str:
    """Return what a tel: link may hold of a number: its digits, and a plus sign in front."""
    digits = "".join(sign for sign in number if sign in "0123456789")
    return f"+{digits}" if number.strip().startswith("+") else digits


def zone_name(local: dt.datetime) -> str:
    """Return the short name of a zone, or its full one where it has only an offset."""
    short = local.tzname() or "UTC"
    return short if short[:1].isalpha() else str(local.tzinfo)


def _is_other(zone: zoneinfo.ZoneInfo | None) -> bool:
    return zone is not None and str(timezone.get_current_timezone()) != zone.key


def clock_words(now: dt.datetime) -> dict[str, object]:
    """Return what a page needs to count on by itself: the server's time, and how lengths and states are written."""
    return {
        "now": now.timestamp(),
        "left": _("%(length)s left"),
        "late": _("late %(length)s"),
        "seconds": _("%(seconds)s s"),
        "minutes": _("%(minutes)s m"),
        "minutes_and_seconds": _("%(minutes)s m %(seconds)s s"),
        "hours": _("%(hours)s h"),
        "both": _("%(hours)s h %(minutes)s m"),
        "rests": _("outside business hours"),
        "at_risk": _("at risk"),
        "overdue": _("overdue"),
        "soon": _("15 minutes left for %(leads)s."),
        "breach": _("Overdue now: %(leads)s."),
    }
