"""Writing a draft: its fields with a sentence for each term, the next version, withdrawing, starting over."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.access import page
from agreements.forms.beginnings import AmendForm
from agreements.forms.drafts import DraftForm
from agreements.forms.merging import Theirs, merged
from agreements.models import Agreement, Version
from agreements.readings.agreement_page import parties_of, with_contacts
from agreements.readings.inherited import above_on
from agreements.readings.labels import names_of
from agreements.readings.promises import Sayings, offices_of
from agreements.readings.standing import may_write, name_list, today_of, usual_first_day
from agreements.rights import rights_of
from agreements.services.drafting import (
    DraftChanged,
    begin_amendment,
    edit_draft,
    start_over,
    withdraw_draft,
)

CONFLICT = 409


@page("GET", "POST")
def edit(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Change a draft. Whoever sees it may."""
    version = draft_to_write(request, slug, number)
    posted = request.POST if request.method == "POST" else getattr(request, "kept", None)
    form = _form(version, posted)
    if request.method != "POST" or {"show_segment", "show_part"} & request.POST.keys():
        return _edit_page(request, form)
    if not form.is_valid():
        return _edit_page(request, form, status=422)
    given = form.cleaned_data
    try:
        edit_draft(
            version=version,
            edits=given["edits"],
            values=form.terms(),
            now=timezone.now(),
            by=request.user,  # type: ignore[arg-type]
        )
    except DraftChanged as error:
        version.refresh_from_db()
        data, theirs = merged(form, version)
        return _edit_page(
            request, _form(version, data), theirs=theirs, refusal=str(error.message), status=CONFLICT
        )
    except ValidationError as error:
        return _edit_page(request, form, refusal=" ".join(error.messages), status=CONFLICT)
    messages.success(request, _("The draft is saved."))
    return redirect("agreements:version", slug, number)


@page("POST")
def preview(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Say what the terms as typed would mean. Stores nothing."""
    form = _form(draft_to_write(request, slug, number), request.POST)
    form.is_valid()
    form.says = _says(form, form.terms())
    return render(request, "agreements/_says.html", {"form": form})


@page("GET", "POST")
def withdraw(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Withdraw a draft, after a question."""
    version, refusal = draft_to_write(request, slug, number), ""
    if request.method == "POST":
        try:
            withdraw_draft(version=version, now=timezone.now(), by=request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            refusal = " ".join(error.messages)
        else:
            messages.success(
                request, _("Version %(number)s is withdrawn. It stays to be read.") % {"number": number}
            )
            return redirect("agreements:agreement", slug)
    context = {"version": version, "refusal": refusal, "is_over": False}
    return render(request, "agreements/withdraw.html", context, status=CONFLICT if refusal else None)


@page("GET", "POST")
def over(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Start over as a new draft: the signatures under the old one fall, its words stay."""
    version, refusal = draft_to_write(request, slug, number), ""
    if request.method == "POST":
        try:
            fresh = start_over(version=version, now=timezone.now(), by=request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            refusal = " ".join(error.messages)
        else:
            messages.success(request, _("This is the new draft. Everybody signs again once it is written."))
            return redirect("agreements:edit", slug, fresh.number)
    context = {"version": version, "refusal": refusal, "is_over": True}
    return render(request, "agreements/withdraw.html", context, status=CONFLICT if refusal else None)


@page("GET", "POST")
def amend(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin the next version as a copy of the one in force."""
    agreement = get_object_or_404(Agreement.objects.visible_to(request.user), slug=slug)
    refuse_readers(request, agreement)
    now = timezone.now()
    is_first = not agreement.versions.signed().exists()
    begins = usual_first_day(today_of(agreement, now), is_first=is_first)
    given = request.POST if request.method == "POST" else getattr(request, "kept", None)
    form = AmendForm(given, initial={"starts_on": begins})
    if request.method == "POST" and form.is_valid():
        try:
            version = begin_amendment(
                agreement=agreement,
                starts_on=form.cleaned_data["starts_on"],
                now=now,
                by=request.user,  # type: ignore[arg-type]
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, _("The draft is a copy of what was agreed last. Change what is to change.")
            )
            return redirect("agreements:edit", slug, version.number)
    open_draft = agreement.versions.filter(state__in=Version.OPEN_STATES).first()  # who amends may read it
    return render(
        request, "agreements/amend.html", {"form": form, "agreement": agreement, "open_draft": open_draft}
    )


def draft_to_write(request: HttpRequest, slug: str, number: int) -> Version:
    """Find a version that this person may write; 403 with who may for one that they only read."""
    seen = Version.objects.visible_to(request.user).select_related("agreement")
    version = get_object_or_404(seen, agreement__slug=slug, number=number)
    refuse_readers(request, version.agreement)
    return version


def refuse_readers(request: HttpRequest, agreement: Agreement) -> None:
    """Answer 403 with who may write, for one who only reads the agreement."""
    parties = parties_of(agreement)
    if not may_write(parties, rights_of(request.user)):
        teams = name_list([party.team.name for party in parties])
        raise PermissionDenied(
            _("Managers and directors of %(teams)s write this agreement.") % {"teams": teams}
        )


def _form(version: Version, data: Any) -> DraftForm:
    given = data or {}
    also = str(given.get("add_segment", "")) if "show_segment" in given else ""
    form = DraftForm(
        data,
        version=version,
        parties=parties_of(version.agreement),
        names=names_of(version.agreement),
        also_segment=int(also) if also.isascii() and also.isdecimal() and len(also) < 10 else None,
        also_part=str(given.get("add_part", "")) if "show_part" in given else "",
    )
    form.inherits = above_on(version, version.starts_on).values()
    return form


def _says(form: DraftForm, values: Any) -> dict[str, str]:
    agreement = form.version.agreement
    sayings = Sayings(agreement.zone, offices_of(agreement), timezone.now(), form.names.segments)
    return sayings.of(values)


def _edit_page(
    request: HttpRequest,
    form: DraftForm,
    *,
    theirs: dict[str, Theirs] | None = None,
    refusal: str = "",
    status: int | None = None,
) -> HttpResponse:
    values = form.values
    if form.is_bound:
        form.is_valid()
        values = form.terms()
    form.says, form.theirs = _says(form, values), theirs or {}
    context = {
        "form": form,
        "version": form.version,
        "agreement": form.version.agreement,
        "parties": with_contacts(parties_of(form.version.agreement), request.user),
        "refusal": refusal,
        "signed": [one.party.team.name for one in form.version.signatures.select_related("party__team")],
    }
    return render(request, "agreements/edit.html", context, status=status)
