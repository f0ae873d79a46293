"""The pages that say what new terms make of open hand-offs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from agreements.access import page
from agreements.models import Version
from leads.readings.re_dating import read_re_dating


@page()
def re_dating(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Which open hand-offs would this version change?"""
    version = get_object_or_404(
        Version.objects.visible_to(request.user).select_related("agreement"),
        agreement__slug=slug,
        number=number,
    )
    opened = read_re_dating(
        version, user=request.user, now=timezone.now(), number=request.GET.get("page", "1")
    )
    return render(request, "leads/re_dating.html", {"page": opened, "version": version})
