"""Numbers, lengths and days as the reader's language writes them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import floor

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

Amount = Fraction | Decimal | int | float

MINUTE, HOUR = 60, 3600
NONE = "–"
REMEMBERED = 4_096  # results of each kind: a page writes hundreds of numbers, of which many are equal


def whole(value: Amount) -> int:
    """Round to the nearest whole number, halves up."""
    return floor(Fraction(value) + Fraction(1, 2))


@lru_cache(maxsize=REMEMBERED)
def rounded(value: Amount, places: int) -> Decimal:
    """Round to decimal places, halves up."""
    return Decimal(floor(Fraction(value) * 10**places + Fraction(1, 2))).scaleb(-places)


def amount(value: Amount | None, places: int = 1) -> str:
    """Write a number with at most so many decimals, none where it is whole: 1,234.5, −3."""
    if value is None:
        return NONE
    short = rounded(value, places)
    shown = 0 if short == short.to_integral_value() else places
    sign = "−" if short < 0 else ""
    return sign + _written(abs(short), shown, get_language())


@lru_cache(maxsize=REMEMBERED)
def _written(number: Decimal, places: int, language: str | None) -> str:
    """Write a number as this language does, which is the active one."""
    return number_format(number, decimal_pos=places, force_grouping=True)


def signed(value: Amount | None, places: int = 1) -> str:
    """Write a difference: +4, −12, 0."""
    if value is None:
        return NONE
    return f"{'+' if rounded(value, places) > 0 else ''}{amount(value, places)}"


def percent(part: Amount | None, places: int = 0) -> str:
    """Write a share as per cent."""
    if part is None:
        return NONE
    return _("%(number)s%%") % {"number": amount(Fraction(part) * 100, places)}


def money(value: Amount | None, currency: str, places: int = 0) -> str:
    """Write an amount of money with the code of its currency."""
    if value is None:
        return NONE
    return f"{amount(value, places)} {currency}".strip()


def duration(seconds: Amount | None) -> str:
    """Write a length of time: 3 h 20 m, 20 m, 45 s. Hours do not become days: a business day has no fixed length."""
    return NONE if seconds is None else _length(Fraction(seconds), get_language())


@lru_cache(maxsize=REMEMBERED)
def _length(seconds: Fraction, language: str | None) -> str:
    """Write a length of time as this language does, which is the active one."""
    total = whole(seconds)
    if 0 < total < MINUTE:
        return _("%(seconds)s s") % {"seconds": total}
    minutes = whole(seconds / MINUTE)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)s m") % {"minutes": rest}
    shown = {"hours": amount(hours), "minutes": rest}
    return _("%(hours)s h %(minutes)s m") % shown if rest else _("%(hours)s h") % shown


def to_minute(seconds: Amount) -> int:
    """Round a length to what is shown of it, so that the difference that is said is that of what is said."""
    return whole(seconds) if seconds < MINUTE else whole(Fraction(seconds) / MINUTE) * MINUTE


def day(on: dt.date) -> str:
    """Write a day of the year: 14 Nov."""
    return date_format(on, pgettext("format of a day and its month", "j M"))


def weekday_and_day(on: dt.date) -> str:
    """Write a day with its weekday: Sat 14 Nov."""
    return date_format(on, pgettext("format of a weekday, a day and its month", "D j M"))


def days(start: dt.date, end: dt.date) -> str:
    """Write the days [start, end): 9 Nov, or 9 Nov – 15 Nov."""
    last = end - dt.timedelta(days=1)
    return day(start) if last <= start else f"{day(start)} – {day(last)}"


def whole_day(on: dt.date) -> str:
    """Write a day with its year: 14 Nov 2026."""
    return date_format(on, pgettext("format of a day with its year", "j M Y"))


def whole_days(start: dt.date, end: dt.date) -> str:
    """Write the days [start, end) with their years: 9 Nov 2026, or 9 Nov 2026 to 15 Nov 2026."""
    last = end - dt.timedelta(days=1)
    if last <= start:
        return whole_day(start)
    return _("%(first)s to %(last)s") % {"first": whole_day(start), "last": whole_day(last)}


def month(on: dt.date) -> str:
    """Write a month: November 2026."""
    return date_format(on, "YEAR_MONTH_FORMAT")


def clock_time(instant: dt.datetime, now: dt.datetime) -> str:
    """Write the time of day in the reader's zone, and name the zone: 10:42 UTC. Another day's comes with its day."""
    local = timezone.localtime(instant)
    shown = f"{date_format(local, 'H:i')} {zone_name(local)}"
    if local.date() == timezone.localtime(now).date():
        return shown
    return f"{whole_day(local.date())}, {shown}"


def zone_name(local: dt.datetime) -> str:
    """Return the short name of a zone, or its full one where it has only an offset."""
    short = local.tzname() or "UTC"
    return short if short[:1].isalpha() else str(local.tzinfo)


def leads(n: int) -> str:
    """Count leads: 1 lead, 12 leads."""
    return ngettext("%(n)s lead", "%(n)s leads", n) % {"n": amount(n)}
