"""What stands in the menu of every page, for whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agreements.rights import Rights, rights_of
from leads.acting import answers_for_data


def everybody(rights: Rights) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu: a page, or pages under one heading. `key` leads there after g."""

    text: str | Promise
    url_name: str = ""
    allow: Callable[[Rights], bool] = everybody
    entries: tuple[Entry, ...] = ()
    key: str = ""


MENU = (
    Entry(_("Home"), "reports:home", key="d"),
    Entry(_("Queue"), "leads:queue", lambda rights: rights.is_sales or rights.is_administrator, key="q"),
    Entry(
        _("Handed over"),
        "leads:handed-over",
        lambda rights: rights.is_marketing or rights.is_administrator,
        key="m",
    ),
    Entry(_("Leads"), "leads:leads", lambda rights: rights.may_work_leads, key="l"),
    Entry(
        _("Team"),
        allow=lambda rights: rights.is_sales or rights.is_administrator,
        entries=(
            Entry(
                _("Team now"),
                "leads:team",
                lambda rights: rights.manages_sales or rights.is_administrator,
                key="t",
            ),
            Entry(_("Board"), "leads:board"),
            Entry(_("Who is away"), "leads:away"),
            Entry(
                _("Routing"), "leads:routing", lambda rights: rights.manages_sales or rights.is_administrator
            ),
        ),
    ),
    Entry(_("Agreements"), "agreements:agreements", key="a"),
    Entry(_("Plan"), "reports:calculator", key="p"),
    Entry(
        _("Reports"),
        entries=(
            Entry(_("Waterfall"), "reports:waterfall", key="w"),
            Entry(_("Speed"), "reports:speed", key="s"),
            Entry(_("Depth"), "reports:depth"),
            Entry(_("Recalibration"), "reports:recalibration"),
            Entry(_("Explore"), "reports:explore", key="e"),
            Entry(_("Shared links"), "reports:shares"),
            Entry(_("Files that come by themselves"), "leads:schedules"),
            Entry(_("Marketing’s month"), "reports:marketing"),
            Entry(_("Sales’ month"), "reports:sales"),
            Entry(_("Data quality"), "leads:quality", answers_for_data),
        ),
    ),
    Entry(_("Review"), "reports:review", key="r"),
    Entry(
        _("Administration"),
        allow=lambda rights: rights.is_administrator,
        entries=(
            Entry(_("People"), "people"),
            Entry(_("Set-up"), "set-up"),
            Entry(_("Messages"), "outbox:deliveries"),
            Entry(_("Integrations"), "integrations:tokens"),
            Entry(_("Webhooks in"), "webhooks:inlets"),
            Entry(_("Webhooks out"), "webhooks:outlets"),
            Entry(_("Admin"), "admin:index"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the menu as somebody sees it on a page."""

    text: str
    url: str
    key: str
    is_here: bool
    entries: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """All that the menu, the palette and the sheet of shortcuts say: many pages of many people have equal ones."""

    menu: tuple[Shown, ...]
    may_hand_over: bool
    has_queue: bool
    uses_shortcuts: bool
    language: str | None


def menu(request: HttpRequest) -> dict[str, Any]:
    """Give templates the menu of who asks, as lines (`menu`) and drawn, the dialogs beside it, and their rights."""
    rights = rights_of(request.user)
    if rights.is_nobody:
        return {"rights": rights, "menu": ()}
    frame = Frame(
        menu=_shown(MENU, rights, request.path),
        may_hand_over=rights.may_hand_over,
        has_queue=rights.is_sales or rights.is_administrator,
        uses_shortcuts=request.user.uses_shortcuts,  # type: ignore[union-attr]  # is somebody
        language=get_language(),
    )
    return {
        "rights": rights,
        "menu": frame.menu,
        "navigation": SimpleLazyObject(lambda: _drawn("_navigation.html", frame)),
        "dialogs": SimpleLazyObject(lambda: _drawn("_dialogs.html", frame)),
    }


@lru_cache(maxsize=256)
def _drawn(template: str, frame: Frame) -> SafeString:
    """Draw a part of the frame, once for all who have the same."""
    return render_to_string(template, {"frame": frame})


def _shown(entries: tuple[Entry, ...], rights: Rights, path: str) -> tuple[Shown, ...]:
    shown = []
    for entry in entries:
        if not entry.allow(rights):
            continue
        below = _shown(entry.entries, rights, path)
        url = reverse(entry.url_name) if entry.url_name else ""
        is_here = any(one.is_here for one in below) or (url != "" and _is_within(path, url))
        shown.append(Shown(str(entry.text), url, entry.key, is_here, below))
    return tuple(shown)


def _is_within(path: str, url: str) -> bool:
    return path == url or (url != "/" and path.startswith(url))
