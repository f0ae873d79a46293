"""What stands in the menu of every page, for whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.rights import Rights, rights_of
from leads.views.quality import answers_for_data


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


def menu(request: HttpRequest) -> dict[str, Any]:
    """Give templates the menu of who asks (`menu`), and their rights (`rights`)."""
    rights = rights_of(request.user)
    return {"rights": rights, "menu": [] if rights.is_nobody else _shown(MENU, rights, request.path)}


def _shown(entries: tuple[Entry, ...], rights: Rights, path: str) -> list[dict[str, Any]]:
    shown = []
    for entry in entries:
        if not entry.allow(rights):
            continue
        below = _shown(entry.entries, rights, path)
        url = reverse(entry.url_name) if entry.url_name else ""
        is_here = any(one["is_here"] for one in below) or (url != "" and _is_within(path, url))
        shown.append({"text": entry.text, "url": url, "entries": below, "is_here": is_here, "key": entry.key})
    return shown


def _is_within(path: str, url: str) -> bool:
    return path == url or (url != "/" and path.startswith(url))
