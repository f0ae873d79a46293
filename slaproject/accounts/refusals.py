"""The page for a form that came without its token: what happened, what to do, and what had been written."""

from __future__ import annotations

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.shortcuts import render
from django.utils.cache import patch_cache_control

from slaproject.accounts.kept_forms import MOST_CHARACTERS, written_text

WORTH_COPYING = 3  # characters: shorter ones are ticks and choices


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse the form. Its text is shown for copying, but only when it came from a page of this site."""
    response = render(request, "403_csrf.html", {"written": _written(request)}, status=403)
    patch_cache_control(response, private=True, no_store=True)
    return response


def _written(request: HttpRequest) -> list[str]:
    if request.headers.get("Origin") != f"{request.scheme}://{request.get_host()}":
        return []
    try:
        text: QueryDict = written_text(request.POST)
    except (SuspiciousOperation, UnreadablePostError):
        return []
    values = [
        value for _name, values in text.lists() for value in values if len(value.strip()) >= WORTH_COPYING
    ]
    return values if sum(map(len, values)) <= MOST_CHARACTERS else []
