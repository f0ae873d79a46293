"""The rows behind a figure: which leads a month's waterfall counts."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from agreements.access import page
from agreements.downloads import file_answer
from reports.forms.filters import read_query
from reports.pages.counted import HEADINGS, counted_page, counted_rows
from reports.pages.frame import NoSuchAgreement, open_page
from reports.pages.measures_offered import measures_offered

FILTERS = ("segment", "source", "owner", "campaign", "without")


@page()
def counted(request: HttpRequest) -> HttpResponse:
    """Which leads were counted?"""
    asked = read_query(request.GET)
    try:
        opened = open_page(asked, now=timezone.now(), user=request.user, filters=FILTERS)
    except NoSuchAgreement as error:
        raise Http404 from error
    if asked.file is not None:
        rows = counted_rows(opened, measure=asked.measure, day=asked.day, user=request.user)
        name = f"leads-counted-{asked.day or opened.month_value}"
        return file_answer(asked.file, HEADINGS, rows, name=name)
    found = counted_page(opened, measure=asked.measure, day=asked.day, user=request.user, number=asked.page)
    context = {
        "page": opened,
        "found": found,
        "measures": measures_offered(opened.scope),
        "measure": found.measure,
    }
    return render(request, "reports/counted.html", context)
