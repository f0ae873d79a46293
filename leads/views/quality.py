"""The page on the data itself, for those who answer for it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from agreements.access import page
from leads.acting import answers_for_data
from leads.readings.quality import read_quality


@page(allow=answers_for_data)
def quality(request: HttpRequest) -> HttpResponse:
    """What is wrong with the data, and how is it mended?"""
    now = timezone.now()
    read = read_quality(request.user, now=now, today=timezone.localdate())
    return render(request, "leads/quality.html", {"quality": read, "now": now})
