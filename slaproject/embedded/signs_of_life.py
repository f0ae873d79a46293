"""What shows that the demo's parts work: web pages that answer, heartbeats, figures that the worker refreshed."""

from __future__ import annotations

import importlib
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from django.db import DatabaseError, close_old_connections

from slaproject.heartbeat.models import Heartbeat

# Whatever proxy the environment names is not for 127.0.0.1.
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


@dataclass(frozen=True)
class Sign:
    """One thing that must be seen; `name` says what did not answer when it is not."""

    name: str
    is_seen: Callable[[], bool]


def answers(address: str) -> bool:
    """Whether a page is there."""
    try:
        with _open(address, timeout=5) as response:
            return bool(response.status == HTTPStatus.OK)
    except (urllib.error.URLError, OSError):
        return False


def signs_of_life(*, address: str, since: datetime) -> list[Sign]:
    """Return what a demo that was started at `since` must show."""
    return [
        Sign("web (/livez)", lambda: answers(f"{address}livez")),
        Sign("web (/sign-in/)", lambda: answers(f"{address}sign-in/")),
        Sign("beat (its heartbeat)", lambda: _has_beaten(Heartbeat.Name.BEAT, since)),
        Sign("worker (its heartbeat)", lambda: _has_beaten(Heartbeat.Name.WORKER, since)),
        Sign("figures refreshed by the worker", lambda: _figures_are_fresh(since)),
    ]


def unseen(signs: list[Sign]) -> list[Sign]:
    """Return those signs that are not to be seen now."""
    close_old_connections()
    return [sign for sign in signs if not sign.is_seen()]


def _has_beaten(name: Heartbeat.Name, since: datetime) -> bool:
    try:
        return Heartbeat.objects.filter(name=name, seen_at__gte=since).exists()
    except DatabaseError:
        return False


def _figures_are_fresh(since: datetime) -> bool:
    try:
        figures_as_of = importlib.import_module("reports.rollups").figures_as_of
    except (ModuleNotFoundError, AttributeError):
        return True
    try:
        as_of = figures_as_of()
    except DatabaseError:
        return False
    return as_of is not None and as_of >= since
