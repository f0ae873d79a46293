"""How fast a caller may ask: so many requests a second, and a number of them at once (GCRA, one statement a request).

Each request moves the caller's `free_at` on by one interval, from now at the earliest; it is taken while `free_at`
lies no further ahead than the whole burst. All web hosts share the row. The application's clock is used: hosts whose
clocks differ by seconds let a caller through by so much sooner or later, no more.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from slaproject.integrations.models import Pace

A_SECOND = 10
BURST = 50
INTERVAL = dt.timedelta(seconds=1) / A_SECOND
WINDOW = INTERVAL * BURST
TAKE = """
    INSERT INTO integrations_pace AS pace (caller, free_at) VALUES (%(caller)s, %(now)s + %(interval)s)
    ON CONFLICT (caller) DO UPDATE SET free_at = greatest(pace.free_at, %(now)s) + %(interval)s
    WHERE greatest(pace.free_at, %(now)s) + %(interval)s <= %(now)s + %(window)s
    RETURNING free_at
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether a request may be answered now, how many more could, and in how many seconds one could again."""

    is_given: bool
    left: int
    wait: int
    full_in: int
    at_once: int


def take_turn(caller: str, *, now: dt.datetime, faster: int = 1) -> Turn:
    """Count one request of this caller; one that comes too soon is not counted.

    `faster` is how many times as many may come, a second and at once.
    """
    interval = INTERVAL / faster
    with connection.cursor() as cursor:
        given: dict[str, Any] = {"caller": caller, "now": now, "interval": interval, "window": WINDOW}
        cursor.execute(TAKE, given)
        taken = cursor.fetchone()
    free_at: dt.datetime = (
        taken[0] if taken else Pace.objects.values_list("free_at", flat=True).get(pk=caller)
    )
    used = free_at - now
    wait = used + interval - WINDOW
    return Turn(
        is_given=taken is not None,
        left=max(0, (WINDOW - used) // interval),
        wait=max(1, math.ceil(wait.total_seconds())),
        full_in=max(0, math.ceil(used.total_seconds())),
        at_once=BURST * faster,
    )


class Throttle(BaseThrottle):
    """Ask every caller to keep the pace; a token and a person count for themselves."""

    def allow_request(self, request: Request, view: Any) -> bool:
        caller = f"token {request.auth.pk}" if request.auth is not None else f"person {request.user.pk}"
        self.turn = take_turn(caller, now=timezone.now())
        request._request.turn = self.turn
        return self.turn.is_given

    def wait(self) -> float:
        return self.turn.wait


def pace_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Say in every answer of the API what pace is kept and what is left, by the RateLimit fields of the IETF draft."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        turn: Turn | None = getattr(request, "turn", None)
        if turn is not None:
            response.headers["RateLimit-Policy"] = (
                f'"caller";q={turn.at_once};w={int(WINDOW.total_seconds())}'
            )
            response.headers["RateLimit"] = f'"caller";r={turn.left};t={turn.full_in}'
        return response

    return respond
