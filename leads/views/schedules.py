"""Files that come by themselves: which there are, what became of them, a new one, paused, resumed, ended."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from leads.exports import kept, scheduling
from leads.exports.lists import has_list, open_list
from leads.exports.table import NotUnderstood
from leads.models import Export, ExportSchedule
from leads.readings.schedules import read_schedules
from leads.schedule_forms import ScheduleForm
from leads.views.answers import typed


@page()
def schedules(request: HttpRequest) -> HttpResponse:
    """Which files come to me by themselves, when next, and what became of the last ones?"""
    shown = read_schedules(request.user, may_fetch=kept.may_fetch)
    context = {"schedules": shown, "now": timezone.now(), "days": kept.KEPT.days}
    return render(request, "leads/schedules.html", context)


@page("GET", "POST")
def new_schedule(request: HttpRequest) -> HttpResponse:
    """Which list or report (`list`, `query`) shall come, and when?"""
    asked = request.POST if request.method == "POST" else request.GET
    kind, query = asked.get("list", ""), asked.get("query", "")
    if not has_list(kind, request.user):
        raise Http404
    label = Export.Kind(kind).label
    form = ScheduleForm(
        typed(request), may_use_folder=scheduling.may_use_folder(request.user), initial={"name": label}
    )
    query = scheduling.what_is_listed(QueryDict(query))
    if request.method == "POST" and form.is_valid():
        try:
            scheduling.schedule_export(
                kind=kind, query=query, by=request.user, now=timezone.now(), **form.cleaned_data
            )
        except NotUnderstood:
            form.add_error(None, _("The list has a filter that is not understood: open it again."))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The file comes by itself from now on."))
            return redirect("leads:schedules")
    context = {"form": form, "kind": kind, "label": label, "query": query}
    context["said"] = _said(kind, query, request.user)
    return render(request, "leads/new_schedule.html", context)


@page("POST")
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it not come until it is resumed."""
    scheduling.pause(schedule=_mine(request, pk))
    messages.success(request, _("It is paused."))
    return redirect("leads:schedules")


@page("POST")
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it come again."""
    scheduling.resume(schedule=_mine(request, pk), now=timezone.now())
    messages.success(request, _("It comes again."))
    return redirect("leads:schedules")


@page("POST")
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """End it."""
    scheduling.remove(schedule=_mine(request, pk))
    messages.success(
        request, _("It comes no more. Files that it made stay among yours for as long as others.")
    )
    return redirect("leads:schedules")


def _said(kind: str, query: str, user: Any) -> str | None:
    """What the file will hold, in words; None where its page complains of the address."""
    try:
        return open_list(kind, user, QueryDict(query), now=timezone.now()).said
    except NotUnderstood:
        return None


def _mine(request: HttpRequest, pk: int) -> ExportSchedule:
    return get_object_or_404(ExportSchedule.objects.visible_to(request.user), pk=pk)
