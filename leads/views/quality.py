"""The page on the data itself, for those who answer for it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from agreements.access import page
from agreements.rights import Rights
from leads.readings.quality import read_quality


def answers_for_data(rights: Rights) -> bool:
    """Directors of marketing and sales, and administrators."""
    directs = bool(rights.directed) and (rights.manages_marketing or rights.manages_sales)
    return rights.is_administrator or directs


@page(allow=answers_for_data)
def quality(request: HttpRequest) -> HttpResponse:
    """What is wrong with the data, and how is it mended?"""
    now = timezone.now()
    read = read_quality(request.user, now=now, today=timezone.localdate())
    return render(request, "leads/quality.html", {"quality": read, "now": now})
