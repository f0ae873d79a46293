"""The files that somebody asked for: asked, watched, fetched, taken away."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.downloads import asked_format
from agreements.table_files import Format
from leads.asking import ask_the_worker
from leads.exports import kept
from leads.exports.lists import FILES
from leads.exports.table import NotUnderstood
from leads.models import Export

MOST_SHOWN = 30


@page()
def exports(request: HttpRequest) -> HttpResponse:
    """Which files did I ask for, and which are ready?"""
    mine = list(Export.objects.visible_to(request.user)[:MOST_SHOWN])
    is_waiting = any(one.state == Export.State.WAITING for one in mine)
    context = {
        "rows": [(one, kept.may_fetch(one, request.user)) for one in mine],
        "is_waiting": is_waiting,
        "now": timezone.now(),
        "days": kept.KEPT.days,
    }
    if request.headers.get("HX-Request") != "true":
        return render(request, "leads/exports.html", context)
    answer = render(request, "leads/_exports.html", context)
    if not is_waiting:
        answer.headers["HX-Refresh"] = "true"
    return answer


@page("POST", allow=lambda rights: rights.may_work_leads)
def new_export(request: HttpRequest) -> HttpResponse:
    """Ask for a list that is too long to wait for."""
    form, kind = asked_format(request.POST), request.POST.get("list", "")
    if form is None or kind not in FILES:
        raise Http404
    try:
        kept.ask_for_export(
            kind=kind, form=form, query=request.POST.get("query", ""), by=request.user, now=timezone.now()
        )
    except NotUnderstood:
        messages.error(request, _("The list has a filter that is not understood: open it again."))
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        ask_the_worker("leads.tasks.make_exports")
    return redirect("leads:exports")


@page()
def export_file(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The file itself, for its asker, who must still have the rights with which they asked."""
    export = get_object_or_404(Export.objects.visible_to(request.user), pk=pk)
    if not kept.may_fetch(export, request.user):
        raise Http404
    answer = StreamingHttpResponse(kept.pieces_of(export), content_type=Format(export.form).content_type)
    answer.headers["Content-Disposition"] = str(content_disposition_header(True, export.file_name))
    answer.headers["Content-Length"] = str(export.size)
    return answer


@page("POST")
def discard_export(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file away, or stop its making."""
    kept.discard_export(export=get_object_or_404(Export.objects.visible_to(request.user), pk=pk))
    messages.success(request, _("The file was taken away."))
    return redirect("leads:exports")
