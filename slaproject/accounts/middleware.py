"""What every page takes from who asks for it: an end of the session, a zone and a language, headers."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control

from reports.views.live import asks_by_itself

SIGNED_IN_AT, SEEN_AT = "signed_in_at", "seen_at"  # in the session, in seconds since 1970


def person_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Activate the time zone and the language of who is signed in.

    A language that was picked in this browser (the cookie) comes before the one of the account; the zone of someone
    who is not signed in is UTC.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        zone = "UTC"
        if request.user.is_authenticated:
            zone = request.user.time_zone
            if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
                translation.activate(request.user.language)
                request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
        with timezone.override(zoneinfo.ZoneInfo(zone)):
            return get_response(request)

    return respond


def session_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """End a session SESSION_LONGEST after signing in; until then every visit puts its idle end off.

    A page that lies open and fetches newer figures by itself is no visit.
    The idle end is written at most once in SESSION_TOUCH_AFTER: not every page writes to the database.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = timezone.now().timestamp()
            if (
                now - request.session.setdefault(SIGNED_IN_AT, now)
                >= settings.SESSION_LONGEST.total_seconds()
            ):
                logout(request)
            elif now - request.session.get(
                SEEN_AT, 0
            ) >= settings.SESSION_TOUCH_AFTER.total_seconds() and not asks_by_itself(request):
                request.session[SEEN_AT] = now
        return get_response(request)

    return respond


def headers_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Keep answers to who is signed in out of every cache, and the browser's devices out of every page."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        if request.user.is_authenticated:
            patch_cache_control(response, private=True, no_store=True)
        return response

    return respond
