"""Who answers for what: read by everybody who reads the agreement, named by each side for itself."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.forms.contacts import ContactForm
from agreements.models import Agreement, Contact, Party
from agreements.readings.agreement_page import parties_of, with_contacts
from agreements.readings.obligations import speaks_for
from agreements.readings.standing import name_list
from agreements.rights import rights_of
from agreements.services.contacts import change_contact, name_contact, remove_contact


@page()
def contacts(request: HttpRequest, slug: str) -> HttpResponse:
    """Who answers for what, on each side?"""
    agreement = _agreement(request, slug)
    rights = rights_of(request.user)
    parties = with_contacts(parties_of(agreement), request.user)
    sides = [(party, speaks_for(party, rights)) for party in parties]
    context = {
        "agreement": agreement,
        "sides": sides,
        "may_name": any(may for _party, may in sides),
        "n": sum(len(party.contacts.all()) for party in parties),
        "is_auditor": rights.is_auditor,
    }
    return render(request, "agreements/contacts.html", context)


@page("GET", "POST")
def new_contact(request: HttpRequest, slug: str) -> HttpResponse:
    """Name somebody who answers for something."""
    agreement = _agreement(request, slug)
    parties, rights = parties_of(agreement), rights_of(request.user)
    mine = [party for party in parties if speaks_for(party, rights)]
    if not mine:
        _refuse(parties)
    return _edit(request, agreement, mine, None)


@page("GET", "POST")
def contact(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change who answers for something."""
    found = _contact(request, slug, pk)
    return _edit(request, found.party.agreement, [found.party], found)


@page("POST")
def remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a contact away."""
    found = _contact(request, slug, pk)
    remove_contact(contact=found, now=timezone.now(), by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("“%(what)s” is taken away.") % {"what": found.responsibility})
    return redirect("agreements:contacts", slug)


def _edit(
    request: HttpRequest, agreement: Agreement, parties: list[Party], found: Contact | None
) -> HttpResponse:
    given = request.POST if request.method == "POST" else getattr(request, "kept", None)
    form = ContactForm(given, parties=parties, contact=found)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        sentence = {
            "responsibility": typed["responsibility"],
            "person": get_user_model().objects.filter(pk=typed["person"]).first(),
            "outside": typed["outside"],
            "now": timezone.now(),
            "by": request.user,
        }
        try:
            if found is None:
                name_contact(party=form.parties[typed["party"]], **sentence)
            else:
                change_contact(contact=found, **sentence)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("agreements:contacts", agreement.slug)
    context = {"form": form, "agreement": agreement, "contact": found}
    status = 422 if request.method == "POST" else None
    return render(request, "agreements/edit_contact.html", context, status=status)


def _agreement(request: HttpRequest, slug: str) -> Agreement:
    return get_object_or_404(Agreement.objects.visible_to(request.user), slug=slug)


def _contact(request: HttpRequest, slug: str, pk: int) -> Contact:
    """Find a contact that this person may change; 403 with who may for one that they only read."""
    seen = Contact.objects.visible_to(request.user).select_related(
        "party__agreement", "party__team", "person"
    )
    found = get_object_or_404(seen, pk=pk, party__agreement__slug=slug)
    if not speaks_for(found.party, rights_of(request.user)):
        _refuse([found.party])
    return found


def _refuse(parties: tuple[Party, ...] | list[Party]) -> None:
    teams = name_list([party.team.name for party in parties])
    raise PermissionDenied(
        _("Managers and directors of %(teams)s name who answers for it.") % {"teams": teams}
    )
