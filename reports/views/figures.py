"""The report pages: one question each, answered in the first line; with `format=csv` or `xlsx` a page is a file."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from agreements.access import page
from agreements.downloads import table_answer
from reports.forms.filters import Asked, read_query
from reports.models import ShareLink
from reports.pages.contents import (
    Contents,
    depth_contents,
    speed_contents,
    waterfall_contents,
)
from reports.pages.frame import NoSuchAgreement, ReportPage, open_page
from reports.pages.groups import groups_offered
from reports.pages.recalibration import recalibration_contents
from reports.pages.shared import UNSHARED, state_of_report
from reports.periods import Grain, Span
from reports.plotly_figures import figure
from reports.views.live import follows, render_figures


@page()
@follows
def waterfall(request: HttpRequest) -> HttpResponse:
    """Will the month's goal be met?"""
    asked, opened = _open(request)
    contents = waterfall_contents(opened, measure=asked.measure)
    return _answer(request, "reports/waterfall.html", asked, opened, contents)


@page()
@follows
def speed(request: HttpRequest) -> HttpResponse:
    """Did sales follow up in time?"""
    asked, opened = _open(request, by_grain=True)
    return _answer(
        request,
        "reports/speed.html",
        asked,
        opened,
        speed_contents(opened, asked.grain, group=asked.group, user=request.user),
    )


@page()
@follows
def depth(request: HttpRequest) -> HttpResponse:
    """Did sales try often enough?"""
    asked, opened = _open(request, by_grain=True)
    return _answer(
        request,
        "reports/depth.html",
        asked,
        opened,
        depth_contents(opened, asked.grain, group=asked.group, user=request.user),
    )


@page()
@follows
def recalibration(request: HttpRequest) -> HttpResponse:
    """Do the rates of the plan still hold?"""
    asked, opened = _open(request, by_span=True)
    return _answer(
        request, "reports/recalibration.html", asked, opened, recalibration_contents(opened, request.user)
    )


def _open(request: HttpRequest, *, by_grain: bool = False, by_span: bool = False) -> tuple[Asked, ReportPage]:
    """Read the address; by month the period is the twelve months up to the one asked for."""
    asked = read_query(request.GET)
    months = 12 if by_grain and asked.grain is Grain.MONTH else 1
    filters = ("segment", "source", "owner", "campaign", *(("counted",) if by_grain else ()))
    try:
        return asked, open_page(
            asked,
            now=timezone.now(),
            user=request.user,
            months=months,
            span=asked.span if by_span else Span.MONTH,
            filters=filters,
        )
    except NoSuchAgreement as error:
        raise Http404 from error


def _answer(
    request: HttpRequest, template: str, asked: Asked, opened: ReportPage, contents: Contents
) -> HttpResponse:
    if asked.file is not None:
        name, rows = contents.file(asked.table)
        return table_answer(asked.file, rows, name=f"{name}-{opened.month_value}")
    context = {
        "page": opened,
        "contents": contents,
        "charts": [
            (chart, figure(chart, as_of=opened.as_of_sentence, file=f"{chart.key}-{opened.month_value}"))
            for chart in contents.charts
            if not chart.is_empty
        ],
        "grain": asked.grain,
        "measure": contents.measure,
        "measures": contents.measures,
        "by_grain": contents.report in ("speed", "depth"),
        "group": asked.group,
        "groups": groups_offered(opened) if contents.report in ("speed", "depth") else (),
        "by_span": contents.report == "recalibration",
        "share_state": state_of_report(opened, asked.grain, contents.measure)
        if contents.report in ShareLink.Subject.values
        else "",
        "unshared": UNSHARED,
    }
    return render_figures(request, template, context)
