"""The door of every operation of the API: who is let in, and what a token was made for."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from agreements.rights import rights_of


class Scope(models.TextChoices):
    """What a token can be made for. An operation names one of these, or none where every token may."""

    LEADS = (
        "leads:read",
        _("read leads, hand-offs and attempts, with the people they are about, and what came of imports"),
    )
    WRITE_LEADS = "leads:write", _("send leads, and hand them over")
    MERGE_LEADS = "leads:merge", _("merge two leads that are one, and undo it")
    WORK = "hand-offs:write", _("work hand-offs: accept, log attempts, pause, close, for whomever it names")
    DEALS = "deals:read", _("read deals")
    WRITE_DEALS = "deals:write", _("send deals")
    AGREEMENTS = "agreements:read", _("read signed agreements, their versions and the plans behind them")
    REPORTS = (
        "reports:read",
        _(
            "read reports: waterfall, speed, depth, explore, recalibration, landing, gap; and values of measures"
        ),
    )
    MEASURES = "measures:write", _("enter and void values of custom measures")
    CALENDARS = "calendars:read", _("read business calendars, and ask them for due times")


class Door(BasePermission):
    """Let in a token with the operation's scope, and to reading also who is signed in at a browser.

    An address that only changes something is for programs alone. Which rows either sees is no matter of this door:
    these are looked up by `visible_to(request.user)`.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False  # answered by 401: see APIView.permission_denied
        if request.auth is None:
            if rights_of(request.user).is_nobody:
                raise PermissionDenied(gettext("This account is a program's: it comes with a token."))
            return request.method in SAFE_METHODS and not getattr(view, "is_for_programs", False)
        scope = scope_of(view, request.method)
        if scope is not None and scope not in request.auth.scopes:
            raise PermissionDenied(
                gettext("This token was not made for that: it lacks the scope %s.") % scope
            )
        return True


def scope_of(view: Any, method: str | None) -> Scope | None:
    """Return what a token must have been made for to ask this by this method; None: any token may."""
    if method not in SAFE_METHODS and (writing := getattr(view, "writing_scope", None)) is not None:
        return writing  # type: ignore[no-any-return]
    return getattr(view, "scope", None)
