"""Who is away: for oneself, and for those whom one manages; and what becomes of their open leads."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.access import page
from agreements.models import Team
from agreements.rights import Rights
from leads.acting import Acting
from leads.models import Absence
from leads.readings.away import read_away
from leads.routing_forms import AbsenceForm
from leads.services.leaving import end_absence, move_open_work, note_absence
from leads.views.actions import person as who_asks
from leads.views.answers import go_on, typed


def is_of_sales(rights: Rights) -> bool:
    """Whether this person's being away matters to routing."""
    return rights.is_administrator or rights.is_sales


@page("GET", "POST", allow=is_of_sales)
def away(request: HttpRequest) -> HttpResponse:
    """Who is away, and when? With a form for more."""
    me, now = Acting(request.user), timezone.now()
    form = AbsenceForm(typed(request), people=_people(me), initial={"person": me.rights.user_id})
    if request.method == "POST" and form.is_valid():
        try:
            made = note_absence(now=now, by=who_asks(request), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Noted: %(name)s is away.") % {"name": made.person})
            return redirect("leads:away")
    context = {"form": form, "away": read_away(me, now=now), "now": now}
    return render(request, "leads/away.html", context)


@page("POST", allow=is_of_sales)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """The person is back, or does not go."""
    absence = get_object_or_404(Absence.objects.visible_to(request.user).select_related("person"), pk=pk)
    if end_absence(absence=absence, now=timezone.now()):
        messages.success(request, _("%(name)s gets leads again.") % {"name": absence.person})
    else:
        messages.info(request, _("These days are over already."))
    return redirect("leads:away")


@page("POST", allow=is_of_sales)
def move_work(request: HttpRequest, pk: int) -> HttpResponse:
    """Give all open leads of somebody whom one manages to others, by the routing rules."""
    me = Acting(request.user)
    managed = get_user_model().objects.all() if me.rights.is_administrator else _managed(me)
    found = get_object_or_404(managed, pk=pk)
    routed = move_open_work(person=found, now=timezone.now(), by=who_asks(request))
    messages.success(request, moved_sentence(found, routed.given, routed.free))
    return go_on(request, None)


def moved_sentence(person: Any, given: int, free: int) -> str:
    """Say what became of somebody's open leads."""
    if not given and not free:
        return _("%(name)s has no open lead.") % {"name": person}
    to_others = ngettext("%(n)s lead went to others", "%(n)s leads went to others", given) % {"n": given}
    left = ngettext("%(n)s is free in its team", "%(n)s are free in their teams", free) % {"n": free}
    said = {"name": person, "others": to_others, "free": left}
    return _("Of %(name)s’s open leads: %(others)s, %(free)s. The clocks run on.") % said


def _managed(me: Acting) -> Any:
    return get_user_model().objects.filter(pk__in=me.people)


def _people(me: Acting) -> Any:
    users = get_user_model().objects.filter(is_active=True)
    if me.rights.is_administrator:
        found = users.filter(
            Q(memberships__team__function=Team.Function.SALES) | Q(pk=me.rights.user_id)
        ).distinct()
    else:
        found = users.filter(pk__in=me.people | {me.rights.user_id or 0})
    return found.order_by("name", "pk")
