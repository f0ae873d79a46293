"""Any figure by any dimension: the page whose address says all that is asked."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from agreements.access import page
from agreements.downloads import asked_format, table_answer
from reports.forms.saved_views import audiences_of
from reports.models import SavedView
from reports.pages.explore import open_exploration
from reports.pages.frame import NoSuchAgreement
from reports.pages.shared import UNSHARED
from reports.plotly_figures import figure
from reports.views.live import follows, is_refresh, render_figures


@page()
@follows
def explore(request: HttpRequest) -> HttpResponse:
    """How much of what, by what?"""
    if not request.GET and not is_refresh(request) and (begun := _begins_with(request)) is not None:
        return redirect("reports:saved-view", begun)
    try:
        opened = open_exploration(request.GET, user=request.user, now=timezone.now())
    except NoSuchAgreement as error:
        raise Http404 from error
    if form := asked_format(request.GET):
        name, rows = opened.file()
        return table_answer(form, rows, name=name)
    frame, contents = opened.frame, opened.contents
    context = {
        "page": frame,
        "teams": audiences_of(request.user),
        "explored": opened,
        "contents": contents,
        "charts": [
            (chart, figure(chart, as_of=frame.as_of_sentence, file=opened.file_name))
            for chart in contents.charts
            if not chart.is_empty
        ],
        "file_address": f"{request.path}?{opened.state}",
        "share_state": "" if opened.is_of_one_person else opened.state,
        "unshared": UNSHARED,
    }
    return render_figures(request, "reports/explore.html", context)


def _begins_with(request: HttpRequest) -> int | None:
    """Return the view that this person begins with, while they may see it."""
    seen = SavedView.objects.visible_to(request.user)
    return seen.filter(chosen_by__person=request.user.pk).values_list("pk", flat=True).first()
