"""What someone wrote into a form while their session ended is kept until they are signed in again.

The text of a POST that is sent on to the sign-in page waits in the session of that browser, under the address of the
page that had the form. Opened by the same person, that page finds it once: as `request.kept` where the form goes to the
page itself, else as `request.kept_elsewhere`, for pages that have more forms than their own; what was written into such
a form is said in a message, whatever becomes of it. Which person last used this browser is known from a signed cookie;
without it nothing is kept, so strangers store nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

KEPT = "kept_forms"  # in the session: {address of the page: {"person": id, "text": urlencoded, "to": path}}
MOST_PAGES = 3
MOST_CHARACTERS = 200_000
SECRETS = ("password", "token", "secret")
SALT = "slaproject.accounts.kept_forms"
SECONDS_KNOWN = 30 * 24 * 3600


def kept_forms_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give a page what was written into its forms without a session; None on all others."""

    def respond(request: HttpRequest) -> HttpResponse:
        request.kept, request.kept_elsewhere = _given_back(request)  # type: ignore[attr-defined]
        response = get_response(request)
        if request.user.is_authenticated:
            _remember(request, response)
        elif _is_sent_to_sign_in(response):
            return _sent_with_text(request, response)
        return response

    return respond


def written_text(posted: QueryDict) -> QueryDict:
    """Return what a person wrote, without passwords and tokens."""
    text = QueryDict(mutable=True)
    for name, values in posted.lists():
        if not any(secret in name.lower() for secret in SECRETS):
            text.setlist(name, values)
    return text


def _cookie_name() -> str:
    return "__Host-last-person" if settings.HTTPS_ONLY else "last-person"


def _last_person(request: HttpRequest) -> int | None:
    known = request.get_signed_cookie(_cookie_name(), default=None, salt=SALT, max_age=SECONDS_KNOWN)
    return int(known) if known else None


def _remember(request: HttpRequest, response: HttpResponse) -> None:
    if _last_person(request) != request.user.pk:
        response.set_signed_cookie(
            _cookie_name(),
            str(request.user.pk),
            salt=SALT,
            max_age=SECONDS_KNOWN,
            secure=settings.HTTPS_ONLY,
            httponly=True,
            samesite="Lax",
        )


def _is_sent_to_sign_in(response: HttpResponse) -> bool:
    if response.status_code != 302:
        return False
    where = urlsplit(response.headers["Location"])
    return where.path == resolve_url(settings.LOGIN_URL) and "next" in parse_qs(where.query)


def _sent_with_text(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the way to the sign-in page, and from there to the page that had the form."""
    is_htmx = "HX-Request" in request.headers
    if request.method == "GET" and not is_htmx:
        return response
    page = _page_of_form(request)
    person = _last_person(request)
    if request.method == "POST" and person is not None:
        _keep(request, page, person)
    location = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': page})}"
    if is_htmx:  # a fragment cannot be the sign-in page: the whole page has to go there
        return HttpResponse(status=204, headers={"HX-Redirect": location})
    response.headers["Location"] = location
    return response


def _page_of_form(request: HttpRequest) -> str:
    for header in ("HX-Current-URL", "Referer"):
        address = request.headers.get(header, "")
        if "://" in address and url_has_allowed_host_and_scheme(address, {request.get_host()}):
            parts = urlsplit(address)
            return parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    return request.get_full_path()


def _keep(request: HttpRequest, page: str, person: int) -> None:
    text = written_text(request.POST).urlencode()
    if not text:
        messages.warning(request, _("Your session had ended. Sign in, and do it again."))
    elif len(text) > MOST_CHARACTERS:
        messages.warning(
            request,
            _(
                "Your session had ended, and what you wrote is too long to be kept. Go back and copy it first."
            ),
        )
    else:
        kept: dict[str, Any] = request.session.get(KEPT, {})
        kept.pop(page, None)
        newest = [*kept.items(), (page, {"person": person, "text": text, "to": request.path})][-MOST_PAGES:]
        request.session[KEPT] = dict(newest)
        messages.warning(request, _("Your session had ended. What you wrote is kept."))


def _given_back(request: HttpRequest) -> tuple[QueryDict | None, QueryDict | None]:
    """What was kept for the form of the page, and what for another form on it."""
    if not request.user.is_authenticated or KEPT not in request.session:
        return None, None
    own = {page: entry for page, entry in request.session[KEPT].items() if entry["person"] == request.user.pk}
    entry = own.pop(request.get_full_path(), None) if request.method == "GET" else None
    request.session[KEPT] = own
    if not own:
        del request.session[KEPT]
    if entry is None:
        return None, None
    text = QueryDict(entry["text"])
    if entry.get("to") == request.path:
        messages.info(
            request, _("What you wrote before your session ended is here again. It is not saved yet.")
        )
        return text, None
    sentences = [one for _name, values in text.lists() for one in values if " " in one.strip()]
    if sentences:
        said = {"text": " · ".join(sentences)}
        messages.warning(
            request, _("Your session had ended before this was saved: “%(text)s”. Do it again.") % said
        )
    else:
        messages.warning(request, _("Your session had ended before that was done. Do it again."))
    return None, text
