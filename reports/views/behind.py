"""The hand-offs behind a figure of speed or depth."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from agreements.access import page
from agreements.downloads import file_answer
from reports.forms.filters import read_query
from reports.pages.behind import behind_page, behind_rows, open_behind
from reports.pages.counted import HEADINGS
from reports.pages.frame import NoSuchAgreement


@page()
def behind(request: HttpRequest) -> HttpResponse:
    """Which hand-offs does the figure count?"""
    try:
        frame, wanted = open_behind(request.GET, user=request.user, now=timezone.now())
    except NoSuchAgreement as error:
        raise Http404 from error
    asked = read_query(request.GET)
    if asked.file is not None:
        rows = behind_rows(frame, wanted, user=request.user)
        name = f"hand-offs-{wanted.figure}-{frame.scope.period.start.isoformat()}"
        return file_answer(asked.file, HEADINGS, rows, name=name)
    found = behind_page(frame, wanted, user=request.user, number=asked.page)
    return render(request, "reports/behind.html", {"page": frame, "found": found})
