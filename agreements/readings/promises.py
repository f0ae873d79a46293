"""Each term as a sentence, worked out by the calendar that would apply: what a promise means on a given day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from agreements import words
from agreements.business_time import Calendar
from agreements.local_time import resolve_local, start_of_local_day
from agreements.models import Agreement, CalendarRevision, Team
from agreements.readings.labels import length, window_text
from agreements.services.calendars import company_calendar
from agreements.services.draft_values import Value, is_nothing, month_of_key

TRIED = gettext_lazy("be tried")
UNTIL = {
    "acceptance": gettext_lazy("be accepted or given back"),
    "outcome": gettext_lazy("be qualified, won, lost or unreachable"),
}
FRIDAY, HALF_PAST_FOUR = 4, dt.time(16, 30)


@dataclass(frozen=True)
class Office:
    """Whose business hours: a calendar by name, ready for arithmetic."""

    name: str
    calendar: Calendar
    zone: ZoneInfo

    def business_days(self, month: dt.date) -> int:
        """Count the days of a month that have any opening time."""
        return _business_days(self.calendar, self.zone, month)


@lru_cache(maxsize=512)
def _business_days(calendar: Calendar, zone: ZoneInfo, month: dt.date) -> int:
    first_after = (month + dt.timedelta(days=32)).replace(day=1)
    starts = [
        start_of_local_day(month + dt.timedelta(days=n), zone) for n in range((first_after - month).days + 1)
    ]
    return sum(calendar.elapsed(start, end) > dt.timedelta(0) for start, end in pairwise(starts))


def offices_of(agreement: Agreement) -> list[Office]:
    """Return the hours under which the sales parties' clocks run, each once: their own, the agreement's, the company's.

    At least one: an agreement without a sales team runs by its own hours.
    """
    company = company_calendar()
    teams = [
        party.team
        for party in agreement.parties.select_related("team")
        if party.team.function == Team.Function.SALES
    ]
    wanted = list(dict.fromkeys(team.calendar_id or agreement.calendar_id or company.pk for team in teams))
    wanted = wanted or [agreement.calendar_id or company.pk]
    newest = {
        revision.calendar_id: revision
        for revision in CalendarRevision.objects.filter(calendar__in=wanted)
        .select_related("calendar")
        .order_by("number")
    }
    return [
        Office(revision.calendar.name, revision.compiled(), ZoneInfo(revision.time_zone))
        for revision in (newest[pk] for pk in wanted if pk in newest)
    ]


@dataclass(frozen=True)
class Sayings:
    """Says what terms mean, for an agreement's zone, hours and segments, as of an instant."""

    zone: ZoneInfo
    offices: list[Office]
    now: dt.datetime
    segments: Mapping[int, str] = field(default_factory=dict)

    def of(self, values: Mapping[str, Value], keys: Iterable[str] | None = None) -> dict[str, str]:
        """Return a sentence for each term that has one, by its key; terms that are nothing say nothing."""
        said = {
            key: self.sentence(key, value, values)
            for key, value in values.items()
            if keys is None or key in keys
        }
        return {key: sentence for key, sentence in said.items() if sentence}

    def sentence(self, key: str, value: Value, values: Mapping[str, Value]) -> str:
        """Say what one term means; empty for nothing, and for fields that are words themselves."""
        if is_nothing(value) or key.count("-") < 2:
            return ""
        kind, segment, term = key.split("-", 2)
        if kind == "goal" and isinstance(value, (Decimal, int)):
            return self._goal(month_of_key(key), Decimal(value))
        if isinstance(value, dt.timedelta):
            if term == "allowance":
                return self.by_when(kind, value, self.segments.get(int(segment)))
            if term == "average_goal":
                return _("The average over a month is at most %(length)s (business).") % {
                    "length": words.duration(length(value))
                }
            if term == "pause_limit":
                return _(
                    "Where a lead asks for a later time, its clock may be paused, for %(length)s in all."
                ) % {"length": window_text(value)}
            return ""
        if term == "attempts" and isinstance(value, int):
            window = values.get(f"depth-{segment}-window")
            return self._attempts(
                value, window if isinstance(window, dt.timedelta) else dt.timedelta(days=14)
            )
        if isinstance(value, Decimal):
            allowance = values.get(f"speed-{segment}-allowance")
            term = f"{kind}-{term}" if kind in UNTIL else term
            return _share(term, value, allowance if isinstance(allowance, dt.timedelta) else None)
        return ""

    def first_attempt(self, allowance: dt.timedelta, segment: str | None = None) -> str:
        """Say by when a lead of the next Friday, 16:30, must be tried: once for each of the hours that may apply."""
        return self.by_when("speed", allowance, segment)

    def by_when(self, kind: str, allowance: dt.timedelta, segment: str | None = None) -> str:
        """Say by when a lead of the next Friday, 16:30, must be tried, accepted, or come to an outcome."""
        arrives = self._next_friday()
        sentences = []
        for office in self.offices:
            due = office.calendar.due(arrives, allowance)
            said = {
                "at": _moment(arrives, self.zone, arrives),
                "segment": segment,
                "due": _moment(due, self.zone, arrives) if due else _("never"),
                "hours": office.name,
                "zone": office.zone.key.rpartition("/")[2].replace("_", " "),
                "what": UNTIL.get(kind, TRIED),
            }
            if due is None:
                sentences.append(
                    _("A lead arriving %(at)s would never be due: %(hours)s has no opening time left.") % said
                )
            elif segment:
                sentences.append(
                    _(
                        "A lead of “%(segment)s” arriving %(at)s must %(what)s by %(due)s "
                        "(business hours: %(hours)s, %(zone)s)."
                    )
                    % said
                )
            else:
                sentences.append(
                    _(
                        "A lead arriving %(at)s must %(what)s by %(due)s (business hours: %(hours)s, %(zone)s)."
                    )
                    % said
                )
        return " ".join(sentences)

    def _next_friday(self) -> dt.datetime:
        today = timezone.localtime(self.now, self.zone).date()
        friday = today + dt.timedelta(days=(FRIDAY - today.weekday()) % 7 or 7)
        return resolve_local(dt.datetime.combine(friday, HALF_PAST_FOUR), self.zone)

    def _attempts(self, attempts: int, window: dt.timedelta) -> str:
        last = timezone.localtime(self.now + window, self.zone).date()
        return ngettext(
            "%(n)s attempt within %(window)s: until %(day)s for a lead of today.",
            "%(n)s attempts within %(window)s: until %(day)s for a lead of today.",
            attempts,
        ) % {"n": attempts, "window": window_text(window), "day": long_day(last)}

    def _goal(self, month: dt.date, goal: Decimal) -> str:
        days = self.offices[0].business_days(month) if self.offices else 0
        said = {"goal": words.amount(goal, 2), "month": date_format(month, "F")}
        if not days:
            return _("%(goal)s MQLs in %(month)s, a month without a business day.") % said
        said["rate"] = words.amount(goal / days)
        return _("%(goal)s MQLs in %(month)s: %(rate)s per business day.") % said


