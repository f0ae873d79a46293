"""Calendars are changed by adding a revision, public holidays written out in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import holidays
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from agreements.models import BusinessCalendar, CalendarRevision
from agreements.opening_hours import check_calendar

# Public holidays are written out this far around today: history on one side, due times on the other.
YEARS_BACK, YEARS_AHEAD = 12, 5

# What a new installation's hours say of themselves until somebody enters some.
STAND_IN_NOTE = "Until the company's own hours are entered"
STANDARD_WEEK = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def company_hours() -> CalendarRevision:
    """Return the newest hours of the company's calendar: by one query, where there are some."""
    newest = CalendarRevision.objects.filter(calendar__is_default=True).select_related("calendar")
    return newest.order_by("-number").first() or company_calendar().latest_revision()


def company_calendar() -> BusinessCalendar:
    """Return the company's calendar. A new installation gets Monday to Friday, 9:00 to 17:00 UTC."""
    found = BusinessCalendar.objects.filter(is_default=True).first()
    if found is not None:
        return found
    with transaction.atomic():
        calendar, is_new = BusinessCalendar.objects.get_or_create(
            is_default=True, defaults={"slug": "company", "name": "Company"}
        )
        if is_new:
            CalendarRevision.objects.create(
                calendar=calendar,
                number=1,
                definition={"tz": "UTC", "weekly": STANDARD_WEEK},
                note=STAND_IN_NOTE,
                created_at=dt.datetime.now(dt.UTC),
            )
    return calendar


def is_stand_in(revision: CalendarRevision) -> bool:
    """Whether nobody has entered these hours: they stand in for the company's own."""
    return revision.note == STAND_IN_NOTE and revision.created_by_id is None


def public_holidays(country: str, subdivision: str, years: range) -> dict[str, str]:
    """Return the public holidays of a country (and subdivision) as ISO date → name, in English where known.

    Raises ValidationError for a country or subdivision that the holiday library does not know.
    """
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=years, language="en_US")
    except NotImplementedError as error:
        raise ValidationError(
            _("No public holidays are known for “%(place)s”."),
            params={"place": "-".join(filter(None, [country, subdivision]))},
        ) from error
    return {day.isoformat(): name for day, name in sorted(found.items())}


@dataclass(frozen=True, slots=True)
class WrittenOut:
    """Hours with the public holidays of a place written out in them, these by name, and until when they are known."""

    hours: dict[str, Any]
    names: dict[str, str]
    holidays_to: dt.date | None


def written_out(
    definition: Mapping[str, Any], *, country: str, subdivision: str, now: dt.datetime
) -> WrittenOut:
    """Write the public holidays of the country out; with no country, none. ValidationError for an unknown place.

    A public holiday for which the definition itself names hours is none here: the company works on it.
    """
    hours = dict(definition)
    if not country:
        return WrittenOut(hours, {}, None)
    years = range(now.year - YEARS_BACK, now.year + YEARS_AHEAD + 1)
    worked = {day for day, intervals in hours.get("overrides", {}).items() if intervals}
    found = public_holidays(country, subdivision, years)
    names = {day: name for day, name in found.items() if day not in worked}
    hours["holidays"] = sorted({*hours.get("holidays", []), *names})
    return WrittenOut(hours, names, dt.date(years.stop, 1, 1))


@transaction.atomic
def revise_calendar(
    *,
    calendar: BusinessCalendar,
    definition: Mapping[str, Any],
    now: dt.datetime,
    by: Any = None,
    note: str = "",
    names: Mapping[str, str] | None = None,
) -> CalendarRevision:
    """Add a revision with these hours and the public holidays of the calendar's country written out.

    `definition` has tz, weekly and optionally holidays, holidays_every_year, breaks, overrides; `names` what days of it
    are called. Raises ValidationError naming every fault of it. Adding the same hours again returns the revision that
    has them, unless nobody has entered it: then entering the same is what makes them the calendar's own.
    """
    faults = check_calendar(definition)
    if faults:
        raise ValidationError(faults)
    BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)
    written = written_out(definition, country=calendar.country, subdivision=calendar.subdivision, now=now)
    all_names = {**(names or {}), **written.names}
    last = calendar.revisions.order_by("-number").first()
    if (
        last is not None
        and last.definition == written.hours
        and (names is None or last.holiday_names == all_names)
        and not is_stand_in(last)
    ):
        return last
    return CalendarRevision.objects.create(
        calendar=calendar,
        number=last.number + 1 if last else 1,
        definition=written.hours,
        holiday_names=all_names,
        holidays_to=written.holidays_to,
        note=note,
        created_at=now,
        created_by=by,
    )


def enter_hours(
    *,
    calendar: BusinessCalendar | None,
    name: str,
    country: str,
    subdivision: str,
    definition: Mapping[str, Any],
    names: Mapping[str, str],
    now: dt.datetime,
    by: Any,
    seen: int | None = None,
) -> CalendarRevision:
    """Enter a calendar's name, place and hours; None makes a new calendar. Return the revision that has them.

    `seen` is the number of the revision that the person looked at: when somebody has entered other hours since, nothing
    is changed and ValidationError says so. ValidationError too for a name that is taken, and for faults of the hours.
    """
    try:
        with transaction.atomic():
            if calendar is None:
                kept = BusinessCalendar(slug=_free_slug(name))
            else:
                kept = BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)
            kept.name, kept.country, kept.subdivision = name, country, subdivision
            kept.save()
            revision = revise_calendar(calendar=kept, definition=definition, now=now, by=by, names=names)
            if seen is not None and revision.number > seen + 1:
                raise ValidationError(
                    _("Somebody has changed these hours since you opened them. Open them again to see them.")
                )
    except IntegrityError as error:
        raise ValidationError({"name": _("There is a calendar of this name already.")}) from error
    return revision


@transaction.atomic
def load_calendar(
    *, name: str, definition: Mapping[str, Any], now: dt.datetime, is_default: bool = False
) -> CalendarRevision:
    """Add a revision to the calendar of this name, made if need be, and make it the company's if asked to."""
    calendar = BusinessCalendar.objects.filter(name=name).first()
    if calendar is None:
        calendar = BusinessCalendar.objects.create(name=name, slug=_free_slug(name))
    revision = revise_calendar(calendar=calendar, definition=definition, now=now)
    if is_default and not calendar.is_default:
        BusinessCalendar.objects.filter(is_default=True).update(is_default=False)
        BusinessCalendar.objects.filter(pk=calendar.pk).update(is_default=True)
    return revision


def _free_slug(name: str) -> str:
    slug = base = slugify(name)[:40] or "calendar"
    number = 1
    while BusinessCalendar.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug
