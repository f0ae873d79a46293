"""What a person has to come, as an iCalendar: reviews, what they answer for, ends of their teams' agreements.

Instants are written in UTC, so no time zone needs to be described; days are whole days. A UID says what it is about
and stays, so that a program that asks again changes its entry rather than adding one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from agreements.models import Agreement, Occurrence, Review
from agreements.rights import rights_of
from agreements.services.ending import coming_ends

PAST, MOST = dt.timedelta(days=92), 500
DOMAIN = "promises.invalid"
LENGTH = dt.timedelta(minutes=30)


def calendar_of(person: Any, *, now: dt.datetime, absolute: Callable[[str], str]) -> bytes:
    """Return the calendar of a person; `absolute` makes a whole address of a path."""
    calendar = Calendar()
    calendar.add("prodid", "-//Promises of sales and marketing//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("Promises of sales and marketing"))
    for event in (
        *_owed(person, now, absolute),
        *_reviews(person, now, absolute),
        *_ends(person, now, absolute),
    ):
        event.add("dtstamp", now)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def agreements_of(person: Any) -> Any:
    """Return the agreements whose parties' teams this person belongs to, or that they sign."""
    rights = rights_of(person)
    seen = Agreement.objects.visible_to(person)
    return seen.filter(
        Q(parties__team__in=rights.teams)
        | Q(parties__signatory=rights.user_id, parties__team__in=rights.teams)
    ).distinct()


def _owed(person: Any, now: dt.datetime, absolute: Callable[[str], str]) -> Iterator[Event]:
    rights = rights_of(person)
    mine = Occurrence.objects.visible_to(person).filter(
        obligation__duty__person=person,
        obligation__from_party__team__in=rights.teams,
        due_at__gt=now - PAST,
    )
    for one in mine.select_related("obligation__version__agreement", "obligation__to_party__team")[:MOST]:
        agreement = one.obligation.version.agreement
        said = {"name": one.obligation.name, "team": one.obligation.to_party.team.name}
        event = _event(
            f"due-{agreement.slug}-{one.obligation_id}-{one.nominal_on.isoformat()}",
            _("Due: %(name)s for %(team)s") % said,
            absolute(reverse("agreements:occurrence", args=[agreement.slug, one.pk])),
        )
        event.add("dtstart", one.due_at.astimezone(dt.UTC) - LENGTH)
        event.add("dtend", one.due_at.astimezone(dt.UTC))
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", one.obligation.name)
        alarm.add("trigger", -dt.timedelta(hours=1))
        event.add_component(alarm)
        yield event


def _reviews(person: Any, now: dt.datetime, absolute: Callable[[str], str]) -> Iterator[Event]:
    told = Review.objects.held() | Review.objects.to_hold()
    mine = told.filter(agreement__in=agreements_of(person), planned_on__gt=(now - PAST).date())
    for one in mine.select_related("agreement")[:MOST]:
        event = _event(
            f"review-{one.agreement.slug}-{one.pk}",
            _("Review: %(name)s") % {"name": one.agreement.name},
            absolute(reverse("agreements:review", args=[one.agreement.slug, one.pk])),
        )
        _whole_day(event, one.planned_on)
        yield event


def _ends(person: Any, now: dt.datetime, absolute: Callable[[str], str]) -> Iterator[Event]:
    for version, last_day in coming_ends(agreements_of(person), since=(now - PAST).date()):
        event = _event(
            f"end-{version.agreement.slug}-{version.number}",
            _("Last day of “%(name)s”") % {"name": version.agreement.name},
            absolute(reverse("agreements:reviews", args=[version.agreement.slug])),
        )
        _whole_day(event, last_day)
        yield event


def _event(uid: str, summary: str, address: str) -> Event:
    event = Event()
    event.add("uid", f"{uid}@{DOMAIN}")
    event.add("summary", summary)
    event.add("url", address)
    return event


def _whole_day(event: Event, on: dt.date) -> None:
    event.add("dtstart", on)
    event.add("dtend", on + dt.timedelta(days=1))
    event.add("transp", "TRANSPARENT")
