"""The report pages: one question each, answered in the first line; with `format=csv` or `xlsx` a page is a file."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from agreements.access import page
from agreements.downloads import table_answer
from reports.forms.filters import Asked, read_query
from reports.models import ShareLink
from reports.pages.contents import Contents
from reports.pages.frame import NoSuchAgreement, ReportPage
from reports.pages.groups import groups_offered
from reports.pages.report_files import BY_GRAIN, BY_SPAN, CONTENTS, open_report
from reports.pages.shared import UNSHARED, state_of_report
from reports.plotly_figures import figure
from reports.views.live import follows, render_figures


@page()
@follows
def waterfall(request: HttpRequest) -> HttpResponse:
    """Will the month's goal be met?"""
    return _report(request, "waterfall")


@page()
@follows
def speed(request: HttpRequest) -> HttpResponse:
    """Did sales follow up in time?"""
    return _report(request, "speed")


@page()
@follows
def depth(request: HttpRequest) -> HttpResponse:
    """Did sales try often enough?"""
    return _report(request, "depth")


@page()
@follows
def recalibration(request: HttpRequest) -> HttpResponse:
    """Do the rates of the plan still hold?"""
    return _report(request, "recalibration")


def _report(request: HttpRequest, report: str) -> HttpResponse:
    asked = read_query(request.GET)
    try:
        opened = open_report(report, asked, user=request.user, now=timezone.now())
    except NoSuchAgreement as error:
        raise Http404 from error
    contents = CONTENTS[report](asked, opened, request.user)
    return _answer(request, f"reports/{report}.html", asked, opened, contents)


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
        "by_month_alone": contents.report == "waterfall",
        "with_before": asked.with_before,
        "by_grain": contents.report in BY_GRAIN,
        "group": asked.group,
        "groups": groups_offered(opened) if contents.report in BY_GRAIN else (),
        "by_span": contents.report in BY_SPAN,
        "share_state": state_of_report(opened, asked.grain, contents.measure)
        if contents.report in ShareLink.Subject.values
        else "",
        "unshared": UNSHARED,
    }
    return render_figures(request, template, context)
