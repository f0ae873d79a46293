"""What is still to be done until the first waterfall."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from agreements.access import administrators, page
from slaproject.setting_up.steps import checklist


@page(allow=administrators)
def tour(request: HttpRequest) -> HttpResponse:
    """How far is the company on its way to its first waterfall?"""
    return render(request, "setting_up/checklist.html", {"checklist": checklist()})
