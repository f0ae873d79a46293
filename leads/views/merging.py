"""Merging two leads that are one: which other, side by side, and back again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from leads.acting import Acting, answers_for_data
from leads.forms import MergeForm
from leads.models import Lead, Merge
from leads.readings.lead_page import possible_duplicates
from leads.readings.merges import compare, suspects
from leads.searched import words_of
from leads.services.merging import merge_leads, undo_merge
from leads.views.actions import person
from leads.views.answers import act_or_ask, survivor_of, typed


@page("GET", "POST", allow=answers_for_data)
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Which other lead is this one (`?with=`), and what becomes of the two if they are merged? This one goes on.

    Where one of them is merged already, it leads to the one that it went into: so does a button pressed twice.
    """
    chosen = request.GET.get("with", "")
    is_chosen = chosen.isascii() and chosen.isdecimal() and len(chosen) < 19 and int(chosen) != pk
    ids = [pk, int(chosen)] if is_chosen else [pk]
    found = Lead.objects.visible_to(request.user).select_related("segment").in_bulk(ids)
    for one in ids:
        if one not in found:
            return redirect("leads:lead", survivor_of(request, one).pk)
    lead = found[pk]
    if not is_chosen:
        return _which_other(request, lead)
    other = found[int(chosen)]
    now = timezone.now()

    def act(given: Mapping[str, Any]) -> str:
        merge_leads(
            survivor=lead,
            absorbed=other,
            reason=given["reason"],
            now=now,
            by=person(request),
            may_know=lambda one: Lead.objects.visible_to(request.user).filter(pk=one.pk).exists(),
        )
        said = {"absorbed": other, "survivor": lead}
        return _("%(absorbed)s is merged into %(survivor)s. You can undo it below.") % said

    form = MergeForm(typed(request))
    context = {"lead": lead, "other": other, "comparison": compare(lead, other)}
    return act_or_ask(request, form, act, template="leads/merge.html", context=context)


def _which_other(request: HttpRequest, lead: Lead) -> HttpResponse:
    me, text = Acting(request.user), request.GET.get("q", "").strip()[:200]
    found = suspects(lead, possible_duplicates(lead, request.user), me, words_of(text))
    context = {"lead": lead, "found": found, "text": text, "now": timezone.now()}
    return render(request, "leads/merge_with.html", context)


@page("POST", allow=answers_for_data)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Make two leads of one again."""
    found = get_object_or_404(Merge.objects.visible_to(request.user).select_related("absorbed"), pk=pk)
    try:
        undo_merge(merge=found, now=timezone.now(), by=person(request))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("%(lead)s is a lead of its own again.") % {"lead": found.absorbed})
    return redirect("leads:lead", found.survivor_id)
