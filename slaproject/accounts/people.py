"""The pages by which administrators look after people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import administrators, page
from agreements.downloads import asked_format, file_answer
from agreements.terms import company_zone
from slaproject.accounts import services
from slaproject.accounts.answering import answers_of
from slaproject.accounts.forms import (
    InviteForm,
    LeavingForm,
    PeopleQuery,
    PersonForm,
    PlaceForm,
    TeamForm,
    zone_names,
)
from slaproject.accounts.handing_on import hand_on_and_deactivate
from slaproject.accounts.links import link_path
from slaproject.accounts.listing import HEADINGS, find_people, people_count, people_rows
from slaproject.accounts.models import User
from slaproject.accounts.roles import Kind, places_of
from slaproject.accounts.tasks import queue_link

ROWS = 50


@page(allow=administrators)
def people(request: HttpRequest) -> HttpResponse:
    """Who works here, as what?"""
    query = PeopleQuery(request.GET)
    found = find_people(request.user, query.cleaned_data if query.is_valid() else {})
    if file := asked_format(request.GET):
        name = f"people-{timezone.localdate().isoformat()}"
        return file_answer(file, HEADINGS, people_rows(found), name=name)
    shown = Paginator(found, ROWS).get_page(request.GET.get("page"))
    rows = [{"person": person, "places": places_of(person)} for person in shown]
    context = {"query": query, "rows": rows, "shown": shown, "count": people_count(request.user)}
    return render(request, "accounts/people.html", context | {"is_filtered": any(query.data.values())})


@page("GET", "POST", allow=administrators)
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody."""
    start = {"time_zone": company_zone().key, "language": request.user.language}  # type: ignore[union-attr]
    form = InviteForm(request.POST or getattr(request, "kept", None), initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            person = services.invite_person(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            _mail_invitation(request, person)
            return redirect("person", person.pk)
    return render(request, "accounts/invite.html", {"form": form, "zones": zone_names()})


@page("GET", "POST", allow=administrators)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is this, what may they do, and how do they get in?"""
    known = _person(request, pk)
    form = PersonForm(request.POST or getattr(request, "kept", None), person=known)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_person(person=known, now=timezone.now(), by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None if hasattr(error, "error_dict") else "kind", error)
        else:
            messages.success(request, _("Saved."))
            left = known == request.user and form.cleaned_data["kind"] != Kind.ADMINISTRATOR
            return redirect(settings.LOGIN_REDIRECT_URL) if left else redirect("person", pk)
    return _shown(request, known, form, PlaceForm())


@page("POST", allow=administrators)
def give_place(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the person into a team, or change their role there."""
    known = _person(request, pk)
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return _shown(request, known, PersonForm(person=known), form)
    services.give_place(person=known, by=request.user, **form.cleaned_data)
    messages.success(request, _("The place in %(team)s is saved.") % {"team": form.cleaned_data["team"].name})
    return redirect("person", pk)


@page("POST", allow=administrators)
def take_place(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the person out of a team."""
    known = _person(request, pk)
    form = TeamForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("There is no such team any more."))
    else:
        team = form.cleaned_data["team"]
        services.take_place(person=known, team=team, now=timezone.now(), by=request.user)
        words = {"name": known.name, "team": team.name}
        messages.success(request, _("%(name)s is not in %(team)s any more.") % words)
    return redirect("person", pk)


@page("GET", "POST", allow=administrators)
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the account, once what the person answers for has somebody else."""
    known = _person(request, pk)
    answers = answers_of(known) if known.is_active else []
    form = LeavingForm(
        request.POST if request.method == "POST" else getattr(request, "kept", None), answers=answers
    )
    if request.method == "POST" and form.is_valid():
        try:
            hand_on_and_deactivate(person=known, heirs=form.heirs(), now=timezone.now(), by=request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            if not answers:
                messages.error(request, error.messages[0])
                return redirect("person", pk)
            form.refuse(error)
        else:
            said = _("%(name)s cannot sign in any more, and is signed out everywhere.")
            messages.success(request, said % {"name": known.name})
            return redirect("person", pk)
    context = {"person": known, "answers": answers, "form": form}
    status = 422 if request.method == "POST" else None
    return render(request, "accounts/deactivate.html", context, status=status)


@page("POST", allow=administrators)
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the account again."""
    return _done(request, _person(request, pk), services.reactivate_person, _("%(name)s can sign in again."))


@page("POST", allow=administrators)
def renew_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Send another link; the ones before end."""
    known = _person(request, pk)
    try:
        services.renew_invitation(person=known, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        _mail_invitation(request, known)
    return redirect("person", pk)


def _person(request: HttpRequest, pk: int) -> User:
    return get_object_or_404(User.objects.visible_to(request.user), pk=pk)


def _done(request: HttpRequest, known: User, service: Callable[..., None], said: str) -> HttpResponse:
    try:
        service(person=known, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, said % {"name": known.name})
    return redirect("person", known.pk)


def _mail_invitation(request: HttpRequest, invited: User) -> None:
    queue_link(invited.pk, request.build_absolute_uri("/"))
    said = _("The invitation goes to %(email)s. Below is the link, to hand it over yourself.")
    messages.success(request, said % {"email": invited.email})


def _shown(request: HttpRequest, known: User, form: PersonForm, place: PlaceForm) -> HttpResponse:
    link = request.build_absolute_uri(link_path(known)) if known.is_invited else ""
    context: dict[str, Any] = {
        "person": known,
        "form": form,
        "place": place,
        "zones": zone_names(),
        "link": link,
        "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
        "memberships": known.memberships.select_related("team").order_by("team__name"),
        "answers": answers_of(known) if known.is_active else [],
    }
    return render(request, "accounts/person.html", context)
