"""When something happened, as a file says it: an instant, or only a day.

Read are ISO 8601 (`2018-02-26`, `2018-02-26T19:58:54Z`, `2018-02-26 19:58`), the formats that the mapping names,
and days of three numbers (`26-02-2018 19:58`, `2/26/2018 7:58 PM`) once their order is known. An instant without
an offset is the wall time of the file's zone: in a gap of the clock it moves forward, in a fold it is the first.
A day without a time keeps its date; as an instant it is the first of that local day. Instants are cut to whole
seconds. What lies in the future, or outside the years 1971 to 2100, is rejected.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from agreements.local_time import resolve_local, start_of_local_day
from leads.intake.faults import Rejected
from leads.intake.values import shortened

ORDERS = {"dmy": ("day", "month", "year"), "mdy": ("month", "day", "year"), "ymd": ("year", "month", "day")}
FIRST_YEAR, LAST_YEAR = 1971, 2100
CLOCKS_DIFFER = dt.timedelta(minutes=5)

THREE_NUMBERS = re.compile(
    r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})"
    r"(?:[ T,]{1,2}(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?: ?([AaPp])\.?[Mm]\.?)?)?"
)
SERIAL_NUMBER = re.compile(r"\d{5}(?:[.,]\d+)?")


class Moment(NamedTuple):
    """An instant in UTC; `day` is the date where no more than that was said."""

    at: dt.datetime
    day: dt.date | None

    @property
    def is_date_only(self) -> bool:
        return self.day is not None


class Moments:
    """Reads the moments of one file."""

    def __init__(
        self, *, zone: ZoneInfo, now: dt.datetime, formats: Sequence[str] = (), order: str | None = None
    ) -> None:
        self.zone = zone
        self.order = order
        self._latest = now + CLOCKS_DIFFER
        self._formats = [
            (form, any(mark in form for mark in ("%H", "%I", "%T", "%X", "%c"))) for form in formats
        ]
        self._days: dict[dt.date, dt.datetime] = {}

    def read(self, text: str, field: str) -> Moment:
        """The moment that the text says; Rejected where it says none, or one that cannot be."""
        found = (
            (self._with_formats(text) if self._formats else None)
            or self._iso(text)
            or self._three_numbers(text, field)
        )
        if found is None:
            raise Rejected(self._why_not(text, field))
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise Rejected(
                _("%(field)s: the year of “%(text)s” is not between %(first)d and %(last)d")
                % {"field": field, "text": text, "first": FIRST_YEAR, "last": LAST_YEAR}
            )
        if not isinstance(found, dt.datetime):
            moment = Moment(self._start_of(found), found)
        elif found.tzinfo is None:
            moment = Moment(
                resolve_local(found.replace(microsecond=0) if found.microsecond else found, self.zone), None
            )
        else:
            moment = Moment(found.astimezone(dt.UTC).replace(microsecond=0), None)
        if moment.at > self._latest:
            raise Rejected(_("%(field)s: “%(text)s” lies in the future") % {"field": field, "text": text})
        return moment

    def _start_of(self, day: dt.date) -> dt.datetime:
        found = self._days.get(day)
        if found is None:
            found = self._days[day] = start_of_local_day(day, self.zone)
        return found

    def _with_formats(self, text: str) -> dt.date | dt.datetime | None:
        for form, has_time in self._formats:
            try:
                found = dt.datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the file's
            except ValueError:
                continue
            return found if has_time else found.date()
        return None

    @staticmethod
    def _iso(text: str) -> dt.date | dt.datetime | None:
        if text[4:5] != "-" or text[7:8] != "-":
            return None
        try:
            if len(text) == 10:
                return dt.date.fromisoformat(text)
            return dt.datetime.fromisoformat(text)
        except ValueError:
            return None

    def _three_numbers(self, text: str, field: str) -> dt.date | dt.datetime | None:
        found = THREE_NUMBERS.fullmatch(text)
        if found is None:
            return None
        numbers = (found[1], found[3], found[4])
        order = "ymd" if len(found[1]) == 4 else self.order
        if order is None:
            raise Rejected(
                _(
                    "%(field)s: in “%(text)s” the order of day and month is not known; write it as 2026-03-04, or "
                    "name the order in the mapping"
                )
                % {"field": field, "text": text}
            )
        part = dict(zip(ORDERS[order], numbers, strict=True))
        if len(part["year"]) not in (2, 4) or len(part["day"]) > 2:
            return None
        year = int(part["year"])
        if len(part["year"]) == 2:
            year += 2000 if year < 69 else 1900  # as strptime reads %y
        try:
            day = dt.date(year, int(part["month"]), int(part["day"]))
            if found[5] is None:
                return day
            return dt.datetime.combine(day, _time(found[5], found[6], found[7], found[8]))
        except ValueError:
            return None

    @staticmethod
    def _why_not(text: str, field: str) -> str:
        if SERIAL_NUMBER.fullmatch(text):
            reason = _(
                "%(field)s: “%(text)s” is a spreadsheet's number of a day; give the column a date format"
            )
        else:
            reason = _("%(field)s: “%(text)s” is not a date or time that exists in a form known here")
        return reason % {"field": field, "text": shortened(text)}


def _time(hour: str, minute: str, second: str | None, half: str | None) -> dt.time:
    hours = int(hour)
    if half is not None:
        if not 1 <= hours <= 12:
            raise ValueError("no hour of a twelve-hour clock")
        hours = hours % 12 + (12 if half in "pP" else 0)
    return dt.time(hours, int(minute), int(second or 0))


class OrderClues:
    """What the days of three numbers in a file give away about their order, value by value."""

    def __init__(self) -> None:
        self.first_is_day = False
        self.second_is_day = False
        self.has_short_years = False
        self.example = ""

    def look_at(self, text: str) -> None:
        """Take one more cell into account; most are none of our concern."""
        if text[4:5] == "-":
            return
        found = THREE_NUMBERS.fullmatch(text)
        if found is None or len(found[1]) == 4:
            return
        self.example = self.example or text
        self.has_short_years = self.has_short_years or len(found[4]) != 4
        self.first_is_day = self.first_is_day or int(found[1]) > 12
        self.second_is_day = self.second_is_day or int(found[3]) > 12

    def order(self) -> str | None:
        """The order that all values have in common, if there is just one; years of two digits prove nothing."""
        if self.has_short_years or self.first_is_day == self.second_is_day:
            return None
        return "dmy" if self.first_is_day else "mdy"
