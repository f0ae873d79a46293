"""Business hours: of the company, and of teams that work at others."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import administrators, page
from agreements.models import BusinessCalendar, CalendarRevision
from agreements.services.calendars import company_calendar, enter_hours, is_stand_in
from slaproject.setting_up.hours_form import HoursForm, initial_hours, time_zones
from slaproject.setting_up.places import subdivisions
from slaproject.setting_up.preview import Preview, hours_a_week, preview
from slaproject.setting_up.typed import accepted, typed


@page("GET", "POST", allow=administrators)
def hours(request: HttpRequest) -> HttpResponse:
    """When is the company open? With the other calendars beside."""
    calendar = BusinessCalendar.objects.filter(is_default=True).first()
    if request.method == "POST":
        calendar = calendar or company_calendar()
    return _answer(request, calendar, is_company=True)


@page("GET", "POST", allow=administrators)
def new_hours(request: HttpRequest) -> HttpResponse:
    """Another calendar, for teams that work at other hours."""
    return _answer(request, None)


@page("GET", "POST", allow=administrators)
def hours_of(request: HttpRequest, slug: str) -> HttpResponse:
    """When is this calendar open?"""
    return _answer(request, get_object_or_404(BusinessCalendar, slug=slug))


@page("POST", allow=administrators)
def hours_preview(request: HttpRequest) -> HttpResponse:
    """What do the hours in the form amount to? A fragment, asked for while they are typed."""
    form = HoursForm(request.POST)
    context = {
        "preview": previewed(form, timezone.now()),
        "parts": subdivisions(request.POST.get("country", "")),
    }
    return render(request, "setting_up/_preview.html", context)


def _answer(
    request: HttpRequest, calendar: BusinessCalendar | None, *, is_company: bool = False
) -> HttpResponse:
    now = timezone.now()
    revision = calendar.revisions.order_by("-number").first() if calendar else None
    form = HoursForm(
        typed(request),
        kept=revision.definition if revision else None,
        initial={
            "name": calendar.name if calendar else _("Company") if is_company else "",
            "country": calendar.country if calendar else "",
            "subdivision": calendar.subdivision if calendar else "",
            **initial_hours(revision),
        },
    )
    if "copy" in request.POST:
        form.copy_monday()
    elif request.method == "POST" and (
        saved := accepted(form, enter_hours, calendar=calendar, now=now, by=request.user)
    ):
        messages.success(request, _saved_text(saved, now))
        return redirect("set-up-hours")
    context = {
        "form": form,
        "calendar": calendar,
        "revision": revision,
        "is_company": is_company,
        "is_stand_in": revision is None or is_stand_in(revision),
        "week": hours_a_week(revision.definition) if revision else "",
        "preview": previewed(form, now) or (None if form.is_bound else preview_of(revision, now)),
        "is_untouched": not form.is_bound,
        "parts": subdivisions(str(form["country"].value())),
        "zones": time_zones(),
        "calendars": _calendars() if is_company else [],
    }
    return render(request, "setting_up/hours.html", context)


def previewed(form: HoursForm, now: dt.datetime) -> Preview | None:
    """Return the sentences about the hours in the form; None while they cannot be read, or nothing was typed."""
    if not form.is_bound or not form.is_valid():
        return None
    written = form.written_out(now)
    return preview(written.hours, {**form.names, **written.names}, now=now)


def preview_of(revision: CalendarRevision | None, now: dt.datetime) -> Preview | None:
    """Return the sentences about hours that are kept; None where there are none."""
    return preview(revision.definition, revision.holiday_names, now=now) if revision else None


def _saved_text(revision: CalendarRevision, now: dt.datetime) -> str:
    return _("Saved as revision %(number)d of %(name)s, for new hand-offs. %(preview)s") % {
        "number": revision.number,
        "name": revision.calendar.name,
        "preview": preview_of(revision, now),
    }


def _calendars() -> list[dict[str, Any]]:
    newest = CalendarRevision.objects.order_by("calendar_id", "-number").distinct("calendar_id")
    revisions = {revision.calendar_id: revision for revision in newest}
    return [
        {
            "calendar": calendar,
            "revision": revision,
            "week": hours_a_week(revision.definition) if revision else "",
        }
        for calendar in BusinessCalendar.objects.order_by("-is_default", "name")
        for revision in [revisions.get(calendar.pk)]
    ]
