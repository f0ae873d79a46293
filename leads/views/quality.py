"""The page on the data itself, for those who answer for it."""

from __future__ import annotations

import datetime as dt
from itertools import islice

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from agreements.access import page
from agreements.downloads import asked_format, file_answer
from agreements.table_files import Format
from leads.acting import answers_for_data
from leads.exports.kept import AT_ONCE
from leads.readings.quality import read_quality, rows_of


@page(allow=answers_for_data)
def quality(request: HttpRequest) -> HttpResponse:
    """What is wrong with the data, and how is it mended? As a file: the rows of one finding, the first AT_ONCE."""
    now, today = timezone.now(), timezone.localdate()
    if (form := asked_format(request.GET)) is not None:
        return _file(request, form, today)
    read = read_quality(request.user, now=now, today=today)
    return render(request, "leads/quality.html", {"quality": read, "now": now, "at_once": AT_ONCE})


def _file(request: HttpRequest, form: Format, today: dt.date) -> HttpResponse:
    key = request.GET.get("finding", "")
    found = rows_of(key, request.user, today=today)
    if found is None:
        raise Http404
    rows = [(row.text, row.detail, row.address) for row in islice(found, AT_ONCE + 1)]
    first = f"-first-{AT_ONCE}" if len(rows) > AT_ONCE else ""
    name = f"{key}{first}-{today.isoformat()}"
    return file_answer(form, ("what", "detail", "address"), rows[:AT_ONCE], name=name)
