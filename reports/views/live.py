"""Pages whose figures follow by themselves: asked again with what they know, they get newer figures or nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from reports.pages.freshness import stamp
from reports.rollups import figures_as_of

KNOWN = "known"


def is_refresh(request: HttpRequest) -> bool:
    """Whether an open page asks again by itself."""
    return request.headers.get("HX-Request") == "true"


def asks_by_itself(request: HttpRequest) -> bool:
    """Whether nobody did anything for this request: it is no visit that keeps a session alive."""
    return is_refresh(request) and KNOWN in request.GET


def follows(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer 204 to an open page whose figures are the newest; `known` is no part of the address otherwise."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        known = request.GET.get(KNOWN, "")
        if KNOWN in request.GET:
            query = request.GET.copy()
            del query[KNOWN]
            request.GET = query  # type: ignore[assignment]
        if is_refresh(request) and _is_newest(known):
            return HttpResponse(status=204)
        return view(request, *args, **kwargs)

    return answered


def _is_newest(known: str) -> bool:
    if not (known.isascii() and known.isdecimal() and len(known) <= 20):
        return False
    return int(stamp(figures_as_of())) <= int(known)


def render_figures(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Return the page, or for an open page that asks again only what may have changed of it."""
    layout = "reports/_figures_alone.html" if is_refresh(request) else "base.html"
    return render(
        request, template, {**context, "layout": layout, "poll_seconds": str(settings.POLL_SECONDS)}
    )
