"""Teams, and the segments that leads fall into."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from agreements.access import administrators, page
from agreements.models import Membership, Segment, Team
from agreements.services.structure import add_segment, add_team, change_segment, change_team
from slaproject.setting_up.forms import SegmentForm, TeamForm
from slaproject.setting_up.typed import accepted, typed

A_PAGE = 25
MEMBERS_SHOWN = 12


@page("GET", "POST", allow=administrators)
def teams(request: HttpRequest) -> HttpResponse:
    """Which teams are there, and who belongs to them? With a form for another one."""
    form = TeamForm(typed(request))
    if request.method == "POST" and (added := accepted(form, add_team)):
        said = _("The team %(name)s is there. Now invite the people who belong to it.")
        messages.success(request, said % {"name": added.name})
        return redirect("set-up-teams")
    context = {
        "form": form,
        "teams": Paginator(_teams(), A_PAGE).get_page(request.GET.get("page")),
        "people": Membership.objects.filter(user__is_active=True).aggregate(
            people=Count("user", distinct=True)
        )["people"],
    }
    return render(request, "setting_up/teams.html", context)


@page("GET", "POST", allow=administrators)
def team(request: HttpRequest, slug: str) -> HttpResponse:
    """Change one team."""
    found = get_object_or_404(_teams(), slug=slug)
    initial = {
        "name": found.name,
        "function": found.function,
        "calendar": found.calendar_id,
        "is_external": found.is_external,
    }
    form = TeamForm(typed(request), initial=initial)
    if request.method == "POST" and (saved := accepted(form, change_team, team=found)):
        messages.success(request, _("The team %(name)s is saved.") % {"name": saved.name})
        return redirect("set-up-teams")
    return render(request, "setting_up/team.html", {"form": form, "team": found})


@page("GET", "POST", allow=administrators)
def segments(request: HttpRequest) -> HttpResponse:
    """Which classes of leads are there? With a form for another one."""
    form = SegmentForm(typed(request))
    if request.method == "POST" and (added := accepted(form, add_segment)):
        messages.success(request, _("The segment %(name)s is there.") % {"name": added.name})
        return redirect("set-up-segments")
    shown = Paginator(Segment.objects.all(), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "setting_up/segments.html", {"form": form, "segments": shown})


@page("GET", "POST", allow=administrators)
def segment(request: HttpRequest, slug: str) -> HttpResponse:
    """Change one segment."""
    found = get_object_or_404(Segment, slug=slug)
    initial = {"name": found.name, "priority": found.priority, "lead_value": found.lead_value}
    form = SegmentForm(typed(request), initial=initial)
    if request.method == "POST" and (saved := accepted(form, change_segment, segment=found)):
        messages.success(request, _("The segment %(name)s is saved.") % {"name": saved.name})
        return redirect("set-up-segments")
    return render(request, "setting_up/segment.html", {"form": form, "segment": found})


def _teams() -> QuerySet[Team]:
    active = Membership.objects.filter(user__is_active=True)
    first = active.select_related("user").order_by("user__name", "pk")[:MEMBERS_SHOWN]
    return (
        Team.objects.select_related("calendar")
        .annotate(people=Count("memberships", filter=Q(memberships__user__is_active=True)))
        .prefetch_related(Prefetch("memberships", first, to_attr="first_members"))
        .order_by("function", "name")
    )
