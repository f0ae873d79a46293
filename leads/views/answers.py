"""What the pages about leads have in common: what is looked up, refused, and where one goes after an action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from agreements.site_addresses import next_address
from leads.forms import PageForm
from leads.models import HandOff, Lead
from leads.views.rows import FORBIDDEN, asks_for_row, row_answer


def find_hand_off(request: HttpRequest, pk: int) -> HandOff:
    """Return a hand-off that the person may see; Http404 for others."""
    related = ("lead", "owner", "team", "calendar_revision__calendar", "agreement", "version")
    return get_object_or_404(HandOff.objects.visible_to(request.user).select_related(*related), pk=pk)


def survivor_of(request: HttpRequest, pk: int) -> Lead:
    """Return the lead into which this one was merged; Http404 for who may not see it, and where there is none."""
    return get_object_or_404(Lead.objects.visible_to(request.user), absorbed=pk)


def typed(request: HttpRequest) -> QueryDict | None:
    """Return what was typed: sent now, or kept over an expired session; None for a page opened afresh."""
    return request.POST if request.method == "POST" else getattr(request, "kept", None)


def may_not(request: HttpRequest, sentence: str, lead: Lead | None = None) -> HttpResponse:
    """Refuse what somebody else may do, in a sentence that says who."""
    if asks_for_row(request):
        return row_answer(request, sentence, status=FORBIDDEN)
    return render(request, "leads/may_not.html", {"sentence": sentence, "lead": lead}, status=403)


def act_or_ask(
    request: HttpRequest,
    form: PageForm,
    act: Callable[[Mapping[str, Any]], str],
    *,
    template: str,
    context: Mapping[str, Any],
) -> HttpResponse:
    """Act on a form that was sent and is right, and go on with the sentence that `act` returns; else show the form.

    What a service refuses, because something happened meanwhile, stands above the form, which keeps its text.
    """
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, act(form.cleaned_data))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return go_on(request, context.get("lead"))
    now = timezone.now()
    return render(request, template, {"form": form, "now": now, "next": next_address(request), **context})


def go_on(request: HttpRequest, lead: Lead | None) -> HttpResponse:
    """Go where the form came from, else to the lead while the person still may see it, else to the queue."""
    if after := next_address(request):
        return redirect(after)
    if lead is not None and Lead.objects.visible_to(request.user).filter(pk=lead.pk).exists():
        return redirect("leads:lead", pk=lead.pk)
    return redirect("leads:queue")
