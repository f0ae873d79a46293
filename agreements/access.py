"""The door of every page behind the sign-in: by which method it is asked for, and by whom."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from agreements.rights import Rights, rights_of

View = Callable[..., HttpResponseBase]


def administrators(rights: Rights) -> bool:
    """Let administrators through, and nobody else."""
    return rights.is_administrator


def page(*methods: str, allow: Callable[[Rights], bool] | None = None) -> Callable[[View], View]:
    """Guard a view: for persons who are signed in and whom `allow` lets through, by these methods, kept by no cache.

    Who is not signed in goes to the sign-in page and comes back; who may not gets a page that says so (403). Which
    object someone may see is no matter of this door: look it up by `visible_to(request.user)`, so that a foreign one
    is not found (404).
    """
    methods = methods or ("GET",)
    accepted = [*methods, "HEAD"] if "GET" in methods else [*methods]

    def guard(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            rights = rights_of(request.user)
            if rights.is_nobody:
                raise PermissionDenied(_("This account is a program's: it has no pages."))
            if allow is not None and not allow(rights):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded = require_http_methods(accepted)(login_required(checked))
        return cache_control(private=True, no_store=True)(guarded)

    return guard
