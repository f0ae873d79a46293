"""The report pages: one question each, answered in the first line; the same address with format=csv is the file."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from reports.contents import (
    Contents,
    depth_contents,
    recalibration_contents,
    speed_contents,
    waterfall_contents,
)
from reports.downloads import csv_answer
from reports.forms import Asked, read_query
from reports.pages import NoSuchAgreement, ReportPage, open_page
from reports.periods import Grain
from reports.plotly_figures import figure

View = Callable[[HttpRequest], HttpResponse]


def report_page(view: View) -> View:
    """Guard a report: for who is signed in, read only, kept by no cache that is shared."""
    return require_safe(login_required(cache_control(private=True)(view)))


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the waterfall."""
    return redirect("reports:waterfall")


@report_page
def waterfall(request: HttpRequest) -> HttpResponse:
    """Will the month's goal be met?"""
    asked, page = _open(request)
    return _answer(request, "reports/waterfall.html", asked, page, waterfall_contents(page))


@report_page
def speed(request: HttpRequest) -> HttpResponse:
    """Did sales follow up in time?"""
    asked, page = _open(request, by_grain=True)
    return _answer(request, "reports/speed.html", asked, page, speed_contents(page, asked.grain))


@report_page
def depth(request: HttpRequest) -> HttpResponse:
    """Did sales try often enough?"""
    asked, page = _open(request, by_grain=True)
    return _answer(request, "reports/depth.html", asked, page, depth_contents(page, asked.grain))


@report_page
def recalibration(request: HttpRequest) -> HttpResponse:
    """Do the rates of the plan still hold?"""
    asked, page = _open(request)
    return _answer(request, "reports/recalibration.html", asked, page, recalibration_contents(page))


def _open(request: HttpRequest, *, by_grain: bool = False) -> tuple[Asked, ReportPage]:
    """Read the address; by month the period is the twelve months up to the one asked for."""
    asked = read_query(request.GET)
    months = 12 if by_grain and asked.grain is Grain.MONTH else 1
    try:
        return asked, open_page(
            asked, now=timezone.now(), may_see_owners=request.user.is_staff, months=months
        )
    except NoSuchAgreement as error:
        raise Http404 from error


def _answer(
    request: HttpRequest, template: str, asked: Asked, page: ReportPage, contents: Contents
) -> HttpResponse:
    if asked.is_csv:
        name, rows = contents.file(asked.table)
        return csv_answer(rows, name=f"{name}-{page.month_value}")
    context = {
        "page": page,
        "contents": contents,
        "charts": [
            (chart, figure(chart, as_of=page.as_of_sentence, file=f"{chart.key}-{page.month_value}"))
            for chart in contents.charts
            if not chart.is_empty
        ],
        "grain": asked.grain,
        "by_grain": contents.report in ("speed", "depth"),
    }
    return render(request, template, context)
