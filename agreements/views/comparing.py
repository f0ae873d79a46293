"""Two versions beside each other."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from agreements.access import page
from agreements.models import Agreement
from agreements.readings.compare_page import NoSuchVersion, compare_page


@page()
def compare(request: HttpRequest, slug: str) -> HttpResponse:
    """What changed from one version to another, and what does that mean?"""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), slug=slug)
    try:
        opened = compare_page(
            agreement, old=request.GET.get("from"), new=request.GET.get("to"), user=request.user
        )
    except NoSuchVersion as error:
        raise Http404 from error
    return render(request, "agreements/compare.html", {"page": opened, "agreement": agreement})
