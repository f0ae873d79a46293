"""Where a page goes on after what was asked for is done, as the form said."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def next_address(request: HttpRequest) -> str:
    """Return the address on this site that a form names as `next`; empty where it names none."""
    after = request.POST.get("next", "") or request.GET.get("next", "")
    is_ours = after.startswith("/") and url_has_allowed_host_and_scheme(after, allowed_hosts=None)
    return after if is_ours and after.isprintable() else ""
