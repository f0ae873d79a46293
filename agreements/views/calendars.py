"""A person's own calendar: its secret address, and what is read there without a password."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from agreements.access import page
from agreements.models import CalendarFeed
from agreements.readings.calendar_feed import calendar_of
from agreements.services.calendar_feeds import end_address, make_address, person_of_token


@page("GET", "POST")
def calendar(request: HttpRequest) -> HttpResponse:
    """How do I get the dates into my own calendar?"""
    address = ""
    if request.method == "POST" and "end" in request.POST:
        end_address(person=request.user)
        messages.success(request, _("The address serves no more."))
        return redirect("agreements:calendar")
    if request.method == "POST":
        token = make_address(person=request.user, now=timezone.now())
        # Shown once, in the answer itself: only its hash is kept.
        address = request.build_absolute_uri(reverse("agreements:calendar-feed", args=[token]))
    feed = CalendarFeed.objects.filter(person=request.user.pk).first()
    return render(request, "agreements/calendar.html", {"feed": feed, "address": address})


@require_http_methods(["GET", "HEAD"])
@cache_control(private=True, no_store=True)
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of whoever has this secret: the secret is the right, no session is asked for."""
    person = person_of_token(token)
    if person is None:
        raise Http404
    with translation.override(person.language):
        content = calendar_of(person, now=timezone.now(), absolute=request.build_absolute_uri)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="promises.ics"'
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
