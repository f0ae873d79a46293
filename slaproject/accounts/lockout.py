"""Who fails to sign in too often from one place waits: what django-axes asks of the site."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from axes.utils import reset
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

HOME_BITS = 64


def account_name(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """Return the address that was typed, so that its case and the spaces around it make no second account."""
    typed = (credentials or request.POST).get("username")
    return counted_as(str(typed or ""))


def client_address(request: HttpRequest) -> str | None:
    """Return from which place the request came; behind a proxy what that proxy itself wrote down, the last entry."""
    direct = request.META.get("REMOTE_ADDR") or None
    last = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return (_place(last) if settings.BEHIND_PROXY else None) or _place(direct or "") or direct


def _place(number: str) -> str | None:
    """Return an address as one place: of IPv6 the network, since one connection has all addresses of a /64."""
    try:
        address = ipaddress.ip_address(number.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, HOME_BITS), strict=False).network_address)


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: Mapping[str, Any] | None = None
) -> HttpResponse:
    """Say how long to wait, and what helps at once."""
    wait = settings.AXES_COOLOFF_TIME
    answer = render(
        request, "accounts/locked-out.html", {"minutes": int(wait.total_seconds()) // 60}, status=429
    )
    answer.headers["Retry-After"] = str(int(wait.total_seconds()))
    return answer


def let_in_again(email: str) -> None:
    """Forget the failures of an account, wherever they came from."""
    reset(username=counted_as(email))


def counted_as(typed: str) -> str:
    """Return under what the failures of an address are counted: one for all spellings that lead to an account.

    The database compares capital letters, and those of ſ and ı are S and I.
    """
    return typed.strip().upper().lower()