def _share(term: str, share: Decimal, allowance: dt.timedelta | None) -> str:
    missed = words.amount((1 - share) * 100)
    if term == "in_time_share":
        return _("Of 100 leads due, at most %(missed)s are tried late.") % {"missed": missed}
    if term == "acceptance-in_time_share":
        return _("Of 100 leads due, at most %(missed)s are accepted or given back late.") % {"missed": missed}
    if term == "outcome-in_time_share":
        return _("Of 100 leads due, at most %(missed)s come to an outcome late.") % {"missed": missed}
    if term == "share":
        return _("Of 100 leads, at most %(missed)s stay without any attempt.") % {"missed": missed}
    if term == "at_risk_share" and allowance is not None:
        return _("A lead is shown as at risk after %(length)s (business).") % {
            "length": words.duration(length(allowance * float(share)))
        }
    return ""


def long_day(on: dt.date) -> str:
    """Write a day with its weekday: Friday 18 December."""
    return date_format(on, pgettext("format of a weekday, a day and its month, in full", "l j F"))


def _moment(instant: dt.datetime, zone: ZoneInfo, beside: dt.datetime) -> str:
    """Write weekday and time of day; with the date too where a week or more lies between."""
    local = timezone.localtime(instant, zone)
    if instant - beside < dt.timedelta(days=6):
        return date_format(local, pgettext("format of a weekday and a time", "l H:i"))
    return date_format(local, pgettext("format of a weekday, a date and a time", "l j F, H:i"))
