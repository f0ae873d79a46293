"""The first pages: where one's role leads, marketing's and sales' homes, and the monthly review."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from agreements.access import page
from agreements.downloads import asked_format, table_answer
from agreements.models import Agreement
from agreements.readings.awaited import awaited_signatures
from agreements.readings.coming import coming_dates
from agreements.readings.my_agreements import my_signed_versions
from agreements.readings.pulse import pulses_asked
from agreements.rights import Rights, people_seen_by, rights_of
from leads.models import Lead
from reports.charts.description import Chart
from reports.forms.filters import read_query
from reports.pages.celebrated import celebrated_of
from reports.pages.duties import duties_of, followed_up
from reports.pages.frame import NoSuchAgreement, ReportPage, open_page
from reports.pages.homes import marketing_home, sales_home
from reports.pages.mine import own_figures
from reports.pages.review import review_contents
from reports.pages.team_table import team_rows
from reports.plotly_figures import Figure, figure
from reports.views.live import follows, is_refresh, render_figures


@page()
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the page that one's role comes for."""
    return redirect(home_of(rights_of(request.user)))


def home_of(rights: Rights) -> str:
    """Return the name of the first page for these rights; an administrator of an empty product sets it up first."""
    if rights.is_administrator and not (Agreement.objects.exists() or Lead.objects.exists()):
        return "set-up"
    if rights.manages_sales:
        return "reports:sales"
    if rights.is_marketing and not rights.manages_marketing:
        return "leads:handed-over"
    if rights.is_marketing:
        return "reports:marketing"
    if rights.is_sales:
        return "leads:queue"
    return "reports:marketing" if rights.is_administrator else "reports:review"


@page()
@follows
def marketing(request: HttpRequest) -> HttpResponse:
    """Will the month land, what is needed for it, and what did sales do with the leads?"""
    opened = _open(request)
    contents = marketing_home(opened)
    told = _told(request, opened)
    return _answer(request, "reports/marketing.html", opened, contents, contents.charts, **told)


@page()
@follows
def sales(request: HttpRequest) -> HttpResponse:
    """Who is late, and does sales keep what it promised?"""
    opened = _open(request)
    if form := asked_format(request.GET):
        team = team_rows(opened, people_seen_by(request.user))
        return table_answer(form, [row.figures for row in team], name=f"team-{opened.month_value}")
    told = _told(request, opened)
    return _answer(request, "reports/sales.html", opened, sales_home(opened, request.user), **told)


@page(allow=lambda rights: rights.is_sales or rights.is_administrator)
def my_figures(request: HttpRequest) -> HttpResponse:
    """How am I doing, against what was agreed and against my own past? The queue shows it on top."""
    template = "reports/_my_figures.html" if is_refresh(request) else "reports/my_figures.html"
    return render(request, template, {"mine": own_figures(request.user, now=timezone.now())})


@page()
@follows
def review(request: HttpRequest) -> HttpResponse:
    """Did both sides keep their promises in the month?"""
    opened = _open(request)
    contents = review_contents(opened)
    followed = followed_up(opened.agreement, opened.month, request.user, is_over=contents.is_over)
    kept = celebrated_of(opened.agreement, opened.month) if contents.is_over else None
    told = {"followed": followed, "celebrated": kept}
    return _answer(request, "reports/review.html", opened, contents, contents.charts, **told)


def _told(request: HttpRequest, opened: ReportPage) -> dict[str, Any]:
    """What a first page tells who comes there beside the figures: what was kept, what waits, is asked, and comes."""
    mine = my_signed_versions(request.user, now=opened.now)
    return {
        "celebrated": celebrated_of(opened.agreement, opened.month, or_before=True),
        "duties": duties_of(request.user, today=opened.scope.as_of_day, now=opened.now),
        "pulses": pulses_asked(request.user, now=opened.now, versions=mine),
        "coming": coming_dates(request.user, now=opened.now, versions=mine),
    }


def _open(request: HttpRequest) -> ReportPage:
    """Read month and agreement from the address; these pages take no filter."""
    try:
        return open_page(read_query(request.GET), now=timezone.now(), user=request.user, filters=())
    except NoSuchAgreement as error:
        raise Http404 from error


def _answer(
    request: HttpRequest,
    template: str,
    opened: ReportPage,
    contents: Any,
    charts: tuple[Chart, ...] = (),
    **more: Any,
) -> HttpResponse:
    context = {
        "page": opened,
        "contents": contents,
        "charts": [_drawn(chart, opened) for chart in charts if not chart.is_empty],
        "awaited": awaited_signatures(request.user),
        **more,
    }
    return render_figures(request, template, context)


def _drawn(chart: Chart, opened: ReportPage) -> tuple[Chart, Figure, str]:
    """Return a chart with its figure and the report page that has the whole of it."""
    drawn = figure(chart, as_of=opened.as_of_sentence, file=f"{chart.key}-{opened.month_value}")
    return chart, drawn, reverse(f"reports:{chart.key}")
