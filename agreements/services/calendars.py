"""Calendars are changed by adding a revision, public holidays written out in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import holidays
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from agreements.models import BusinessCalendar, CalendarRevision
from agreements.opening_hours import check_calendar

# Public holidays are written out this far around today: history on one side, due times on the other.
YEARS_BACK, YEARS_AHEAD = 12, 5

STANDARD_WEEK = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


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
                note="Until the company's own hours are entered",
                created_at=dt.datetime.now(dt.UTC),
            )
    return calendar


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


@transaction.atomic
def revise_calendar(
    *,
    calendar: BusinessCalendar,
    definition: Mapping[str, Any],
    now: dt.datetime,
    by: Any = None,
    note: str = "",
) -> CalendarRevision:
    """Add a revision with these hours and the public holidays of the calendar's country written out.

    `definition` has tz, weekly and optionally holidays, holidays_every_year, breaks, overrides. Raises
    ValidationError naming every fault of it. Adding the same hours again returns the revision that has them.
    """
    faults = check_calendar(definition)
    if faults:
        raise ValidationError(faults)
    BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)
    hours = dict(definition)
    names: dict[str, str] = {}
    holidays_to: dt.date | None = None
    if calendar.country:
        years = range(now.year - YEARS_BACK, now.year + YEARS_AHEAD + 1)
        names = public_holidays(calendar.country, calendar.subdivision, years)
        holidays_to = dt.date(years.stop, 1, 1)
        hours["holidays"] = sorted({*hours.get("holidays", []), *names})
    last = calendar.revisions.order_by("-number").first()
    if last is not None and last.definition == hours:
        return last
    return CalendarRevision.objects.create(
        calendar=calendar,
        number=last.number + 1 if last else 1,
        definition=hours,
        holiday_names=names,
        holidays_to=holidays_to,
        note=note,
        created_at=now,
        created_by=by,
    )


@transaction.atomic
def load_calendar(
    *, name: str, definition: Mapping[str, Any], now: dt.datetime, is_default: bool = False
) -> CalendarRevision:
    """Add a revision to the calendar of this name, made if need be, and make it the company's if asked to."""
    calendar = BusinessCalendar.objects.filter(name=name).first()
    if calendar is None:
        slug = base = slugify(name)[:40] or "calendar"
        number = 1
        while BusinessCalendar.objects.filter(slug=slug).exists():
            number += 1
            slug = f"{base}-{number}"
        calendar = BusinessCalendar.objects.create(name=name, slug=slug)
    revision = revise_calendar(calendar=calendar, definition=definition, now=now)
    if is_default and not calendar.is_default:
        BusinessCalendar.objects.filter(is_default=True).update(is_default=False)
        BusinessCalendar.objects.filter(pk=calendar.pk).update(is_default=True)
    return revision
