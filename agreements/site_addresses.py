"""Addresses that lead to a page of this site, and to no other."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def is_of_this_site(address: str) -> bool:
    """Whether it leads to a page of this site, wherever it was found."""
    return address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)


def next_address(request: HttpRequest) -> str:
    """Return the address on this site that a form names as `next`; empty where it names none."""
    after = request.POST.get("next", "") or request.GET.get("next", "")
    return after if is_of_this_site(after) and after.isprintable() else ""
